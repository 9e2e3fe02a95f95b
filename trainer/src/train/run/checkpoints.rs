//! The checkpoints of one run: which are kept, and which is taken where some are damaged or gone.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use super::checkpoint::{Checkpoint, CheckpointError, CheckpointKey, Position};
use crate::config::StageName;
use crate::io::files::{self, FileError};

const EXTENSION: &str = "ckpt";
/// What a damaged one's name ends in, once a run goes on from the one before it.
const DAMAGED: &str = "damaged";

/// Which checkpoint of a run to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Last,
    /// The best on the validation pictures.
    Best,
    Step(usize),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "last" => Ok(Self::Last),
            "best" => Ok(Self::Best),
            step => step.parse().map(Self::Step).map_err(|_| "give `last`, `best` or a step's number".to_owned()),
        }
    }
}

/// A run's checkpoints.
#[derive(Debug, Clone)]
pub struct Checkpoints(PathBuf);

impl Checkpoints {
    /// Those in a folder, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Saves one, then removes all but it, the last of the others, `keep` in all, and the best.
    ///
    /// # Errors
    /// [`CheckpointError::File`]; the earlier ones are as they were.
    pub fn save(&self, checkpoint: &Checkpoint, keep: usize) -> Result<(), CheckpointError> {
        let Position { stage, step, best, .. } = &checkpoint.position;
        files::replace(&self.path(*stage, *step), |file| checkpoint.seal(file))?;
        let is_best = |place: &CheckpointKey| best.is_some_and(|best| *place == (*stage, best.step));
        // Whatever has a higher number is from before a fall back: only what was saved just now is sure to be worth keeping.
        let others = self.places()?.into_iter().filter(|place| *place != (*stage, *step));
        others.skip(keep.max(1) - 1).filter(|place| !is_best(place)).try_for_each(|place| self.remove(place))
    }

    /// The newest whole one that is no later than `latest`, or else the oldest there is, to train on from. All later ones are removed.
    ///
    /// # Errors
    /// As [`Self::resume`]; then none is removed.
    pub fn fall_back(&self, latest: CheckpointKey, say: &mut dyn FnMut(String)) -> Result<Option<Checkpoint>, CheckpointError> {
        let places = self.places()?;
        let (later, mut rest): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| *place > latest);
        // The nearest of the later ones first, where there is none before.
        rest.extend(later.iter().rev());
        let found = self.first_whole(rest, say)?.0;
        let place = found.as_ref().map(|checkpoint| checkpoint.position.place());
        later.into_iter().filter(|later| place.is_some_and(|place| *later > place)).try_for_each(|place| self.remove(place))?;
        Ok(found)
    }

    /// Where the newest is, whole or not.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn newest_place(&self) -> Result<Option<CheckpointKey>, CheckpointError> {
        Ok(self.places()?.first().copied())
    }

    /// Whether there are any, damaged ones among them.
    pub fn are_any(&self) -> bool {
        let is_one = |name: &str| [EXTENSION, DAMAGED].iter().any(|ending| name.ends_with(&format!(".{ending}")));
        fs::read_dir(&self.0).into_iter().flatten().flatten().any(|entry| is_one(&entry.file_name().to_string_lossy()))
    }

    fn remove(&self, (stage, step): CheckpointKey) -> Result<(), CheckpointError> {
        let path = self.path(stage, step);
        Ok(fs::remove_file(&path).map_err(FileError::at(&path))?)
    }

    /// The newest whole one, to train on from. Damaged ones before it are renamed, so that they do not count as kept; for whoever holds
    /// the folder's claim.
    ///
    /// # Errors
    /// As [`Self::newest`]; where none is whole they stay as they are.
    pub fn resume(&self, say: &mut dyn FnMut(String)) -> Result<Option<Checkpoint>, CheckpointError> {
        let (found, damaged) = self.first_whole(self.places()?, say)?;
        for path in damaged {
            let mut aside = path.clone().into_os_string();
            aside.push(format!(".{DAMAGED}"));
            fs::rename(&path, aside).map_err(FileError::at(&path))?;
        }
        Ok(found)
    }

    /// The newest whole one; `None` where nothing was ever saved. A damaged one is passed to `say` and the one before it taken.
    ///
    /// # Errors
    /// [`CheckpointError::AllDamaged`] where none is whole: starting anew must be somebody's decision.
    pub fn newest(&self, say: &mut dyn FnMut(String)) -> Result<Option<Checkpoint>, CheckpointError> {
        Ok(self.first_whole(self.places()?, say)?.0)
    }

    /// The first whole one of some, and the files of those before it that are damaged.
    fn first_whole(
        &self,
        places: Vec<CheckpointKey>,
        say: &mut dyn FnMut(String),
    ) -> Result<(Option<Checkpoint>, Vec<PathBuf>), CheckpointError> {
        let (mut first, mut damaged) = (None, vec![]);
        for (stage, step) in places {
            match Checkpoint::read(&self.path(stage, step)) {
                Ok(checkpoint) => return Ok((Some(checkpoint), damaged)),
                Err(error) => {
                    say(format!("{error}; using the one before it"));
                    if let CheckpointError::Damaged { path, .. } = &error {
                        damaged.push(path.clone());
                    }
                    first.get_or_insert(error);
                }
            }
        }
        let all_damaged = |newest| CheckpointError::AllDamaged { folder: self.0.clone(), newest: Box::new(newest) };
        first.map_or(Ok((None, damaged)), |newest| Err(all_damaged(newest)))
    }

    /// One of the second stage, for drawing with it; `None` where there is none yet.
    ///
    /// # Errors
    /// [`CheckpointError`] where the one that is asked for is damaged or not there; `last` takes the newest whole one.
    pub fn of_trained(&self, which: Which, say: &mut dyn FnMut(String)) -> Result<Option<Checkpoint>, CheckpointError> {
        let newest = self.newest(say)?.filter(|checkpoint| checkpoint.position.stage == StageName::Disentangling);
        let Some(newest) = newest else { return Ok(None) };
        let step = match which {
            Which::Last => None,
            Which::Best => newest.position.best.map(|best| best.step),
            Which::Step(step) => Some(step),
        };
        let Some(step) = step else { return Ok(Some(newest)) };
        match Checkpoint::read(&self.path(StageName::Disentangling, step)) {
            // Somebody has cleared up, or another run's folder was copied in part.
            Err(CheckpointError::File(error)) if which == Which::Best && error.source.kind() == io::ErrorKind::NotFound => {
                say(format!("the best checkpoint, of step {step}, is gone; using the newest, of step {}", newest.position.step));
                Ok(Some(newest))
            }
            read => read.map(Some),
        }
    }

    pub fn path(&self, stage: StageName, step: usize) -> PathBuf {
        self.0.join(format!("{stage}-{step:07}.{EXTENSION}"))
    }

    /// What is there by name, newest first.
    pub(super) fn places(&self) -> Result<Vec<CheckpointKey>, CheckpointError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(FileError::at(&self.0)(error).into()),
        };
        let place = |name: &str| {
            let (stage, step) = name.strip_suffix(EXTENSION)?.strip_suffix('.')?.rsplit_once('-')?;
            let stage = [StageName::Matching, StageName::Disentangling].into_iter().find(|known| known.to_string() == stage)?;
            Some((stage, step.parse().ok()?))
        };
        let mut places: Vec<_> = entries.flatten().filter_map(|entry| place(entry.file_name().to_str()?)).collect();
        places.sort_unstable();
        places.reverse();
        Ok(places)
    }
}
