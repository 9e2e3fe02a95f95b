//! Whatever state a visitor's browser, network or model is in: a picture, or a coded error with advice, and never a wait without end.

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::gate::Gate;
use tests::page::{Fault, Page, ensure};
use tests::rigs;

use crate::Test;
use crate::session::{ABSENT, KEPT, Session};

pub const ON_WEBGPU: &[Test] = &[("every state ends in a picture or advice", every_state_ends)];

pub const TESTS: &[Test] = &[
    ("what falls silent is told and given up", what_falls_silent_is_told_and_given_up),
    ("a silence can be left and tried again", a_silence_can_be_left_and_tried_again),
    ("the page tells of a silence and offers to try again", the_page_tells_of_a_silence),
    ("a silent network does not hold up what is kept", a_silent_network_does_not_hold_up_what_is_kept),
];

/// How a state ends.
enum End {
    /// With a picture; the code of the reason why not everything is as it was wanted begins so.
    Picture(&'static [&'static str]),
    /// With an error of this code.
    Fault(&'static str),
}

/// A state: its name, the library and the model in it, on which device, and how it ends.
type State = (&'static str, &'static str, &'static str, &'static str, End);

const STATES: [State; 11] = [
    ("no API", rigs::NO_API, "small", "auto", End::Picture(&["device.no-api"])),
    ("no adapter", rigs::NO_ADAPTER, "small", "auto", End::Picture(&["device.no-adapter"])),
    ("a device that fails the self-test", rigs::GARBLED, "small", "auto", End::Picture(&["self-test.", "device.not-finite"])),
    ("a model that fails the self-test", ".", "wrong-golden", "cpu", End::Fault("self-test.mismatch")),
    ("a device lost while drawing", rigs::LOST, "small", "auto", End::Picture(&["device.", "engine.died"])),
    ("404", ".", "no-such", "cpu", End::Fault("model.not-found")),
    ("a page in place of the model", ".", "page", "cpu", End::Fault("model.web-page")),
    ("a truncated model", ".", "half", "cpu", End::Fault("model.truncated")),
    ("another model than was published", ".", "altered/small", "cpu", End::Fault("model.integrity")),
    ("a model of an unknown version", ".", "newer", "cpu", End::Fault("model.version")),
    ("a weight that is not finite", ".", "nan", "cpu", End::Fault("model.not-finite")),
];

/// Loads a model, draws with it, and checks that this ends as it should; that it ends is the page's own limit to see to.
fn ends(page: &Page, (name, library, model, device, end): &State) -> Result<(), Failed> {
    let outcome = page.attempt::<(usize, Option<String>)>(&format!(
        "{{
            const {{ Painter }} = '{library}' === '.' ? emblem : await import('/{library}/emblem.js');
            const own = await Painter.load('models/{model}.safetensors', {{ device: '{device}' }});
            const {{ imageData }} = await own.paint('a red apple', {{ styleSeed: 7 }});
            own.dispose();
            return [imageData.data.length, (own.fallback ?? own.notKept)?.code ?? null];
        }}"
    ))?;
    match (end, &outcome) {
        (End::Fault(code), Err(fault)) if fault.code == *code => fault.ensure_helpful(),
        (End::Picture([]), Ok((size, None))) if *size > 0 => Ok(()),
        (End::Picture(codes), Ok((size, Some(why)))) if *size > 0 && codes.iter().any(|code| why.starts_with(code)) => Ok(()),
        _ => Err(format!("{name}: {outcome:?}").into()),
    }
}

/// Has the page compile the wasm and keep it.
fn warm(page: &Page) -> Result<(), Failed> {
    page.eval("emblem.Painter.load('models/small.safetensors', { device: 'cpu' }).then((painter) => { window.warm = painter; })")
}

/// A page at an address of its own, to which nothing has been kept, and the gate before it.
fn gated(session: &Session) -> Result<(Gate, Page), Failed> {
    let gate = Gate::before(session.site.address())?;
    let page = session.open_at(&format!("http://{}/?model={ABSENT}", gate.address()))?;
    Ok((gate, page))
}

fn every_state_ends(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    warm(page)?;
    for state in &STATES {
        ends(page, state)?;
    }
    page.ensure_calm()?;
    page.eval::<()>("warm.dispose()")?;

    let (gate, page) = gated(session)?;
    warm(&page)?;
    page.limit_storage(Some(1))?;
    ends(&page, &("no room to keep the model", ".", "kept/small", "cpu", End::Picture(&["cache.full"])))?;
    page.limit_storage(None)?;
    ends(&page, &("a model that is kept", ".", "kept/small", "cpu", End::Picture(&[])))?;
    page.eval::<()>(
        "(async () => {
            const cache = await caches.open('emblem-models');
            const models = (await cache.keys()).filter(({ url }) => url.includes('safetensors'));
            for (const model of models) await cache.put(model, new Response('<!doctype html>'));
        })()",
    )?;
    ends(&page, &("a poisoned cache", ".", "kept/small", "cpu", End::Picture(&[])))?;
    gate.close();
    ends(&page, &("no network", ".", "small", "cpu", End::Fault("model.network")))?;
    page.ensure_calm()
}

