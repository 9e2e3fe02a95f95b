//! Going back after a divergence: from which checkpoint, with which rates, how often.
//!
//! The newest checkpoint need not be from before the trouble: a loss takes some hundred steps to explode, and a discriminator is dead
//! for as long before it is called so. So the first try goes on from the newest, and each further one from before where the last began;
//! what lies after that is removed, or the next `--resume` would land there. Only where a stage began is there nothing to go back to.

use super::RunError;
use super::checkpoint::{Checkpoint, CheckpointKey};
use super::divergence::Divergence;
use crate::config::{StageName, TrainConfig};
use crate::io::run_folder::RunLock;
use crate::report::say;
use crate::report::view::View;

/// A run that diverges is tried again so many times from about the same place, then given up.
const TRIES: usize = 3;
/// Learning rates of a try, as a share of those before.
const SLOWER: f64 = 0.5;

/// Calls `attempt` with a run's newest checkpoint, and again with earlier ones while it diverges, at most [`TRIES`] times at about the
/// same place. Gives what it returns.
///
/// # Errors
/// [`RunError::GaveUp`], or what the attempt ends with.
pub fn retry<T>(
    config: &mut TrainConfig,
    folder: &RunLock,
    view: &mut View,
    mut attempt: impl FnMut(&TrainConfig, Option<Checkpoint>, &mut View) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let checkpoints = folder.checkpoints();
    let (mut retries, mut latest) = (Retries::default(), None);
    loop {
        let from = match latest {
            Some(latest) => checkpoints.fall_back(latest, &mut |line| say(folder, view, &line))?,
            None => checkpoints.resume(&mut |line| say(folder, view, &line))?,
        };
        let began = from.as_ref().map(|checkpoint| checkpoint.position.place());
        let (stage, step, trouble) = match attempt(config, from, view) {
            Err(RunError::Diverged { stage, step, trouble }) => (stage, step, trouble),
            ended => return ended,
        };
        let Some(number) = retries.next((stage, step), config.housekeeping.save_every) else {
            return Err(RunError::GaveUp { stage, step, trouble, tries: TRIES });
        };
        config.slow_down(stage, SLOWER);
        folder.save_config(config)?;
        latest = match (number, &trouble) {
            (1, Divergence::Dead(_)) => checkpoints.newest_place()?.map(|newest| before(newest, stage)),
            (1, _) => None,
            _ => Some(before(began.unwrap_or((StageName::Matching, 0)), stage)),
        };
        let back = if latest.is_some() { "one checkpoint further back" } else { "back to the last checkpoint" };
        let again = format!("going {back}, with half the learning rates from here on");
        say(folder, view, &format!("{stage}, step {step}: {trouble}; {again} (try {number} of {TRIES})"));
    }
}

/// The last place at which a checkpoint is older than `place`. An earlier stage has nothing to do with what happened in this one, so
/// its end is as good as any place in it.
fn before(place: CheckpointKey, failed: StageName) -> CheckpointKey {
    if place.0 == failed { (place.0, place.1.saturating_sub(1)) } else { place }
}

/// Counts the tries of a run that diverges, so that it cannot go on for ever.
#[derive(Default)]
pub(super) struct Retries {
    tried: usize,
    failed_at: Option<CheckpointKey>,
}

