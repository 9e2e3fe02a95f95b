//! A visit from its first second on: pictures before the model, nothing from elsewhere, no network the second time.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use libtest_mimic::Failed;
use tests::browser::Kind;
use tests::gate::Gate;
use tests::page::ensure;
use xtask::manifest::Entry;
use xtask::parts;

use crate::Test;
use crate::session::{ANOTHER_PAGE, Session};

pub const ON_EVERY_DEVICE: &[Test] = &[
    ("only the engine for the device is fetched", only_the_engine_for_the_device_is_fetched),
    ("the second visit needs no network", the_second_visit_needs_no_network),
];

pub const TESTS: &[Test] = &[
    ("pictures are there before the model", pictures_are_there_before_the_model),
    ("the first picture needs neither engine nor model", the_first_picture_needs_neither_engine_nor_model),
    ("nothing is asked of anyone else", nothing_is_asked_of_anyone_else),
    ("another page of the site does not take its place", another_page_of_the_site_does_not_take_its_place),
    ("all of the page's modules are asked for at once", all_of_the_pages_modules_are_asked_for_at_once),
    ("all that the page is made of is in its build", all_that_the_page_is_made_of_is_in_its_build),
];

/// What may be loaded before the first picture: on a line of 10 Mbit/s it takes 0.8 seconds.
const MOMENT_BYTES: f64 = 1e6;
const ENGINE_AND_MODEL: &[&str] = &[".wasm", ".safetensors"];

/// JavaScript: how many levels of the picture are not white.
const INK: &str =
    "picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data.filter((level) => level < 200).length";

fn pictures_are_there_before_the_model(session: &Session) -> Result<(), Failed> {
    // A model that never comes leaves all the time in the world to look.
    let page = session.open("model=models/no-such.safetensors")?;
    page.wait_for("document.documentElement.hasAttribute('data-ready-made')")?;
    let (ink, mottoes, cells): (usize, usize, usize) = page.eval(&format!(
        "[{INK}, document.querySelectorAll('#mottoes canvas[data-key]').length, document.querySelectorAll('#board canvas[data-key]').length]"
    ))?;
    ensure(ink > 500 && mottoes >= 10 && cells >= 30, format!("{ink} dark levels, {mottoes} mottoes, {cells} cells"))?;
    // They can be gone through.
    let before: String = page.eval("picture.toDataURL()")?;
    let after: String =
        page.eval("([...document.querySelectorAll('#mottoes button')].find((motto) => motto.innerText !== caption.value).click(), picture.toDataURL())")?;
    ensure(before != after, "another motto shows the same picture")?;
    let other_hand: String = page.eval("(document.querySelectorAll('#hands button')[3].click(), picture.toDataURL())")?;
    ensure(after != other_hand, "another hand shows the same picture")?;
    page.ensure_calm()
}

fn the_first_picture_needs_neither_engine_nor_model(session: &Session) -> Result<(), Failed> {
    let gate = Gate::withholding(session.site.address(), ENGINE_AND_MODEL)?;
    let page = session.open_at(&format!("http://{}/", gate.address()))?;
    page.wait_for("performance.getEntriesByName('ready-made').length > 0 && document.readyState === 'complete'")?;
    let (painted, shown): (f64, f64) =
        page.eval("['first-contentful-paint', 'ready-made'].map((name) => performance.getEntriesByName(name)[0].startTime)")?;
    let (bytes, state): (f64, String) = page.eval(
        "[['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind)).reduce((sum, { encodedBodySize }) => \
         sum + encodedBodySize, 0), document.documentElement.dataset.state]",
    )?;
    // The clock is told and not judged: a busy machine is late without being wrong.
    eprintln!("{:.0} kB before the first picture; first paint after {painted:.0} ms, a picture after {shown:.0} ms", bytes / 1e3);
    ensure(state == "loading", format!("the model was withheld, and the page is {state}"))?;
    let ink: usize = page.eval(INK)?;
    ensure(ink > 500, format!("{ink} dark levels"))?;
    ensure(bytes > 1e4 && bytes < MOMENT_BYTES, format!("{bytes} bytes are loaded before the first picture"))?;
    page.ensure_calm()
}

fn nothing_is_asked_of_anyone_else(session: &Session) -> Result<(), Failed> {
    let page = session.open("")?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let foreign: Vec<String> = page.eval(
        "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => new URL(name).origin !== location.origin)",
    )?;
    ensure(foreign.is_empty(), format!("{foreign:?}"))?;
    page.ensure_calm()
}

