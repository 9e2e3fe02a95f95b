//! Emblem's trainer: `cargo run --release -p trainer` trains on the embedded pictures; `--help` lists the rest.

mod adam;
mod average;
mod batches;
mod ceiling;
mod cli;
mod config;
mod contest;
mod data;
mod denormals;
mod device;
mod disentangling;
mod export;
mod figures;
mod grid;
mod growth;
mod losses;
mod matching_stage;
mod paint;
mod recipe;
mod record;
mod regions;
mod run;
mod sentences;
mod stand_ins;
mod style_reader;
mod view;

/// Training on the CPU allocates and frees large tensors all the time; the system's allocator hands their pages back and fetches them
/// again, which costs a third of every step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    denormals::taken_as_zero(cli::main).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::ExitCode::from(3)
    })
}
