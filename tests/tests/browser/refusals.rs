//! Browsers that refuse: in sandboxed frames, and under some settings and extensions, the very question for `caches` or `crypto` throws.
//! Whatever the library asks of the browser is refused in turn; each time there is a picture, or an `EmblemError`, and the page says so.

use std::thread;

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::page::ensure;
use tests::rigs;
use xtask::site::{self, Content, Site};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("what the browser refuses the library ends in advice", what_is_refused_to_the_library_ends_in_advice),
    ("what the browser refuses the worker ends in advice", what_is_refused_to_the_worker_ends_in_advice),
    ("what the browser refuses is told on the page", what_is_refused_is_told_on_the_page),
    ("a sandboxed page says what it lacks", a_sandboxed_page_says_what_it_lacks),
    ("a caller's mistakes are its own", a_callers_mistakes_are_its_own),
];

/// The language itself, without which no page runs.
const LANGUAGE: &str = "Array ArrayBuffer Boolean DataView Date Error Float32Array Function JSON Map Math Number Object Promise RangeError \
    RegExp Set String Symbol SyntaxError TypeError Uint8Array Uint8ClampedArray Uint32Array WeakMap globalThis decodeURIComponent undefined";

/// Words of the library's scripts that also name something of a window's: it asks for none of that.
const WORDS: &str = "chrome close emblem event find length name onerror onmessage onmessageerror open status stop";

/// JavaScript: the names in the library's scripts that mean something to this page's window.
const ASKED: &str = "(async () => {
    const list = await (await fetch(probe.part('parts.json'))).json();
    const scripts = list.map(({ file }) => file).filter((file) => /^[a-z]+\\.js$/.test(file) && !['element.js', 'web.js', 'webgpu.js', 'worker.js'].includes(file));
    const texts = await Promise.all(scripts.map(async (file) => (await fetch(probe.part(file))).text()));
    const code = texts.join('\\n').replace(/\\/\\*[^]*?\\*\\/|^\\s*\\/\\/.*$/gm, '');
    const words = new Set(code.match(/[A-Za-z_$][\\w$]*/g));
    const own = (name) => Object.getOwnPropertyDescriptor(window, name);
    return [...words].filter((name) => own(name)?.configurable && !LANGUAGE.includes(name)).sort();
})()";

/// JavaScript: `refuse(name)` makes the question for a global throw, and `mend()` makes all as it was.
const REFUSE: &str = "
    const refused = [];
    const refuse = (owner, name, how = { get() { throw new DOMException('refused here', 'SecurityError'); } }) => {
        refused.push([owner, name, Object.getOwnPropertyDescriptor(owner, name)]);
        Object.defineProperty(owner, name, { configurable: true, ...how });
    };
    const mend = () => { for (const one of refused.splice(0)) Object.defineProperty(...one); };";

fn asked(session: &Session) -> Result<Vec<String>, Failed> {
    let language: Vec<_> = LANGUAGE.split_whitespace().chain(WORDS.split_whitespace()).collect();
    let asked: Vec<String> = session.bench()?.eval(&ASKED.replace("LANGUAGE", &format!("{language:?}")))?;
    for known in ["caches", "crypto", "fetch", "navigator", "setTimeout", "Worker", "URL"] {
        ensure(asked.iter().any(|name| name == known), format!("{known} is not among {asked:?}"))?;
    }
    Ok(asked)
}

/// How one piece of work ended while something was refused.
#[derive(Debug, Deserialize)]
struct End {
    what: String,
    work: String,
    /// The error's code, where it is an `EmblemError` with advice; "drawn" where there is none.
    end: String,
    message: Option<String>,
}

