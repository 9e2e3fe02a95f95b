//! What the tests in `tests/` have in common.
//!
//! Design: the page is tested as a visitor meets it, in a real browser and against the built `dist/`; only what the
//! server sends is made up, because models go wrong in ways that a good model cannot show.

pub mod browser;
pub mod builds;
pub mod desk;
mod devtools;
pub mod firefox;
pub mod gate;
mod gestures;
pub mod models;
pub mod page;
mod process;
pub mod rigs;
