//! Programs from the package registry, in exactly the version that the page is built with.
//!
//! One that is on PATH in that version is used; else it is built into `target/tools`, where it disturbs
//! nobody's own. trunk then finds wasm-bindgen on PATH and has no reason to download one.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use super::announce::announce;
use crate::process::{command, first_line, path_with, run};
use crate::{Error, Result, root, target_dir};

/// The newest trunk that Rust 1.95 compiles: 0.22 asks for 1.96.
const TRUNK_VERSION: &str = "0.21.14";

/// Build settings for programs that run for seconds: compiled quickly, at some cost in their own speed.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
];

/// A program installed by `cargo install`.
#[derive(Debug, PartialEq, Eq)]
pub struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: String,
    why: &'static str,
}

impl CargoTool {
    /// What assembles the page.
    pub fn trunk() -> Self {
        Self { package: "trunk", program: "trunk", version: TRUNK_VERSION.to_owned(), why: "it assembles the page" }
    }

    /// What writes the JavaScript side of the wasm; its version must be the one in `Cargo.lock`.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::NotLocked`] when the lock file does not say which.
    pub fn wasm_bindgen() -> Result<Self> {
        let path = root().join("Cargo.lock");
        let lock = fs::read_to_string(&path).map_err(Error::file(path))?;
        let version = locked_version(&lock, "wasm-bindgen").ok_or(Error::NotLocked { package: "wasm-bindgen" })?;
        Ok(Self {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: version.to_owned(),
            why: "it writes the page's JavaScript glue",
        })
    }

    /// Installs the program into `target/tools` unless this version is at hand.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be built.
    pub fn ensure(&self) -> Result<()> {
        if self.is_here() {
            return Ok(());
        }
        let Self { package, version, why, .. } = self;
        announce(&format!("building {package} {version} into {} (a few minutes, once): {why}", tools_dir().display()));
        let build = tools_dir().join("build");
        let installed = run(command("cargo")
            .args(["install", "--locked", "--force", "--no-default-features", "--version", version, package, "--root"])
            .arg(tools_dir())
            .env("CARGO_TARGET_DIR", &build)
            .envs(QUICK_BUILD));
        if installed.is_ok() && self.is_here() {
            // Only the program is wanted: what it was built from is a gigabyte.
            return fs::remove_dir_all(&build).map_err(Error::file(build));
        }
        Err(Error::Unavailable {
            what: format!("{package} {version}"),
            advice: format!(
                "see cargo's messages above, or put this very version on PATH: cargo install --locked {package}@{version}"
            ),
        })
    }

    fn is_here(&self) -> bool {
        first_line(command(self.program).arg("--version").env("PATH", path()))
            .is_some_and(|line| version_in(&line) == Some(&self.version))
    }
}

/// PATH with the installed tools first.
pub fn path() -> OsString {
    path_with(&tools_dir().join("bin"))
}

fn tools_dir() -> PathBuf {
    target_dir().join("tools")
}

/// The version in a line such as `trunk 0.21.14` or `wasm-bindgen 0.2.130 (2c9f2a7 2026-10-30)`.
fn version_in(line: &str) -> Option<&str> {
    line.split_whitespace().nth(1)
}

/// The version of `package` in the text of a `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_programs_own_line() {
        assert_eq!(version_in("trunk 0.21.14"), Some("0.21.14"));
        assert_eq!(version_in("wasm-bindgen 0.2.130 (2c9f2a7 2026-10-30)"), Some("0.2.130"));
        assert_eq!(version_in("trunk"), None);
    }

    #[test]
    fn the_lock_file_decides_on_wasm_bindgen() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
        assert_eq!(locked_version("name = \"wasm-bindgen\"", "wasm-bindgen"), None);
    }

    #[test]
    fn this_workspace_locks_one() {
        let tool = CargoTool::wasm_bindgen().unwrap();
        assert!(tool.version.starts_with("0.2."), "{tool:?}");
    }

    #[test]
    fn a_version_nobody_has_is_not_here() {
        let tool = CargoTool { version: "0.0.0".to_owned(), ..CargoTool::trunk() };
        assert!(!tool.is_here());
    }
}
