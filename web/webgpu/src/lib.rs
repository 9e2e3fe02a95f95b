//! The engine of crate `web` with WebGPU in it. As a module of its own it is fetched by nobody but whoever has a graphics card to draw on:
//! what drives one is four times as large as all else.

pub use web::*;
