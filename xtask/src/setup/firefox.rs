//! A Firefox that is here already, for the tests that try the page in one: named by `$FIREFOX`, on PATH, or where its installer puts it.
//! None is installed: the page is tested in Chromium, and this is a second opinion.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::chromium::runs;
use crate::process::find_on_path;

const NAMES: [&str; 3] = ["firefox", "firefox-esr", "firefox-developer-edition"];

/// Where installers put it on systems that do not use PATH.
const USUAL_PLACES: [&str; 2] =
    ["/Applications/Firefox.app/Contents/MacOS/firefox", r"C:\Program Files\Mozilla Firefox\firefox.exe"];

/// The Firefox to use, if there is one that runs and may be driven.
pub fn find() -> Option<PathBuf> {
    let named = env::var_os("FIREFOX").map(PathBuf::from);
    let on_path = NAMES.into_iter().filter_map(find_on_path);
    let usual = USUAL_PLACES.into_iter().map(PathBuf::from);
    named.into_iter().chain(on_path).chain(usual).find(|path| runs(path) && !is_snap(path))
}

/// Ubuntu's is a snap, which sees no profile but its own; what is on PATH is a script or a link that leads to it.
fn is_snap(path: &Path) -> bool {
    let leads_there = |path: PathBuf| path.components().any(|part| part.as_os_str() == "snap");
    let is_script =
        || fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"#!") && bytes.windows(5).any(|word| word == b"/snap"));
    path.canonicalize().is_ok_and(leads_there) || is_script()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snap_is_told_from_a_program() {
        let folder = env::temp_dir().join(format!("emblem-xtask-snap-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let script = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        assert!(is_snap(&script("snap.sh", "#!/bin/sh\nexec /snap/bin/firefox \"$@\"\n")));
        assert!(!is_snap(&script("plain.sh", "#!/bin/sh\nexec /usr/lib/firefox/firefox \"$@\"\n")));
        assert!(!is_snap(&folder.join("not there")));
        fs::remove_dir_all(folder).unwrap();
    }
}
