//! Devices that are not there, fail or lie: each ends in a right picture or a coded error with advice, and nothing hangs.

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::browser::{Browser, Kind};
use tests::page::{Page, ensure};
use tests::rigs;

use crate::Test;
use crate::session::{ABSENT, Session};

pub const ON_WEBGPU: &[Test] = &[
    ("without WebGPU the CPU draws and says why", without_webgpu_the_cpu_draws),
    ("a device that is lost twice is left for the CPU", a_device_that_is_lost_twice_is_left),
    ("a lost device that was asked for is told", a_lost_device_that_was_asked_for_is_told),
    ("a device that computes wrongly is left for the CPU", a_device_that_computes_wrongly_is_left),
    ("a device that never comes is left for the CPU", a_device_that_never_comes_is_left),
    ("a device whose engine does not come is left for the CPU", a_device_whose_engine_does_not_come_is_left),
    ("a device that is lost once is started anew", a_device_that_is_lost_once_is_started_anew),
];

pub const TESTS: &[Test] = &[("an engine that is not there is told", an_engine_that_is_not_there_is_told)];

#[derive(Debug, Deserialize)]
struct Outcome {
    device: String,
    fallback: Option<String>,
    advice: Option<String>,
    /// The pixels, and those that the CPU draws.
    drawn: String,
    expected: String,
}

/// A picture of the small model, drawn by the library at `rig`.
fn draw(page: &Page, rig: &str, options: &str) -> Result<Result<Outcome, tests::page::Fault>, Failed> {
    page.attempt(&format!(
        "{{
            const {{ Painter }} = await import('/{rig}/emblem.js');
            const own = await Painter.load('models/small.safetensors', {{ {options} }});
            const drawn = probe.plain(await own.paint('a red apple', {{ styleSeed: 7 }})).rgba;
            const cpu = await emblem.Painter.load('models/small.safetensors', {{ device: 'cpu' }});
            const expected = probe.plain(await cpu.paint('a red apple', {{ styleSeed: 7 }})).rgba;
            own.dispose();
            cpu.dispose();
            const {{ device, fallback }} = own;
            return {{ device, fallback: fallback && fallback.code, advice: fallback && fallback.advice, drawn, expected }};
        }}"
    ))
}

fn a_device_whose_engine_does_not_come_is_left(session: &Session) -> Result<(), Failed> {
    ends_on_the_cpu(session, rigs::NO_ENGINE_FOR_THE_CARD, &["engine.missing"])
}

fn ends_on_the_cpu(session: &Session, rig: &str, codes: &[&str]) -> Result<(), Failed> {
    let page = session.bench()?;
    let outcome = draw(page, rig, "")?.map_err(|fault| format!("{rig}: {fault:?}"))?;
    let Outcome { device, fallback, advice, drawn, expected } = &outcome;
    let why = fallback.as_deref().unwrap_or_default();
    ensure(device == "cpu" && codes.iter().any(|code| why.starts_with(code)), format!("{rig}: on {device} because of {why:?}"))?;
    ensure(advice.as_ref().is_some_and(|advice| advice.len() > 10), format!("{rig}: {advice:?}"))?;
    ensure(drawn == expected, format!("{rig}: another picture than on the CPU from the start"))?;
    page.ensure_calm()
}

fn without_webgpu_the_cpu_draws(session: &Session) -> Result<(), Failed> {
    ends_on_the_cpu(session, rigs::NO_API, &["device.no-api"])?;
    match draw(session.bench()?, rigs::NO_API, "device: 'webgpu'")? {
        Err(fault) if fault.code == "device.no-api" => fault.ensure_helpful(),
        other => Err(format!("{other:?}").into()),
    }
}

fn a_device_that_is_lost_twice_is_left(session: &Session) -> Result<(), Failed> {
    ends_on_the_cpu(session, rigs::LOST, &["device.", "engine.died"])
}

fn a_lost_device_that_was_asked_for_is_told(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    match draw(page, rigs::LOST, "device: 'webgpu'")? {
        Err(fault) if fault.code.starts_with("device.") || fault.code == "engine.died" => fault.ensure_helpful()?,
        other => return Err(format!("{other:?}").into()),
    }
    page.ensure_calm()
}

fn a_device_that_computes_wrongly_is_left(session: &Session) -> Result<(), Failed> {
    ends_on_the_cpu(session, rigs::GARBLED, &["self-test.mismatch", "device.not-finite"])
}

fn a_device_that_never_comes_is_left(session: &Session) -> Result<(), Failed> {
    ends_on_the_cpu(session, rigs::MUTE_DEVICE, &["device.refused"])
}

/// In a browser of its own, because the whole browser's graphics process is ended.
fn a_device_that_is_lost_once_is_started_anew(session: &Session) -> Result<(), Failed> {
    let browser = Browser::launch(Kind::WebGpu)?;
    let page = Page::open(&browser, &session.site.page(&format!("model={ABSENT}")))?;
    page.eval::<()>(
        "emblem.Painter.load('models/small.safetensors', { device: 'webgpu' }).then((own) => { window.own = own; })",
    )?;
    let paint = "own.paint('a red apple', { styleSeed: 7 }).then((picture) => [probe.plain(picture).rgba, picture.device, own.fallback?.message ?? ''])";
    let before: (String, String, String) = page.eval(paint)?;
    browser.end_graphics()?;
    let after: (String, String, String) = page.eval(paint)?;
    ensure(
        before.1 == "webgpu" && after.1 == "webgpu" && after.2.is_empty(),
        format!("{} and then {}, {}", before.1, after.1, after.2),
    )?;
    ensure(before.0 == after.0, "the device draws another picture after it was lost")?;
    page.ensure_calm()
}

fn an_engine_that_is_not_there_is_told(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    for rig in [rigs::NO_SCRIPT, rigs::NO_WASM] {
        match draw(page, rig, "")? {
            Err(fault) if fault.code == "engine.missing" => fault.ensure_helpful()?,
            other => return Err(format!("{rig}: {other:?}").into()),
        }
    }
    page.ensure_calm()
}
