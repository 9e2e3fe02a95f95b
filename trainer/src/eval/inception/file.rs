//! The file of Inception's weights, read with mistrust: it is asked for by name, and people have many files of nearly that name.

use std::io;
use std::path::{Path, PathBuf};

use pytorch_reader::{DType, PytorchReader};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::io::files::FileError;
use crate::io::hash::hex_sha256;

/// What the usual file is called.
const USUAL: &str = "pt_inception-2015-12-05-6726825d.pth";
/// How the SHA-256 of the usual file begins.
const DIGEST: &str = "6726825d";
/// The usual file has 96 MB.
const LARGEST: u64 = 1 << 30;
/// Classes that the network named. Other Inceptions of the same shape name 1000, and their features are other ones.
const CLASSES: usize = 1008;

/// A file of weights that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InceptionError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} holds no weights: {reason}; give `--inception` {USUAL}, of the releases of pytorch-fid", path.display())]
    NoWeights { path: PathBuf, reason: String },
    #[error("{} has no tensor {name}, so it is another network, or a part of one; give `--inception` {USUAL}, of the releases of pytorch-fid", path.display())]
    Missing { path: PathBuf, name: String },
    #[error("{}: {name} is {found}, and in the network of FID it is {expected}; give `--inception` {USUAL}, of the releases of pytorch-fid", path.display())]
    Unfit { path: PathBuf, name: String, expected: String, found: String },
    #[error("{} is damaged: {name}: {reason}; get {USUAL} again, from the releases of pytorch-fid", path.display())]
    Damaged { path: PathBuf, name: String, reason: String },
}

/// A tensor that has not been read yet.
pub struct Stored<'a> {
    pub shape: Vec<usize>,
    /// Whether its values are 32-bit floats.
    pub is_float: bool,
    /// Its bytes, in the order of the machine.
    pub read: Box<dyn Fn() -> io::Result<Vec<u8>> + 'a>,
}

/// Tensors by name, wherever they are from.
pub trait Tensors {
    fn find(&self, name: &str) -> Option<Stored<'_>>;

    /// The values of a tensor, which must be finite and of this shape.
    fn values(&self, name: &str, shape: &[usize], path: &Path) -> Result<Vec<f32>, InceptionError> {
        let damaged = |reason: String| InceptionError::Damaged { path: path.to_owned(), name: name.to_owned(), reason };
        let stored = self.fitting(name, shape, path)?;
        let bytes = (stored.read)().map_err(|e| damaged(e.to_string()))?;
        let values: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
        if values.len() != shape.iter().product::<usize>() {
            return Err(damaged("it ends too early".to_owned()));
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(damaged(format!("value {index} is not finite"))),
            None => Ok(values),
        }
    }

    /// Whether this is the network that FID is measured with.
    fn check(&self, path: &Path) -> Result<(), InceptionError> {
        self.fitting("fc.bias", &[CLASSES], path).map(drop)
    }

    /// A tensor of this shape.
    fn fitting(&self, name: &str, shape: &[usize], path: &Path) -> Result<Stored<'_>, InceptionError> {
        let (path, name) = (path.to_owned(), name.to_owned());
        match self.find(&name) {
            None => Err(InceptionError::Missing { path, name }),
            // Before anything is read, or allocated, as a file claims.
            Some(stored) if stored.shape != shape || !stored.is_float => {
                let text = |shape: &[usize], is_float| {
                    format!("{shape:?} of {}", if is_float { "32-bit floats" } else { "another type" })
                };
                let (expected, found) = (text(shape, true), text(&stored.shape, stored.is_float));
                Err(InceptionError::Unfit { path, name, expected, found })
            }
            Some(stored) => Ok(stored),
        }
    }
}

impl Tensors for PytorchReader {
    fn find(&self, name: &str) -> Option<Stored<'_>> {
        let tensor = self.get(name)?;
        let is_float = tensor.dtype() == DType::F32;
        Some(Stored { shape: tensor.shape().to_vec(), is_float, read: Box::new(|| tensor.read()) })
    }
}

impl Tensors for SafeTensors<'_> {
    fn find(&self, name: &str) -> Option<Stored<'_>> {
        let view = self.tensor(name).ok()?;
        let (shape, is_float) = (view.shape().to_vec(), view.dtype() == Dtype::F32);
        let native = move || view.data().chunks_exact(4).flat_map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).to_ne_bytes());
        Some(Stored { shape, is_float, read: Box::new(move || Ok(native().collect())) })
    }
}

/// A file that has been read but not understood yet.
pub struct Opened<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

impl<'a> Opened<'a> {
    /// # Errors
    /// [`InceptionError::File`], or [`InceptionError::NoWeights`] for what is far too large.
    pub fn new(path: &'a Path) -> Result<Self, InceptionError> {
        let length = std::fs::metadata(path).map_err(FileError::at(path))?.len();
        if length > LARGEST {
            return Err(no_weights(path, &format!("it has {}", bytesize::ByteSize(length))));
        }
        Ok(Self { path, bytes: std::fs::read(path).map_err(FileError::at(path))? })
    }

    /// Its tensors, in either format.
    ///
    /// # Errors
    /// [`InceptionError::NoWeights`].
    pub fn tensors(&self) -> Result<Box<dyn Tensors + '_>, InceptionError> {
        // Safetensors begins with the length of a JSON object; no other format has a brace there.
        if self.bytes.get(8) == Some(&b'{') {
            let tensors = SafeTensors::deserialize(&self.bytes).map_err(|e| no_weights(self.path, &e.to_string()))?;
            return Ok(Box::new(tensors));
        }
        Ok(Box::new(PytorchReader::new(self.path).map_err(|e| no_weights(self.path, &e.to_string()))?))
    }

    /// Its name, without the way to it, and whether it is the file that everybody uses.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let digest = hex_sha256(&self.bytes)[..8].to_owned();
        let usual = if digest == DIGEST { "the usual weights".to_owned() } else { format!("not byte for byte {USUAL}") };
        format!("{name} (SHA-256 {digest}..., {usual})")
    }
}

fn no_weights(path: &Path, reason: &str) -> InceptionError {
    InceptionError::NoWeights { path: path.to_owned(), reason: reason.to_owned() }
}
