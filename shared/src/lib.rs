//! Emblem's model, defined once for the trainer and the page.
//!
//! A caption becomes a sentence embedding e ([`matching`]), e a content code h_tc ([`text_encoder`]), and (h_tc, z) a picture
//! ([`generator`]); z, the style, comes from a seed, a blend or a picture ([`style`]). The [`image_encoder`] splits a picture into
//! content and style again, and three [`heads`] judge the two and the whole: that is the modality-disentangling discriminator of
//! patent CN112990302B. [`model_file`] stores what drawing needs, and [`Painter`] draws.
//!
//! Nothing here opens a file, a socket or a device: callers bring bytes and a [`burn::prelude::Device`].

mod blocks;
pub mod caption;
#[cfg(feature = "cpu")]
mod columns;
pub mod config;
mod convolution;
mod dense;
pub mod generator;
pub mod heads;
pub mod image_encoder;
pub mod layers;
pub mod matching;
pub mod model_file;
pub mod names;
mod painter;
pub mod parameters;
mod people;
mod phrase;
pub mod picture;
mod rectifier;
pub mod sealed;
pub mod style;
pub mod style_reader;
pub mod text_encoder;
#[cfg(feature = "cpu")]
mod winograd;
pub mod word_vectors;
mod words;

pub use blocks::Constraint;
pub use caption::{Reading, UnderstoodWord, UnknownWord, Vocabulary};
pub use config::ModelConfig;
pub use model_file::{Golden, ModelFile, ModelFileError, ModelInfo, NamedStyle, TrainingStage};
pub use painter::{PaintError, Painter, PaintingModel, SelfTestError, TOLERANCE};
pub use picture::Picture;
pub use style::{MAX_SEED, StyleCode, StyleError, seed_from_text, seed_of};
