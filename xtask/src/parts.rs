//! The parts of the built page, gathered in one folder that is named by their digest: `build-0123456789abcdef`.
//!
//! Design: a visit must be of one piece, or new scripts meet an old engine. Browsers, proxies and the service worker each keep files by
//! address and for as long as they like; so an address must never mean two files. With the digest in it, whatever was kept under an
//! address is right, and what `index.html` names belongs together: it is the one file that says which build a visit is of. Inside the
//! folder names are plain and relative, as they are while developing, where there is no such folder.
//!
//! What others know by name stays where it is: the page itself, the models with their manifest, the service worker, and `emblem.js` and
//! `element.js`, which pass on to the library of this build.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::manifest::{self, Entry};
use crate::{Error, Result, modules};

/// How the folder's name begins; 16 hexadecimal digits follow. `web/offline.js` knows the form.
pub const PREFIX: &str = "build-";
/// The list of the parts, in their folder: `file`, `bytes` and `sha256` of each. The service worker keeps a build when all of it has come.
pub const LIST: &str = "parts.json";

const DIGITS: usize = 16;
const PAGE: &str = "index.html";
const LIBRARY: &str = "emblem.js";
const ELEMENT: &str = "element.js";
const MANIFEST: &str = "models/manifest.json";
/// Of what lies in `models`: drawn by one model, and shown by the scripts that know its layout.
const SHEET: [&str; 2] = ["models/sheet.json", "models/sheet.jpg"];

/// Moves the parts of the page that is built in `dist` into their folder, and leads the page there; the folder's name.
///
/// # Errors
/// [`Error::File`].
pub fn gather(dist: &Path) -> Result<String> {
    let page = dist.join(PAGE);
    let text = fs::read_to_string(&page).map_err(Error::file(&page))?;
    let parts = parts(dist)?;
    let text = asking_at_once(&text, &parts);
    let entries: Vec<_> = parts.iter().map(|(name, bytes)| manifest::entry(name.clone(), bytes)).collect();
    let name = name(&entries, &text);
    let folder = dist.join(&name);
    for (part, bytes) in &parts {
        write(&folder.join(part), bytes)?;
        if part != MANIFEST {
            fs::remove_file(dist.join(part)).map_err(Error::file(dist.join(part)))?;
        }
    }
    write(&folder.join(LIST), manifest::text(&entries)?.as_bytes())?;
    write(&page, led_to(&name, &text, &entries).as_bytes())?;
    write(&dist.join(LIBRARY), format!("export * from \"./{name}/{LIBRARY}\";\n").as_bytes())?;
    write(&dist.join(ELEMENT), element(&name).as_bytes())?;
    remove_empty_folders(dist)?;
    Ok(name)
}

/// The element's model lies beside it here, and not beside the part.
fn element(folder: &str) -> String {
    format!(
        "import {{ EmblemPicture }} from \"./{folder}/{ELEMENT}\";\n\
         EmblemPicture.model = new URL(\"./models/emblem.safetensors\", import.meta.url);\n\
         export {{ EmblemPicture }};\n"
    )
}

/// The folder of the parts in a built page.
///
/// # Errors
/// [`Error::File`] where there is none.
pub fn folder(dist: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(dist).map_err(Error::file(dist))?;
    let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    folders.find(is_ours).ok_or_else(|| Error::file(dist.join(PREFIX))(std::io::ErrorKind::NotFound.into()))
}

/// Every part with its bytes, by its path below `dist` with forward slashes.
fn parts(dist: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut parts = BTreeMap::new();
    for path in files(dist)? {
        let name = path.strip_prefix(dist).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if is_part(&name) {
            parts.insert(name, fs::read(&path).map_err(Error::file(&path))?);
        }
    }
    Ok(parts)
}

fn is_part(name: &str) -> bool {
    let of_the_models = name.starts_with("models/") && name != MANIFEST && !SHEET.contains(&name);
    !of_the_models && ![PAGE, "offline.js"].contains(&name) && !name.ends_with(".d.ts")
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// The page's own text counts as well: two pages that differ are two builds.
fn name(entries: &[Entry], page: &str) -> String {
    let mut digest = Sha256::new();
    for Entry { file, sha256, .. } in entries {
        digest.update(format!("{sha256}  {file}\n"));
    }
    digest.update(page);
    let digits = hex::encode(digest.finalize());
    format!("{PREFIX}{}", &digits[..DIGITS])
}

/// The page with a link before each of its modules to every other one that this imports; one that has such links stays as it is.
fn asking_at_once(page: &str, parts: &BTreeMap<String, Vec<u8>>) -> String {
    const SCRIPT: &str = "<script type=\"module\" src=\"";
    const LINK: &str = "<link rel=\"modulepreload\" href=\"";
    if page.contains(LINK) {
        return page.to_owned();
    }
    let mut pieces = page.split(SCRIPT);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let path = piece.split('"').next().unwrap_or_default();
        let imported = modules::imported(path.trim_start_matches("./"), parts);
        text.extend(imported.iter().filter(|module| *module != path).map(|module| format!("{LINK}{module}\" />\n    ")));
        text.extend([SCRIPT, piece]);
    }
    text
}

