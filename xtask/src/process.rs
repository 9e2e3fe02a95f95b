//! Running other programs: visibly, quietly, or just to ask whether they are there.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Result, root};

/// A command that runs in the repository's root.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Runs `command` with its output shown.
///
/// # Errors
/// [`Error::Start`] when it cannot be started, [`Error::Failed`] when it exits with anything but success.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|source| Error::Start { command: line(command), source })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: line(command), status: status.to_string() })
}

/// The first line that `command` prints, trimmed; `None` when it cannot be run, fails or prints nothing.
pub fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

/// Whether `command` runs and succeeds, with its output hidden.
pub fn succeeds(command: &mut Command) -> bool {
    let hidden = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    hidden.status().is_ok_and(|status| status.success())
}

/// The first file on PATH called `name` (with `.exe` on Windows).
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// PATH with `folder` looked in first.
pub fn path_with(folder: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(env::split_paths(&path));
    // A folder whose name holds the separator cannot be on PATH at all: then the plain PATH has to do.
    env::join_paths(folders).unwrap_or(path)
}

/// `command` as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(command("no-such-program-here").arg("--fast")).unwrap_err();
        assert!(error.to_string().contains("`no-such-program-here --fast`"), "{error}");
        assert!(matches!(error, Error::Start { .. }));
    }

    #[test]
    fn a_failing_program_gives_its_status() {
        let error = run(command("cargo").arg("no-such-subcommand").stderr(Stdio::null())).unwrap_err();
        assert!(matches!(&error, Error::Failed { status, .. } if status.contains("101")), "{error}");
    }

    #[test]
    fn answers_are_trimmed_and_failures_are_none() {
        let version = first_line(command("cargo").arg("--version")).unwrap();
        assert!(version.starts_with("cargo 1."), "{version}");
        assert_eq!(first_line(command("cargo").arg("no-such-subcommand")), None);
        assert!(succeeds(command("cargo").arg("--version")));
        assert!(!succeeds(&mut command("no-such-program-here")));
    }

    #[test]
    fn a_folder_put_before_path_is_looked_in_first() {
        let path = path_with(Path::new("tools"));
        assert_eq!(env::split_paths(&path).next(), Some(PathBuf::from("tools")));
        assert!(env::split_paths(&path).count() > 1);
    }
}
