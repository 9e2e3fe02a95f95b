//! The pixels of a data set: in memory where they fit under the cap, else on disk and read one picture at a time.
//!
//! Which of the two it will be is decided before the first picture is decoded, from how many there can be. So memory is
//! never filled first and emptied later, and the cap holds while decoding as it does while training.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::cache;
use super::error::DataError;

/// Pictures of one size, by number.
#[derive(Debug)]
pub struct Pixels {
    /// Bytes of one picture.
    length: usize,
    storage: Storage,
}

#[derive(Debug)]
enum Storage {
    Memory(Vec<u8>),
    /// A cache file, which begins with the pictures.
    File {
        path: PathBuf,
        file: Mutex<File>,
    },
}

impl Pixels {
    /// Pictures of `length` bytes each, one after the other.
    pub fn in_memory(length: usize, pixels: Vec<u8>) -> Self {
        Self { length, storage: Storage::Memory(pixels) }
    }

    /// The pictures of a cache file and the file's index, if there is one; read into memory where they fit under `cap`.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged.
    pub fn cached(path: &Path, length: usize, cap: u64) -> io::Result<Option<(Self, Vec<u8>)>> {
        let Some(mut opened) = cache::open(path)? else { return Ok(None) };
        let storage = if opened.pixels <= cap {
            let mut pixels = vec![0; usize::try_from(opened.pixels).map_err(io::Error::other)?];
            opened.file.rewind()?;
            opened.file.read_exact(&mut pixels)?;
            Storage::Memory(pixels)
        } else {
            Storage::File { path: path.to_owned(), file: Mutex::new(opened.file) }
        };
        Ok(Some((Self { length, storage }, opened.index)))
    }

    /// The picture with this number.
    ///
    /// # Errors
    /// [`DataError::Cache`] where it cannot be read.
    pub fn get(&self, number: usize) -> Result<Cow<'_, [u8]>, DataError> {
        match &self.storage {
            Storage::Memory(pixels) => Ok(Cow::Borrowed(&pixels[number * self.length..][..self.length])),
            Storage::File { path, file } => {
                let mut picture = vec![0; self.length];
                // A reader that panicked left the file at another place, and this one goes to its own.
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start((number * self.length) as u64))
                    .and_then(|_| file.read_exact(&mut picture))
                    .map_err(|cause| DataError::Cache { path: path.clone(), cause })?;
                Ok(Cow::Owned(picture))
            }
        }
    }

    #[cfg(test)]
    pub fn are_in_memory(&self) -> bool {
        matches!(self.storage, Storage::Memory(_))
    }
}

/// Takes pictures as they are decoded, in order.
pub struct Collector {
    length: usize,
    cap: u64,
    path: Option<PathBuf>,
    /// The file under way, where not even the largest possible number of pictures fits under the cap.
    writer: Option<cache::Writer>,
    pixels: Vec<u8>,
}

impl Collector {
    /// For at most `count` pictures of `length` bytes, to be kept in the cache file `path` if there is one.
    ///
    /// # Errors
    /// [`DataError::Cap`] where they need a file and there is none, [`DataError::Cache`] where it cannot be written.
    pub fn new(length: usize, count: usize, cap: u64, path: Option<PathBuf>) -> Result<Self, DataError> {
        let needed = length as u64 * count as u64;
        let writer = match &path {
            _ if needed <= cap => None,
            Some(path) => Some(cache::Writer::create(path).map_err(in_cache(path))?),
            None => return Err(DataError::Cap { needed, cap }),
        };
        // All of it at once: a vector that doubles as it grows would pass the cap.
        let pixels = Vec::with_capacity(if writer.is_none() { needed as usize } else { 0 });
        Ok(Self { length, cap, path, writer, pixels })
    }

    /// Adds the next picture.
    ///
    /// # Errors
    /// [`DataError::Cache`] where the file cannot be written.
    pub fn push(&mut self, picture: &[u8]) -> Result<(), DataError> {
        match (&mut self.writer, &self.path) {
            (Some(writer), Some(path)) => writer.append(picture).map_err(in_cache(path)),
            _ => {
                self.pixels.extend_from_slice(picture);
                Ok(())
            }
        }
    }

    /// The pictures, and a warning where they could not be kept for the next time.
    ///
    /// # Errors
    /// [`DataError::Cache`] where they had to be written and cannot be.
    pub fn finish(self, index: &[u8]) -> Result<(Pixels, Option<String>), DataError> {
        let Self { length, cap, path, writer, pixels } = self;
        match (writer, path) {
            (Some(writer), Some(path)) => {
                let missing = || io::Error::from(io::ErrorKind::NotFound);
                let reopened = writer.finish(index).and_then(|()| Pixels::cached(&path, length, cap)?.ok_or_else(missing));
                Ok((reopened.map_err(in_cache(&path))?.0, None))
            }
            (_, path) => {
                let failed = path.and_then(|path| {
                    let written = cache::Writer::create(&path).and_then(|mut writer| {
                        writer.append(&pixels)?;
                        writer.finish(index)
                    });
                    written.err().map(|error| format!("the cache {} cannot be written: {error}", path.display()))
                });
                Ok((Pixels::in_memory(length, pixels), failed))
            }
        }
    }
}

fn in_cache(path: &Path) -> impl Fn(io::Error) -> DataError {
    move |cause| DataError::Cache { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURES: [[u8; 3]; 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];

    fn collect(cap: u64, path: Option<PathBuf>) -> Result<Pixels, DataError> {
        let mut collector = Collector::new(3, PICTURES.len(), cap, path)?;
        for picture in PICTURES {
            collector.push(&picture)?;
        }
        Ok(collector.finish(b"index")?.0)
    }

    #[test]
    fn pictures_are_the_same_from_memory_and_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        for (cap, in_memory) in [(9, true), (8, false)] {
            let path = folder.path().join(format!("{cap}.bin"));
            let fresh = collect(cap, Some(path.clone())).unwrap();
            let (cached, index) = Pixels::cached(&path, 3, cap).unwrap().unwrap();
            assert_eq!(index, b"index");
            for pixels in [fresh, cached] {
                assert_eq!(pixels.are_in_memory(), in_memory);
                for (number, picture) in PICTURES.iter().enumerate().rev() {
                    assert_eq!(*pixels.get(number).unwrap(), *picture);
                }
            }
        }
    }

    #[test]
    fn above_the_cap_and_nowhere_to_write_is_an_error() {
        assert!(matches!(collect(8, None), Err(DataError::Cap { needed: 9, cap: 8 })));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(matches!(collect(8, Some(folder.path().join("file/cache.bin"))), Err(DataError::Cache { .. })));
    }

    #[test]
    fn a_file_that_shrinks_under_way_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.bin");
        let pixels = collect(8, Some(path.clone())).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(4).unwrap();
        assert!(pixels.get(0).is_ok());
        assert!(matches!(pixels.get(2), Err(DataError::Cache { .. })));
    }
}
