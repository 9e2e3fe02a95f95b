//! Checkpoints: everything that the next step depends on, and nothing that can be worked out.
//!
//! ```text
//! RUN/checkpoints/matching-0001400.ckpt
//! RUN/checkpoints/disentangling-0000500.ckpt
//! ```
//!
//! A checkpoint is one file, a tar archive of its parts followed by the SHA-256 of all that: whole or not at all. Each stands alone;
//! those of the second stage carry the frozen matching model and its words. Randomness and data position need no saving (see
//! `batches`). What has a weight that is not finite is not saved.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use burn::module::{ModuleVisitor, Param};
use burn::optim::ModuleOptimizer;
use burn::prelude::*;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::divergence::DivergenceDetector;
use crate::config::StageName;
use crate::io::archive::{Files, unpack};
use crate::io::files::FileError;

/// Length of the digest at a file's end.
const DIGEST: usize = 32;
const POSITION: &str = "position.toml";

/// A checkpoint that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("no checkpoint in {} is whole; the newest: {newest}. InitialWeights another run, or remove them to start this one again", folder.display())]
    AllDamaged { folder: PathBuf, newest: Box<CheckpointError> },
    #[error("{} does not fit this run: {reason}", path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error("{part} has weights that are not finite")]
    NotFinite { part: &'static str },
    #[error("{part} cannot be saved: {reason}")]
    Part { part: &'static str, reason: String },
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub stage: StageName,
    /// Steps of the stage taken.
    pub step: usize,
    /// Seconds spent on them.
    pub seconds: f64,
    /// Digest of the data that it has learnt from, where the program that saved it knew.
    pub data: Option<String>,
    /// The best checkpoint of the stage so far.
    pub best: Option<Best>,
    /// What is usual in this run.
    pub watch: DivergenceDetector,
}

/// Where a checkpoint stands in its run; later ones are greater.
pub type CheckpointKey = (StageName, usize);

/// A checkpoint that was better on the validation pictures than all before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub step: usize,
    pub loss: f64,
}

impl Position {
    /// The beginning of a stage.
    pub fn start(stage: StageName) -> Self {
        Self { stage, step: 0, seconds: 0.0, data: None, best: None, watch: DivergenceDetector::default() }
    }

    /// Where that is among a run's checkpoints.
    pub fn place(&self) -> CheckpointKey {
        (self.stage, self.step)
    }
}

/// A position and the parts of a run there, as bytes.
#[derive(Debug)]
pub struct Checkpoint {
    pub position: Position,
    parts: Files,
    /// Where it was read from, for messages.
    path: PathBuf,
}

impl Checkpoint {
    /// A checkpoint to put parts into.
    pub fn new(position: Position) -> Self {
        Self { position, parts: Files::new(), path: PathBuf::new() }
    }

    /// Puts plain bytes in.
    pub fn put(&mut self, part: &'static str, bytes: Vec<u8>) {
        self.parts.insert(part.to_owned(), bytes);
    }

    /// Puts a network's weights in.
    ///
    /// # Errors
    /// [`CheckpointError::NotFinite`] where one is no finite number.
    pub fn put_module<M: Module>(&mut self, part: &'static str, module: M) -> Result<(), CheckpointError> {
        if !all_finite(&module) {
            return Err(CheckpointError::NotFinite { part });
        }
        let bytes = module.into_record().into_bytes().map_err(|e| CheckpointError::Part { part, reason: e.to_string() })?;
        self.put(part, bytes.to_vec());
        Ok(())
    }

    /// Puts an optimiser's moments in.
    ///
    /// # Errors
    /// [`CheckpointError::Part`].
    pub fn put_optimiser(&mut self, part: &'static str, optimiser: &ModuleOptimizer) -> Result<(), CheckpointError> {
        let bytes = optimiser.into_bytes().map_err(|e| CheckpointError::Part { part, reason: e.to_string() })?;
        self.put(part, bytes.to_vec());
        Ok(())
    }

    /// Whether it has a part.
    pub fn has(&self, part: &str) -> bool {
        self.parts.contains_key(part)
    }

