//! Packages of npm's registry that tests use, each in exactly one version and in a folder of its own below the target folder.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use crate::process::{command, find_on_path};
use crate::summary::Missing;
use crate::target_dir;

/// The folder of a package, fetched where it is not there yet. What it would run when it is installed is not run.
///
/// # Errors
/// What is missing, where it cannot be had.
pub fn package(name: &str, version: &str) -> Result<PathBuf, Missing> {
    let folder = target_dir().join("npm").join(name);
    let package = folder.join("node_modules").join(name);
    let is_here = || {
        let description = fs::read_to_string(package.join("package.json")).ok();
        let description = description.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        description.is_some_and(|description| description["version"] == version)
    };
    if is_here() {
        return Ok(package);
    }
    let npm = find_on_path("npm").ok_or_else(|| Missing::Here(format!("there is no npm to fetch {name} with")))?;
    let failed = || Missing::Gettable(format!("npm could not fetch {name}@{version}"));
    fs::create_dir_all(&folder).map_err(|error| Missing::Gettable(format!("{}: {error}", folder.display())))?;
    let mut install = command(&npm.to_string_lossy());
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&folder);
    let status = install.arg(format!("{name}@{version}")).stdin(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) && is_here() { Ok(package) } else { Err(failed()) }
}
