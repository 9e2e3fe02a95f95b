//! Emblem's trainer: `cargo run --release -p trainer` trains on the embedded pictures; `--help` lists the rest.

use std::process::ExitCode;

/// Training on the CPU allocates and frees large tensors all the time; the system's allocator hands their pages back and fetches them
/// again, which costs a third of every step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a program that was interrupted: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    trainer::cli::start(|| trainer::cli::trainer(|| std::process::exit(INTERRUPTED)))
}
