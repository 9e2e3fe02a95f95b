//! One test for each way in which a file can be wrong.

use super::*;
use crate::model::parameters::parameters_of;
use half::f16;

fn config() -> ModelConfig {
    ModelConfig { image_size: 32, generator_channels: 16, encoder_channels: 4, constrained: false, ..ModelConfig::default() }
}

fn vocabulary() -> Vocabulary {
    let vocabulary = Vocabulary::of_captions(["red apple", "cat"]).unwrap();
    let read_as = |word: &str, as_words: &[&str]| (word.to_owned(), as_words.iter().map(|word| (*word).to_owned()).collect());
    vocabulary.with_synonyms([read_as("kitten", &["cat"]), read_as("fox", &["red", "cat"])]).unwrap()
}

fn model() -> PaintingModel {
    PaintingModel::new(&config(), vocabulary().table_size(), &Device::flex())
}

fn golden(size: usize) -> Vec<Golden> {
    let picture = Picture::new(size, size, vec![9; size * size * 3]).unwrap();
    vec![Golden { caption: "cat".into(), seed: 3, picture, layers: None, lent: StyleCode::from_seed(5, config().style_size) }]
}

fn file() -> ModelFile {
    let info = ModelInfo { name: "test".into(), ..ModelInfo::default() };
    ModelFile { golden: golden(32), ..ModelFile::of(&model(), config(), vocabulary(), info).unwrap() }
}

fn good() -> Vec<u8> {
    file().to_bytes().unwrap()
}

/// A good file with its header edited as text.
fn edited(edit: impl Fn(String) -> String) -> Vec<u8> {
    with_header(&good(), edit)
}

fn with_header(good: &[u8], edit: impl Fn(String) -> String) -> Vec<u8> {
    let length = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let header = edit(String::from_utf8(good[8..8 + length].to_vec()).unwrap());
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(&good[8 + length..]);
    bytes
}

fn error(bytes: &[u8]) -> ModelFileError {
    let loaded = ModelFile::parse(bytes).and_then(|file| file.model(&Device::flex()).map(|_| ()));
    loaded.expect_err("the file must be refused")
}

fn code(bytes: &[u8]) -> &'static str {
    let error = error(bytes);
    assert!(!error.advice().is_empty() && !error.to_string().is_empty());
    error.code()
}

#[test]
fn a_good_file_survives_the_round_trip() {
    let file = ModelFile::parse(&good()).unwrap();
    assert_eq!((file.config.clone(), file.info.name.as_str(), file.info.image_size), (config(), "test", 32));
    assert_eq!(file.vocabulary.words(), vocabulary().words());
    assert!(file.vocabulary.synonyms().eq(vocabulary().synonyms()));
    assert_eq!(file.golden, golden(32));
    let model = file.model(&Device::flex()).unwrap();
    let again = ModelFile::of(&model, config(), vocabulary(), file.info.clone()).unwrap();
    assert_eq!(again.parameters, file.parameters);
}

#[test]
fn weights_are_stored_to_half_precision_or_a_step_of_their_row() {
    let model = model();
    let written = ModelFile::of(&model, config(), vocabulary(), ModelInfo::default()).unwrap();
    let stored = ModelFile::parse(&ModelFile { golden: golden(32), ..written }.to_bytes().unwrap()).unwrap().parameters;
    for (name, parameter) in parameters_of(&model) {
        let row = parameter.values.len() / parameter.shape[0];
        for (row, stored) in parameter.values.chunks(row).zip(stored[&name].values.chunks(row)) {
            let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            for (a, b) in row.iter().zip(stored) {
                assert!((a - b).abs() <= (a.abs() / 1024.0).max(most / 253.0) + 1e-7, "{name}: {a} {b}");
            }
        }
    }
}

