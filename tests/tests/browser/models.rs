//! Models that are missing, cut off, altered or no models at all: a coded error within seconds, never a hang.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use tests::page::{Fault, Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a model that cannot be used is refused by name", a_model_that_cannot_be_used_is_refused_by_name),
    ("the page says what is wrong with its model", the_page_says_what_is_wrong_with_its_model),
    ("a file that is no model costs nobody their painter", a_file_that_is_no_model_costs_nobody_their_painter),
    ("where a chosen model fails the shipped one is offered", where_a_chosen_model_fails_the_shipped_one_is_offered),
    ("what is overtaken while it opens is freed", what_is_overtaken_while_it_opens_is_freed),
    ("what is written while a model opens has no other picture", what_is_written_while_a_model_opens_has_no_other_picture),
    ("the address cannot name a model elsewhere", the_address_cannot_name_a_model_elsewhere),
    ("progress is true", progress_is_true),
];

pub const ON_EVERY_DEVICE: &[Test] = &[
    ("a small model loads beside the shipped one", a_small_model_loads_beside_the_shipped_one),
    ("a failed self-test is told, on the CPU too", a_failed_self_test_is_told_on_the_cpu_too),
];

/// A file below `models/` and the code of what is wrong with it.
const BROKEN: [(&str, &str); 11] = [
    ("no-such", "model.not-found"),
    ("half", "model.truncated"),
    ("header", "model.truncated"),
    ("broken-off", "model.network"),
    ("empty", "model.empty"),
    ("page", "model.web-page"),
    ("text", "model.not-safetensors"),
    ("newer", "model.version"),
    ("huge", "model.config"),
    ("nan", "model.not-finite"),
    ("flipped", "model.damaged"),
];

/// Longer than this and a visitor has gone. A busy machine compiles the wasm for some seconds.
const SECONDS: Duration = Duration::from_secs(30);

fn load(page: &Page, name: &str, device: &str) -> Result<Result<bool, Fault>, Failed> {
    page.attempt(&format!("(await emblem.Painter.load('models/{name}.safetensors', {{ device: '{device}' }})).dispose() ?? true"))
}

fn a_model_that_cannot_be_used_is_refused_by_name(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    for (name, code) in BROKEN {
        let start = Instant::now();
        match load(page, name, "auto")? {
            Err(fault) if fault.code == code => fault.ensure_helpful()?,
            other => return Err(format!("{name}: {other:?}, expected {code}").into()),
        }
        ensure(start.elapsed() < SECONDS, format!("{name} took {:?}", start.elapsed()))?;
    }
    page.ensure_calm()
}

fn the_page_says_what_is_wrong_with_its_model(session: &Session) -> Result<(), Failed> {
    for (name, code) in [BROKEN[0], BROKEN[1], BROKEN[5]] {
        let page = session.open(&format!("model=models/{name}.safetensors"))?;
        page.wait_for("document.documentElement.dataset.state === 'error'")?;
        let (shown, advice, retry): (String, String, bool) =
            page.eval("[error.dataset.code, error.querySelector('.advice').innerText, retry.checkVisibility()]")?;
        ensure(shown == code && advice.len() > 10 && retry, format!("{name}: {shown}, {advice:?}, retry {retry}"))?;
        page.ensure_calm()?;
    }
    Ok(())
}

fn a_file_that_is_no_model_costs_nobody_their_painter(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat")?;
    page.eval::<()>(
        "(() => {
            const files = new DataTransfer();
            files.items.add(new File(['This is a text, and no model at all.'], 'mine.safetensors'));
            document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true }));
        })()",
    )?;
    page.wait_for("document.documentElement.dataset.state === 'error'")?;
    let (code, retry, device): (String, bool, String) =
        page.eval("[error.dataset.code, retry.checkVisibility(), document.documentElement.dataset.device]")?;
    ensure(code == "model.not-safetensors" && retry && device == "cpu", format!("{code}, retry {retry}, on {device:?}"))?;
    // It draws on, and the complaint goes with the next picture.
    page.settle_after("caption.value = 'a house'; caption.dispatchEvent(new Event('input'))")?;
    let (drawn, calm): (String, bool) = page.eval("[picture.dataset.caption, error.hidden]")?;
    ensure(drawn == "a house" && calm, format!("{drawn:?} is drawn, the complaint is gone: {calm}"))?;
    page.paint("a red apple", "{ styleSeed: 7 }")?;
    page.ensure_calm()
}

