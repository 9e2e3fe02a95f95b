//! The protocol itself, on a small part of the data and with untrained networks: what must hold whatever was learnt.

use burn::prelude::*;
use shared::model::generator::Generator;
use shared::model::image_encoder::ImageEncoder;
use shared::model::matching::MatchingModel;
use shared::model::text_encoder::TextEncoder;
use shared::{ModelConfig, Vocabulary};

use super::judge::tests::{config, dataset, settings};
use super::lookup::Lookup;
use super::*;
use crate::data::emoji::TrueArt;
use crate::data::{DataConfig, Dataset};
use crate::report::figures::{By, Figure, Report};
use crate::train::disentangling::GeneratorSide;

/// A model that has learnt nothing.
fn untrained(dataset: &Dataset, device: &Device) -> Model {
    let shape =
        ModelConfig { image_size: dataset.image_size, generator_channels: 16, encoder_channels: 4, ..ModelConfig::default() };
    let vocabulary = crate::data::captions::vocabulary(&dataset.contents).unwrap();
    let matching = MatchingModel::new(&shape, vocabulary.table_size(), device);
    Model {
        name: "untrained".into(),
        vocabulary,
        sentence: matching.sentence.clone(),
        matching: Some(matching),
        side: GeneratorSide { text: TextEncoder::new(&shape, device), generator: Generator::new(&shape, device) },
        encoder: ImageEncoder::new(&shape, device),
        image_size: dataset.image_size,
        style_size: shape.style_size,
        caption_words: shape.caption_words,
        data: DataConfig::default(),
    }
}

fn protocol() -> Protocol {
    Protocol {
        folds: 4,
        fold: 20,
        recovery: 64,
        captions: 12,
        seeds: 6,
        halvings: 2,
        everyday_seeds: 2,
        crispness: 40,
        morphs: 4,
        ..Protocol::default()
    }
}

fn measured(dataset: &Dataset, model: &Model, judge: &Judge) -> Report {
    let device = Device::flex();
    let art = TrueArt::of(&config(&dataset.styles.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    let evaluators = Evaluators { art: Some(art), ..Evaluators::new(judge.clone(), dataset, &protocol(), &device).unwrap() };
    evaluate(model, &evaluators, dataset, "test", &protocol(), &device).unwrap()
}

fn parts(sets: &[&str]) -> (Dataset, Model, Judge) {
    let (dataset, device) = (dataset(sets), Device::flex());
    let model = untrained(&dataset, &device);
    let judge = Judge::train(&dataset, JudgeSettings { steps: 2, ..settings() }, &device).unwrap();
    (dataset, model, judge)
}

fn value<'a>(report: &'a Report, name: &str) -> &'a Figure {
    report.figures.iter().find(|figure| figure.name.starts_with(name)).unwrap_or_else(|| panic!("{name} is missing: {report:?}"))
}

#[test]
fn untrained_networks_score_by_chance_and_every_figure_says_what_it_is_from() {
    let (dataset, model, judge) = parts(&["twemoji", "fluent-3d", "noto-mono"]);
    let report = measured(&dataset, &model, &judge);
    assert_eq!(report.left_out, ["alpha error: what is drawn has no alpha"]);
    for figure in &report.figures {
        assert!(figure.n > 0 && !figure.split.is_empty() && figure.seed == 1 && figure.truncation == "none", "{figure:?}");
        assert_eq!(figure.judge.is_some(), figure.by == By::Judge, "{figure:?}");
        assert!(figure.value.is_finite() && figure.beside.iter().all(|beside| beside.value.is_finite()), "{figure:?}");
    }
    for name in ["R-precision by the judge", "R-precision by the matching", "z found again", "held-out combinations, top-1 by"] {
        assert!(value(&report, name).value < 25.0, "{name}: {report:?}");
    }
    for name in ["rho(z, h_s(G))", "rho(h_tc, h_c(G))"] {
        let figure = value(&report, name);
        assert!((figure.value - figure.beside[0].value).abs() < 0.5, "{figure:?}");
    }
    let explained: f64 = report.figures.iter().filter(|f| f.name.starts_with("variance")).map(|f| f.value).sum();
    assert!((explained - 100.0).abs() < 1e-6, "{explained}");
    assert!(report.inception.is_none() && report.figures.iter().all(|figure| figure.by != By::Inception), "nobody asked");
    // Noise is further from real pictures than they are from each other.
    let fid = value(&report, "FID");
    assert!(fid.value > fid.beside[0].value, "{fid:?}");
    // A table draws what it learnt from as it is, whatever the model does.
    let table = |name: &str| {
        let beside = value(&report, name).beside.iter().find(|beside| beside.what.starts_with("table of pictures"));
        beside.unwrap_or_else(|| panic!("{name} has no table")).value
    };
    for name in
        ["R-precision by the judge", "FID", "rho(z", "variance", "held-out combinations, top-1", "everyday words by the judge"]
    {
        table(name);
    }
    assert!(table("FID") < fid.value && table("L1") == 0.0 && value(&report, "L1").value > 0.1);
    let (edges, flat) = (value(&report, "edge width"), value(&report, "flat share"));
    let [truth, ratio] = [0, 1].map(|at| edges.beside[at].value);
    // Enlarged sixteen times, a pixel's edge is as wide as ten or so; the drawing's own is one.
    assert!((0.8..1.6).contains(&truth) && table("edge width") > 6.0 && ratio == edges.value / truth, "{edges:?}");
    assert!(flat.beside[0].value > table("flat share at"), "{flat:?}");
    assert_eq!(report, measured(&dataset, &model, &judge), "the same seed gives the same figures");
}

