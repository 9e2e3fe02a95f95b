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
    /// Whether the row at the end of the file has been asked whether it is over.
    probed: bool,
    done: bool,
}

impl<R: BufRead> Rows<R> {
    pub fn new(input: R) -> Self {
        Self { input, core: Reader::new(), cells: vec![0; MOST_BYTES], ends: vec![0; MOST_CELLS], probed: false, done: false }
    }

    /// One row; None at the end.
    fn read(&mut self) -> Result<Option<Vec<String>>, Reason> {
        let (mut bytes, mut count) = (0, 0);
        loop {
            // Empty at the end, which is how the reader is told of it.
            let input = self.input.fill_buf().map_err(Reason::unreadable)?;
            // Before that, one more end of a line: where it does not end the row, it is inside of quotation marks.
            let probing = input.is_empty() && !self.probed;
            self.probed |= probing;
            let input: &[u8] = if probing { b"\n" } else { input };
            let (result, used, written, ended) = self.core.read_record(input, &mut self.cells[bytes..], &mut self.ends[count..]);
            if !probing {
                self.input.consume(used);
            }
            bytes += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty if probing && written > 0 => {
                    return Err(Reason::CutOff("a quotation mark is never closed".to_owned()));
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(Reason::CutOff(format!(
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
        assert!(matches!(&read[1], Err(Reason::CutOff(reason)) if reason.contains("never closed")));
        for open in ["a,b\n\"c", "a,b\n\"c,d\n", "a,b\n\"", "a,b\nc,\"d\ne,f\ng,h\n"] {
            let read = rows(open.as_bytes());
            assert!(read.len() == 2 && matches!(&read[1], Err(Reason::CutOff(_))), "{open:?}: {read:?}");
        }
        for closed in ["a,b\n\"c\"", "a,b\nc,\"d\"\"\"", "a,b\nc,5\" long", "a,b\n\"c\"\n", "a,b\nc,\n\n"] {
            let read = rows(closed.as_bytes());
            assert!(read.len() == 2 && read[1].is_ok(), "{closed:?}: {read:?}");
        }
    }
}