/// The page with every address of a part led into the folder.
fn led_to(folder: &str, page: &str, entries: &[Entry]) -> String {
    entries.iter().fold(page.to_owned(), |text, Entry { file, .. }| {
        let led = format!("=\"{folder}/{file}\"");
        text.replace(&format!("=\"{file}\""), &led).replace(&format!("=\"./{file}\""), &led)
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    fs::write(path, bytes).map_err(Error::file(path))
}

/// Of the folders that the parts have left, those that are empty now.
fn remove_empty_folders(dist: &Path) -> Result<()> {
    for entry in fs::read_dir(dist).map_err(Error::file(dist))? {
        let path = entry.map_err(Error::file(dist))?.path();
        if path.is_dir() && files(&path)?.is_empty() {
            fs::remove_dir_all(&path).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const INDEX: &str =
        r#"<link rel="icon" href="./icon.svg"><script type="module" src="page/page.js"></script><a href="models/card.md">"#;

    /// A page as trunk leaves it.
    fn built(files: &[(&str, &str)]) -> TempDir {
        let dist = tempfile::tempdir().unwrap();
        let usual = [
            (PAGE, INDEX),
            ("icon.svg", "<svg/>"),
            ("offline.js", "self"),
            (LIBRARY, "export const Painter = 1;"),
            (ELEMENT, "export class EmblemPicture {}"),
            ("emblem.d.ts", "export const Painter: number;"),
            ("page/page.js", "import \"../emblem.js\";"),
            ("models/sheet.json", "{}"),
            ("models/emblem.safetensors", "weights"),
            (MANIFEST, "[]"),
        ];
        for (name, text) in usual.iter().chain(files) {
            write(&dist.path().join(name), text.as_bytes()).unwrap();
        }
        dist
    }

    fn text(dist: &TempDir, name: &str) -> String {
        fs::read_to_string(dist.path().join(name)).unwrap()
    }

    #[test]
    fn parts_are_gathered_and_the_page_leads_to_them() {
        let dist = built(&[]);
        let name = gather(dist.path()).unwrap();
        assert!(name.len() == PREFIX.len() + DIGITS && folder(dist.path()).unwrap() == dist.path().join(&name));
        let page = text(&dist, PAGE);
        assert!(
            page.contains(&format!("href=\"{name}/icon.svg\"")) && page.contains(&format!("src=\"{name}/page/page.js\"")),
            "{page}"
        );
        assert!(page.contains("href=\"models/card.md\""), "{page}");
        // All that the page's script imports is asked for at once, and so it stays when the parts are gathered again.
        let link = format!("<link rel=\"modulepreload\" href=\"{name}/emblem.js\" />");
        assert_eq!(page.matches("modulepreload").count(), 1, "{page}");
        assert!(page.contains(&link), "{page}");
        assert_eq!(asking_at_once(&page, &BTreeMap::new()), page);
        assert_eq!(text(&dist, &format!("{name}/page/page.js")), "import \"../emblem.js\";");
        assert_eq!(text(&dist, LIBRARY), format!("export * from \"./{name}/emblem.js\";\n"));
        assert!(text(&dist, ELEMENT).contains(&format!("from \"./{name}/element.js\"")));
        for stays in ["offline.js", "emblem.d.ts", "models/emblem.safetensors", MANIFEST] {
            assert!(dist.path().join(stays).exists(), "{stays}");
        }
        for gone in ["page", "icon.svg", "models/sheet.json"] {
            assert!(!dist.path().join(gone).exists(), "{gone}");
        }
        let list: Vec<serde_json::Value> = serde_json::from_str(&text(&dist, &format!("{name}/{LIST}"))).unwrap();
        let listed: Vec<_> = list.iter().map(|entry| entry["file"].as_str().unwrap()).collect();
        assert_eq!(listed, ["element.js", "emblem.js", "icon.svg", MANIFEST, "models/sheet.json", "page/page.js"]);
    }

    #[test]
    fn a_build_has_its_name_from_all_that_it_is_made_of() {
        let name = |files: &[(&str, &str)]| gather(built(files).path()).unwrap();
        let same = name(&[]);
        assert_eq!(name(&[("models/emblem.safetensors", "others, of which the manifest tells")]), same);
        for other in ["icon.svg", "page/page.js", "web_bg.wasm", "models/sheet.json", MANIFEST, PAGE] {
            assert_ne!(name(&[(other, "other")]), same, "{other}");
        }
    }

    #[test]
    fn a_folder_without_a_page_is_an_error() {
        let dist = tempfile::tempdir().unwrap();
        assert!(matches!(gather(dist.path()), Err(Error::File { .. })));
        assert!(matches!(folder(dist.path()), Err(Error::File { .. })));
    }
}
