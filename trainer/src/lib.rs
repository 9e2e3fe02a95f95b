//! Emblem's trainer as a library: what the programs `trainer` and `emblem-lab` are made of.
//!
//! Each folder is a room, and a room uses only those below it. From the top:
//!
//! - `cli`: the command lines of both programs; each command put together from the rooms below
//! - `lab`: for makers of Emblem: packing the embedded data, ablation, benchmark, what the form can reach
//! - `eval`: measures a model, and trains the judge that is asked
//! - `train`: the steps of training, the run around them, and the model file that comes of it
//! - `report`: what a run shows and leaves: terminal, metrics, events, sample grids, model card, report
//! - `config`: every setting, and where it comes from
//! - `data`: captioned pictures: layouts, decoding, captions, splits, cache
//! - `linalg`: small dense matrices
//! - `charts`: curves, histograms and bars for pages
//! - `io`: the machine: devices, whole files, run folders, threads
//!
//! No files use each other in a circle, either. `tests/tests/architecture.rs` reads this list and holds the code to it. Only the command
//! lines are public, so that the compiler tells what nobody uses.

mod charts;
pub mod cli;
mod config;
mod data;
mod eval;
mod io;
mod lab;
mod linalg;
mod report;
mod train;
