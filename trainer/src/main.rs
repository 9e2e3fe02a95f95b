//! Emblem's trainer: `cargo run --release -p trainer` trains on the embedded pictures; `--help` lists the rest.

mod average;
mod batches;
mod checkpoint;
mod cli;
mod config;
mod data;
mod device;
mod disentangling;
mod export;
mod grid;
mod losses;
mod matching_stage;
mod progress;
mod run;

fn main() -> std::process::ExitCode {
    cli::main()
}
