//! What a run of the tests has to say besides "passed": what it left out and why, and what passed only at the second try.
//!
//! Design: tests run in processes of their own, and a passing one's output is hidden; so each appends a line to a file that
//! [`Summary::share`] names to them, and the last lines of `cargo xtask test` count these.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use crate::{Error, Result, target_dir};

/// The environment's name for the file.
const FILE: &str = "EMBLEM_TEST_SUMMARY";
const SKIPPED: &str = "skipped";
const RETRIED: &str = "passed only when tried again";

/// What a test lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A program that the tests do not install, or a network that they cannot count on: whoever lacks it has nothing to mend.
    Here(String),
    /// Something that this machine should have been able to get. Where `CI` is `true`, that is a failure.
    Gettable(String),
}

/// Leaves a test out, and has that counted.
///
/// # Errors
/// The reason, where this is continuous integration and the test could have been run.
pub fn skip(test: &str, missing: &Missing) -> Result<(), String> {
    let why = missing.excuse(std::env::var("CI").is_ok_and(|value| value == "true"))?;
    println!("{test}: skipped, {why}");
    note(SKIPPED, test, why);
    Ok(())
}

impl Missing {
    /// Why a test may be left out, or why it may not.
    fn excuse(&self, is_ci: bool) -> Result<&str, String> {
        match self {
            Self::Gettable(why) if is_ci => Err(format!("{why} (with CI=true that is a failure)")),
            Self::Here(why) | Self::Gettable(why) => Ok(why),
        }
    }
}

/// Has it counted that a test passed only at the second try, and why it failed at the first.
pub fn retried(test: &str, why: &str) {
    println!("{test}: {RETRIED}; at first: {why}");
    note(RETRIED, test, why);
}

fn note(kind: &str, test: &str, why: &str) {
    let Some(path) = std::env::var_os(FILE) else { return };
    append(&path, kind, test, why);
}

fn append(path: &OsStr, kind: &str, test: &str, why: &str) {
    let why = why.lines().next().unwrap_or_default();
    let written = OpenOptions::new().append(true).open(path).and_then(|mut file| writeln!(file, "{kind}\t{test}: {why}"));
    if let Err(error) = written {
        eprintln!("{}: {error}, so {test} is missing in the summary", PathBuf::from(path).display());
    }
}

/// What is collected in one run.
#[derive(Debug)]
pub struct Summary {
    path: PathBuf,
}

impl Summary {
    /// An empty one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn begin() -> Result<Self> {
        let path = target_dir().join("test-summary.txt");
        fs::create_dir_all(target_dir()).map_err(Error::file(target_dir()))?;
        fs::write(&path, "").map_err(Error::file(&path))?;
        Ok(Self { path })
    }

    /// Has what `command` runs take part.
    pub fn share<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(FILE, &self.path)
    }

    /// The same as [`skip`] for a whole step.
    ///
    /// # Errors
    /// As [`skip`].
    pub fn skip(&self, step: &str, missing: &Missing) -> Result<()> {
        skip(step, missing)
            .map_err(|what| Error::Unavailable { what, advice: "install it, or leave the step out with --skip".to_owned() })?;
        let (Missing::Here(why) | Missing::Gettable(why)) = missing;
        append(self.path.as_os_str(), SKIPPED, step, why);
        Ok(())
    }

    /// The last lines: how much was left out and tried again, and each with its reason.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn text(&self) -> Result<String> {
        Ok(counted(&fs::read_to_string(&self.path).map_err(Error::file(&self.path))?))
    }
}

fn counted(notes: &str) -> String {
    let of = |kind: &str| -> Vec<&str> {
        notes.lines().filter_map(|line| line.split_once('\t')).filter(|(found, _)| *found == kind).map(|(_, what)| what).collect()
    };
    let lines = [SKIPPED, RETRIED].map(|kind| {
        let all = of(kind);
        let colon = if all.is_empty() { "" } else { ": " };
        format!("{} {kind}{colon}{}", all.len(), all.join("; "))
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_have_run_fails_where_it_is_checked_by_machine() {
        let [here, gettable] = [Missing::Here("no toolkit".into()), Missing::Gettable("npm refuses".into())];
        assert_eq!(here.excuse(true), Ok("no toolkit"));
        assert_eq!(gettable.excuse(false), Ok("npm refuses"));
        assert!(gettable.excuse(true).unwrap_err().contains("npm refuses"));
    }

    #[test]
    fn all_that_was_left_out_is_counted_with_its_reason() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (kind, test) in [(SKIPPED, "axe"), (RETRIED, "typing"), (SKIPPED, "cuda")] {
            append(file.path().as_os_str(), kind, test, "for a reason\nin many words");
        }
        let text = counted(&fs::read_to_string(file.path()).unwrap());
        assert_eq!(
            text,
            "2 skipped: axe: for a reason; cuda: for a reason\n1 passed only when tried again: typing: for a reason"
        );
        assert_eq!(counted(""), "0 skipped\n0 passed only when tried again");
    }
}
