//! Commands for makers of Emblem: `cargo run --release -p trainer --bin emblem-lab -- --help`.

use std::process::ExitCode;

/// As in the program `trainer`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trainer::cli::start(trainer::cli::lab)
}
