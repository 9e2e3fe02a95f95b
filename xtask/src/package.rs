//! `cargo xtask package`: the library as an npm package, with the shipped model.
//!
//! It is put together from the built page's engine, `web/js` (which is the library and nothing else) and `web/package` (what only a
//! package has). Nothing is bundled or minified: bundlers do that better for the page that they know, and a page without one reads
//! the modules as they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{command, find_on_path, first_line};
use crate::setup::PageBuild;
use crate::{Error, Result, dist_dir, manifest, page, parts, root, target_dir};

const MODEL: &str = "emblem.safetensors";
const LICENCES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "CREDITS.md"];
const ENGINES: [&str; 4] = ["web.js", "web_bg.wasm", "webgpu.js", "webgpu_bg.wasm"];

/// Builds the page, puts the package together and packs it where there is an npm.
///
/// # Errors
/// What cannot be set up, built or written.
pub fn run() -> Result<()> {
    page::build(&PageBuild::ensure()?)?;
    let folder = assemble()?;
    match pack(&folder)? {
        Some(tarball) => println!("The package is {}", tarball.display()),
        None => println!("The package is the folder {}; npm is not here to make a tarball of it", folder.display()),
    }
    Ok(())
}

/// Puts the package together from the built page, afresh; the folder that it is in.
///
/// # Errors
/// [`Error::File`], where there is no built page for one.
pub fn assemble() -> Result<PathBuf> {
    let folder = target_dir().join("package/emblem-painter");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
    }
    let models = folder.join("models");
    fs::create_dir_all(&models).map_err(Error::file(&models))?;
    for source in [root().join("web/js"), root().join("web/package")] {
        copy_files(&source, &folder)?;
    }
    let built = parts::folder(&dist_dir())?;
    for name in ENGINES {
        copy(&built.join(name), &folder.join(name))?;
    }
    for name in LICENCES {
        copy(&root().join(name), &folder.join(name))?;
    }
    copy(&root().join("models").join(MODEL), &models.join(MODEL))?;
    manifest::write(&models)?;
    write(&folder.join("model.js"), &model_module(&models.join(MODEL))?)?;
    Ok(folder)
}

/// Makes a tarball beside the folder; `None` where there is no npm.
///
/// # Errors
/// [`Error::Failed`] where npm refuses the package.
pub fn pack(folder: &Path) -> Result<Option<PathBuf>> {
    if find_on_path("npm").is_none() {
        return Ok(None);
    }
    let beside = folder.parent().unwrap_or(folder);
    let mut npm = command("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(beside).current_dir(folder);
    let name = first_line(&mut npm)
        .ok_or_else(|| Error::Failed { command: "npm pack".to_owned(), status: format!("try it in {}", folder.display()) })?;
    Ok(Some(beside.join(name)))
}

/// Where the model is, in the form in which bundlers recognise a file, and what it must be.
fn model_module(model: &Path) -> Result<String> {
    let integrity = manifest::integrity(&fs::read(model).map_err(Error::file(model))?);
    Ok(format!(
        "/** The shipped model, for `Painter.load(url, {{ integrity }})`. */\n\
         export const url = new URL(\"./models/{MODEL}\", import.meta.url);\n\
         export const integrity = \"{integrity}\";\n"
    ))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for file in fs::read_dir(from).map_err(Error::file(from))? {
        let file = file.map_err(Error::file(from))?;
        copy(&file.path(), &to.join(file.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).map_err(Error::file(from))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Error::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the crates, the npm package, the citation and the newest entry of the change log.
    #[test]
    fn the_version_is_the_same_everywhere() {
        let version = env!("CARGO_PKG_VERSION");
        let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
        let package: serde_json::Value = serde_json::from_str(&read("web/package/package.json")).unwrap();
        assert_eq!(package["version"], version);
        let value = |path: &str, key: &str| {
            let text = read(path);
            text.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned())
        };
        assert_eq!(value("CITATION.cff", "version:").as_deref(), Some(version));
        assert_eq!(value("CHANGELOG.md", "## ").as_deref(), Some(version));
    }
}
