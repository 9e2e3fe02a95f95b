//! The data folder, and the only way to the files in it.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use super::{DataError, Fault, Place, Reason};
use crate::run::RunFolder;

/// Folders inside folders, at most.
const MOST_DEPTH: usize = 32;

/// Endings of files that may be pictures. What they are is told by their first bytes.
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "webp", "gif", "svg"];

/// A data folder, or the folder of a data file.
#[derive(Debug)]
pub struct Root {
    /// As the system knows it, with all links followed: the user may link to it, its contents may not lead out of it.
    path: PathBuf,
    /// The one file that is meant.
    file: Option<PathBuf>,
}

impl Root {
    /// # Errors
    /// [`DataError::Source`] where there is nothing.
    pub fn new(path: &Path) -> Result<Self, DataError> {
        let source = |cause| DataError::Source { path: path.to_owned(), cause };
        let real = path.canonicalize().map_err(source)?;
        if real.is_dir() {
            return Ok(Self { path: real, file: None });
        }
        let folder = real.parent().unwrap_or(&real).to_owned();
        Ok(Self { path: folder, file: Some(real) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The single file that the user named instead of a folder, if it ends in `.extension`.
    pub fn single_file(&self, extension: &str) -> Option<&Path> {
        self.file.as_deref().filter(|file| has_extension(file, &[extension]))
    }

    /// Whether the user named a folder.
    pub fn is_folder(&self) -> bool {
        self.file.is_none()
    }

    /// A folder of this name, if there is one inside.
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        let path = self.path.join(name).canonicalize().ok()?;
        (path.is_dir() && path.starts_with(&self.path)).then_some(path)
    }

    /// What messages call a file: its path in the folder.
    pub fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    /// All regular files below `folder` in the order of their names, hidden ones left out. Links to files inside count as files;
    /// all others are faults if they look like pictures or folders.
    pub fn files(&self, folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let walk = WalkDir::new(folder).max_depth(MOST_DEPTH).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name()) && !RunFolder::owns(entry.path()))
        {
            match entry {
                Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => match self.real_file(entry.path()) {
                    Ok(_) => files.push(entry.into_path()),
                    Err(reason) => faults.push(Fault::new(self.name(entry.path()), reason)),
                },
                Err(error) => {
                    let name = error.path().map(|path| self.name(path)).unwrap_or_default();
                    let reason = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"));
                    faults.push(Fault::new(name, Reason::unreadable(reason)));
                }
            }
        }
        files
    }

    /// Files below `folder` that may be pictures.
    pub fn pictures(&self, folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
        let mut files = self.files(folder, faults);
        files.retain(|file| has_extension(file, &PICTURES));
        files
    }

    /// The file that metadata in `folder` calls `name`.
    ///
    /// # Errors
    /// [`Reason`] where the name is absolute, has `..`, or leads outside by a link.
    pub fn named(&self, folder: &Path, name: &str) -> Result<PathBuf, Reason> {
        let name = Path::new(name);
        if !name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(Reason::Outside);
        }
        let path = folder.join(name);
        self.real_file(&path)?;
        Ok(path)
    }

    /// Where a whole file's bytes lie.
    ///
    /// # Errors
    /// [`Reason`] where it is not there or not inside.
    pub fn place(&self, path: &Path) -> Result<Place, Reason> {
        let metadata = self.real_file(path)?;
        Ok(Place { path: path.to_owned(), offset: 0, length: metadata.len(), changed: changed(&metadata) })
    }

    /// Reads a file of at most `most` bytes.
    ///
    /// # Errors
    /// [`Reason`] where it is larger, or not inside.
    pub fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, Reason> {
        let metadata = self.real_file(path)?;
        let mut bytes = Vec::new();
        // It may grow between being looked at and being read.
        File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(Reason::unreadable)?;
        let length = metadata.len().max(bytes.len() as u64);
        if length > most { Err(Reason::FileTooLarge { bytes: length, most }) } else { Ok(bytes) }
    }

    /// A regular file whose real place, with all links followed, is inside the data folder.
    fn real_file(&self, path: &Path) -> Result<Metadata, Reason> {
        let real = path.canonicalize().map_err(Reason::unreadable)?;
        if !real.starts_with(&self.path) {
            return Err(Reason::Outside);
        }
        let metadata = fs::metadata(&real).map_err(Reason::unreadable)?;
        if metadata.is_file() { Ok(metadata) } else { Err(Reason::NoFile) }
    }
}

/// When a file was changed, in nanoseconds since 1970; 0 where the system does not say.
pub fn changed(metadata: &Metadata) -> u128 {
    metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos())
}

/// Whether a file's name ends in one of these, in whatever case.
pub fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
}

/// Whether a file of this name may be a picture.
pub fn may_be_picture(path: &Path) -> bool {
    has_extension(path, &PICTURES)
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
