//! Captions out of text that somebody else wrote.

use std::io::{self, BufRead, Read};

use super::Reason;
use super::what::not_text;

/// Bytes of a file of captions, at most: a hundred long ones.
pub const MOST_FILE: u64 = 64 << 10;

/// The byte order mark of UTF-8.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of one caption, at most. A model reads the first sixteen words; this is a page.
pub const MOST_CAPTION: usize = 4096;

/// The captions of a text, and the first that cannot be used with its line.
#[derive(Debug, Default, PartialEq)]
pub struct Captions {
    pub good: Vec<String>,
    pub bad: Option<(usize, Reason)>,
}

impl Captions {
    /// Takes one without control characters and space around it; empty ones and repetitions are passed over.
    pub fn add(&mut self, line: usize, caption: Result<&str, Reason>) {
        match caption {
            Ok(caption) if caption.len() > MOST_CAPTION => {
                let reason = Reason::CaptionTooLong { bytes: caption.len(), most: MOST_CAPTION };
                self.bad.get_or_insert((line, reason));
            }
            Ok(caption) => {
                let caption = caption.replace(char::is_control, " ").trim().to_owned();
                if !caption.is_empty() && !self.good.contains(&caption) {
                    self.good.push(caption);
                }
            }
            Err(reason) => {
                self.bad.get_or_insert((line, reason));
            }
        }
    }
}

/// The captions of a text file, one a line.
///
/// # Errors
/// If it is no text that somebody wrote.
pub fn captions(bytes: &[u8]) -> Result<Captions, Reason> {
    if let Some(what) = not_text(bytes) {
        return Err(Reason::Foreign(what.to_owned()));
    }
    let mut captions = Captions::default();
    // As lines are ended on all systems, the oldest included.
    for (number, line) in (1..).zip(without_mark(bytes).split(|byte| matches!(byte, b'\n' | b'\r'))) {
        captions.add(number, std::str::from_utf8(line).map_err(|_| Reason::NotUtf8));
    }
    Ok(captions)
}

/// Text without its byte order mark.
///
/// # Errors
/// [`Reason::NotUtf8`], or what it is instead of text.
pub fn utf8(bytes: &[u8]) -> Result<&str, Reason> {
    if let Some(what) = not_text(bytes) {
        return Err(Reason::Foreign(what.to_owned()));
    }
    std::str::from_utf8(without_mark(bytes)).map_err(|_| Reason::NotUtf8)
}

/// Bytes without the mark that some systems begin a text with.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// The lines of a reader with their numbers from 1, each at most `most` bytes long. A longer one is an error and is passed over, in
/// memory that does not grow with it.
pub fn lines(mut reader: impl BufRead, most: u64) -> impl Iterator<Item = (usize, Result<Vec<u8>, Reason>)> {
    let mut ended = false;
    let next = move || {
        let mut line = Vec::new();
        match (&mut reader).take(most + 1).read_until(b'\n', &mut line) {
            _ if ended => None,
            Ok(0) => None,
            Ok(_) if line.len() as u64 > most => match skip_line(&mut reader) {
                Ok(rest) => Some(Err(Reason::FileTooLarge { bytes: line.len() as u64 + rest, most })),
                Err(error) => {
                    ended = true;
                    Some(Err(Reason::unreadable(error)))
                }
            },
            Ok(_) => Some(Ok(line)),
            Err(error) => {
                ended = true;
                Some(Err(Reason::unreadable(error)))
            }
        }
    };
    (1..).zip(std::iter::from_fn(next))
}

/// Passes over the rest of a line; how many bytes that were.
fn skip_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        reader.consume(used);
        skipped += used as u64;
        if ended {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_lines_without_what_does_not_belong() {
        let text = "\u{feff}A red bird\r\n\n  a bird\u{7} on a twig \na red bird\nA red bird\rthe bird\n";
        let Captions { good, bad } = captions(text.as_bytes()).unwrap();
        assert_eq!(
            (good, bad),
            (vec!["A red bird".into(), "a bird  on a twig".into(), "a red bird".into(), "the bird".into()], None)
        );
    }

    #[test]
    fn a_caption_that_cannot_be_used_leaves_the_others() {
        assert_eq!(captions(b" \n\t\n").unwrap(), Captions::default());
        let long = "x".repeat(MOST_CAPTION + 1);
        for (line, wanted) in [
            (b"caf\xe9".as_slice(), Reason::NotUtf8),
            (long.as_bytes(), Reason::CaptionTooLong { bytes: long.len(), most: MOST_CAPTION }),
        ] {
            let text = [b"a bird\n", line, b"\na cat"].concat();
            let wanted = Captions { good: vec!["a bird".to_owned(), "a cat".to_owned()], bad: Some((2, wanted)) };
            assert_eq!(captions(&text), Ok(wanted));
        }
        assert!(matches!(captions(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), Err(Reason::Foreign(_))));
    }

    #[test]
    fn a_long_line_is_passed_over_and_the_next_one_read() {
        let text = format!("one\n{}\nthree\n{}", "x".repeat(100_000), "y".repeat(100_000));
        let lines: Vec<_> = lines(text.as_bytes(), 10).collect();
        assert_eq!((lines[0].0, lines[0].1.as_deref()), (1, Ok(b"one\n".as_slice())));
        assert_eq!(lines[1].1, Err(Reason::FileTooLarge { bytes: 100_001, most: 10 }));
        assert_eq!(lines[2].1.as_deref(), Ok(b"three\n".as_slice()));
        assert_eq!(lines[3].1, Err(Reason::FileTooLarge { bytes: 100_000, most: 10 }));
        assert_eq!(lines.len(), 4);
    }
}
