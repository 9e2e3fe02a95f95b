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
        let mut command = Command::new(trainer());
        command.args(arguments).current_dir(&self.folder);
        command
    }

    /// Runs the trainer, which must succeed, and returns what it wrote on its error stream.
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.trainer(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// Runs the trainer, which must refuse with `code` and name each of `words`.
    pub fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.trainer(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} does not say {word:?}: {said}");
        }
    }

    pub fn picture(&self, name: &str) -> image::RgbImage {
        image::open(self.path(name)).unwrap().to_rgb8()
    }
}

/// The trainer's program, built as these tests were. Cargo builds a package's programs for its own tests only.
pub fn trainer() -> &'static Path {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        // The selection and the features of `cargo xtask test`, because others would compile burn again.
        let build = ["build", "--quiet", "--workspace", "--no-default-features", "--bin", "trainer", "--profile", profile];
        let built = Command::new(env!("CARGO")).args(build).current_dir(xtask::root()).status().unwrap();
        assert!(built.success(), "the trainer does not compile");
        folder.join(format!("trainer{}", std::env::consts::EXE_SUFFIX))
    })
}
