//! The JavaScript API in wrong hands: every misuse has its code.

use libtest_mimic::Failed;
use tests::page::ensure;

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("wrong arguments are refused by name", wrong_arguments_are_refused_by_name),
    ("what is given up rejects at once", what_is_given_up_rejects_at_once),
    ("a painter that was disposed of says so", a_painter_that_was_disposed_of_says_so),
    ("WebGPU that is not there is refused, not replaced", webgpu_that_is_not_there_is_refused),
];

/// JavaScript with `painter` at hand, and the code it must reject with.
const WRONG: [(&str, &str); 18] = [
    ("painter.paint('cat', { styleSeed: -1 })", "style.seed"),
    ("painter.paint('cat', { styleSeed: 1.5 })", "style.seed"),
    ("painter.paint('cat', { styleSeed: NaN })", "style.seed"),
    ("painter.paint('cat', { styleSeed: 2 ** 53 })", "style.seed"),
    ("painter.paint('cat', { styleSeed: ' ' })", "style.seed"),
    ("painter.paint('cat', { style: [1, 2] })", "style.length"),
    ("painter.paint('cat', { style: Array(painter.info.styleSize).fill(NaN) })", "style.not-finite"),
    ("painter.paint('cat', { style: new Blob(['no picture']) })", "style.unreadable"),
    ("painter.paint('cat', { styleSeed: 1, style: [1] })", "option.style"),
    ("painter.paint(42)", "caption.type"),
    ("painter.paint()", "caption.type"),
    ("painter.paint('cat', { style: {} })", "style.type"),
    ("painter.paint('cat', { style: new Map() })", "style.unreadable"),
    ("painter.styleOf(undefined)", "style.type"),
    ("painter.set('cat').next()", "caption.type"),
    ("painter.set(['cat'], { style: [1, 2] }).next()", "style.length"),
    ("painter.set(['cat'], { style: ' ' }).next()", "style.seed"),
    ("emblem.Painter.load('models/small.safetensors', { device: 'gpu' })", "option.device"),
];

fn refused(session: &Session, work: &str, code: &str) -> Result<(), Failed> {
    let outcome =
        session.page()?.attempt::<bool>(&format!("{{ const painter = await emblem.ready; await {work}; return true; }}"))?;
    match outcome {
        Err(fault) if fault.code == code => fault.ensure_helpful(),
        other => Err(format!("{work}: {other:?}, expected {code}").into()),
    }
}

fn wrong_arguments_are_refused_by_name(session: &Session) -> Result<(), Failed> {
    for (work, code) in WRONG {
        refused(session, work, code)?;
    }
    session.page()?.ensure_calm()
}

fn what_is_given_up_rejects_at_once(session: &Session) -> Result<(), Failed> {
    refused(session, "painter.paint('a red apple', { signal: AbortSignal.abort() })", "aborted")?;
    refused(session, "emblem.Painter.load('models/small.safetensors', { signal: AbortSignal.abort() })", "aborted")?;
    refused(session, "emblem.Painter.load('models/small.safetensors', { signal: AbortSignal.timeout(1) })", "aborted")?;
    let drawn = session.page()?.paint("a red apple", "{ styleSeed: 7 }")?;
    ensure(
        drawn.picture()? == session.page()?.paint("a red apple", "{ styleSeed: 7 }")?.picture()?,
        "it draws wrongly afterwards",
    )?;
    session.page()?.ensure_calm()
}

fn a_painter_that_was_disposed_of_says_so(session: &Session) -> Result<(), Failed> {
    let own = "const own = await emblem.Painter.load('models/small.safetensors', { device: 'cpu' })";
    refused(session, &format!("(async () => {{ {own}; own.dispose(); await own.paint('a red apple'); }})()"), "disposed")?;
    refused(
        session,
        &format!("(async () => {{ {own}; const waiting = own.paint('a red apple'); own.dispose(); await waiting; }})()"),
        "disposed",
    )?;
    session.page()?.ensure_calm()
}

fn webgpu_that_is_not_there_is_refused(session: &Session) -> Result<(), Failed> {
    let load = "await emblem.Painter.load('models/small.safetensors', { device: 'webgpu' }) && true";
    match session.page()?.attempt::<bool>(load)? {
        Err(fault) if fault.code.starts_with("device.no-") => fault.ensure_helpful(),
        other => Err(format!("{other:?}").into()),
    }
}
