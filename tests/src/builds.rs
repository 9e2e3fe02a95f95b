//! The built page once more as another build of itself, each part of which carries a mark: so a visit can say which builds it met.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::parts;

/// At the end of a script: its mark among those of the scripts that run beside it.
const SCRIPT: &str = "\n(globalThis.metMarks ??= new Set()).add('MARK');\n";
/// At the end of the worker's: it tells its scripts' marks and its engine's whoever asks.
const WORKER: &str = "
    const start = WebAssembly.instantiate;
    WebAssembly.instantiate = (compiled, imports) => {
        const [section] = WebAssembly.Module.customSections(compiled, 'mark');
        globalThis.metMarks.add(new TextDecoder().decode(section));
        return start(compiled, imports);
    };
    addEventListener('message', ({ data }) => data.ask?.postMessage([...globalThis.metMarks]));\n";
/// At the end of the script that starts workers: the page knows them.
const STARTER: &str = "
    const Plain = globalThis.Worker;
    globalThis.Worker = class extends Plain {
        constructor(...how) {
            super(...how);
            globalThis.latest = this;
        }
    };\n";

/// JavaScript: the marks of all that a visit is made of, each once.
pub const MARKS: &str = "(async () => {
    // A picture may be drawn before the last style sheet has come.
    if (document.readyState !== 'complete') await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
    const { port1: here, port2: there } = new MessageChannel();
    const worker = new Promise((resolve) => { here.onmessage = ({ data }) => resolve(data); });
    globalThis.latest.postMessage({ ask: there }, [there]);
    const sheets = ['base', 'leaf', 'tools'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--mark-${name}`));
    const ask = async (name) => (await fetch(probe.part(name))).json();
    const [sheet, manifest] = [await ask('models/sheet.json'), await ask('models/manifest.json')];
    const page = document.querySelector('meta[name=mark]').content;
    return [...new Set([page, ...globalThis.metMarks, ...(await worker), ...sheets, sheet.mark, manifest.at(-1).file])];
})()";

/// The page in `dist` with `mark` in all of its parts, built anew into a folder of its own; without models.
///
/// # Errors
/// Where there is no built page, or it cannot be copied.
pub fn marked(dist: &Path, mark: &str) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let built = parts::folder(dist).map_err(io::Error::other)?;
    let name = format!("{}/", built.file_name().unwrap_or_default().to_string_lossy());
    copy(&built, folder.path(), mark)?;
    fs::remove_file(folder.path().join(parts::LIST))?;
    let page = fs::read_to_string(dist.join("index.html"))?.replace(&name, "");
    let page = page.replace("<head>", &format!("<head><meta name=\"mark\" content=\"{mark}\" />"));
    fs::write(folder.path().join("index.html"), page)?;
    let worker = fs::read_to_string(dist.join("offline.js"))?;
    fs::write(folder.path().join("offline.js"), format!("{worker}\n// {mark}\n"))?;
    parts::gather(folder.path()).map_err(io::Error::other)?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path, mark: &str) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            copy(&path, &to.join(name), mark)?;
        } else {
            fs::write(to.join(&name), with_mark(&name, fs::read(&path)?, mark)?)?;
        }
    }
    Ok(())
}

/// A part with a mark that does not change what it does. Letters and pictures have no room for one.
fn with_mark(name: &str, mut bytes: Vec<u8>, mark: &str) -> io::Result<Vec<u8>> {
    let stem = name.split('.').next().unwrap_or_default();
    match name.rsplit('.').next() {
        Some("js") => {
            bytes.extend(SCRIPT.replace("MARK", mark).into_bytes());
            bytes.extend(match name {
                "worker.js" => WORKER.as_bytes(),
                "link.js" => STARTER.as_bytes(),
                _ => b"",
            });
        }
        Some("css") => bytes.extend(format!("\n:root {{ --mark-{stem}: {mark}; }}\n").into_bytes()),
        Some("json") if name != parts::LIST => {
            let mut value: Value = serde_json::from_slice(&bytes)?;
            match &mut value {
                Value::Array(entries) => entries.push(json!({ "file": mark })),
                other => other["mark"] = json!(mark),
            }
            bytes = serde_json::to_vec(&value)?;
        }
        // A section of its own: number 0, its length, and its name with the name's length.
        Some("wasm") => {
            let length = u8::try_from(5 + mark.len()).map_err(io::Error::other)?;
            bytes.extend([0, length, 4].iter().chain(b"mark").chain(mark.as_bytes()));
        }
        _ => {}
    }
    Ok(bytes)
}