fn what_is_refused_to_the_library_ends_in_advice(session: &Session) -> Result<(), Failed> {
    let asked = asked(session)?;
    let ends: Vec<End> = session.bench()?.eval(&format!(
        "(async () => {{
            const {{ Painter, EmblemError }} = emblem;
            const {{ detect }} = await import('/emblem.js');
            const own = await Painter.load('models/small.safetensors', {{ device: 'cpu' }});
            const file = await (await fetch('models/small.safetensors')).blob();
            const canvas = new OffscreenCanvas(8, 8);
            canvas.getContext('2d').fillRect(2, 2, 4, 4);
            const picture = await canvas.convertToBlob();
            const load = async (source, options) => (await Painter.load(source, {{ device: 'cpu', ...options }})).dispose();
            const works = {{
                load: () => load('models/small.safetensors'),
                kept: () => load('models/kept/small.safetensors'),
                file: () => load(file),
                auto: () => load(file, {{ device: 'auto' }}),
                detect: () => detect(),
                paint: () => own.paint('a red apple'),
                grid: () => own.grid(['a cat'], [1, 'ada']),
                styleOf: () => own.styleOf(picture),
                live: () => new Promise((resolve, reject) => own.live(resolve, {{ onError: reject }}).update({{ caption: 'a cat' }})),
            }};
            const wait = setTimeout;
            const late = () => new Promise((resolve) => wait(resolve, 40_000, 'nothing'));
            {REFUSE}
            const ends = [];
            const tryAll = async (what) => {{
                const all = Object.entries(works).map(async ([work, begin]) => {{
                    const attempt = (async () => begin())().then(() => ({{ end: 'drawn' }}), (error) => {{
                        const helpful = error instanceof EmblemError && typeof error.code === 'string' && error.advice?.length > 10;
                        return {{ end: helpful ? error.code : `raw ${{error}}`, message: error?.message }};
                    }});
                    const outcome = await Promise.race([attempt, late().then((end) => ({{ end }}))]);
                    ends.push({{ what, work, message: null, ...outcome }});
                }});
                await Promise.all(all);
                mend();
            }};
            const deeper = [
                [Navigator.prototype, 'gpu'], [Navigator.prototype, 'userAgent'], [Crypto.prototype, 'subtle'], [CacheStorage.prototype, 'open'],
                [Node.prototype, 'baseURI'], [SubtleCrypto.prototype, 'digest'], [Worker.prototype, 'postMessage'], [Cache.prototype, 'match'],
                [OffscreenCanvas.prototype, 'getContext'], [Response.prototype, 'body'],
            ];
            for (const name of {asked:?}) {{
                refuse(window, name);
                await tryAll(name);
                refuse(window, name, {{ value: undefined, writable: true }});
                await tryAll(`no ${{name}}`);
            }}
            for (const [owner, name] of deeper) {{
                refuse(owner, name);
                await tryAll(`${{owner.constructor.name}} ${{name}}`);
            }}
            own.dispose();
            return ends;
        }})()"
    ))?;
    let is_raw = |End { end, .. }: &&End| end == "nothing" || end.starts_with("raw");
    let told = |End { what, work, end, message }: &End| format!("{what}, {work}: {end} ({message:?})");
    let bad: Vec<_> = ends.iter().filter(is_raw).map(told).collect();
    ensure(bad.is_empty(), format!("{bad:?}"))?;
    let refusals = ends.iter().filter(|End { end, .. }| end != "drawn").count();
    println!("{} names, {refusals} of {} ends are errors", asked.len(), ends.len());
    ensure(refusals > 20, "hardly anything was refused")?;
    // What one can do without costs nobody the picture.
    let dispensable = ["caches", "no caches", "crypto", "no crypto", "navigator", "CacheStorage open"];
    let needless = |End { what, end, .. }: &&End| dispensable.contains(&what.as_str()) && end != "drawn";
    let bad: Vec<_> = ends.iter().filter(needless).map(told).collect();
    ensure(bad.is_empty(), format!("{bad:?}"))
}

