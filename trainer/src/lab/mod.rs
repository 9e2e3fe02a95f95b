//! For makers of Emblem, behind the program `emblem-lab`; nobody who trains a model needs any of it.

pub mod ablation;
pub mod benchmark;
pub mod ceiling;
mod comparison;
pub mod emoji_pack;
mod fetch;
pub mod word_vectors;
