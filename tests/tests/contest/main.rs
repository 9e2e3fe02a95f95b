//! The browser's part of `cargo xtask bench`: Emblem beside onnxruntime-web, in one page of a real Chromium.
//!
//! ```text
//! contest FOLDER DEVICE ROUNDS PICTURES
//! ```
//!
//! `FOLDER` has `model.onnx` and `inputs.json`, which `xtask/peers/draw.py` writes, and onnxruntime-web's files below `ort/`. `DEVICE`
//! is `wasm` or `webgpu`. The result goes to `FOLDER/DEVICE.json`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use serde_json::Value;
use tests::browser::{Browser, Kind};
use tests::page::Page;
use xtask::site::{self, Content, Site};

/// Loads of each contestant; the first one is not counted.
const LOADS: u32 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, device, rounds, pictures] = arguments.as_slice() else {
        return Err("usage: contest FOLDER wasm|webgpu ROUNDS PICTURES".into());
    };
    let kind = if device == "webgpu" { Kind::WebGpu } else { Kind::Cpu };
    let folder = PathBuf::from(folder);
    let listener = site::listen_anywhere()?;
    let address = format!("http://{}/", listener.local_addr()?);
    let site = site(&folder)?;
    thread::spawn(move || site.serve(listener));

    let browser = Browser::launch(kind).map_err(|failed| failed.message().unwrap_or_default().to_owned())?;
    let script = include_str!("contest.js").replace("DEVICE", device).replace("LOADS", &LOADS.to_string());
    let script = script.replace("ROUNDS", rounds).replace("PICTURES", pictures);
    let result = contest(&browser, &address, &script).map_err(|failed| failed.message().unwrap_or_default().to_owned())?;
    fs::write(folder.join(device).with_extension("json"), format!("{result:#}\n"))?;
    Ok(())
}

/// The built page's files with the peer's beside them, and an empty page to run the contest in.
fn site(folder: &Path) -> Result<Site, std::io::Error> {
    let content = |media_type, path: PathBuf| Ok::<_, std::io::Error>(Content::whole(media_type, fs::read(path)?));
    let page = Content::whole("text/html; charset=utf-8", b"<!doctype html>\n<title>Contest</title>".to_vec());
    let mut site = Site::new(xtask::dist_dir())
        .with("contest.html", page)
        .with("contest/inputs.json", content("application/json", folder.join("inputs.json"))?)
        .with("contest/model.onnx", content("application/octet-stream", folder.join("model.onnx"))?);
    for entry in fs::read_dir(folder.join("ort"))? {
        let path = entry?.path();
        let media_type = if path.extension().is_some_and(|end| end == "wasm") { "application/wasm" } else { "text/javascript" };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        site = site.with(&format!("contest/{name}"), content(media_type, path)?);
    }
    Ok(site)
}

fn contest(browser: &Browser, address: &str, script: &str) -> Result<Value, libtest_mimic::Failed> {
    let page = Page::open_foreign(browser, &format!("{address}contest.html"))?;
    // Asked for and then waited for: one answer may not take as long as the whole contest.
    page.eval::<()>(&format!(
        "{}.then((result) => {{ window.result = {{ result }}; }}, (error) => {{ window.result = {{ error: String(error?.stack ?? error) }}; }}), undefined",
        script.trim().trim_end_matches(';')
    ))?;
    for _ in 0..10 {
        if page.wait_for("window.result").is_ok() {
            break;
        }
    }
    let mut outcome: Value = page.eval("window.result")?;
    match outcome["error"].as_str() {
        Some(error) => Err(error.into()),
        None => Ok(outcome["result"].take()),
    }
}
