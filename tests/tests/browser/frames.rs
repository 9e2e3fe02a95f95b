//! Pages with an address of another kind: with a `<base>`, in a frame's `srcdoc`, from a `blob:`, from disk. A model's address means
//! there what an image's would.

use std::thread;

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::page::{Page, ensure};
use xtask::site::{self, Content, Site};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a model's address is relative to the page's base", a_models_address_is_relative_to_the_pages_base),
    ("frames and workers without an address draw", frames_and_workers_without_an_address_draw),
    ("what has no address at all is told what to give", what_has_no_address_at_all_is_told),
    ("the page itself works under a base", the_page_itself_works_under_a_base),
    ("a page from disk says what it needs", a_page_from_disk_says_what_it_needs),
];

/// A script for any page, frame or worker: it loads a model by a relative address, draws, and tells what came of it.
const FRAMED: &str = "import { Painter } from '/emblem.js';
    const told = await Painter.load('models/small.safetensors', { device: 'cpu' })
        .then(async (own) => ({ drawn: (await own.paint('a red apple')).imageData.data.length }))
        .catch(({ code = 'raw', message, advice }) => ({ code, message, advice }));
    (globalThis.parent ?? self).postMessage(told);";

#[derive(Debug, Deserialize)]
struct Told {
    drawn: Option<usize>,
    code: Option<String>,
    advice: Option<String>,
}

/// A server whose pages may hold frames and workers of their own making.
fn host(session: &Session) -> Result<String, Failed> {
    let listener = site::listen_anywhere()?;
    let address = listener.local_addr()?;
    let model = Content::whole("application/octet-stream", session.site.small.clone());
    let page =
        |head: &str| Content::whole("text/html; charset=utf-8", format!("<!doctype html>{head}<body></body>").into_bytes());
    let site = Site::new(xtask::dist_dir())
        .with("models/small.safetensors", model.clone())
        .with("deep/er/models/small.safetensors", model)
        .with("framed.js", Content::whole("text/javascript", FRAMED.as_bytes().to_vec()))
        .with("plain.html", page(""))
        .with("based/page.html", page("<base href=\"/deep/er/\">"))
        .with("based/nowhere.html", page("<base href=\"data:text/plain,nothing\">"))
        .with_header(
            "Content-Security-Policy",
            "script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; frame-src 'self' blob: data:",
        );
    thread::spawn(move || site.serve(listener));
    Ok(format!("http://{address}"))
}

/// What a load by `source` comes to in a page.
fn load(page: &Page, source: &str) -> Result<Result<usize, tests::page::Fault>, Failed> {
    page.attempt(&format!(
        "{{
            const {{ Painter }} = await import('/emblem.js');
            const own = await Painter.load({source}, {{ device: 'cpu' }});
            const {{ imageData }} = await own.paint('a red apple');
            own.dispose();
            return imageData.data.length;
        }}"
    ))
}

fn a_models_address_is_relative_to_the_pages_base(session: &Session) -> Result<(), Failed> {
    let host = host(session)?;
    let page = session.open_foreign(&format!("{host}/based/page.html"))?;
    for source in [
        "'models/small.safetensors'",
        "'./models/small.safetensors'",
        "'../../models/small.safetensors'",
        "'/models/small.safetensors'",
    ] {
        let outcome = load(&page, source)?;
        ensure(outcome.is_ok(), format!("{source}: {outcome:?}"))?;
    }
    match load(&page, "'small.safetensors'")? {
        Err(fault) if fault.code == "model.not-found" && fault.message.contains("/deep/er/small.safetensors") => {
            fault.ensure_helpful()
        }
        other => Err(format!("{other:?}").into()),
    }
}

