//! The built page: how it is made, and how large it may be.
//!
//! There is no stamp that says whether a build is fresh: cargo and trunk know that themselves, and a
//! second opinion could only be wrong. When nothing has changed a build takes seconds.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::setup::PageBuild;
use crate::{Error, Result, dist_dir, manifest, parts, process};

/// The engines' files begin so; of the two a visitor fetches one.
const ENGINES: [&str; 2] = ["web", "webgpu"];
/// The most that a visitor should have to download besides the model, with the engine for the CPU and with that for WebGPU: gzipped bytes
/// of wasm, scripts, styles and letters.
const SIZE_LIMITS: [u64; 2] = [1_200_000, 3_300_000];

/// The folder below `dist` that does not count: the model, and the pictures that stand in for it.
const MODELS: &str = "models";

/// Builds the page in release into `dist`, with the manifest of its models and its parts in one folder.
///
/// # Errors
/// [`Error::Failed`] when it does not compile.
pub fn build(tools: &PageBuild) -> Result<()> {
    // trunk wants `true` or `false` in NO_COLOR, everyone else anything at all.
    process::run(tools.command("trunk").args(["build", "--release", "--skip-version-check"]).env_remove("NO_COLOR"))?;
    manifest::write(&dist_dir().join(MODELS))?;
    parts::gather(&dist_dir()).map(drop)
}

/// The gzipped size of the built page without its model, in bytes: for a visitor who draws on the CPU, and for one with WebGPU.
///
/// # Errors
/// [`Error::TooLarge`] over its limit; [`Error::File`] when there is no built page.
pub fn sizes() -> Result<[u64; 2]> {
    let (folder, built) = (dist_dir(), parts::folder(&dist_dir())?);
    let all = gzipped_folder(&folder)?;
    let mut engines = [0; 2];
    for (size, name) in engines.iter_mut().zip(ENGINES) {
        for path in [built.join(format!("{name}.js")), built.join(format!("{name}_bg.wasm"))] {
            *size += gzipped(&path).map_err(Error::file(&path))?;
        }
    }
    let sizes = [all - engines[1], all - engines[0]];
    for (size, limit) in sizes.into_iter().zip(SIZE_LIMITS) {
        if size > limit {
            return Err(Error::TooLarge { size, limit });
        }
    }
    Ok(sizes)
}

fn gzipped_folder(folder: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let entry = entry.map_err(Error::file(folder))?;
        let path = entry.path();
        total += match path.is_dir() {
            true if entry.file_name() == MODELS => 0,
            true => gzipped_folder(&path)?,
            false => gzipped(&path).map_err(Error::file(&path))?,
        };
    }
    Ok(total)
}

/// The size of `path` under `gzip -9`, in bytes.
///
/// # Errors
/// Where it cannot be read.
pub fn gzipped(path: &Path) -> io::Result<u64> {
    let mut encoder = GzEncoder::new(Counter(0), Compression::best());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    Ok(encoder.finish()?.0)
}

/// Counts what is written to it, and drops it.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test.
    fn folder(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("emblem-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn everything_but_the_model_counts_and_it_is_compressed() {
        let folder = folder("size");
        for (path, bytes) in [("page.wasm", 1_000_000), ("page/page.js", 500_000), ("models/emblem.safetensors", 9_000_000)] {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![0; bytes]).unwrap();
        }
        let size = gzipped_folder(&folder).unwrap();
        assert!((1000..3000).contains(&size), "{size}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_not_a_small_page() {
        let folder = std::env::temp_dir().join("emblem-xtask-no-such-page");
        assert!(matches!(gzipped_folder(&folder), Err(Error::File { .. })));
    }
}