/// The table has every training picture, and for what a set lacks another's.
#[test]
fn a_table_of_pictures_draws_what_was_learnt() {
    use crate::train::regions::Regions;
    use drawing::{Drawer, Picture};

    let (dataset, model, _) = parts(&["twemoji", "fluent-3d", "noto-mono"]);
    let lookup = Lookup::of(&dataset, &model).unwrap().unwrap();
    let regions = Regions::of(&dataset, model.style_size).unwrap();
    let read = |content: usize| model.vocabulary.read(&crate::data::captions::canonical(&dataset.contents[content]), 16).numbers;
    for (index, sample) in dataset.samples.iter().enumerate() {
        let (numbers, code) = (read(sample.content), regions.centre_code(sample.style));
        let drawn = lookup.draw(&[numbers], &[code], dataset.image_size).unwrap().remove(0);
        let own = Picture::Clear(dataset.rgba(index).unwrap().into_owned());
        match sample.split {
            crate::data::Split::Train => assert_eq!(drawn, own),
            // Held out, so another set's; or nothing, of what was never learnt.
            _ => assert_ne!(drawn, own, "{sample:?}"),
        }
    }
    let unknown = lookup.draw(&[vec![]], &[regions.centre_code(0)], 64).unwrap().remove(0);
    assert_eq!(unknown.into_white(), vec![255; 64 * 64 * 3]);
    let large = lookup.draw(&[read(dataset.samples[0].content)], &[regions.centre_code(0)], 64).unwrap().remove(0);
    assert_eq!(large.into_white().len(), 64 * 64 * 3);
}

#[test]
fn a_set_that_was_never_seen_lends_its_style() {
    let (learnt, model, judge) = parts(&["twemoji", "noto-mono"]);
    let other = dataset(&["noto"]);
    let unseen_set = other.pictures(&(0..40).collect::<Vec<_>>()).unwrap();
    let device = Device::flex();
    let evaluators =
        Evaluators { unseen_set: Some(unseen_set), ..Evaluators::new(judge, &learnt, &protocol(), &device).unwrap() };
    let report = evaluate(&model, &evaluators, &learnt, "test", &protocol(), &device).unwrap();
    let figure = value(&report, "style lent by an unseen set");
    assert_eq!((figure.n, figure.beside[0].value.round()), (20, 33.0), "{figure:?}");
    assert!(figure.from.starts_with("20 other pictures") && figure.from.contains("2 sets"), "{figure:?}");
}

#[test]
fn what_cannot_be_had_is_left_out_with_a_word() {
    let (dataset, mut model, judge) = parts(&["twemoji"]);
    model.matching = None;
    let report = measured(&dataset, &model, &judge);
    let said = report.left_out.join("\n");
    for word in ["matching model", "no style labels", "knows no sets", "real pictures"] {
        assert!(said.contains(word), "{word} is missing: {said}");
    }
    assert!(report.figures.iter().all(|figure| !figure.name.contains("matching") && !figure.name.contains("combinations")));
    // "1 against 99" of fewer than a hundred captions says how many there were.
    let ranked = value(&report, "R-precision by the judge");
    assert!(!ranked.from.contains("99") && ranked.from.contains("others"), "{ranked:?}");

    model.vocabulary = Vocabulary::new(vec!["zzz".into()]).unwrap();
    let report = measured(&dataset, &model, &judge);
    assert!(report.figures.is_empty() && report.left_out.len() == 8, "{report:?}");
}

/// Who measures the shipped model need not train a judge first. (That it learnt from the embedded pictures as they are is told by their
/// fingerprint, for which all of them have to be drawn.)
#[test]
fn the_judge_in_the_program_is_the_usual_one() {
    let device = Device::flex();
    let judge = judge_file::embedded(&device).unwrap();
    assert_eq!(judge.settings, JudgeSettings::usual(128));
    assert_eq!(judge.sets.len(), 9);
}
