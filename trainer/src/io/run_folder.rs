//! A run's folder: where its parts are, and whose it is.
//!
//! ```text
//! RUN/config.toml            every setting, as resolved; what makes a folder a run
//! RUN/checkpoints/           see `checkpoint`
//! RUN/lineage.json           what it began with, and on which devices it went on
//! RUN/metrics.jsonl          one line of figures every --log-every steps
//! RUN/events/                the same and the grids, for TensorBoard
//! RUN/log.txt                what was said
//! RUN/samples/, film.gif     grids of pictures, one every --grid-every steps
//! RUN/model.safetensors, model-card.md, report.html
//! RUN/cache/                 decoded pictures, where the data is not the embedded emoji
//! RUN/lock                   held by the trainer that works here
//! ```
//!
//! A run has begun with its first checkpoint. Until then there is nothing to lose, so the same command may be given again: whatever stopped
//! it, a wrong path or a full disk, it begins anew once that is mended.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::files::{self, FileError};

/// The settings that a run was begun with.
pub const CONFIG: &str = "config.toml";
/// Held by the trainer that works here.
pub const LOCK: &str = "lock";
/// Folder of the checkpoints.
pub const CHECKPOINTS: &str = "checkpoints";
const SAMPLES: &str = "samples";
/// What comes of it.
pub const MODEL: &str = "model.safetensors";
/// Folders and files that a run writes to before its first checkpoint, beside those.
const FOLDERS: [&str; 5] = ["", CHECKPOINTS, SAMPLES, "events", "cache"];
const FILES: [&str; 3] = [CONFIG, LOCK, "metrics.jsonl"];
/// All that a run may leave.
const PARTS: [&str; 13] = [
    CONFIG,
    LOCK,
    CHECKPOINTS,
    SAMPLES,
    MODEL,
    "cache",
    "events",
    "figures.json",
    "film.gif",
    "log.txt",
    "metrics.jsonl",
    "model-card.md",
    "report.html",
];

/// Why a folder cannot be a run's.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("there is no run in {}; name its folder", .0.display())]
    NoRun(PathBuf),
    #[error("{} is in use: another trainer ({holder}) works there; wait for it, stop it, or name another folder with --run", path.display())]
    InUse { path: PathBuf, holder: String },
    #[error(transparent)]
    File(#[from] FileError),
}

/// A run's folder.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

/// A run's folder that nobody else may train in, until this is dropped or the program ends, however it ends.
pub struct RunLock {
    folder: RunFolder,
    // An operating system's lock dies with its holder, so a killed trainer leaves none behind.
    _lock: File,
}

impl std::ops::Deref for RunLock {
    type Target = RunFolder;

    fn deref(&self) -> &RunFolder {
        &self.folder
    }
}

impl RunFolder {
    /// Whether there is a run in `path`.
    pub fn exists(path: &Path) -> bool {
        path.join(CONFIG).exists()
    }

    /// Whether a file or folder is a run's: a whole run, or what one has written where a folder of other things is its folder as well.
    /// What lies in a data folder and is a run's is no data.
    pub fn owns(path: &Path) -> bool {
        let is_run = |path: &Path| path.join(LOCK).is_file() && (path.join(CONFIG).is_file() || path.join(CHECKPOINTS).is_dir());
        let is_part = path.file_name().is_some_and(|name| PARTS.iter().any(|part| *part == name));
        (is_part && path.parent().is_some_and(is_run)) || (path.is_dir() && is_run(path))
    }