/// JavaScript: what the script tells from a frame, or a worker, that is made here.
const INSIDE: &str = "
    const html = `<!doctype html><script type=\"module\" src=\"${location.origin}/framed.js\"></script>`;
    const frame = (attributes) => new Promise((resolve) => {
        const made = Object.assign(document.createElement('iframe'), attributes);
        addEventListener('message', ({ data, source }) => source === made.contentWindow && resolve(data));
        document.body.append(made);
    });
    const blob = (text, type) => URL.createObjectURL(new Blob([text], { type }));";

fn frames_and_workers_without_an_address_draw(session: &Session) -> Result<(), Failed> {
    let host = host(session)?;
    let ways = [
        "frame({ srcdoc: html })",
        "frame({ src: blob(html, 'text/html') })",
        "new Promise((resolve) => {
            const script = `import \"${location.origin}/framed.js\";`;
            new Worker(blob(script, 'text/javascript'), { type: 'module' }).onmessage = ({ data }) => resolve(data);
        })",
    ];
    for from in ["plain.html", "based/page.html"] {
        let page = session.open_foreign(&format!("{host}/{from}"))?;
        for way in ways {
            let told: Told = page.eval(&format!("(() => {{ {INSIDE} return {way}; }})()"))?;
            let Told { drawn, code, advice } = told;
            ensure(drawn.is_some_and(|levels| levels > 0), format!("{from}, {way}: {code:?}, {advice:?}"))?;
        }
    }
    Ok(())
}

/// Where nothing says what a relative address is relative to, a whole one still works.
fn what_has_no_address_at_all_is_told(session: &Session) -> Result<(), Failed> {
    let host = host(session)?;
    let page = session.open_foreign(&format!("{host}/plain.html"))?;
    for source in ["'http://'", "'https://[/x'"] {
        match load(&page, source)? {
            Err(fault) if fault.code == "option.source" && fault.advice.contains("whole URL") => fault.ensure_helpful()?,
            other => return Err(format!("{source}: {other:?}").into()),
        }
    }
    // Browsers leave a base aside that can be none.
    let page = session.open_foreign(&format!("{host}/based/nowhere.html"))?;
    let outcome = load(&page, "location.origin + '/models/small.safetensors'")?;
    ensure(outcome.is_ok(), format!("{outcome:?}"))?;
    page.ensure_calm()
}

/// The page's own scripts, models and album under another base than its address.
fn the_page_itself_works_under_a_base(session: &Session) -> Result<(), Failed> {
    let text = std::fs::read_to_string(xtask::dist_dir().join("index.html"))?.replace("<head>", "<head><base href=\"/\" />");
    let listener = site::listen_anywhere()?;
    let address = listener.local_addr()?;
    let model = Content::whole("application/octet-stream", session.site.small.clone());
    let site = Site::new(xtask::dist_dir())
        .with("models/small.safetensors", model)
        .with("below/here/page.html", Content::whole("text/html; charset=utf-8", text.into_bytes()));
    thread::spawn(move || site.serve(listener));
    let page = session
        .open_at(&format!("http://{address}/below/here/page.html?model=models/small.safetensors&caption=a%20red%20apple"))?;
    page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
    let (state, caption): (String, Option<String>) =
        page.eval("[document.documentElement.dataset.state, picture.dataset.caption ?? null]")?;
    ensure(state == "ready" && caption.as_deref() == Some("a red apple"), format!("{state}, {caption:?}"))?;
    page.wait_for("new URLSearchParams(location.search).has('style') && location.pathname === '/below/here/page.html'")?;
    page.ensure_calm()
}

fn a_page_from_disk_says_what_it_needs(session: &Session) -> Result<(), Failed> {
    let page = xtask::dist_dir().join("index.html").canonicalize()?;
    let page = session.open_foreign(&format!("file://{}", page.display()))?;
    for said in ["web server", "cargo xtask demo", "网页服务器"] {
        page.wait_for(&format!("document.body.innerText.includes('{said}')"))?;
    }
    // Nothing says any more that a model is on its way.
    page.wait_for("!document.body.innerText.includes('Fetching the model')")
}
