//! A Chromium for the browser tests: the one named by `$CHROME`, on PATH, where its installer puts it,
//! or the distribution's package.

use std::env;
use std::path::{Path, PathBuf};

use super::debian;
use crate::process::{command, find_on_path, first_line};
use crate::{Error, Result};

const NAMES: [&str; 6] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];

/// Where installers put it on systems that do not use PATH.
const USUAL_PLACES: [&str; 6] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
];

/// Finds a Chromium, or installs the distribution's.
///
/// # Errors
/// [`Error::Unavailable`] with the package's name on the usual systems.
pub fn ensure() -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    let installed = debian::install(&["chromium"], "the page is tested in a real browser");
    match (installed, find()) {
        (Ok(()), Some(path)) => Ok(path),
        _ => Err(Error::Unavailable {
            what: "a Chromium to test the page in".to_owned(),
            advice: "install one (Debian, Fedora, Arch: package chromium; Ubuntu: Google's own package, for the snap \
                     may not be driven; macOS: brew install --cask chromium; Windows: Chrome or Edge) or name it in \
                     the variable CHROME"
                .to_owned(),
        }),
    }
}

/// The Chromium to use, if there is one that runs.
pub fn find() -> Option<PathBuf> {
    let named = env::var_os("CHROME").map(PathBuf::from);
    let on_path = NAMES.into_iter().filter_map(find_on_path);
    let usual = USUAL_PLACES.into_iter().map(PathBuf::from);
    named.into_iter().chain(on_path).chain(usual).find(|path| runs(path))
}

/// Ubuntu has a `chromium-browser` that only says where to get one, so being there is not enough; and on
/// Windows Chrome's `--version` opens a window instead of answering, so there it is.
pub(super) fn runs(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    cfg!(windows) || path.to_str().is_some_and(|program| first_line(command(program).arg("--version")).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_browser_is_not_taken_for_one() {
        assert!(!runs(Path::new("no/such/browser")));
        let folder = tempfile::tempdir().unwrap();
        assert!(!runs(folder.path()));
        let file = folder.path().join("chromium");
        std::fs::write(&file, "no program").unwrap();
        assert!(!runs(&file));
    }
}
