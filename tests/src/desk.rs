//! A folder in which the trainer's program is run as a person would run it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::models;

/// Exit codes of the trainer.
pub const WRONG_USAGE: i32 = 2;
pub const BAD_FILE: i32 = 3;
pub const DIVERGED: i32 = 4;
pub const INTERRUPTED: i32 = 130;

/// A folder with a small model in it, in which the trainer is run.
pub struct Desk {
    folder: TempDir,
    pub model: Vec<u8>,
}

impl Desk {
    #[expect(clippy::new_without_default, reason = "a desk is set up, not defaulted")]
    pub fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), model: models::small() };
        desk.put("small.safetensors", &desk.model);
        desk
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn trainer(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The trainer's command, to be run on this desk.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of("trainer", arguments)
    }

    /// Runs the trainer, which must succeed, and returns what it wrote on its error stream.
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        succeeded(self.command(arguments))
    }

    /// Runs the trainer, which must refuse with `code` and name each of `words`.
    pub fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) {
        refused(self.command(arguments), code, words);
    }

    /// The command of the program `emblem-lab`.
    pub fn lab(&self, arguments: &[&str]) -> Command {
        self.command_of("emblem-lab", arguments)
    }

    /// As [`Self::succeeds`], of the program `emblem-lab`.
    pub fn lab_succeeds(&self, arguments: &[&str]) -> String {
        succeeded(self.lab(arguments))
    }

    /// As [`Self::refuses`], of the program `emblem-lab`.
    pub fn lab_refuses(&self, arguments: &[&str], code: i32, words: &[&str]) {
        refused(self.lab(arguments), code, words);
    }

    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(programs().join(format!("{program}{}", std::env::consts::EXE_SUFFIX)));
        command.args(arguments).current_dir(&self.folder);
        command
    }

    pub fn picture(&self, name: &str) -> image::RgbImage {
        image::open(self.path(name)).unwrap().to_rgb8()
    }
}

fn succeeded(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

fn refused(mut command: Command, code: i32, words: &[&str]) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command:?}: {said}");
    assert!(!said.contains("panicked"), "{command:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{command:?} does not say {word:?}: {said}");
    }
}

/// Where the trainer's programs are, built as these tests were. Cargo builds a package's programs for its own tests only.
fn programs() -> &'static Path {
    static FOLDER: OnceLock<std::path::PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        // The selection and the features of `cargo xtask test`, because others would compile burn again.
        let build = ["build", "--quiet", "--workspace", "--no-default-features", "--profile", profile];
        let programs = ["--bin", "trainer", "--bin", "emblem-lab"];
        let built = Command::new(env!("CARGO")).args(build).args(programs).current_dir(xtask::root()).status().unwrap();
        assert!(built.success(), "the trainer does not compile");
        folder.to_owned()
    })
}
