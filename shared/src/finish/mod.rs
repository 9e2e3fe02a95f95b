//! Finishes: the part of a style that needs no network. Fifteen numbers say how what was drawn is finished: with what lines, fills, colours,
//! paper and texture.
//!
//! A hand, the code z that the generator takes, is learnt of a few sets and says how things are shaped. A finish is exact: the same code
//! applies it to [`Layers`](crate::layers::Layers) of any origin, at any size. Each number is made of layers again (a line is one more
//! layer), so that a finished picture is as crisp as before and has an SVG; only grain is of pixels.
//!
//! What a caption says stays: no finish turns a hue into another. Greys and lines may take the place of all hues, never one hue the place
//! of another.

mod bent;
mod colours;
mod distance;
mod error;
mod lines;
mod looks;
mod parameter;
mod picture;
mod seeds;
mod text;

pub use error::FinishError;
pub use looks::{LOOKS, Look, look};
pub use parameter::{COUNT, Finish, Parameter};
pub use picture::Finished;

#[cfg(test)]
mod tests;
