//! How captions are read: `words`, names of what a model can draw ([`names`]), and vectors of words that no name has ([`word_vectors`]).

pub mod caption;
pub mod names;
pub(crate) mod people;
pub(crate) mod phrase;
pub mod word_vectors;
pub(crate) mod words;
