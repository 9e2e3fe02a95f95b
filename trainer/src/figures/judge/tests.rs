use super::*;
use crate::data::DataConfig;

pub fn dataset(sets: &[&str]) -> Dataset {
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    let config = DataConfig { groups: vec!["activities".into()], sets, ..DataConfig::default() };
    Dataset::load(&config, 32, None, &|_, _| {}).unwrap()
}

pub fn settings() -> JudgeSettings {
    JudgeSettings { channels: 8, steps: 200, batch: 32, ..JudgeSettings::usual(32) }
}

#[test]
fn a_judge_learns_to_tell_sets_apart_and_to_find_captions() {
    let (dataset, device) = (dataset(&["twemoji", "fluent-3d", "noto-mono"]), Device::flex());
    let judge = Judge::train(&dataset, settings(), &device, &|_| {}).unwrap();
    let skill = super::super::Skill::of(&judge, &dataset, &super::super::Protocol::default(), &device).unwrap();
    // So little training tells few unseen pictures' sets and captions, and which ones differs from processor to processor; those that
    // it has seen it must know.
    assert!(skill.sets.is_some() && skill.pictures > 20, "{skill:?}");
    let seen = dataset.of_split(Split::Train);
    let contents: Vec<usize> = seen.iter().map(|sample| dataset.samples[*sample].content).collect();
    let verdict = judge.look(&dataset.pictures(&seen).unwrap(), &device);
    let right = seen.iter().zip(&verdict.set).filter(|(sample, set)| dataset.samples[**sample].style == **set).count();
    assert!(right * 10 > seen.len() * 5, "{right} of {} sets, a third by chance", seen.len());
    let captions = super::super::retrieval::judge_captions(&judge, &dataset, &device);
    let mut random = batches::random_for(1, Stream::Judge, 0);
    let protocol = super::super::Protocol { against: 9, folds: 1, ..Default::default() };
    let found = captions.r_precision(&verdict.embedded, &contents, &protocol, &mut random);
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
