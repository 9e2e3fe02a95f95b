use burn::nn::{Linear, LinearConfig};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use shared::model::parameters::parameters_of;

use super::*;
use crate::train::run::checkpoints::{Checkpoints, Which};

fn linear() -> Linear {
    LinearConfig::new(3, 2).init(&Device::flex())
}

fn checkpoint(stage: StageName, step: usize) -> Checkpoint {
    let mut checkpoint = Checkpoint::new(Position { step, ..Position::start(stage) });
    checkpoint.put("words", b"a\ncat".to_vec());
    checkpoint.put_module("model", linear()).unwrap();
    checkpoint
}

fn disentangling(step: usize) -> Checkpoint {
    checkpoint(StageName::Disentangling, step)
}

/// The checkpoints in a fresh folder.
fn folder() -> (tempfile::TempDir, Checkpoints) {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::new(folder.path().to_owned());
    (folder, checkpoints)
}

fn newest(checkpoints: &Checkpoints) -> (Result<Option<Checkpoint>, CheckpointError>, Vec<String>) {
    let mut said = vec![];
    (checkpoints.newest(&mut |line| said.push(line)), said)
}

#[test]
fn what_is_saved_comes_back() {
    let (_folder, checkpoints) = folder();
    assert!(newest(&checkpoints).0.unwrap().is_none());
    let model = linear();
    let mut watch = DivergenceDetector::default();
    for (step, loss) in [0.1, 0.7, 1.0 / 3.0].into_iter().enumerate() {
        watch.look(step, &[("swap".to_owned(), loss)]).unwrap();
    }
    let best = Some(Best { step: 7, loss: 2.0 / 3.0 });
    let position = Position { step: 7, seconds: 0.1, data: Some("0123".into()), best, watch, stage: StageName::Disentangling };
    let mut saved = Checkpoint::new(position.clone());
    saved.put("words", b"a\ncat".to_vec());
    saved.put_module("model", model.clone()).unwrap();
    checkpoints.save(&saved, 1).unwrap();

    let mut found = newest(&checkpoints).0.unwrap().unwrap();
    assert_eq!(found.position, position);
    assert_eq!(found.take("words").unwrap(), b"a\ncat");
    assert_eq!(parameters_of(&found.take_module("model", linear()).unwrap()), parameters_of(&model));
    assert!(matches!(found.take("words"), Err(CheckpointError::Foreign { .. })));
    assert_eq!(fs::metadata(checkpoints.path(StageName::Disentangling, 7)).unwrap().len(), saved.size().unwrap());
}

#[test]
fn the_last_ones_and_the_best_are_kept() {
    let (_folder, checkpoints) = folder();
    checkpoints.save(&checkpoint(StageName::Matching, 1400), 2).unwrap();
    for step in [100, 200, 300, 400] {
        let mut next = disentangling(step);
        next.position.best = Some(Best { step: 100, loss: 0.1 });
        checkpoints.save(&next, 2).unwrap();
    }
    let steps: Vec<usize> = checkpoints.places().unwrap().into_iter().map(|(_, step)| step).collect();
    assert_eq!(steps, [400, 300, 100]);
    let step = |which| checkpoints.of_trained(which, &mut |_| {}).unwrap().unwrap().position.step;
    assert_eq!([step(Which::Last), step(Which::Best), step(Which::Step(300))], [400, 100, 300]);
    assert!(checkpoints.of_trained(Which::Step(200), &mut |_| {}).is_err());
    fs::remove_file(checkpoints.path(StageName::Disentangling, 100)).unwrap();
    let mut said = vec![];
    let best = checkpoints.of_trained(Which::Best, &mut |line| said.push(line)).unwrap().unwrap();
    assert!(best.position.step == 400 && said.len() == 1 && said[0].contains("step 100, is gone"), "{said:?}");
}

#[test]
fn the_second_stage_comes_after_the_first() {
    let (_folder, checkpoints) = folder();
    checkpoints.save(&checkpoint(StageName::Matching, 1400), 3).unwrap();
    assert!(checkpoints.of_trained(Which::Last, &mut |_| {}).unwrap().is_none());
    checkpoints.save(&disentangling(5), 3).unwrap();
    assert_eq!(newest(&checkpoints).0.unwrap().unwrap().position.stage, StageName::Disentangling);
}