impl Retries {
    /// The number of the next try after a failure; `None` where there have been enough. A failure that lies further on than the one
    /// before, by more than a checkpoint, counts as the first.
    pub(super) fn next(&mut self, at: CheckpointKey, save_every: usize) -> Option<usize> {
        let further = self.failed_at.is_some_and(|(stage, step)| at > (stage, step + save_every));
        self.tried = if further { 1 } else { self.tried + 1 };
        self.failed_at = Some(at);
        (self.tried <= TRIES).then_some(self.tried)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::io::run_folder::RunFolder;
    use crate::report::view::Stop;
    use crate::train::run::checkpoint::Position;
    use crate::train::run::divergence::DivergenceDetector;

    const STAGE: StageName = StageName::Disentangling;

    fn view() -> View {
        View::open(true, &Stop::default())
    }

    fn swap(loss: f64) -> Vec<(String, f64)> {
        vec![("swap".to_owned(), loss)]
    }

    /// A watch after so many steps: well for the first 300, then in trouble.
    fn watch(steps: usize) -> DivergenceDetector {
        let mut watch = DivergenceDetector::default();
        for step in 0..steps {
            watch.look(step, &swap(if step < 300 { 0.5 } else { 2.8 })).unwrap();
        }
        watch
    }

    fn saved(claim: &RunLock, step: usize) {
        let position = Position { step, watch: watch(step), ..Position::start(STAGE) };
        claim.checkpoints().save(&Checkpoint::new(position), 9).unwrap();
    }

    /// Where each attempt began, whose first so many fail with this trouble before they save.
    fn begun(claim: &RunLock, failures: usize, trouble: &Divergence) -> (Vec<usize>, Result<(), RunError>) {
        let (mut begun, mut config) = (vec![], TrainConfig::of_preset(Preset::Supervised));
        let ended = retry(&mut config, claim, &mut view(), |_, from, _| {
            begun.push(from.map_or(0, |checkpoint| checkpoint.position.step));
            let diverged = RunError::Diverged { stage: STAGE, step: 400, trouble: trouble.clone() };
            if begun.len() <= failures { Err(diverged) } else { Ok(()) }
        });
        (begun, ended)
    }

    fn exploded() -> Divergence {
        Divergence::Exploded { what: "swap".into(), value: 2.8, usual: 0.5 }
    }

    #[test]
    fn tries_are_counted_where_a_run_fails_again_and_end() {
        let at = |step| (StageName::Disentangling, step);
        let mut retries = Retries::default();
        assert_eq!([700, 650, 900, 900].map(|step| retries.next(at(step), 500)), [Some(1), Some(2), Some(3), None]);
        // Further on by more than a checkpoint it is another failure.
        let mut retries = Retries::default();
        assert_eq!([700, 1300, 1300].map(|step| retries.next(at(step), 500)), [Some(1), Some(1), Some(2)]);
        let mut retries = Retries::default();
        assert_eq!(retries.next((StageName::Matching, 90), 500), Some(1));
        assert_eq!(retries.next(at(3), 500), Some(1), "the second stage is further on than all of the first");
    }

    #[test]
    fn a_checkpoint_from_the_middle_of_trouble_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(folder.path()).unwrap();
        [100, 300, 320].into_iter().for_each(|step| saved(&claim, step));
        let mut config = TrainConfig::of_preset(Preset::Supervised);
        let rate = config.optimiser.generator_rate;
        let mut begun = vec![];
        // The run itself is well again: its loss is what it was.
        retry(&mut config, &claim, &mut view(), |_, from, _| {
            let mut position = from.unwrap().position;
            begun.push(position.step);
            for step in position.step..position.step + 40 {
                let loss = if position.step > 300 { 2.8 } else { 0.5 };
                position.watch.look(step, &swap(loss)).map_err(|trouble| RunError::Diverged { stage: STAGE, step, trouble })?;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(begun, [320, 320, 300]);
        assert_eq!(config.optimiser.generator_rate, rate * SLOWER * SLOWER);
        let newest = claim.checkpoints().newest(&mut |_| {}).unwrap().unwrap();
        assert_eq!(newest.position.step, 300, "whoever resumes does not land in it");
    }

    #[test]
    fn each_further_try_begins_further_back_and_the_first_is_never_lost() {
        for (trouble, wanted) in [(exploded(), [300, 300, 200, 100]), (Divergence::Dead("it has won"), [300, 200, 100, 100])] {
            let folder = tempfile::tempdir().unwrap();
            let claim = RunFolder::claim(folder.path()).unwrap();
            [100, 200, 300].into_iter().for_each(|step| saved(&claim, step));
            let (begun, ended) = begun(&claim, 9, &trouble);
            assert!(matches!(ended, Err(RunError::GaveUp { tries: TRIES, .. })));
            assert_eq!(begun, wanted, "{trouble}");
        }
    }

    #[test]
    fn an_earlier_stage_is_not_trained_again() {
        let folder = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(folder.path()).unwrap();
        for step in [4, 8] {
            claim.checkpoints().save(&Checkpoint::new(Position { step, ..Position::start(StageName::Matching) }), 9).unwrap();
        }
        let (begun, _) = begun(&claim, 9, &exploded());
        assert_eq!(begun, [8; 4]);
        let nothing = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(nothing.path()).unwrap();
        assert_eq!(self::begun(&claim, 2, &exploded()).0, [0; 3]);
    }
}
