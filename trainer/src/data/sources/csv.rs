//! Rows of a CSV file, in memory that the longest row may take and no more.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader};

use super::{Reason, text};

/// Bytes and cells of a row, at most. A quotation mark that is never closed would make one cell of all the rest.
const MOST_BYTES: usize = 1 << 20;
const MOST_CELLS: usize = 1000;

/// Reads rows one by one.
pub struct Rows<R> {
    input: R,
    core: Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
    done: bool,
}

impl<R: BufRead> Rows<R> {
    pub fn new(input: R) -> Self {
        Self { input, core: Reader::new(), cells: vec![0; MOST_BYTES], ends: vec![0; MOST_CELLS], done: false }
    }

    /// One row; None at the end.
    fn read(&mut self) -> Result<Option<Vec<String>>, Reason> {
        let (mut bytes, mut count) = (0, 0);
        loop {
            // Empty at the end, which is how the reader is told of it.
            let input = self.input.fill_buf().map_err(Reason::unreadable)?;
            let (result, used, written, ended) = self.core.read_record(input, &mut self.cells[bytes..], &mut self.ends[count..]);
            self.input.consume(used);
            bytes += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(Reason::Metadata(format!(
                        "a row of more than {MOST_BYTES} bytes or {MOST_CELLS} cells, or a quotation mark that is never closed"
                    )));
                }
            }
        }
        let starts = std::iter::once(0).chain(self.ends[..count].iter().copied());
        let cells = starts.zip(&self.ends[..count]).map(|(start, end)| Ok(text::utf8(&self.cells[start..*end])?.to_owned()));
        cells.collect::<Result<_, _>>().map(Some)
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Vec<String>, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let row = self.read();
        // Where a row is wrong but for its text, nobody knows where the next one begins.
        self.done = !matches!(row, Ok(Some(_)) | Err(Reason::NotUtf8));
        row.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<Result<Vec<String>, Reason>> {
        Rows::new(text).collect()
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, Reason> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_may_be_quoted_and_empty() {
        let text = "file_name,text\r\n\"a,b.png\",\"a \"\"red\"\"\nbird\"\nc.png,\n\nd.png,last";
        let wanted =
            [row(&["file_name", "text"]), row(&["a,b.png", "a \"red\"\nbird"]), row(&["c.png", ""]), row(&["d.png", "last"])];
        assert_eq!(rows(text.as_bytes()), wanted);
        assert_eq!(rows(b""), []);
    }

    #[test]
    fn a_row_that_is_no_text_is_passed_over() {
        let read = rows(b"a,b\ncaf\xe9,x\nc,d\n");
        assert_eq!(read, [row(&["a", "b"]), Err(Reason::NotUtf8), row(&["c", "d"])]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_ends_the_file() {
        let mut text = b"a,b\n\"".to_vec();
        text.resize(3 * MOST_BYTES, b'x');
        let read = rows(&text);
        assert_eq!(read.len(), 2);
        assert!(matches!(&read[1], Err(Reason::Metadata(reason)) if reason.contains("never closed")));
    }
}