/// The short form of the damage that `cargo xtask soak` does to whole runs: any byte flipped, any length cut.
#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_it_used() {
    let (_folder, checkpoints) = folder();
    checkpoints.save(&disentangling(100), 3).unwrap();
    checkpoints.save(&disentangling(200), 3).unwrap();
    let path = checkpoints.path(StageName::Disentangling, 200);
    let whole = fs::read(&path).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for round in 0..200 {
        let mut bytes = whole.clone();
        let place = random.random_range(0..whole.len());
        match round % 2 {
            0 => bytes[place] ^= 1 << random.random_range(0..8),
            _ => bytes.truncate(place),
        }
        fs::write(&path, bytes).unwrap();
        let (found, said) = newest(&checkpoints);
        assert_eq!(found.unwrap().unwrap().position.step, 100);
        assert!(said.len() == 1 && said[0].contains("disentangling-0000200.ckpt is damaged"), "{said:?}");
    }
}

#[test]
fn a_run_whose_checkpoints_are_all_damaged_is_not_started_anew() {
    let (_folder, checkpoints) = folder();
    for step in [1, 2] {
        fs::write(checkpoints.path(StageName::Disentangling, step), b"").unwrap();
    }
    let error = newest(&checkpoints).0.unwrap_err();
    assert!(matches!(error, CheckpointError::AllDamaged { .. }));
    assert!(error.to_string().contains("disentangling-0000002.ckpt"), "{error}");
}

#[test]
fn a_checkpoint_of_another_shape_is_named() {
    let (_folder, checkpoints) = folder();
    checkpoints.save(&disentangling(3), 1).unwrap();
    let mut found = newest(&checkpoints).0.unwrap().unwrap();
    let error = found.take_module("model", LinearConfig::new(4, 2).init(&Device::flex())).unwrap_err();
    assert!(matches!(&error, CheckpointError::Foreign { .. }) && error.to_string().contains("0000003"), "{error}");
}

#[test]
fn weights_that_are_not_finite_are_not_saved() {
    for value in [f32::NAN, f32::INFINITY] {
        let model = linear();
        let mut parameters = parameters_of(&model);
        parameters.get_mut("bias").unwrap().values[1] = value;
        let bias = Tensor::from_data(TensorData::new(parameters["bias"].values.clone(), [2]), &Device::flex());
        let spoilt = Linear { bias: model.bias.map(|old| old.map(|_| bias.clone())), ..model };
        let refused = disentangling(1).put_module("spoilt", spoilt);
        assert!(matches!(refused, Err(CheckpointError::NotFinite { part: "spoilt" })));
    }
}

/// The steps of what is there, newest first.
fn steps(checkpoints: &Checkpoints) -> Vec<usize> {
    checkpoints.places().unwrap().into_iter().map(|(_, step)| step).collect()
}

#[test]
fn what_was_saved_just_now_is_kept_whatever_has_a_higher_number() {
    let (folder, checkpoints) = folder();
    checkpoints.save(&disentangling(600), 1).unwrap();
    fs::write(checkpoints.path(StageName::Disentangling, 700), b"damaged").unwrap();
    checkpoints.save(&disentangling(650), 1).unwrap();
    assert_eq!(steps(&checkpoints), [650]);

    // Whoever goes on puts a damaged one aside, so that it takes no whole one's place.
    fs::write(checkpoints.path(StageName::Disentangling, 700), b"damaged").unwrap();
    assert_eq!(checkpoints.resume(&mut |_| {}).unwrap().unwrap().position.step, 650);
    assert_eq!(steps(&checkpoints), [650]);
    assert!(folder.path().join("disentangling-0000700.ckpt.damaged").exists());
    checkpoints.save(&disentangling(660), 2).unwrap();
    assert_eq!(steps(&checkpoints), [660, 650]);
}

#[test]
fn damaged_ones_are_only_put_aside_for_a_whole_one() {
    let (_folder, checkpoints) = folder();
    fs::write(checkpoints.path(StageName::Disentangling, 2), b"").unwrap();
    for _ in 0..2 {
        let refused = checkpoints.resume(&mut |_| {});
        assert!(matches!(refused, Err(CheckpointError::AllDamaged { .. })), "a run may not begin anew because of it");
    }
}
