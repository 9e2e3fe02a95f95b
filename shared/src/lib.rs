//! Emblem's model, defined once for the trainer and the page.
//!
//! [`text`] reads a caption, and [`scene`] what it says besides a noun. A sentence embedding and a content code are made of it ([`model`]), and with z, the style, [`layers`]; z comes
//! from a seed, a blend or a picture ([`style`]). The networks that training needs besides split a picture into content and style again:
//! that is the modality-disentangling discriminator of patent CN112990302B. [`mod@file`] stores what drawing needs, and [`Painter`] draws.
//!
//! Nothing here opens a file, a socket or a device: callers bring bytes and a [`burn::prelude::Device`].

pub mod checksummed;
pub mod file;
pub mod finish;
mod kernels;
pub mod layers;
pub mod model;
mod painter;
pub mod picture;
pub mod scene;
pub mod style;
pub mod text;

pub use file::{Golden, ModelFile, ModelFileError, ModelInfo, NamedStyle, TrainingStage};
pub use model::PaintingModel;
pub use model::blocks::Constraint;
pub use model::config::ModelConfig;
pub use painter::{PaintError, Painter, SelfTestError, TOLERANCE};
pub use picture::Picture;
pub use style::{MAX_SEED, StyleCode, StyleError, seed_from_text, seed_of};
pub use text::caption::{Reading, UnderstoodWord, UnknownWord, Vocabulary};
