//! The networks, from top to bottom.
//!
//! A caption becomes a sentence embedding e ([`matching`]), e a content code h_tc ([`text_encoder`]), and (h_tc, z) layers ([`generator`]).
//! The [`image_encoder`] splits a picture into content and style again, and three [`heads`] judge the two and the whole. [`config`] has
//! their sizes, `blocks` what they are made of, and [`parameters`] takes weights out and puts them in by name.

pub(crate) mod blocks;
pub mod config;
pub mod generator;
pub mod heads;
pub mod image_encoder;
pub mod matching;
mod painting;
pub mod parameters;
pub mod style_reader;
pub mod text_encoder;

pub use painting::PaintingModel;