/// What became of a load, and what was told on the way.
#[derive(Debug, Deserialize)]
struct Told {
    error: Option<Fault>,
    /// Whether it was told before the end that nothing comes, and how many bytes had come then.
    #[serde(default)]
    silent: bool,
    loaded: Option<usize>,
}

/// JavaScript: a function that loads a model with a library and resolves to what [`Told`] has.
const LOAD: &str = "const load = async (library, model, options = {}) => {
    const { Painter } = library ? await import(`/${library}/emblem.js`) : emblem;
    const told = {};
    const onProgress = ({ silent, loaded }) => {
        if (!silent || told.silent) return;
        [told.silent, told.loaded] = [true, loaded];
        options.onSilence?.();
    };
    const work = async () => (await Painter.load(model, { device: 'cpu', onProgress, ...options })).dispose();
    const { error } = await probe.attempt(work, 100_000);
    return { ...told, error };
};";

fn given_up(told: &Told, code: &str) -> Result<(), Failed> {
    let fault = told.error.as_ref().ok_or(format!("no error but a model: {told:?}"))?;
    ensure(fault.code == code, format!("expected {code}: {told:?}"))?;
    ensure(told.silent, format!("nothing is told before: {told:?}"))?;
    fault.ensure_helpful()
}

/// Everything that can fall silent does.
fn what_falls_silent_is_told_and_given_up(session: &Session) -> Result<(), Failed> {
    let (gate, gated) = gated(session)?;
    gated.eval::<()>("void (window.done = null)")?;
    gate.silence();
    gated.eval::<()>(&format!("(() => {{ {LOAD} load('', '{KEPT}').then((told) => {{ window.done = told; }}); }})()"))?;
    let page = session.bench()?;
    let [model, script, engine, wasm]: [Told; 4] = page.eval(&format!(
        "(() => {{
            {LOAD}
            return Promise.all([
                load('', 'models/stalled.safetensors'),
                load('{}', 'models/small.safetensors'),
                load('{}', 'models/small.safetensors'),
                load('{}', 'models/small.safetensors'),
            ]);
        }})()",
        rigs::STALLED_SCRIPT,
        rigs::STALLED_ENGINE,
        rigs::STALLED_WASM
    ))?;
    given_up(&model, "model.stalled")?;
    ensure(model.loaded == Some(session.site.small.len() / 2), format!("{model:?}"))?;
    given_up(&script, "engine.stalled")?;
    given_up(&engine, "engine.stalled")?;
    given_up(&wasm, "engine.stalled")?;
    page.ensure_calm()?;
    gated.wait_for("done")?;
    let network: Told = gated.eval("done")?;
    given_up(&network, "model.stalled")?;
    gated.ensure_calm()
}

fn a_silence_can_be_left_and_tried_again(session: &Session) -> Result<(), Failed> {
    let (gate, page) = gated(session)?;
    gate.silence();
    let told: Told = page.eval(&format!(
        "(() => {{
            {LOAD}
            const stop = new AbortController();
            return load('', 'models/small.safetensors', {{ signal: stop.signal, onSilence: () => stop.abort() }});
        }})()"
    ))?;
    let code = told.error.as_ref().map(|fault| fault.code.as_str());
    ensure(code == Some("aborted") && told.silent, format!("{told:?}"))?;
    gate.open();
    let told: Told = page.eval(&format!("(() => {{ {LOAD} return load('', 'models/small.safetensors'); }})()"))?;
    ensure(told.error.is_none(), format!("{told:?}"))?;
    page.ensure_calm()
}

fn the_page_tells_of_a_silence(session: &Session) -> Result<(), Failed> {
    let page = session.open("model=models/stalled.safetensors")?;
    page.wait_for("stage.checkVisibility() && stage.textContent.includes('says nothing')")?;
    page.wait_for("document.documentElement.dataset.state === 'error'")?;
    let (code, advice): (String, String) = page.eval("[error.dataset.code, error.querySelector('.advice').innerText]")?;
    ensure(code == "model.stalled" && advice.contains("try again"), format!("{code}: {advice}"))?;
    let state: String = page.eval("(retry.click(), document.documentElement.dataset.state)")?;
    ensure(state == "loading" && page.eval("error.hidden")?, format!("after another try: {state}"))?;
    page.ensure_calm()
}

/// After one visit the page and its model are there, also where a network accepts every connection and says nothing on it.
fn a_silent_network_does_not_hold_up_what_is_kept(session: &Session) -> Result<(), Failed> {
    let gate = Gate::before(session.site.address())?;
    let address = format!("http://{}/?caption=a%20red%20apple", gate.address());
    let first = session.open_at(&address)?;
    first.wait_for("document.documentElement.dataset.state === 'ready'")?;
    first.eval::<()>("navigator.serviceWorker.ready.then(() => undefined)")?;
    drop(first);
    gate.silence();
    let second = session.open_at(&address)?;
    second.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
    let (state, code): (String, Option<String>) =
        second.eval("[document.documentElement.dataset.state, error.dataset.code ?? null]")?;
    ensure(state == "ready", format!("{state}, {code:?}"))?;
    second.ensure_calm()
}
