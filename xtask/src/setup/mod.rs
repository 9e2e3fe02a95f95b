//! Setting up what a command needs: one module a thing, each with an `ensure` that does nothing when the
//! thing is there.
//!
//! Two rules. What can live in the repository does (`target/tools`). What cannot (a rustup target, a
//! distribution's package) is announced as such before it is touched, and is only asked for where no
//! password is needed.

mod announce;
pub mod cargo_tool;
pub mod chromium;
pub mod components;
mod debian;
pub mod firefox;
pub mod npm;
pub mod wasm_std;

use std::ffi::OsString;
use std::process::Command;

use crate::{Result, process};
use cargo_tool::CargoTool;

/// The environment in which the page is built.
#[derive(Debug)]
pub struct PageBuild {
    wasm: wasm_std::Toolchain,
    path: OsString,
}

impl PageBuild {
    /// Sets up the wasm32 standard library, trunk and wasm-bindgen.
    ///
    /// # Errors
    /// The first thing that cannot be had, with advice.
    pub fn ensure() -> Result<Self> {
        let wasm = wasm_std::ensure()?;
        for tool in [CargoTool::trunk(), CargoTool::wasm_bindgen()?] {
            tool.ensure()?;
        }
        Ok(Self { wasm, path: cargo_tool::path() })
    }

    /// A command that finds these tools and builds for wasm32 with this toolchain.
    pub fn command(&self, program: &str) -> Command {
        let mut command = process::command(program);
        command.env("PATH", &self.path).envs(self.wasm.environment().iter().copied());
        command
    }

    /// The toolchain that builds for wasm32.
    pub fn toolchain(&self) -> wasm_std::Toolchain {
        self.wasm
    }
}