    /// Whether a run could be claimed and written to in `path`; nothing is changed.
    ///
    /// # Errors
    /// As [`Self::claim`], and where one of its parts could not be written later.
    pub fn try_claim(path: &Path) -> Result<(), FolderError> {
        for name in FOLDERS {
            files::writable(&path.join(name))?;
        }
        for name in FILES {
            let place = path.join(name);
            match OpenOptions::new().append(true).open(&place) {
                Ok(file) if name == LOCK => lock(&file, path)?,
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(FileError::at(&place)(error).into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// A run that exists, to read from.
    ///
    /// # Errors
    /// [`FolderError::NoRun`]; nothing is created.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        if Self::exists(path) { Ok(Self(path.to_owned())) } else { Err(FolderError::NoRun(path.to_owned())) }
    }

    /// Takes a folder to train in, making it where it does not exist, and clears what a killed trainer left unfinished.
    ///
    /// # Errors
    /// [`FolderError::InUse`] where another trainer works there, [`FolderError::File`] where it cannot be written to.
    pub fn claim(path: &Path) -> Result<RunLock, FolderError> {
        let folder = Self(path.to_owned());
        files::make_folder(path)?;
        let place = folder.path(LOCK);
        let mut held = OpenOptions::new().create(true).truncate(false).write(true).open(&place).map_err(FileError::at(&place))?;
        lock(&held, path)?;
        // For whoever is turned away.
        held.set_len(0).and_then(|()| writeln!(held, "process {}", std::process::id())).map_err(FileError::at(&place))?;
        for name in ["", CHECKPOINTS, SAMPLES] {
            let part = folder.path(name);
            files::make_folder(&part)?;
            files::clear_unfinished(&part)?;
        }
        // A dry run has its scratch in the nearest folder that there was then.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        absolute.ancestors().take(3).for_each(files::clear_scratch);
        Ok(RunLock { folder, _lock: held })
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What it is called, without the path to it.
    pub fn name(&self) -> String {
        let absolute = std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone());
        absolute.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Locks a run's file until it is closed.
fn lock(file: &File, folder: &Path) -> Result<(), FolderError> {
    let place = folder.join(LOCK);
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&place).unwrap_or_default().trim().to_owned();
            Err(FolderError::InUse { path: folder.to_owned(), holder })
        }
        Err(TryLockError::Error(source)) => Err(FileError { path: place, source }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_trainer_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(folder.path()).unwrap();
        let Err(FolderError::InUse { holder, .. }) = RunFolder::claim(folder.path()) else { panic!("claimed twice") };
        assert_eq!(holder, format!("process {}", std::process::id()));
        drop(claim);
        // The file that a killed trainer leaves locks nobody out.
        assert!(folder.path().join("lock").exists());
        assert!(RunFolder::claim(folder.path()).is_ok());
    }

    #[test]
    fn a_claim_clears_what_a_killed_dry_run_left() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".emblem-x1y2");
        files::make_folder(&left).unwrap();
        fs::write(left.join("held"), b"").unwrap();
        RunFolder::claim(&folder.path().join("runs/first")).unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn what_could_not_be_claimed_is_told_and_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let left = || {
            let walk = walkdir::WalkDir::new(folder.path()).sort_by_file_name().into_iter();
            walk.map(|entry| entry.unwrap().into_path()).collect::<Vec<_>>()
        };
        let nowhere = folder.path().join("not/yet/there");
        let before = left();
        RunFolder::try_claim(&nowhere).unwrap();
        RunFolder::try_claim(folder.path()).unwrap();
        assert_eq!(left(), before);
        for (part, is_folder) in [(CHECKPOINTS, false), (SAMPLES, false), ("events", false), (CONFIG, true), (LOCK, true)] {
            let place = folder.path().join(part);
            if is_folder {
                fs::create_dir(&place).unwrap()
            } else {
                fs::write(&place, "").unwrap()
            }
            let said = RunFolder::try_claim(folder.path()).unwrap_err().to_string();
            assert!(said.contains(part), "{part}: {said}");
            if is_folder { fs::remove_dir(&place).unwrap() } else { fs::remove_file(&place).unwrap() }
        }
        let claim = RunFolder::claim(folder.path()).unwrap();
        let before = (left(), fs::read(claim.path(LOCK)).unwrap());
        assert!(matches!(RunFolder::try_claim(folder.path()), Err(FolderError::InUse { .. })));
        drop(claim);
        RunFolder::try_claim(folder.path()).unwrap();
        assert_eq!((left(), fs::read(folder.path().join(LOCK)).unwrap()), before);
        RunFolder::claim(folder.path()).unwrap();
    }

    #[test]
    fn a_run_is_told_from_other_folders_and_its_parts_from_other_files() {
        let folder = tempfile::tempdir().unwrap();
        // A data folder with settings of somebody's, a lock of another program, and pictures in folders that are called as a run's.
        for name in ["train/config.toml", "other/lock", "samples/1.png", "checkpoints/1.png"] {
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), "x").unwrap();
        }
        for name in ["", "train", "other", "samples", "checkpoints", "train/config.toml", "other/lock", "samples/1.png"] {
            assert!(!RunFolder::owns(&folder.path().join(name)), "{name}");
        }
        // A run of its own, one that has not come to its settings, and one in the folder of the data.
        RunFolder::claim(&folder.path().join("runs/first")).unwrap();
        let run = RunFolder::claim(folder.path()).unwrap();
        fs::write(run.path(CONFIG), "").unwrap();
        for name in ["runs/first", "samples", "checkpoints", "config.toml", "lock"] {
            assert!(RunFolder::owns(&folder.path().join(name)), "{name}");
        }
        for name in ["runs", "train", "train/config.toml", "other/lock"] {
            assert!(!RunFolder::owns(&folder.path().join(name)), "{name}");
        }
    }
}