#[test]
fn what_is_no_model_is_named() {
    assert_eq!(code(b""), "model.empty");
    assert_eq!(code(b"<!DOCTYPE html><title>Not found</title>"), "model.web-page");
    assert_eq!(code(b"\n <html>"), "model.web-page");
    assert_eq!(code(&[0x42; 4096]), "model.not-safetensors");
    assert_eq!(code(&edited(|h| h.replace(r#""format":"emblem""#, r#""format":"pt""#))), "model.not-emblem");
}

/// A length field that promises more than any file holds must not be believed.
#[test]
fn an_absurd_header_length_is_refused_at_once() {
    let mut bytes = good();
    bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(code(&bytes), "model.not-safetensors");
}

#[test]
fn every_cut_is_noticed() {
    let good = good();
    for length in [1, 7, 8, 100, good.len() / 2, good.len() - 1] {
        assert_eq!(code(&good[..length]), "model.truncated", "{length} of {} bytes", good.len());
    }
}

#[test]
fn another_version_is_refused() {
    for other in ["2", "9"] {
        let bytes = edited(|h| h.replace(r#""version":"4""#, &format!(r#""version":"{other}""#)));
        assert_eq!(error(&bytes), ModelFileError::Version(other.into()));
    }
}

#[test]
fn metadata_must_be_there_and_readable() {
    for key in ["version", "pixels", "sha256", "config", "vocabulary", "info", "golden"] {
        let bytes = edited(|h| h.replace(&format!("\"{key}\":"), &format!("\"x{key}\":")));
        assert_eq!(error(&bytes), ModelFileError::MissingMetadata(key));
    }
    assert_eq!(code(&edited(|h| h.replace(r#"\"black\":-1"#, r#"\"black\":0"#))), "model.metadata");
    assert_eq!(code(&edited(|h| h.replace(r#"\"caption_words\":"#, r#"\"caption_werds\":"#))), "model.metadata");
}

/// Files of version 3 differ in what they may have, not in what it means.
#[test]
fn the_version_before_is_read() {
    assert!(ModelFile::parse(&edited(|h| h.replace(r#""version":"4""#, r#""version":"3""#))).is_ok());
}

/// A configuration is checked before anything is allocated from it.
#[test]
fn an_absurd_configuration_is_refused() {
    assert_eq!(code(&edited(|h| h.replace(r#"\"word_size\":128"#, r#"\"word_size\":99999999999"#))), "model.config");
    assert_eq!(code(&edited(|h| h.replace(r#"\"image_size\":32,\"caption"#, r#"\"image_size\":33,\"caption"#))), "model.config");
}

#[test]
fn a_vocabulary_must_make_sense() {
    assert_eq!(code(&edited(|h| h.replace(r"apple\ncat\nred", r"apple\ncat\ncat"))), "model.vocabulary");
    // One word fewer: the embedding table does not fit any more.
    assert_eq!(code(&edited(|h| h.replace(r"apple\ncat\nred", r"cat\nred"))), "model.weights");
}

#[test]
fn synonyms_must_lead_to_known_words() {
    assert_eq!(code(&edited(|h| h.replace("kitten cat", "kitten dog"))), "model.synonyms");
    assert_eq!(code(&edited(|h| h.replace("kitten cat", "kitten"))), "model.synonyms");
    assert_eq!(code(&edited(|h| h.replace("kitten cat", "cat cat"))), "model.synonyms");
    assert_eq!(code(&edited(|h| h.replace("kitten cat", "fox cat"))), "model.synonyms");
    assert_eq!(code(&edited(|h| h.replace("kitten cat", " cat"))), "model.synonyms");
}

/// Files had none at first.
#[test]
fn a_file_without_synonyms_is_read() {
    let bytes = edited(|h| h.replace(r#""synonyms":"#, r#""none":"#));
    assert_eq!(ModelFile::parse(&bytes).unwrap().vocabulary.synonyms().count(), 0);
}

/// The same model, with what it has learnt by name.
fn named() -> Vec<u8> {
    let (names, vectors) = parts();
    let good = file();
    ModelFile { vocabulary: good.vocabulary.with_names(names, vectors).unwrap(), ..good }.to_bytes().unwrap()
}

fn parts() -> (Vec<Name>, WordVectors) {
    let names = vec![
        Name {
            name: "red apple".into(),
            translations: vec!["红苹果".into()],
            keywords: vec!["red".into(), "fruit".into()],
            usual: vec!["apple".into(), "an apple".into()],
        },
        Name { name: "cat".into(), ..Name::default() },
    ];
    let vectors =
        WordVectors::new(vec!["apple".into(), "puss".into(), "cat".into()], &[vec![1.0, 0.0], vec![0.1, 1.0], vec![0.0, 1.0]]);
    (names, vectors)
}

#[test]
fn named_styles_must_be_styles() {
    let with = |code: Vec<f32>| {
        let mut file = file();
        file.info.styles = vec![NamedStyle { name: "brush".into(), code }];
        file.to_bytes().unwrap()
    };
    let code = StyleCode::from_seed(1, config().style_size).values().to_vec();
    assert_eq!(ModelFile::parse(&with(code.clone())).unwrap().info.styles[0].code, code);
    assert_eq!(error(&with(code[1..].to_vec())).code(), "model.metadata");
    assert_eq!(error(&with(vec![f32::INFINITY; code.len()])).code(), "model.metadata");
}

#[test]
fn names_survive_the_round_trip() {
    let file = ModelFile::parse(&named()).unwrap();
    assert!(file.model(&Device::flex()).is_ok());
    let names = file.vocabulary.names().unwrap();
    assert_eq!(names.names(), parts().0);
    assert_eq!(file.vocabulary.read("红苹果", 16).words_used, ["red", "apple"]);
    assert_eq!(file.vocabulary.read("puss", 16).words_used, ["cat"]);
    assert_eq!(file.vocabulary.read("red", 16).words_used, ["red", "apple"]);
}

#[test]
fn names_must_make_sense() {
    let edit = |from: &str, to: &str| with_header(&named(), |h| h.replace(from, to));
    assert_eq!(code(&edit(r"red apple|红苹果\tred|fruit\tapple|an apple\ncat", r"red zebra\tred|fruit\ncat")), "model.names");
    assert_eq!(code(&edit(r"red apple|红苹果\tred|fruit\tapple|an apple\ncat", r"cat\tred|fruit\ncat")), "model.names");
    assert_eq!(code(&edit(r"red apple|红苹果\tred|fruit\tapple|an apple\ncat\t\t", "")), "model.names");
    assert_eq!(code(&edit("meanings.words", "meanings.wards")), "model.names");
    assert_eq!(code(&edit("meanings.vectors", "golden.vectors")), "model.names");
}

#[test]
fn weights_must_be_complete_and_fit() {
    let renamed = edited(|h| h.replace("\"text.layer.bias\"", "\"text.layer.bios\""));
    assert_eq!(error(&renamed), ModelFileError::Weights(ParameterError::Missing("text.layer.bias".into())));
    let other_shape = edited(|h| h.replace(r#"\"content_size\":128"#, r#"\"content_size\":129"#));
    assert_eq!(code(&other_shape), "model.weights");
    let other_type = edited(|h| h.replacen("\"dtype\":\"F16\"", "\"dtype\":\"I16\"", 1));
    assert_eq!(code(&other_type), "model.weights");
}

/// A good file with its tensors' bytes edited, under the old checksum or a new one.
fn with_bytes(seal: bool, edit: impl Fn(&mut [u8])) -> Vec<u8> {
    let good = good();
    let (metadata, tensors) = checksummed::open(&good).unwrap();
    let stored = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| Stored {
        name: name.to_owned(),
        dtype: view.dtype(),
        shape: view.shape().to_vec(),
        bytes: view.data().to_vec(),
    };
    let mut tensors: Vec<Stored> = tensors.iter().map(stored).collect();
    tensors.iter_mut().filter(|tensor| tensor.name == "text.layer.bias").for_each(|tensor| edit(&mut tensor.bytes));
    let sealed = checksummed::write(&tensors, metadata.clone()).unwrap();
    if seal {
        return sealed;
    }
    let new = checksummed::open(&sealed).unwrap().0[checksummed::CHECKSUM].clone();
    let old = &metadata[checksummed::CHECKSUM];
    let place = sealed.windows(new.len()).position(|window| window == new.as_bytes()).unwrap();
    [&sealed[..place], old.as_bytes(), &sealed[place + new.len()..]].concat()
}

/// What a flipped bit makes of a weight is a weight, too; only the checksum knows better.
#[test]
fn a_damaged_weight_is_noticed() {
    let flip = |bytes: &mut [u8]| bytes[0] ^= 1;
    assert_eq!(code(&with_bytes(false, flip)), "model.damaged");
    assert!(ModelFile::parse(&with_bytes(true, flip)).is_ok());
    assert!(ModelFile::parse_proven(&with_bytes(false, flip)).is_ok(), "whoever says that it is proven is believed");
}

#[test]
fn a_weight_that_is_no_number_is_neither_read_nor_written() {
    let nan = |bytes: &mut [u8]| bytes[..2].copy_from_slice(&f16::NAN.to_le_bytes());
    assert_eq!(code(&with_bytes(true, nan)), "model.not-finite");

    let mut parameters = parameters_of(&model());
    for value in &mut parameters.get_mut("text.layer.bias").unwrap().values {
        *value = 1e6; // finite, but not in 16 bits
    }
    let model = with_parameters(model(), parameters).unwrap();
    let error = ModelFile::of(&model, config(), vocabulary(), ModelInfo::default()).unwrap_err();
    assert_eq!(error.code(), "model.not-finite");
}

#[test]
fn golden_pictures_must_have_the_models_size() {
    let bytes = ModelFile { golden: golden(16), ..file() }.to_bytes().unwrap();
    assert_eq!(error(&bytes), ModelFileError::Golden(0));
}

#[test]
fn golden_styles_must_have_the_models_length() {
    let mut file = file();
    file.golden[0].lent = StyleCode::from_seed(5, 3);
    assert_eq!(error(&file.to_bytes().unwrap()), ModelFileError::Golden(0));
}

#[test]
fn golden_layers_must_be_there_where_the_model_draws_some() {
    let config = ModelConfig { layers: 4, ..config() };
    let model = PaintingModel::new(&config, vocabulary().table_size(), &Device::flex());
    let mut file = ModelFile::of(&model, config, vocabulary(), ModelInfo::default()).unwrap();
    file.golden = golden(32);
    assert_eq!(error(&file.to_bytes().unwrap()), ModelFileError::Golden(0));
    file.golden[0].layers = Some(crate::layers::Layers::new(8, vec![0.0; 2 * 64], vec![0.0; 18]).unwrap());
    assert_eq!(error(&file.to_bytes().unwrap()), ModelFileError::Golden(0), "two layers of another side");
}

/// An empty list would pass every self-test.
#[test]
fn a_file_that_proves_nothing_is_neither_read_nor_written() {
    assert_eq!(ModelFile { golden: vec![], ..file() }.to_bytes().unwrap_err(), ModelFileError::NoGolden);
    let emptied = edited(|header| {
        let (before, list) = header.split_once(r#""golden":"["#).unwrap();
        let (_, after) = list.split_once(r#"}]""#).unwrap();
        format!(r#"{before}"golden":"[]"{after}"#)
    });
    assert_eq!(error(&emptied), ModelFileError::NoGolden);
}