fn what_is_refused_to_the_worker_ends_in_advice(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    for asked in rigs::ASKED_BY_THE_WORKER {
        let rig = rigs::refused(asked);
        for device in ["cpu", "auto"] {
            let outcome = page.attempt::<usize>(&format!(
                "{{
                    const {{ Painter }} = await import('/{rig}/emblem.js');
                    const own = await Painter.load('models/small.safetensors', {{ device: '{device}' }});
                    const {{ imageData }} = await own.paint('a red apple', {{ styleSeed: 7 }});
                    own.dispose();
                    return imageData.data.length;
                }}"
            ))?;
            match outcome {
                Err(fault) => fault
                    .ensure_helpful()
                    .map_err(|failed| format!("{asked} on {device}: {}", failed.message().unwrap_or_default()))?,
                Ok(size) => ensure(size > 0, format!("{asked} on {device}: an empty picture"))?,
            }
        }
    }
    page.ensure_calm()
}

fn what_is_refused_is_told_on_the_page(session: &Session) -> Result<(), Failed> {
    let told = "document.getElementById('error').checkVisibility() && document.querySelector('#error h2').innerText.length > 10
        && document.querySelector('#error .advice').innerText.length > 10";
    for name in asked(session)? {
        let script = format!("(() => {{ {REFUSE} refuse(window, '{name}'); }})()");
        let page = session.open_after(&script, &session.site.page("model=models/small.safetensors&caption=a%20red%20apple"))?;
        page.wait_for(&format!("document.documentElement.dataset.state === 'ready' || ({told})"))
            .map_err(|failed| format!("without {name}: {}", failed.message().unwrap_or_default()))?;
    }
    Ok(())
}

/// As in `<iframe sandbox="allow-scripts">`: a page without an origin, on a server that lets anyone have its scripts.
fn a_sandboxed_page_says_what_it_lacks(session: &Session) -> Result<(), Failed> {
    let listener = site::listen_anywhere()?;
    let address = listener.local_addr()?;
    let model = Content::whole("application/octet-stream", session.site.small.clone());
    let site = Site::new(xtask::dist_dir())
        .with("models/small.safetensors", model)
        .with_header("Content-Security-Policy", "sandbox allow-scripts")
        .with_header("Access-Control-Allow-Origin", "*");
    thread::spawn(move || site.serve(listener));
    let page = session.open_foreign(&format!("http://{address}/?model=models/small.safetensors"))?;
    page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
    let (origin, shown, code, advice): (String, bool, String, String) = page.eval(
        "[globalThis.origin, document.getElementById('error').checkVisibility(), document.getElementById('error').dataset.code,
            document.querySelector('#error .advice').innerText]",
    )?;
    ensure(origin == "null" && shown, format!("the origin is {origin}, the panel is shown: {shown}"))?;
    ensure(code == "engine.missing" && advice.contains("allow-same-origin"), format!("{code}: {advice}"))?;
    page.ensure_calm()
}

/// What listeners throw is reported as theirs, and does not stop the work.
fn a_callers_mistakes_are_its_own(session: &Session) -> Result<(), Failed> {
    let page = session.open(&format!("model={}", crate::session::ABSENT))?;
    let (reported, drawn): (Vec<String>, usize) = page.eval(
        "(async () => {
            const reported = [];
            const hear = (event) => { reported.push(event.error.message); event.stopImmediatePropagation(); event.preventDefault(); };
            addEventListener('error', hear, { capture: true });
            const mistake = (name) => () => { throw new Error(name); };
            const own = await emblem.Painter.load('models/small.safetensors', { device: 'cpu', onProgress: mistake('progress') });
            const rows = await own.grid(['a cat'], [1, 2], { onPicture: mistake('grid') });
            removeEventListener('error', hear, { capture: true });
            own.dispose();
            return [[...new Set(reported)], rows[0].length];
        })()",
    )?;
    ensure(reported == ["progress", "grid"] && drawn == 2, format!("{reported:?}, {drawn} pictures"))
}
