//! Captions out of text that somebody else wrote.

use std::io::{self, BufRead, Read};

use super::Reason;

/// Bytes of a file of captions, at most: a hundred long ones.
pub const MOST_FILE: u64 = 64 << 10;

/// Bytes of one caption, at most. A model reads the first sixteen words; this is a page.
pub const MOST_CAPTION: usize = 4096;

/// The captions of a text file, one a line.
///
/// # Errors
/// If it is not UTF-8, has no caption, or one that is too long.
pub fn captions(bytes: &[u8]) -> Result<Vec<String>, Reason> {
    let text = utf8(bytes)?;
    clean(text.lines())
}

/// Text without its byte order mark.
///
/// # Errors
/// [`Reason::NotUtf8`].
pub fn utf8(bytes: &[u8]) -> Result<&str, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Captions without control characters, space around them, and repetitions; empty ones are left out.
///
/// # Errors
/// If none is left, or one is too long.
pub fn clean<'a>(captions: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Reason> {
    let mut kept: Vec<String> = Vec::new();
    for caption in captions {
        if caption.len() > MOST_CAPTION {
            return Err(Reason::CaptionTooLong { bytes: caption.len(), most: MOST_CAPTION });
        }
        let caption = caption.replace(char::is_control, " ").trim().to_owned();
        if !caption.is_empty() && !kept.contains(&caption) {
            kept.push(caption);
        }
    }
    if kept.is_empty() { Err(Reason::NoCaption) } else { Ok(kept) }
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
        let text = "\u{feff}A red bird\r\n\n  a bird\u{7} on a twig \na red bird\nA red bird\n";
        assert_eq!(captions(text.as_bytes()).unwrap(), ["A red bird", "a bird  on a twig", "a red bird"]);
    }

    #[test]
    fn captions_that_cannot_be_used_say_why() {
        assert_eq!(captions(b" \n\t\n"), Err(Reason::NoCaption));
        assert_eq!(captions(b"caf\xe9"), Err(Reason::NotUtf8));
        let long = "x".repeat(MOST_CAPTION + 1);
        assert!(matches!(captions(long.as_bytes()), Err(Reason::CaptionTooLong { .. })));
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
