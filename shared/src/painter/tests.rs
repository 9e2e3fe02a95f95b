use super::*;
use crate::scene::{self, Scene};

fn config() -> ModelConfig {
    ModelConfig { image_size: 32, generator_channels: 16, encoder_channels: 4, constrained: false, ..ModelConfig::default() }
}

fn vocabulary() -> Vocabulary {
    Vocabulary::of_captions(["red apple", "cat"]).unwrap()
}

fn model() -> PaintingModel {
    PaintingModel::new(&config(), vocabulary().table_size(), &Device::flex())
}

fn file() -> ModelFile {
    ModelFile::of(&model(), config(), vocabulary(), ModelInfo::default()).unwrap()
}

fn painter_of(file: &ModelFile) -> Painter {
    Painter::from_file(file.clone(), &Device::flex()).unwrap()
}

fn painter() -> Painter {
    painter_of(&file())
}

fn paint(painter: &Painter, caption: &str, seed: u64) -> Result<Picture, PaintError> {
    pollster::block_on(painter.paint(caption, &painter.style_from_seed(seed)))
}

#[test]
fn the_same_words_and_seed_draw_the_same_picture() {
    let painter = painter();
    let picture = paint(&painter, "a red apple", 7).unwrap();
    assert_eq!((picture.width, picture.height, picture.rgb.len()), (32, 32, 32 * 32 * 3));
    assert_eq!(paint(&painter, "The RED apples", 7).unwrap(), picture);
    assert_ne!(paint(&painter, "a red apple", 8).unwrap(), picture);
    assert_ne!(paint(&painter, "cat", 7).unwrap(), picture);
}

#[test]
fn captions_without_a_known_word_are_refused() {
    let painter = painter();
    for empty in ["", "  ,.!  ", "the"] {
        assert_eq!(paint(&painter, empty, 0).unwrap_err(), PaintError::EmptyCaption);
    }
    match paint(&painter, "zebra", 0).unwrap_err() {
        PaintError::NothingKnown(reading) => assert_eq!(reading.unknown[0].word, "zebra"),
        other => panic!("{other}"),
    }
    assert!(paint(&painter, &"zebra cat ".repeat(1000), 0).is_ok());
}

#[test]
fn a_failing_device_is_quoted_without_its_backtrace() {
    let report = "The device is poisoned\nCaused by:\n  Unknown: it was unplugged\nBacktrace:\nNo backtrace available";
    assert_eq!(reason(report), "The device is poisoned; Unknown: it was unplugged");
    assert_eq!(reason(""), "");
}

#[test]
fn a_picture_lends_its_style() {
    let painter = painter();
    let lender = paint(&painter, "cat", 3).unwrap();
    let style = pollster::block_on(painter.style_of(&lender)).unwrap();
    assert_eq!(style.values().len(), ModelConfig::default().style_size);
    assert!(pollster::block_on(painter.paint("red apple", &style)).is_ok());
    let small = Picture::new(2, 2, vec![0; 12]).unwrap();
    let error = pollster::block_on(painter.style_of(&small)).unwrap_err();
    assert_eq!(error, PaintError::PictureSize { expected: [32, 32], found: [2, 2] });
}

#[test]
fn a_style_of_another_model_is_refused() {
    let painter = painter();
    let error = pollster::block_on(painter.paint("cat", &StyleCode::from_seed(1, 6))).unwrap_err();
    assert_eq!(error.code(), "style.length");
}

#[test]
fn a_scene_has_all_its_things_and_what_no_name_fits_is_told() {
    let config = ModelConfig { layers: 4, ..config() };
    let model = PaintingModel::new(&config, vocabulary().table_size(), &Device::flex());
    let file = ModelFile::of(&model, config, vocabulary(), ModelInfo::default()).unwrap();
    let painter = painter_of(&file);
    let style = painter.style_from_seed(1);
    let thing = |name: Option<&str>, count| scene::Thing {
        text: "it".to_owned(),
        noun: String::new(),
        name: name.map(str::to_owned),
        how: scene::How::Name,
        count,
        counting: scene::Counting::Stated,
        colour: None,
        accent: None,
        size: None,
        others: vec!["cat".to_owned()],
    };
    let compose = |things| pollster::block_on(painter.compose(&mut Scene { things, ..Scene::default() }, &style));
    let drawn = compose(vec![thing(Some("red apple"), 2), thing(None, 1), thing(Some("cat"), 3)]).unwrap();
    let of = |thing| drawn.places.iter().filter(|place| place.thing == thing).count();
    assert_eq!((drawn.things.len(), of(0), of(1)), (2, 2, 3));
    // In one batch or by itself: the same.
    let alone = pollster::block_on(painter.layers("cat", &style)).unwrap();
    assert!(drawn.things[1].largest_difference(&alone) < 1e-3);
    match compose(vec![thing(None, 1)]) {
        Err(PaintError::NothingKnown(reading)) => assert_eq!(reading.unknown[0].nearest, ["cat"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(compose(vec![]), Err(PaintError::EmptyCaption));
}

#[test]
fn the_self_test_of_layers_looks_at_them_and_not_at_edges() {
    let config = ModelConfig { layers: 4, ..config() };
    let model = PaintingModel::new(&config, vocabulary().table_size(), &Device::flex());
    let mut file = ModelFile::of(&model, config, vocabulary(), ModelInfo::default()).unwrap();
    let golden = pollster::block_on(painter_of(&file).golden("cat", 1)).unwrap();
    file.golden = vec![golden.clone()];
    let stored = ModelFile::parse(&file.to_bytes().unwrap()).unwrap();
    let kept = stored.golden[0].layers.as_ref().unwrap();
    assert!(kept.largest_difference(golden.layers.as_ref().unwrap()) < 1e-3, "they are kept to half precision");
    assert_eq!(pollster::block_on(painter_of(&stored).self_test()), Ok(()));
    let layers = golden.layers.clone().unwrap();
    let mut fields = layers.fields().to_vec();
    fields[40] += 0.1 * (1.0 + fields[40].abs());
    let wrong = Layers::new(layers.side(), fields, layers.colours().to_vec()).unwrap();
    file.golden = vec![Golden { layers: Some(wrong), ..golden.clone() }];
    let error = pollster::block_on(painter_of(&file).self_test()).unwrap_err();
    assert!(matches!(error, SelfTestError::Layers { .. }) && error.code() == "self-test.mismatch", "{error}");
    let mut picture = golden.picture.clone();
    picture.rgb.fill(64);
    file.golden = vec![Golden { picture, ..golden }];
    assert!(matches!(pollster::block_on(painter_of(&file).self_test()), Err(SelfTestError::Mismatch { .. })));
}

/// A device that errs is played by a file that expects something else of it.
#[test]
fn the_self_test_catches_a_device_that_computes_wrongly() {
    let mut file = file();
    let golden = pollster::block_on(painter_of(&file).golden("cat", 1)).unwrap();
    let mut test = |golden: &Golden| {
        file.golden = vec![golden.clone()];
        pollster::block_on(painter_of(&file).self_test())
    };
    assert_eq!(test(&golden), Ok(()));
    let mut drawn_wrongly = golden.clone();
    drawn_wrongly.picture.rgb[100] ^= 64;
    assert!(matches!(test(&drawn_wrongly), Err(SelfTestError::Mismatch { .. })));
    let mut lent_wrongly = golden;
    lent_wrongly.lent = StyleCode::from_seed(3, lent_wrongly.lent.values().len());
    let error = test(&lent_wrongly).unwrap_err();
    assert!(matches!(error, SelfTestError::Style { .. }) && error.code() == "self-test.mismatch", "{error}");
}
