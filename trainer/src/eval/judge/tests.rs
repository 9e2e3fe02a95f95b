use super::*;
use crate::data::DataConfig;

pub fn config(sets: &[&str]) -> DataConfig {
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    DataConfig { groups: vec!["activities".into()], sets, ..DataConfig::default() }
}

pub fn dataset(sets: &[&str]) -> Dataset {
    Dataset::load(&config(sets), 32, None, &|_, _| {}).unwrap()
}

pub fn settings() -> JudgeSettings {
    JudgeSettings { channels: 8, steps: 200, batch: 32, ..JudgeSettings::usual(32) }
}

#[test]
fn a_judge_learns_to_tell_sets_apart_and_to_find_captions() {
    let (dataset, device) = (dataset(&["twemoji", "fluent-3d", "noto-mono"]), Device::flex());
    let judge = Judge::train(&dataset, settings(), &device).unwrap();
    let skill = crate::eval::retrieval::JudgeAccuracy::of(&judge, &dataset, &super::super::Protocol::default(), &device).unwrap();
    // So little training tells few unseen pictures' sets and captions, and which ones differs from processor to processor; those that
    // it has seen it must know.
    assert!(skill.sets.is_some() && skill.pictures > 20, "{skill:?}");
    let seen = dataset.of_split(Split::Train);
    let contents: Vec<usize> = seen.iter().map(|sample| dataset.samples[*sample].content).collect();
    let predictions = judge.look(&dataset.pictures(&seen).unwrap(), &device);
    let right = seen.iter().zip(&predictions.set).filter(|(sample, set)| dataset.samples[**sample].style == **set).count();
    assert!(right * 10 > seen.len() * 5, "{right} of {} sets, a third by chance", seen.len());
    let captions = super::super::retrieval::judge_captions(&judge, &dataset, &device);
    let mut random = batches::random_for(1, Stream::Judge, 0);
    let protocol = super::super::Protocol { against: 9, folds: 1, ..Default::default() };
    let found = captions.r_precision(&predictions.embedded, &contents, &protocol, &mut random);
    println!("{right} of {} sets, captions {found:?}", seen.len());
    assert!(found[0] > 20.0, "{found:?}, 10 by chance");
    assert!(skill.text().contains("held-out combinations"));
}

#[test]
fn a_judge_sees_training_pictures_only() {
    let dataset = dataset(&["twemoji", "noto-mono"]);
    let held_out: Vec<usize> =
        [Split::HeldOutCombination, Split::Validation, Split::Test].iter().flat_map(|split| dataset.of_split(*split)).collect();
    let training = TrainingSet::new(&dataset);
    for step in 0..50 {
        let samples = training.draw(32, &mut batches::random_for(1, Stream::Judge, step));
        assert!(samples.iter().all(|sample| !held_out.contains(sample)));
    }
}

#[test]
fn a_caption_is_looked_for_among_those_of_training_contents() {
    let dataset = dataset(&["twemoji", "noto-mono"]);
    let mut random = batches::random_for(1, Stream::Judge, 0);
    let of = |split| (0..dataset.contents.len()).filter(|content| dataset.contents[*content].split == split).collect::<Vec<_>>();
    let trained = of(ContentSplit::Train);
    let own = [trained[3], trained[1], trained[3]];
    let all = candidates(&dataset, &own, &mut random);
    assert_eq!(all[..2], [trained[1], trained[3]], "each of the batch's once");
    assert!(!of(ContentSplit::Test).is_empty(), "which must not be among them");
    assert_eq!(all.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), trained);
    assert_eq!(all.len(), trained.len());
}

/// Softmax by hand: one picture, whose embedding is its own caption's, so that only what the others' are decides.
#[test]
fn others_of_a_class_ask_for_nothing() {
    let (mut dataset, device) = (dataset(&["twemoji", "noto-mono"]), Device::flex());
    let vocabulary = captions::vocabulary(&dataset.contents).unwrap();
    let network = Network::new(&settings(), vocabulary.table_size(), 2, &device);
    let sample = [dataset.of_split(Split::Train)[0]];
    let loss = |dataset: &Dataset| {
        let shown = Tensor::ones([1, 256], &device);
        let mut random = batches::random_for(1, Stream::Judge, 0);
        content_loss(&network, dataset, &vocabulary, &sample, shown, &mut random, &device).into_scalar::<f32>()
    };
    let apart = loss(&dataset);
    assert!(apart > 1.0, "nothing was learnt, and there are many: {apart}");
    dataset.contents.iter_mut().for_each(|content| content.class = 0);
    assert!(loss(&dataset) < 1e-6, "all are of one class");
}

/// Means by hand: a dot of 9 in 3 x 3 becomes its share of four, six or nine neighbours.
#[test]
fn a_softened_picture_is_the_mean_of_its_neighbours() {
    let device = Device::flex();
    let dot = Tensor::<4>::from_data([[[[0.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 0.0]]]], &device);
    let values = |softness: &[f32]| {
        softened(dot.clone().repeat_dim(0, softness.len()), softness).into_data().iter::<f32>().collect::<Vec<_>>()
    };
    assert_eq!(values(&[0.0]), [0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(values(&[1.0]), [2.25, 1.5, 2.25, 1.5, 1.0, 1.5, 2.25, 1.5, 2.25]);
    assert_eq!(values(&[0.5, 0.0])[3..6], [0.75, 5.0, 0.75], "half of either");
    assert_eq!(values(&[0.5, 0.0])[9..], values(&[0.0]), "each as its own softness says");
    let even = Tensor::<4>::ones([1, 3, 8, 8], &device);
    assert!(softened(even, &[2.7]).into_data().iter::<f32>().all(|value| (value - 1.0).abs() < 1e-6));
}

#[test]
fn a_shift_moves_a_picture_and_repeats_its_edge() {
    let size = 25;
    let rgb: Vec<u8> = (0..size * size).flat_map(|place| [(place % size) as u8, (place / size) as u8, 7]).collect();
    let mut random = batches::random_for(1, Stream::Judge, 0);
    let mut moves = std::collections::HashSet::new();
    for _ in 0..60 {
        let moved = shifted(&rgb, size, &mut random);
        let (x, y) = (i32::from(moved[3 * (12 * size + 12)]) - 12, i32::from(moved[3 * (12 * size + 12) + 1]) - 12);
        assert!(x.abs() <= 2 && y.abs() <= 2);
        assert_eq!(i32::from(moved[0]), x.max(0), "the edge is repeated");
        assert!(moved.chunks(3).all(|pixel| pixel[2] == 7));
        moves.insert((x, y));
    }
    assert!(moves.len() > 10, "{moves:?}");
}

#[test]
fn data_is_known_by_what_is_in_it() {
    let (one, other) = (dataset(&["twemoji", "noto-mono"]), dataset(&["twemoji", "noto"]));
    assert_eq!(fingerprint(&one).unwrap(), fingerprint(&one).unwrap());
    assert_ne!(fingerprint(&one).unwrap(), fingerprint(&other).unwrap());
}
