//! The protocol itself, on a small part of the data and with untrained networks: what must hold whatever was learnt.

use shared::ModelConfig;
use shared::generator::Generator;
use shared::text_encoder::TextEncoder;

use super::*;
use crate::data::DataConfig;

fn dataset() -> Dataset {
    let config = DataConfig {
        groups: vec!["activities".into()],
        sets: vec!["twemoji".into(), "fluent-3d".into(), "noto-mono".into()],
        ..DataConfig::default()
    };
    Dataset::load(&config, 32, None, &|_, _| {}).unwrap()
}

/// Hands `check` a subject with untrained networks.
fn with_subject(check: impl Fn(&Subject<'_>)) {
    let (dataset, device) = (dataset(), Device::flex());
    let shape = ModelConfig { image_size: 32, generator_channels: 16, encoder_channels: 4, ..ModelConfig::default() };
    let vocabulary = Vocabulary::of_captions(dataset.contents.iter().flat_map(|c| c.captions.texts())).unwrap();
    let matching = MatchingModel::new(&shape, vocabulary.table_size(), &device);
    check(&Subject {
        dataset: &dataset,
        vocabulary: &vocabulary,
        matching: &matching,
        side: GeneratorSide { text: TextEncoder::new(&shape, &device), generator: Generator::new(&shape, &device) },
        encoder: ImageEncoder::new(&shape, &device),
        style_size: shape.style_size,
        seed: 1,
        device: &device,
    });
}

#[test]
fn the_true_picture_ranks_first_and_anothers_does_not() {
    with_subject(|subject| {
        let samples = subject.dataset.of_split(Split::HeldOutCombination);
        let (one, other) = (samples[0], samples[1]);
        assert_eq!(subject.rank_in_set(one, &subject.dataset.pixels(one).unwrap()).unwrap(), 0);
        assert!(subject.rank_in_set(one, &subject.dataset.pixels(other).unwrap()).unwrap() > 0);
    });
}

#[test]
fn untrained_networks_score_by_chance() {
    with_subject(|subject| {
        for figure in
            [subject.held_out_combinations().unwrap(), subject.recovery(), subject.content_across_seeds().unwrap()].concat()
        {
            let limit = if figure.name.contains("(%)") { 25.0 } else { 0.5 };
            assert!(figure.value.abs() < limit, "{figure:?}");
        }
    });
}

#[test]
fn the_judge_learns_to_tell_sets_apart() {
    let (dataset, device) = (dataset(), Device::flex());
    let judge = StyleJudge::train(&dataset, 1, 250, &device).unwrap();
    let held_out = dataset.of_split(Split::HeldOutCombination);
    let named = judge.name(&dataset.pictures(&held_out).unwrap(), dataset.image_size, &device);
    let right = named.iter().zip(&held_out).filter(|(named, s)| **named == dataset.samples[**s].style).count();
    assert!(percent(right, held_out.len()) > 60.0, "{right} of {}", held_out.len());
}
