//! The JavaScript in the documents works as it stands there.

use std::thread;

use libtest_mimic::Failed;
use testing::documents;
use tests::models;
use tests::page::ensure;
use xtask::manifest;
use xtask::site::{self, Content, Site};

use crate::Test;
use crate::session::{ANOTHER_PAGE, SHIPPED, Session};

pub const TESTS: &[Test] = &[("the documents' JavaScript runs", the_documents_javascript_runs)];

/// What the examples leave to their reader, by the names that they use for it.
const READERS: &str = "import * as library from './emblem.js';
    const canvas = Object.assign(document.createElement('canvas'), { width: 512, height: 512 });
    const file = await new Promise((resolve) => canvas.toBlob((blob) => resolve(new File([blob], 'picture.png', { type: 'image/png' }))));
    const painter = await library.Painter.load('models/emblem.safetensors');
    const [input, signal] = [document.createElement('input'), new AbortController().signal];
    Object.assign(globalThis, library, { canvas, context: canvas.getContext('2d'), file, painter, input, signal, show() {} });";

fn the_documents_javascript_runs(session: &Session) -> Result<(), Failed> {
    let documents = documents::all(xtask::root())?;
    let examples: Vec<_> = documents.iter().map(|document| (document, document.blocks(&["js", "javascript"]))).collect();
    let script = |text: String| Content::whole("text/javascript; charset=utf-8", text.into_bytes());
    // The shipped model in the examples is a small one here that draws layers and knows every word of theirs.
    let text: String = examples.iter().flat_map(|(_, blocks)| blocks).map(|block| block.to_lowercase()).collect();
    let model = models::layered_knowing(text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()));
    let name = SHIPPED.rsplit('/').next().unwrap_or_default();
    let manifest = serde_json::to_vec(&[manifest::entry(name.to_owned(), &model)])?;
    let integrity = manifest::integrity(&model);
    let mut site = Site::new(xtask::dist_dir())
        .with(SHIPPED, Content::whole("application/octet-stream", model))
        .with("models/manifest.json", Content::whole("application/json", manifest))
        .with("model.js", script(format!("export const url = '{SHIPPED}';\nexport const integrity = '{integrity}';")))
        .with("readers.js", script(READERS.to_owned()))
        .with(ANOTHER_PAGE, Content::whole("text/html; charset=utf-8", b"<!doctype html><canvas></canvas>".to_vec()));
    let mut blocks = vec![];
    for (document, found) in examples {
        for block in found {
            // The package by the names that a bundler resolves.
            let text =
                block.replace("\"emblem-painter/model\"", "\"./model.js\"").replace("\"emblem-painter\"", "\"./emblem.js\"");
            let name = format!("example-{}.js", blocks.len());
            site = site.with(&name, script(text));
            blocks.push((name, document.path.display().to_string(), block));
        }
    }
    ensure(blocks.len() > 1, format!("{blocks:?}"))?;
    let listener = site::listen_anywhere()?;
    let address = format!("http://{}/{ANOTHER_PAGE}", listener.local_addr()?);
    thread::spawn(move || site.serve(listener));
    let page = session.open_foreign(&address)?;
    page.eval::<bool>("import('/readers.js').then(() => true)")?;
    for (name, document, block) in blocks {
        let told = page.eval::<bool>(&format!("import('/{name}').then(() => true)"));
        told.map_err(|failed| format!("{document}: {}\n{block}", failed.message().unwrap_or_default()))?;
    }
    page.ensure_calm()
}