/// Besides, offline nobody has an engine that they do not need.
fn the_second_visit_needs_no_network(session: &Session) -> Result<(), Failed> {
    let gate = Gate::before(session.site.address())?;
    let device = session.kind.device();
    let address = format!("http://{}/?device={device}", gate.address());
    let first = session.open_at(&address)?;
    first.wait_for("document.documentElement.dataset.state === 'ready'")?;
    first.eval::<()>("navigator.serviceWorker.ready.then(() => undefined)")?;
    let kept =
        "caches.open('emblem-build').then((cache) => cache.keys()).then((kept) => kept.map(({ url }) => url.split('/').at(-1)))";
    if session.kind == Kind::WebGpu {
        first.eval::<()>(&format!(
            "(async () => {{
                while (!(await {kept}).includes('webgpu_bg.wasm')) await new Promise((resolve) => setTimeout(resolve, 100));
            }})()"
        ))?;
    }
    let names: Vec<String> = first.eval(kept)?;
    let has_webgpu = names.iter().any(|name| name.starts_with("webgpu"));
    ensure(has_webgpu == (session.kind == Kind::WebGpu) && names.len() > 40, format!("kept are {names:?}"))?;
    let drawn: String = first.eval("picture.toDataURL()")?;
    drop(first);
    gate.close();
    let second = session.open_at(&format!("{address}&caption=a%20red%20apple"))?;
    second.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let (caption, again): (String, String) = second.eval("[picture.dataset.caption, picture.toDataURL()]")?;
    ensure(caption == "a red apple" && again != drawn, format!("drawn without a network: {caption:?}"))?;
    let by: String = second.eval("emblem.ready.then((painter) => painter.device)")?;
    ensure(by == device, format!("drawn on {by}"))?;
    second.ensure_calm()
}

/// Of the other, nothing comes.
fn only_the_engine_for_the_device_is_fetched(session: &Session) -> Result<(), Failed> {
    let other: &[&str] = match session.kind {
        Kind::Cpu => &["/webgpu.js", "/webgpu_bg.wasm"],
        Kind::WebGpu => &["/web.js", "/web_bg.wasm"],
    };
    let gate = Gate::withholding(session.site.address(), other)?;
    let page = session.open_at(&format!("http://{}/?device={}", gate.address(), session.kind.device()))?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    page.ensure_calm()
}

fn another_page_of_the_site_does_not_take_its_place(session: &Session) -> Result<(), Failed> {
    let gate = Gate::before(session.site.address())?;
    let address = format!("http://{}/", gate.address());
    let first = session.open_at(&format!("{address}index.html"))?;
    first.wait_for("document.documentElement.dataset.state === 'ready'")?;
    first.wait_for("navigator.serviceWorker.controller")?;
    let other = session.open_foreign(&format!("{address}{ANOTHER_PAGE}"))?;
    ensure(other.eval::<String>("document.title")? == "Another page", "the other page is not shown")?;
    gate.close();
    for path in ["", "index.html"] {
        let second = session.open_at(&format!("{address}{path}?caption=a%20red%20apple"))?;
        second.wait_for("picture.dataset.caption === 'a red apple'")?;
        second.ensure_calm()?;
    }
    Ok(())
}

/// What lies in `dist` outside the build's folder: what others know by name.
const BESIDE_THE_PARTS: [&str; 10] = [
    "element.d.ts",
    "element.js",
    "emblem.d.ts",
    "emblem.js",
    "index.html",
    "models/MODEL_CARD.md",
    "models/emblem.safetensors",
    "models/manifest.json",
    "models/samples.jpg",
    "offline.js",
];

fn files(folder: &Path, below: &Path, found: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(below)? {
        let path = entry?.path();
        if path.is_dir() {
            files(folder, &path, found)?;
        } else if let Ok(path) = path.strip_prefix(folder) {
            found.insert(path.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// Or a module would wait for the one that imports it. What the worker is made of comes with the worker.
fn all_of_the_pages_modules_are_asked_for_at_once(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let (asked, late): (usize, Vec<String>) = page.eval(
        "(() => {
            const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
            const { startTime } = scripts.find(({ name }) => name.endsWith('/page/page.js'));
            const asked = new Set(scripts.filter((script) => script.startTime <= startTime).map(({ name }) => name));
            return [asked.size, scripts.map(({ name }) => name).filter((name) => !asked.has(name))];
        })()",
    )?;
    let of_the_worker = |name: &String| ["/worker.js", "/web.js", "/webgpu.js"].iter().any(|end| name.ends_with(end));
    ensure(asked > 20 && late.iter().all(of_the_worker), format!("{asked} asked for, and later {late:?}"))
}

fn all_that_the_page_is_made_of_is_in_its_build(_: &Session) -> Result<(), Failed> {
    let dist = xtask::dist_dir();
    let built = parts::folder(&dist)?;
    let (mut all, mut gathered) = (BTreeSet::new(), BTreeSet::new());
    files(&dist, &dist, &mut all)?;
    files(&built, &built, &mut gathered)?;
    let name = built.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside: Vec<_> = all.iter().filter(|path| !path.starts_with(&name)).map(String::as_str).collect();
    let expected: BTreeSet<_> = BESIDE_THE_PARTS.into_iter().collect();
    ensure(beside.iter().copied().eq(expected.iter().copied()), format!("beside the build lie {beside:?}"))?;
    let list: Vec<Entry> = serde_json::from_slice(&fs::read(built.join(parts::LIST))?)?;
    let listed = list.into_iter().map(|entry| entry.file).chain([parts::LIST.to_owned()]).collect();
    ensure(gathered == listed && gathered.len() > 40, format!("listed are {listed:?}, there are {gathered:?}"))
}
