//! Models that are missing, cut off, altered or no models at all: a coded error within seconds, never a hang.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use tests::page::{Fault, Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a model that cannot be used is refused by name", a_model_that_cannot_be_used_is_refused_by_name),
    ("the page says what is wrong with its model", the_page_says_what_is_wrong_with_its_model),
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
