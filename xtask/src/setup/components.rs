//! rustfmt and clippy, which small installations of Rust lack.

use super::announce::announce;
use crate::process::{command, find_on_path, run, succeeds};
use crate::{Error, Result};

/// A program of the toolchain that cargo calls by a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    subcommand: &'static str,
    package: &'static str,
}

/// What `cargo fmt` needs.
pub const RUSTFMT: Component = Component { subcommand: "fmt", package: "rustfmt" };
/// What `cargo clippy` needs.
pub const CLIPPY: Component = Component { subcommand: "clippy", package: "clippy" };

impl Component {
    /// Adds it by rustup unless it is here.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is no rustup, or it cannot supply it.
    pub fn ensure(self) -> Result<()> {
        if self.is_here() {
            return Ok(());
        }
        let Self { package, .. } = self;
        if find_on_path("rustup").is_some() {
            announce(&format!(
                "adding {package} to rustup's toolchain (outside this repository): the tests check the code by it"
            ));
            if run(command("rustup").args(["component", "add", package])).is_ok() && self.is_here() {
                return Ok(());
            }
        }
        Err(Error::Unavailable {
            what: package.to_owned(),
            advice: format!("install it for this Rust: rustup component add {package}, or the distribution's package"),
        })
    }

    fn is_here(self) -> bool {
        succeeds(command("cargo").args([self.subcommand, "--version"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_does_not_know_is_not_here() {
        assert!(!Component { subcommand: "no-such-subcommand", ..RUSTFMT }.is_here());
    }
}