    /// Takes plain bytes out.
    ///
    /// # Errors
    /// [`CheckpointError::Foreign`] where there are none.
    pub fn take(&mut self, part: &str) -> Result<Vec<u8>, CheckpointError> {
        self.parts.remove(part).ok_or_else(|| self.foreign(format!("it has no {part}")))
    }

    /// Puts the saved weights into a network of the same shape.
    ///
    /// # Errors
    /// [`CheckpointError::Foreign`] where they do not fit.
    pub fn take_module<M: Module>(&mut self, part: &str, module: M) -> Result<M, CheckpointError> {
        let bytes = self.take(part)?;
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|e| self.foreign(e))?;
        module.try_load_record(record).map_err(|e| self.foreign(e))
    }

    /// Puts the saved moments into an optimiser.
    ///
    /// # Errors
    /// [`CheckpointError::Foreign`] where they do not fit.
    pub fn take_optimiser(&mut self, part: &str, optimiser: ModuleOptimizer) -> Result<ModuleOptimizer, CheckpointError> {
        let bytes = self.take(part)?;
        optimiser.from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|e| self.foreign(e))
    }

    /// An error that names this checkpoint's file.
    pub fn foreign(&self, reason: impl fmt::Display) -> CheckpointError {
        CheckpointError::Foreign { path: self.path.clone(), reason: reason.to_string() }
    }

    /// Bytes of its file.
    pub fn size(&self) -> io::Result<u64> {
        let mut counter = Sealing::new(io::sink());
        self.write(&mut counter)?;
        Ok(counter.written + DIGEST as u64)
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let position = toml::to_string(&self.position).map_err(io::Error::other)?;
        let mut archive = tar::Builder::new(to);
        let parts = self.parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        for (name, bytes) in std::iter::once((POSITION, position.as_bytes())).chain(parts) {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, bytes)?;
        }
        archive.finish()
    }

    /// Writes it, with its digest behind it.
    pub(super) fn seal(&self, to: &mut impl Write) -> io::Result<()> {
        let mut sealing = Sealing::new(to);
        self.write(&mut sealing)?;
        let digest = sealing.digest.finalize();
        sealing.to.write_all(&digest)
    }

    /// Reads a file, whatever is in it.
    pub(super) fn read(path: &Path) -> Result<Self, CheckpointError> {
        let damaged = |reason: String| CheckpointError::Damaged { path: path.to_owned(), reason };
        let bytes = fs::read(path).map_err(FileError::at(path))?;
        let (archive, digest) = bytes.split_last_chunk::<DIGEST>().ok_or_else(|| damaged("it ends too early".into()))?;
        if Sha256::digest(archive)[..] != digest[..] {
            return Err(damaged("its checksum is wrong".into()));
        }
        let mut parts = unpack(archive).map_err(|e| damaged(e.to_string()))?;
        let position = parts.remove(POSITION).ok_or_else(|| damaged(format!("it has no {POSITION}")))?;
        let position = toml::from_slice(&position).map_err(|e| damaged(e.to_string()))?;
        Ok(Self { position, parts, path: path.to_owned() })
    }
}

/// Works out the digest of what passes through.
struct Sealing<W> {
    to: W,
    digest: Sha256,
    written: u64,
}

impl<W> Sealing<W> {
    fn new(to: W) -> Self {
        Self { to, digest: Sha256::new(), written: 0 }
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn all_finite<M: Module>(module: &M) -> bool {
    /// Adds up all weights' magnitudes: one number to read back, and finite only if all of them are.
    struct Magnitude(Option<Tensor<1>>);

    impl ModuleVisitor for Magnitude {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let sum = param.val().detach().abs().sum();
            self.0 = Some(self.0.take().map_or_else(|| sum.clone(), |so_far| so_far + sum.clone()));
        }
    }

    let mut magnitude = Magnitude(None);
    module.visit(&mut magnitude);
    magnitude.0.is_none_or(|sum| sum.into_scalar::<f32>().is_finite())
}

#[cfg(test)]
mod tests;
