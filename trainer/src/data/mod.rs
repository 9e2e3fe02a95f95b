//! The data: captioned pictures, in several styles of the same content where there are such.
//!
//! - [`Dataset`] is what the trainer sees: contents, styles, samples and their pixels, wherever they come from; [`load`] loads them.
//! - [`emoji`] is the data that comes with the program; [`own`] is everybody's own, through one of the [`sources`].
//! - [`picture`] turns a file into pixels, [`paper`] says how they are kept and looked at, [`pixels`] keeps them, in memory or on disk.
//! - [`captions`] turns a content into words; [`check`] reports on data before anyone trains on it.
//!
//! Everything that is wrong with one picture is a [`sources::Fault`]: the picture is named, counted and set aside. What
//! is wrong with the data as a whole is a [`DataError`].

pub mod captions;
pub mod check;
mod content;
mod dataset;
mod loading;
pub mod paper;
mod picture_file;
mod progress;

pub mod emoji;
pub mod words;

mod cache;
pub mod config;
mod error;
#[cfg(test)]
mod fuzz;
mod own;
mod picture;
mod pixels;
mod sources;

pub use config::DataConfig;
pub use content::{Captions, Content, ContentSplit, Sample, Split};
pub use dataset::Dataset;
pub use error::DataError;
pub use loading::load;
pub use paper::{CHANNELS, WHITE, on_paper, opaque, straight};
pub use picture_file::{PictureError, picture_file};
pub use progress::{Progress, tell};
