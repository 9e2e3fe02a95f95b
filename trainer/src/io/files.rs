//! Writing files so that a stop at any moment leaves either the old one or the new one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What a file is called until it is whole.
const UNFINISHED: &str = "new";

/// A file or folder that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}{}", path.display(), advice(source))]
pub struct FileError {
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    /// Turns an I/O error on `path` into one that names it.
    pub fn at(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |source| Self { path: path.to_owned(), source }
    }
}

/// What to do about it, where that is not plain from the error.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ". Everything saved earlier is intact; make room, then continue with --resume"
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            ". Name a folder that may be written to, or ask for permission"
        }
        _ => "",
    }
}

/// Writes a file beside its place, sees it onto the disk and renames it into place; the folder is synchronised as well.
///
/// # Errors
/// [`FileError`]; the old file is as it was and nothing else is left behind.
pub fn replace(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), FileError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{UNFINISHED}"));
    let unfinished = PathBuf::from(unfinished);
    let written = write_through(&unfinished, fill).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_file(&unfinished);
    }
    written.and_then(|()| synchronise(path.parent().unwrap_or(Path::new(".")))).map_err(FileError::at(path))
}

fn write_through(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    fill(&mut file)?;
    file.flush()?;
    file.get_ref().sync_all()
}

/// Puts a folder's entries onto the disk; only Unix has the notion.
fn synchronise(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes what a killed program left unfinished in a folder.
///
/// # Errors
/// [`FileError`].
pub fn clear_unfinished(folder: &Path) -> Result<(), FileError> {
    for entry in fs::read_dir(folder).map_err(FileError::at(folder))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == UNFINISHED) && path.is_file() {
            fs::remove_file(&path).map_err(FileError::at(&path))?;
        }
    }
    Ok(())
}

/// What a folder for a while is called.
const SCRATCH: &str = ".emblem-";
/// Held in it by whoever made it: a lock dies with its holder.
const HELD: &str = "held";

/// A folder for a while, in `place`. It goes when this is dropped; where the program is killed, when [`clear_scratch`] comes by.
pub struct Scratch {
    folder: TempDir,
    _held: File,
}

impl Scratch {
    /// # Errors
    /// [`FileError`].
    pub fn new(place: &Path) -> Result<Self, FileError> {
        let folder = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(place).map_err(FileError::at(place))?;
        let held = File::create(folder.path().join(HELD)).map_err(FileError::at(folder.path()))?;
        let _ = held.try_lock();
        Ok(Self { folder, _held: held })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the scratch folders in `place` whose holders were killed. One that cannot be removed is in nobody's way.
pub fn clear_scratch(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours =
            entry.file_name().to_string_lossy().starts_with(SCRATCH) && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && File::open(entry.path().join(HELD)).is_ok_and(|held| held.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The nearest folder above that exists, after something was written to it and taken away again.
///
/// # Errors
/// [`FileError`].
pub fn writable(folder: &Path) -> Result<PathBuf, FileError> {
    let absolute = std::path::absolute(folder).map_err(FileError::at(folder))?;
    let place = absolute.ancestors().find(|place| place.exists()).unwrap_or(Path::new("/")).to_owned();
    let probe = place.join(format!(".emblem-{}", std::process::id()));
    File::create_new(&probe).and_then(|_| fs::remove_file(&probe)).map_err(FileError::at(&place))?;
    Ok(place)
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`FileError`].
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(FileError::at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        let full = replace(&path, |file| {
            file.write_all(b"half of the new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        let said = full.unwrap_err().to_string();
        assert!(said.contains("a.txt") && said.contains("make room"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        replace(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn scratch_folders_of_killed_programs_are_cleared() {
        let place = tempfile::tempdir().unwrap();
        for (name, file) in [(".emblem-killed", "held"), (".emblem-notes", "somebody's own"), ("other", "held")] {
            make_folder(&place.path().join(name)).unwrap();
            fs::write(place.path().join(name).join(file), b"").unwrap();
        }
        let working = Scratch::new(place.path()).unwrap();
        clear_scratch(place.path());
        assert!(working.path().exists() && !place.path().join(".emblem-killed").exists());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
        drop(working);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_nearest_folder_is_tried_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let place = writable(&folder.path().join("not/yet/there")).unwrap();
        assert_eq!(place, folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(writable(&folder.path().join("file/run")).is_err());
    }

    #[test]
    fn what_a_killed_program_left_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.txt", "a.txt.new", "b.ckpt.new"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        clear_unfinished(folder.path()).unwrap();
        assert!(folder.path().join("a.txt").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
