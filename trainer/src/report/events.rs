//! TensorBoard's event files, as far as Emblem needs them: scalars and pictures.
//!
//! A file is a row of records, `length, masked CRC of it, bytes, masked CRC of them` (TFRecord); the bytes are a protobuf `Event`. Both
//! formats are as old as TensorBoard and small enough to write out here; the crates that do bring TensorFlow's, or are not kept.
//!
//! ```text
//! Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7 }
//! Summary { repeated Value value = 1 }    Value { string tag = 1; float simple_value = 2; Image image = 4 }
//! Image   { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4 }
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::io::files::{self, FileError};

/// `SessionLog.START`: TensorBoard then forgets what earlier files say of this step and later ones.
const START: u64 = 1;
/// Red, green and blue.
const COLOURS: u64 = 3;

/// An event file that is being written.
pub struct Events {
    path: PathBuf,
    file: File,
}

impl Events {
    /// Begins a file in a folder, at a step.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn create(folder: &Path, step: usize) -> Result<Self, FileError> {
        files::make_folder(folder)?;
        // TensorBoard reads a folder's files in the order of their names.
        let path = folder.join(format!("events.out.tfevents.{:020}.emblem", since_epoch().as_nanos()));
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(FileError::at(&path))?;
        let mut events = Self { path, file };
        events.write(0, &Message::default().bytes(3, b"brain.Event:2"))?;
        events.write(step, &Message::default().message(7, &Message::default().integer(1, START)))?;
        Ok(events)
    }

    /// Records named values of a step.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn scalars(&mut self, step: usize, values: &[(String, f64)]) -> Result<(), FileError> {
        let summary = values.iter().fold(Message::default(), |summary, (name, value)| {
            summary.message(1, &Message::default().bytes(1, name.as_bytes()).float(2, *value as f32))
        });
        self.write(step, &Message::default().message(5, &summary))
    }

    /// Records a PNG of a step.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn image(&mut self, step: usize, tag: &str, (width, height): (u32, u32), png: &[u8]) -> Result<(), FileError> {
        let image = Message::default().integer(1, height.into()).integer(2, width.into()).integer(3, COLOURS).bytes(4, png);
        let value = Message::default().bytes(1, tag.as_bytes()).message(4, &image);
        self.write(step, &Message::default().message(5, &Message::default().message(1, &value)))
    }

    fn write(&mut self, step: usize, what: &Message) -> Result<(), FileError> {
        let event = Message::default().double(1, since_epoch().as_secs_f64()).integer(2, step as u64);
        let event = [event.0, what.0.clone()].concat();
        record(&mut self.file, &event).map_err(FileError::at(&self.path))
    }
}

fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// One TFRecord, in a single write.
fn record(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    file.write_all(&[&length[..], &masked_crc(&length), bytes, &masked_crc(bytes)].concat())
}

/// TFRecord stores its CRCs rotated and shifted, so that a CRC of data with CRCs in it stays strong.
fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// A protobuf message, field by field.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn integer(self, field: u64, value: u64) -> Self {
        self.varint(field << 3).varint(value)
    }

    fn double(self, field: u64, value: f64) -> Self {
        let mut message = self.varint(field << 3 | 1);
        message.0.extend(value.to_le_bytes());
        message
    }

    fn float(self, field: u64, value: f32) -> Self {
        let mut message = self.varint(field << 3 | 5);
        message.0.extend(value.to_le_bytes());
        message
    }

    fn bytes(self, field: u64, bytes: &[u8]) -> Self {
        let mut message = self.varint(field << 3 | 2).varint(bytes.len() as u64);
        message.0.extend(bytes);
        message
    }

    fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_lengths_and_masked_checksums() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record");
        record(&mut File::create(&path).unwrap(), b"emblem").unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[..8], 6_u64.to_le_bytes());
        assert_eq!(bytes[12..18], *b"emblem");
        assert_eq!(bytes.len(), 8 + 4 + 6 + 4);
        // CRC-32C of "123456789" is e3069283 in every description of it.
        assert_eq!(masked_crc(b"123456789"), 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes());
    }

    #[test]
    fn messages_are_protobuf() {
        // From protobuf's own encoding guide: field 1 = 150, field 2 = "testing".
        assert_eq!(Message::default().integer(1, 150).0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().bytes(2, b"testing").0, [&[0x12, 0x07][..], b"testing"].concat());
        assert_eq!(Message::default().float(2, 1.0).0, [0x15, 0, 0, 0x80, 0x3f]);
        assert_eq!(Message::default().double(1, 1.0).0, [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }
}
