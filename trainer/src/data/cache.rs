//! Decoded pictures kept on disk between runs.
//!
//! ```text
//! pixels of all pictures | index | length of the index, u64 little-endian | SHA-256 of all before
//! ```
//!
//! A file's name is a digest of everything that its contents depend on, and it ends with a digest of them. So a stale
//! file is never found, and a damaged one is never trusted. It is written front to back, in memory that does not grow
//! with the data.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes after the index: its length and the checksum.
const TRAILER: u64 = 8 + 32;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Where pictures with this `key` (hexadecimal) are kept.
pub fn path(dir: &Path, key: &str) -> PathBuf {
    dir.join(format!("pictures-{key}.bin"))
}

/// A file under way. It gets its name when it is whole, so that two runs at once, or one that is stopped, leave no half file.
pub struct Writer {
    place: PathBuf,
    aside: PathBuf,
    file: BufWriter<File>,
    digest: Sha256,
}

impl Writer {
    /// Begins a file that is to be called `place`. Parts beside it whose writers are gone are removed.
    ///
    /// # Errors
    /// If the folder or the file cannot be written.
    pub fn create(place: &Path) -> io::Result<Self> {
        if let Some(dir) = place.parent() {
            fs::create_dir_all(dir)?;
        }
        let aside = place.with_extension(format!("{}.part", std::process::id()));
        let file = File::create(&aside)?;
        // For whoever clears: the lock dies with its holder. Without locks nothing is cleared, and nothing is lost.
        let _ = file.try_lock();
        if let Some(dir) = place.parent() {
            clear_parts(dir, &aside);
        }
        let file = BufWriter::new(file);
        Ok(Self { place: place.to_owned(), aside, file, digest: Sha256::new() })
    }

    /// Adds pixels.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.file.write_all(bytes)
    }

    /// Adds the index and puts the file in its place.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self, index: &[u8]) -> io::Result<()> {
        self.append(index)?;
        self.append(&(index.len() as u64).to_le_bytes())?;
        let checksum = self.digest.clone().finalize();
        self.file.write_all(&checksum)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.aside, &self.place)
    }
}

/// Removes parts that a killed program has left in a folder, all but `own`. One that is locked is being written.
fn clear_parts(dir: &Path, own: &Path) {
    let is_part = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("pictures-") && name.ends_with(".part") && path != own
    };
    for part in fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_part) {
        let abandoned = File::open(&part).is_ok_and(|file| file.try_lock().is_ok());
        if abandoned {
            // One that cannot be removed is in nobody's way.
            let _ = fs::remove_file(&part);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Gone already where all went well; a part that cannot be removed is harmless.
        let _ = fs::remove_file(&self.aside);
    }
}

/// A whole and undamaged file.
pub struct Opened {
    pub file: File,
    /// Bytes of pixels, from the beginning of the file.
    pub pixels: u64,
    pub index: Vec<u8>,
}

/// Opens a file and checks all of it; None if there is none.
///
/// # Errors
/// If what is there cannot be read or does not match its checksum.
pub fn open(path: &Path) -> io::Result<Option<Opened>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong");
    let before_checksum = file.metadata()?.len().checked_sub(32).ok_or_else(damaged)?;
    let digest = digest(&mut file, before_checksum)?;
    let mut checksum = [0; 32];
    file.read_exact(&mut checksum)?;
    if digest != checksum {
        return Err(damaged());
    }
    let mut length = [0; 8];
    file.seek(SeekFrom::End(-(TRAILER as i64)))?;
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let pixels = before_checksum.checked_sub(8).and_then(|rest| rest.checked_sub(length)).ok_or_else(damaged)?;
    let mut index = Vec::new();
    file.seek(SeekFrom::Start(pixels))?;
    (&file).take(length).read_to_end(&mut index)?;
    Ok(Some(Opened { file, pixels, index }))
}

/// SHA-256 of the next `length` bytes.
fn digest(file: &mut File, length: u64) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut left = length;
    while left > 0 {
        let part = &mut chunk[..left.min(CHUNK as u64) as usize];
        file.read_exact(part)?;
        digest.update(&*part);
        left -= part.len() as u64;
    }
    Ok(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> PathBuf {
        let place = path(folder, "0123");
        let mut writer = Writer::create(&place).unwrap();
        writer.append(b"pixels").unwrap();
        writer.append(b" and more").unwrap();
        writer.finish(b"{}").unwrap();
        place
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&written(folder.path())).unwrap().unwrap();
        assert_eq!((opened.pixels, opened.index.as_slice()), (15, b"{}".as_slice()));
        assert!(open(&folder.path().join("none")).unwrap().is_none());
    }

    #[test]
    fn no_byte_may_change_or_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let place = written(folder.path());
        let good = fs::read(&place).unwrap();
        for at in 0..good.len() {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            for damaged in [flipped, good[..at].to_vec()] {
                fs::write(&place, damaged).unwrap();
                assert!(open(&place).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn parts_of_killed_writers_are_cleared_and_those_of_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let killed = folder.path().join("pictures-0123.999999.part");
        fs::write(&killed, b"pix").unwrap();
        fs::write(folder.path().join("notes.part"), b"somebody's own").unwrap();
        let place = path(folder.path(), "4567");
        let other = Writer::create(&place).unwrap();
        assert!(!killed.exists());
        written(folder.path());
        assert!(other.aside.exists(), "it is still being written");
        other.finish(b"{}").unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }

    #[test]
    fn a_writer_that_stops_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&path(folder.path(), "0123")).unwrap();
        writer.append(b"pixels").unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
