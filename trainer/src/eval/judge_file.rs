//! A judge as a file, so that one judge can be asked about many models, by whoever has it.
//!
//! Safetensors with 32-bit weights; the metadata has what it learnt from and how well it does on held-out real pictures. Written like
//! a model file and read with the same mistrust: see `shared::file`.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use burn::prelude::*;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use shared::Vocabulary;
use shared::checksummed::{self, Stored};
use shared::model::parameters::{Parameter, ParameterError, parameters_of, with_parameters};

use super::error::{JudgeError, VERSION};
use super::judge::{Judge, JudgeSettings, Network};
use super::retrieval::JudgeAccuracy;
use crate::io::files::{self, FileError};

const FORMAT: &str = "emblem-judge";
/// Sets at most: beyond, a length field is likelier to lie than a file to be useful.
const MOST_SETS: usize = 100_000;

/// What the metadata says.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    /// Fingerprint of the data.
    data: String,
    /// Where it was, for people: the folder's name alone.
    source: String,
    /// What of it was learnt from.
    split: String,
    sets: Vec<String>,
    settings: JudgeSettings,
    skill: JudgeAccuracy,
}

/// Writes a judge, and how well it did on held-out pictures of `source`.
///
/// # Errors
/// [`JudgeError`].
pub fn save(judge: &Judge, skill: &JudgeAccuracy, source: &str, path: &Path) -> Result<(), JudgeError> {
    let no_judge = |reason: String| JudgeError::NoJudge { path: path.to_owned(), reason };
    let about = About {
        data: judge.data.clone(),
        source: source.to_owned(),
        split: "train".to_owned(),
        sets: judge.sets.clone(),
        settings: judge.settings.clone(),
        skill: skill.clone(),
    };
    let about = serde_json::to_string(&about).map_err(|e| no_judge(e.to_string()))?;
    let metadata =
        [("format", FORMAT), ("version", VERSION), ("about", &about), ("vocabulary", &judge.vocabulary.words().join("\n"))];
    let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let stored = |(name, Parameter { shape, values })| Stored {
        name,
        dtype: Dtype::F32,
        shape,
        bytes: values.into_iter().flat_map(f32::to_le_bytes).collect(),
    };
    let tensors: Vec<Stored> = parameters_of(&judge.network).into_iter().map(stored).collect();
    let bytes = checksummed::write(&tensors, metadata).map_err(|e| no_judge(e.to_string()))?;
    Ok(files::replace(path, |file| file.write_all(&bytes))?)
}

/// The usual judge of the embedded emoji at 128 px, where a model of theirs is most often asked about: half an hour that nobody need
/// wait for.
static EMBEDDED: &[u8] = include_bytes!("../../../data/judge/emoji-128.safetensors");

/// The judge that comes with the program.
///
/// # Errors
/// [`JudgeError`] where the program was built with a damaged one, which a test rules out.
pub fn embedded(device: &Device) -> Result<Judge, JudgeError> {
    read(EMBEDDED, Path::new("the judge in this program"), device)
}

/// Reads a judge that [`save`] has written.
///
/// # Errors
/// [`JudgeError`], one variant for each way to be wrong.
pub fn load(path: &Path, device: &Device) -> Result<Judge, JudgeError> {
    read(&std::fs::read(path).map_err(FileError::at(path))?, path, device)
}

/// `path` names it in errors.
fn read(bytes: &[u8], path: &Path, device: &Device) -> Result<Judge, JudgeError> {
    let no_judge = |reason: String| JudgeError::NoJudge { path: path.to_owned(), reason };
    let damaged = |reason: String| JudgeError::Damaged { path: path.to_owned(), reason };
    let (metadata, tensors) = checksummed::open(bytes).map_err(|e| no_judge(e.to_string()))?;
    if metadata.get("format").map(String::as_str) != Some(FORMAT) {
        return Err(no_judge("it is another kind of safetensors file".to_owned()));
    }
    let field = |key: &str| metadata.get(key).ok_or_else(|| damaged(format!("it has no {key}")));
    match field("version")?.as_str() {
        VERSION => {}
        found => return Err(JudgeError::Version { path: path.to_owned(), found: found.to_owned() }),
    }
    if !checksummed::is_whole(bytes, &metadata) {
        return Err(damaged("its checksum is wrong".to_owned()));
    }
    let About { data, sets, settings, .. } = serde_json::from_str(field("about")?).map_err(|e| damaged(e.to_string()))?;
    // Before anything is allocated from it.
    settings.check().map_err(&damaged)?;
    if sets.is_empty() || sets.len() > MOST_SETS {
        return Err(damaged(format!("it names {} sets", sets.len())));
    }
    let words = field("vocabulary")?.split('\n').map(str::to_owned).collect();
    let vocabulary = Vocabulary::new(words).map_err(|e| damaged(e.to_string()))?;
    let mut parameters = HashMap::new();
    for (name, view) in tensors.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(damaged(format!("{name} is not stored as F32")));
        }
        let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        parameters.insert(name.to_owned(), Parameter { shape: view.shape().to_vec(), values });
    }
    let network = Network::new(&settings, vocabulary.table_size(), sets.len(), device);
    let network =
        with_parameters(network, parameters.into_iter().collect()).map_err(|e: ParameterError| damaged(e.to_string()))?;
    Ok(Judge { settings, network, vocabulary, sets, data })
}

#[cfg(test)]
mod tests;
