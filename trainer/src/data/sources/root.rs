//! The data folder, and the only way to the files in it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use super::names::is_litter;
use super::{Fault, FileSpan, Reason};
use crate::data::DataError;
use crate::io::run_folder::RunFolder;

/// Folders inside folders, at most.
const MOST_DEPTH: usize = 32;

/// Why what this program has written is left out: grids and decoded pictures are no pictures to learn from.
const OF_A_RUN: &str = "a run of this trainer";

/// Why hidden files are left out.
pub const HIDDEN: &str = "hidden, or left behind by an operating system";

/// A data folder, or the folder of a data file.
#[derive(Debug)]
pub struct Root {
    /// As the system knows it, with all links followed: the user may link to it, its contents may not lead out of it.
    path: PathBuf,
    /// The one file that is meant.
    file: Option<PathBuf>,
}

/// A file of the folder, or an entry of a tar file in it.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its path in the folder; of an entry, after that of its tar file.
    pub name: String,
    /// Where its bytes lie, or why they cannot be had.
    pub place: Result<FileSpan, Reason>,
    /// How often a tar file has an entry of this name; of these it is the last.
    pub copies: usize,
}

/// A file, or a folder of files, that is no part of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    pub name: String,
    pub why: String,
    pub files: usize,
}

impl LeftOut {
    pub fn one(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), why: why.into(), files: 1 }
    }
}

/// All that a folder holds.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Files in the order of their names.
    pub items: Vec<Item>,
    /// What may hold samples and cannot be looked into, whatever the layout.
    pub faults: Vec<Fault>,
    pub left_out: Vec<LeftOut>,
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
        let mut folder = real.parent().unwrap_or(&real);
        // COCO's pictures lie beside the folder of its annotations.
        if folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("annotations")) {
            folder = folder.parent().unwrap_or(folder);
        }
        Ok(Self { path: folder.to_owned(), file: Some(real) })
    }

    /// Whether the user named a folder, and not one file.
    pub fn is_folder(&self) -> bool {
        self.file.is_none()
    }

    /// What messages call a file: its path in the folder.
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    /// Everything that lies in the folder, or the one file that is meant. Links to files inside count as files.
    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory::default();
        if let Some(file) = &self.file {
            inventory.items.push(self.item(file));
            return inventory;
        }
        let mut walk = WalkDir::new(&self.path).max_depth(MOST_DEPTH).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) if entry.file_type().is_dir() => {
                    if let Some(why) = passed(&entry) {
                        walk.skip_current_dir();
                        let left_out =
                            LeftOut { name: self.name(entry.path()), why: why.to_owned(), files: files_in(entry.path()) };
                        inventory.left_out.push(left_out);
                    } else if entry.depth() == MOST_DEPTH {
                        inventory.faults.push(Fault::new(self.name(entry.path()), Reason::TooDeep(MOST_DEPTH)));
                    }
                }
                Ok(entry) if is_litter(&entry.file_name().to_string_lossy()) => {
                    inventory.left_out.push(LeftOut::one(self.name(entry.path()), HIDDEN));
                }
                Ok(entry) if RunFolder::owns(entry.path()) => {
                    inventory.left_out.push(LeftOut::one(self.name(entry.path()), OF_A_RUN));
                }
                Ok(entry) => match self.item(entry.path()) {
                    Item { name, place: Err(reason @ Reason::LinkToFolder), .. } => {
                        inventory.faults.push(Fault::new(name, reason))
                    }
                    item => inventory.items.push(item),
                },
                Err(error) => {
                    let name = error.path().map(|path| self.name(path)).unwrap_or_default();
                    let reason = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"));
                    inventory.faults.push(Fault::new(name, Reason::unreadable(reason)));
                }
            }
        }
        inventory
    }

    fn item(&self, path: &Path) -> Item {
        Item { name: self.name(path), place: self.real_file(path), copies: 1 }
    }

    /// The name of the file that metadata in `folder` calls `name`; both are paths in the data folder.
    ///
    /// # Errors
    /// [`Reason::Outside`] where it is absolute or has `..`.
    pub fn named(folder: &str, name: &str) -> Result<String, Reason> {
        // As Windows writes paths.
        let name = name.replace('\\', "/");
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in Path::new(&name).components() {
            match part {
                Component::Normal(part) => parts.push(part.to_str().unwrap_or_default()),
                Component::CurDir => {}
                _ => return Err(Reason::Outside),
            }
        }
        Ok(parts.join("/"))
    }

    /// Where the file of this name lies.
    ///
    /// # Errors
    /// [`Reason`] where it is not there or not inside.
    pub fn place(&self, name: &str) -> Result<FileSpan, Reason> {
        self.real_file(&self.path.join(name))
    }

    /// A regular file whose real place, with all links followed, is inside the data folder.
    fn real_file(&self, path: &Path) -> Result<FileSpan, Reason> {
        let real = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if path.is_symlink() => Reason::BrokenLink,
            _ => Reason::unreadable(error),
        })?;
        let metadata = fs::metadata(&real).map_err(Reason::unreadable)?;
        if metadata.is_dir() && path.is_symlink() {
            return Err(Reason::LinkToFolder);
        }
        if !real.starts_with(&self.path) {
            return Err(Reason::LinkOutside);
        }
        if !metadata.is_file() {
            return Err(Reason::NoFile);
        }
        Ok(FileSpan { path: path.to_owned(), offset: 0, length: metadata.len(), changed: changed(&metadata) })
    }
}

impl Inventory {
    /// Whether there is a file below a folder.
    pub fn has_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    /// The files below a folder, each with its path there.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a Item, &'a str)> {
        self.items.iter().filter_map(move |item| Some((item, item.name.strip_prefix(folder)?.strip_prefix('/')?)))
    }
}

/// Why a folder is not looked into.
fn passed(folder: &DirEntry) -> Option<&'static str> {
    if is_litter(&folder.file_name().to_string_lossy()) {
        return Some(HIDDEN);
    }
    RunFolder::owns(folder.path()).then_some(OF_A_RUN)
}

/// How many files lie in a folder, at any depth.
fn files_in(folder: &Path) -> usize {
    WalkDir::new(folder).into_iter().filter(|entry| !entry.as_ref().is_ok_and(|entry| entry.file_type().is_dir())).count()
}

/// When a file was changed, in nanoseconds since 1970; 0 where the system does not say.
pub fn changed(metadata: &Metadata) -> u128 {
    metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos())
}

/// Opens a file of the folder to read all of it, bit by bit.
///
/// # Errors
/// [`Reason`] where the system does not give it.
pub fn open(place: &FileSpan) -> Result<File, Reason> {
    File::open(&place.path).map_err(Reason::unreadable)
}
