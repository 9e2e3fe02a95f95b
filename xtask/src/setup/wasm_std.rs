//! Rust's standard library for wasm32-unknown-unknown: from rustup, else built from Debian's sources.
//!
//! Some networks let the package registry and the distribution through but not rustup's server. Debian
//! carries a recent compiler together with the sources of its standard library, and cargo can build the
//! library itself (`build-std`), so that is the second way. It needs cargo's unstable switch, which
//! `RUSTC_BOOTSTRAP` opens on a stable compiler; nothing else in the build relies on it.

use std::path::Path;

use super::announce::announce;
use super::debian;
use crate::process::{command, find_on_path, first_line, succeeds};
use crate::{Error, Result, process};

const TARGET: &str = "wasm32-unknown-unknown";
/// The name under which Debian's compiler is known to rustup.
const DEBIAN_TOOLCHAIN: &str = "debian-web";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// Of `lld-22`: the linker for wasm that matches this compiler.
const DEBIAN_LINKER: &str = "wasm-ld-22";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library";

/// Which compiler builds for wasm32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that is active anyway.
    Active,
    /// Debian's, which builds the standard library from source.
    Debian,
}

impl Toolchain {
    /// What cargo needs in its environment to use it.
    pub fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Active => &[],
            Self::Debian => &[
                ("RUSTUP_TOOLCHAIN", DEBIAN_TOOLCHAIN),
                ("RUSTC_BOOTSTRAP", "1"),
                ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
                ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER),
            ],
        }
    }
}

/// Makes sure that something here can build for wasm32.
///
/// # Errors
/// [`Error::Unavailable`] when neither rustup nor Debian can supply it.
pub fn ensure() -> Result<Toolchain> {
    if active_has_target() {
        return Ok(Toolchain::Active);
    }
    if debian_is_ready() {
        return Ok(Toolchain::Debian);
    }
    if add_by_rustup() {
        return Ok(Toolchain::Active);
    }
    install_from_debian()?;
    Ok(Toolchain::Debian)
}

fn active_has_target() -> bool {
    first_line(command("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

fn add_by_rustup() -> bool {
    if find_on_path("rustup").is_none() {
        return false;
    }
    announce("adding the wasm32 standard library to rustup's toolchain (outside this repository): the page is wasm");
    process::run(command("rustup").args(["target", "add", TARGET])).is_ok() && active_has_target()
}

fn install_from_debian() -> Result<()> {
    let unavailable = || Error::Unavailable {
        what: format!("the standard library for {TARGET}"),
        advice: format!(
            "let rustup reach its server and run `rustup target add {TARGET}`, or use a Debian with the packages {}",
            DEBIAN_PACKAGES.join(", ")
        ),
    };
    if find_on_path("rustup").is_none() {
        return Err(unavailable());
    }
    announce("rustup cannot supply it; Debian's compiler can build it from source instead");
    debian::install(&DEBIAN_PACKAGES, "a compiler with the sources of its standard library").map_err(|_| unavailable())?;
    announce("naming Debian's compiler `debian-web` in rustup (outside this repository), so that cargo can be told to use it");
    process::run(command("rustup").args(["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"]))?;
    if debian_is_ready() { Ok(()) } else { Err(unavailable()) }
}

fn debian_is_ready() -> bool {
    Path::new(DEBIAN_SOURCES).is_dir()
        && find_on_path(DEBIAN_LINKER).is_some()
        && succeeds(command("rustc").arg("--version").env("RUSTUP_TOOLCHAIN", DEBIAN_TOOLCHAIN))
        // Without rustup the variable means nothing and any rustc would have answered.
        && find_on_path("rustup").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_toolchain_is_left_alone() {
        assert!(Toolchain::Active.environment().is_empty());
    }

    #[test]
    fn debians_toolchain_builds_its_own_library() {
        let environment = Toolchain::Debian.environment();
        assert!(environment.contains(&("RUSTUP_TOOLCHAIN", "debian-web")));
        assert!(environment.iter().any(|(name, value)| *name == "CARGO_UNSTABLE_BUILD_STD" && value.contains("std")));
    }
}
