//! Emblem in the browser: a thin wasm-bindgen surface over [`shared::Painter`].
//!
//! What crosses the border is flat (text, numbers, pixels) and what goes wrong crosses it as a [`Fault`], so that the page's
//! script (`js/emblem.js`) can offer a JavaScript API without knowing Rust. The engine itself exists only in wasm; natively this
//! crate is type-checked and its plain parts are tested.
//!
//! There are two such modules, so that nobody fetches what drives a graphics card who has none: this crate for the CPU, and `webgpu/`, the
//! same with WebGPU. `js/worker.js` chooses.

pub mod fault;

#[cfg(target_family = "wasm")]
mod engine;
#[cfg(all(target_family = "wasm", feature = "webgpu"))]
mod webgpu;

pub use fault::Fault;
