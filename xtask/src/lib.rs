//! Emblem's commands, `demo`, `test`, `package`, `bench` and `soak`, as a library.
//!
//! Design: a newcomer types one command and gets a result, so everything a command needs is *set up*
//! ([`setup`]) rather than asked for; each thing set up is announced in one line with its reason, and a
//! thing that cannot be had ends in an [`Error`] that says what to do. It is a library as well as a
//! binary because the browser tests serve the page with the same [`site`] and find the same Chromium.

pub mod bench;
pub mod demo;
mod error;
pub mod manifest;
mod modules;
pub mod package;
pub mod page;
pub mod parts;
pub mod process;
pub mod setup;
pub mod site;
pub mod soak;
pub mod summary;
pub mod test;

pub use error::{Error, Result};

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The repository's root folder: that of the package which cargo runs, else where this was built, else, where that is gone because the
/// program was carried to another machine, the current folder. Two checkouts that share a target folder share what is built in it, so
/// where it was built may be the other one.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let run = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let packages = run.into_iter().chain([PathBuf::from(env!("CARGO_MANIFEST_DIR"))]);
        let roots = packages.filter_map(|package| package.parent().map(Path::to_owned));
        let mut ours = roots.filter(|root| root.join("xtask/Cargo.toml").exists());
        ours.next().or_else(|| std::env::current_dir().ok()).unwrap_or_default()
    })
}

/// The folder that cargo builds into: `CARGO_TARGET_DIR` where it is set, else `target`.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The folder that the built page is served from.
pub fn dist_dir() -> PathBuf {
    root().join("dist")
}
