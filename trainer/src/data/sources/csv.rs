//! Rows of a CSV file, in memory that the longest row may take and no more.
//!
//! Strict where leniency would mix one row with the next: a quotation mark that is not closed, or is followed by more text, is a fault
//! of its own line, and reading goes on at the next one.

use std::collections::VecDeque;
use std::io::BufRead;

use super::{Reason, text};

/// Bytes of a row, at most.
const MOST_BYTES: usize = 1 << 20;

/// A line with its number.
type Line = (usize, Result<Vec<u8>, Reason>);

/// Where the end of a line is in a row.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Plain,
    Quoted,
    Closed,
    Wrong,
}

/// The rows of a file without its byte order mark, each with the number of its first line. Empty ones are passed over.
pub fn rows(input: impl BufRead) -> impl Iterator<Item = (usize, Result<Vec<String>, Reason>)> {
    let mut lines = text::lines(input, MOST_BYTES as u64);
    let mut ahead = VecDeque::new();
    std::iter::from_fn(move || row(&mut lines, &mut ahead)).filter(|(_, row)| {
        let is_empty = |row: &Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
        !row.as_ref().is_ok_and(is_empty)
    })
}

/// The next row. Lines that turn out not to belong to it stay in `ahead`.
fn row(lines: &mut impl Iterator<Item = Line>, ahead: &mut VecDeque<Line>) -> Option<(usize, Result<Vec<String>, Reason>)> {
    let first = ahead.pop_front().or_else(|| lines.next())?;
    let (number, line) = first;
    let mut row = match line {
        Ok(line) => line,
        Err(reason) => return Some((number, Err(reason))),
    };
    let mut state = after(State::Start, &row);
    let mut more = 0;
    while state == State::Quoted {
        if more == ahead.len() {
            ahead.extend(lines.next());
        }
        match ahead.get(more) {
            Some((_, Ok(line))) if row.len() + line.len() <= MOST_BYTES => {
                state = after(state, line);
                row.extend_from_slice(line);
                more += 1;
            }
            _ => state = State::Wrong,
        }
    }
    if state == State::Wrong {
        return Some((number, Err(Reason::Metadata("it has a quotation mark too many or too few".to_owned()))));
    }
    ahead.drain(..more);
    Some((number, cells(&row)))
}

/// Where a line ends that begins in this state.
fn after(mut state: State, line: &[u8]) -> State {
    for byte in line {
        state = match (state, byte) {
            (State::Start, b'"') => State::Quoted,
            (State::Start | State::Plain | State::Closed, b',') => State::Start,
            (State::Start | State::Plain, _) => State::Plain,
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) => State::Quoted,
            (State::Closed, b'"') => State::Quoted,
            (State::Closed, b'\r' | b'\n') => State::Closed,
            (State::Closed | State::Wrong, _) => return State::Wrong,
        };
    }
    state
}

/// The cells of a row.
fn cells(row: &[u8]) -> Result<Vec<String>, Reason> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|error| Reason::Metadata(error.to_string()))?;
    let used = usize::try_from(reader.position().byte()).unwrap_or(row.len());
    if !row.get(used..).unwrap_or_default().trim_ascii().is_empty() {
        return Err(Reason::Metadata("it has an end of a line (CR) in its middle".to_owned()));
    }
    let cells = record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned));
    cells.collect::<Result<_, _>>().map_err(|_| Reason::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (usize, Result<Vec<String>, Reason>);

    fn read(text: &[u8]) -> Vec<Read> {
        rows(text).collect()
    }

    fn row(line: usize, cells: &[&str]) -> Read {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn cells_may_be_quoted_and_empty() {
        let text = "file_name,text\r\n\"a,b.png\",\"a \"\"red\"\"\nbird\"\nc.png,\n\n,\nd.png,5\" long";
        let wanted = [
            row(1, &["file_name", "text"]),
            row(2, &["a,b.png", "a \"red\"\nbird"]),
            row(4, &["c.png", ""]),
            row(7, &["d.png", "5\" long"]),
        ];
        assert_eq!(read(text.as_bytes()), wanted);
        assert_eq!(read(b""), []);
    }

    #[test]
    fn a_row_that_is_spoilt_costs_itself_and_no_other() {
        let good = [
            "a.png,one",
            "b.png,\"two\"",
            "c.png,\"three\nlines\nlong\"",
            "d.png,\"a \"\"fourth\"\"\"",
            "e.png,\"\"",
            "f.png,six",
        ];
        let count = read(good.join("\n").as_bytes()).len();
        let long = format!("x.png,\"{}", "x".repeat(2 * MOST_BYTES));
        let spoilt: [&[u8]; 8] = [
            b"x.png,\"never closed",
            b"x.png,\"",
            b"x.png,\"closed\" and more",
            b"x.png,caf\xe9",
            b"\"x.png,text",
            b"x.png,\"a\"b\"",
            b"x.png,a\rb",
            long.as_bytes(),
        ];
        for spoilt in spoilt {
            for at in 0..=good.len() {
                let mut lines: Vec<&[u8]> = good.iter().map(|line| line.as_bytes()).collect();
                lines.insert(at, spoilt);
                let read = read(&lines.join(&b'\n'));
                let bad: Vec<usize> = read.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
                let line = 1 + lines[..at].iter().flat_map(|line| line.iter()).filter(|byte| **byte == b'\n').count() + at;
                let name = String::from_utf8_lossy(&spoilt[..spoilt.len().min(20)]);
                assert_eq!((bad, read.len()), (vec![line], count + 1), "{name:?} at {at}");
            }
        }
    }
}