fn where_a_chosen_model_fails_the_shipped_one_is_offered(session: &Session) -> Result<(), Failed> {
    let page = session.open("model=models/half.safetensors")?;
    page.wait_for("document.documentElement.dataset.state === 'error'")?;
    let offer = "document.getElementById('shipped-instead')";
    let (offered, sheet): (bool, bool) =
        page.eval(&format!("[{offer}.checkVisibility(), document.getElementById('save-board').disabled]"))?;
    ensure(offered && sheet, format!("offered: {offered}, without a painter the sheet cannot be saved: {sheet}"))?;
    page.settle_after(&format!("{offer}.click()"))?;
    let (state, query): (String, String) = page.eval("[document.documentElement.dataset.state, location.search]")?;
    ensure(state == "ready" && !query.contains("model="), format!("{state}, {query}"))?;
    let sheet: bool = page.eval("document.getElementById('save-board').disabled")?;
    ensure(!sheet, "with a painter the sheet can be saved")?;
    page.ensure_calm()
}

fn what_is_overtaken_while_it_opens_is_freed(session: &Session) -> Result<(), Failed> {
    let page = session.ready("model=models/small.safetensors&caption=a%20red%20apple")?;
    // In the very moment between a painter's being there and its being used.
    page.eval::<()>("(retry.click(), emblem.ready.then((painter) => { window.overtaken = painter; retry.click(); }))")?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    match page.attempt::<bool>("await overtaken.paint('a red apple') && true")? {
        Err(fault) if fault.code == "disposed" => page.ensure_calm(),
        other => Err(format!("{other:?}").into()),
    }
}

fn what_is_written_while_a_model_opens_has_no_other_picture(session: &Session) -> Result<(), Failed> {
    let page = session.open("model=models/stalled.safetensors")?;
    page.wait_for("document.documentElement.hasAttribute('data-ready-made')")?;
    let looks =
        "[picture.ariaLabel, picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data.some(Boolean)]";
    let (label, inked): (String, bool) = page.eval(looks)?;
    ensure(label.contains("a house") && inked, format!("{label:?}, inked: {inked}"))?;
    page.eval::<()>("(caption.value = 'two hounds', caption.dispatchEvent(new Event('input')), undefined)")?;
    let (label, inked): (String, bool) = page.eval(looks)?;
    ensure(label == "Nothing is drawn yet" && !inked, format!("{label:?}, inked: {inked}"))?;
    page.eval::<()>("document.querySelector('#languages [lang=zh]').click()")?;
    let (label, _): (String, bool) = page.eval(looks)?;
    page.eval::<()>("document.querySelector('#languages [lang=en]').click()")?;
    ensure(label == "尚未作画", label)?;
    page.ensure_calm()
}

fn the_address_cannot_name_a_model_elsewhere(session: &Session) -> Result<(), Failed> {
    let page = session.open("model=https://example.com/model.safetensors")?;
    page.wait_for("document.documentElement.dataset.state === 'error'")?;
    let code: String = page.eval("error.dataset.code")?;
    ensure(code == "option.model", code)?;
    page.ensure_calm()
}

fn progress_is_true(session: &Session) -> Result<(), Failed> {
    let size = session.site.small.len();
    let told: Vec<(String, Option<usize>, Option<usize>)> = session.page()?.eval(
        "(async () => {
            const told = [];
            const onProgress = ({ stage, loaded, total }) => told.push([stage, loaded ?? null, total ?? null]);
            (await emblem.Painter.load('models/small.safetensors', { device: 'cpu', onProgress })).dispose();
            return told;
        })()",
    )?;
    let downloads: Vec<_> = told.iter().filter(|(stage, ..)| stage == "download").collect();
    ensure(downloads.iter().all(|(_, loaded, total)| loaded.is_some() && *total == Some(size)), format!("{told:?}"))?;
    ensure(downloads.last().is_some_and(|(_, loaded, _)| *loaded == Some(size)), format!("{told:?}"))?;
    ensure(told.iter().any(|(stage, ..)| stage == "check"), format!("{told:?}"))
}

fn a_small_model_loads_beside_the_shipped_one(session: &Session) -> Result<(), Failed> {
    match load(session.page()?, "small", "auto")? {
        Ok(true) => session.page()?.ensure_calm(),
        other => Err(format!("{other:?}").into()),
    }
}

/// Its golden picture is one that no device draws, so the GPU is given up for the CPU and the CPU fails as well.
fn a_failed_self_test_is_told_on_the_cpu_too(session: &Session) -> Result<(), Failed> {
    for device in ["auto", session.kind.device()] {
        match load(session.page()?, "wrong-golden", device)? {
            Err(fault) if fault.code == "self-test.mismatch" => fault.ensure_helpful()?,
            other => return Err(format!("{device}: {other:?}").into()),
        }
    }
    session.page()?.ensure_calm()
}
