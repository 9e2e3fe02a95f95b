//! One test for each way in which a judge's file can be wrong.

use super::super::judge::tests::{dataset, settings};
use std::path::PathBuf;

use super::*;

fn saved(folder: &Path) -> (Judge, PathBuf) {
    let (dataset, device) = (dataset(&["twemoji", "noto-mono"]), Device::flex());
    let judge = Judge::train(&dataset, JudgeSettings { steps: 1, ..settings() }, &device).unwrap();
    let skill = JudgeAccuracy { split: "test contents".into(), pictures: 9, sets: Some(50.0), captions: 10.0, against: 8 };
    let path = folder.join("judge.safetensors");
    save(&judge, &skill, "emoji", &path).unwrap();
    (judge, path)
}

#[test]
fn a_judge_survives_the_round_trip() {
    let place = tempfile::tempdir().unwrap();
    let (judge, path) = saved(place.path());
    let again = load(&path, &Device::flex()).unwrap();
    assert_eq!((&again.settings, &again.sets, &again.data), (&judge.settings, &judge.sets, &judge.data));
    assert_eq!(again.vocabulary.words(), judge.vocabulary.words());
    let pictures = [vec![200; 32 * 32 * 3]];
    let (a, b) = (judge.look(&pictures, &Device::flex()), again.look(&pictures, &Device::flex()));
    assert_eq!((a.features, a.set), (b.features, b.set));
}

#[test]
fn what_is_wrong_is_named() {
    let place = tempfile::tempdir().unwrap();
    let (_, path) = saved(place.path());
    let good = std::fs::read(&path).unwrap();
    let said = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        load(&path, &Device::flex()).unwrap_err().to_string()
    };
    let edited = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let place = good.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        [&good[..place], to.as_bytes(), &good[place + from.len()..]].concat()
    };
    for bytes in [&[][..], b"no safetensors at all, but a text", &good[..good.len() / 2]] {
        assert!(said(bytes).contains("is no judge"), "{}", said(bytes));
    }
    assert!(said(&edited("emblem-judge", "emblem-model")).contains("another kind"));
    assert!(said(&edited(r#""version":"2""#, r#""version":"9""#)).contains("of version \"9\""));
    assert!(said(&edited(r#"\"channels\":8"#, r#"\"channels\":0"#)).contains("encoder_channels"));
    assert!(said(&edited(r#"\"channels\":8"#, r#"\"channels\":9"#)).contains("shape"));
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(said(&flipped).contains("checksum"));
    assert!(load(&place.path().join("nowhere"), &Device::flex()).unwrap_err().to_string().contains("nowhere"));
}
