//! What can go wrong, each with what to do about it.

use std::io;
use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command stopped. [`Error::advice`] says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot start `{command}`: {source}")]
    Start { command: String, source: io::Error },

    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: String },

    #[error("{what} cannot be had here")]
    Unavailable { what: String, advice: String },

    #[error("step {step} failed: {source}")]
    Step { step: &'static str, advice: &'static str, source: Box<Error> },

    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },

    #[error("no loopback port from {first} to {last} is free")]
    NoPort { first: u16, last: u16 },

    #[error("the page without its model is {size} bytes gzipped, over the limit of {limit}")]
    TooLarge { size: u64, limit: u64 },

    #[error("{contest}: {whom} takes {ratio:.2} times as long as Emblem, where docs/bench.json has {published:.2}")]
    Slower { contest: String, whom: String, ratio: f64, published: f64 },

    #[error("Cargo.lock names no package `{package}`")]
    NotLocked { package: &'static str },
}

impl Error {
    /// What the person at the keyboard can do about it.
    pub fn advice(&self) -> &str {
        match self {
            Self::Start { .. } => "install the program, or put it on PATH",
            Self::Failed { .. } => "its own messages above say why",
            Self::Unavailable { advice, .. } => advice,
            Self::Step { advice, .. } => advice,
            Self::File { .. } => "check that the file exists and may be read, or build the page: cargo xtask demo",
            Self::NoPort { .. } => "stop what uses these ports, or choose another with --port",
            Self::TooLarge { .. } => {
                "look for a new dependency or feature in `cargo tree -p web --target wasm32-unknown-unknown`"
            }
            Self::Slower { .. } => {
                "run it again on a quiet machine; if it stays so, find what became slower, or publish new figures: cargo xtask bench"
            }
            Self::NotLocked { .. } => "run `cargo generate-lockfile`, or restore Cargo.lock",
        }
    }

    /// Turns an I/O error on `path` into one that names it.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }
}
