//! Drawing for a long time: what the page, the engine and the graphics device hold stays as it is. The short forms are run with the
//! other tests, the long ones on demand: `cargo xtask test --only browser` runs the former, `cargo xtask soak` the latter.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::browser::Browser;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::{ABSENT, Session};

pub const TESTS: &[Test] = &[
    ("60 pictures take no memory", sixty_pictures_take_no_memory),
    ("5 painters leave nothing behind", five_painters_leave_nothing),
    ("one engine serves all painters of a page", one_engine_serves_all_painters),
];

pub const LONG: &[Test] = &[
    ("2,000 pictures, or what ten minutes bring, take no memory", two_thousand_pictures_take_no_memory),
    ("50 painters leave nothing behind", fifty_painters_leave_nothing),
];

/// What JavaScript's engine keeps for itself (compiled code, statistics) grows a little without anything leaking; a leaked picture
/// of the smallest model would be 4 KiB a time.
const HEAP_SLACK: u64 = 1_500_000;
/// A graphics device that the processor imitates draws two thousand pictures in most of an hour.
const LONG_ENOUGH: Duration = Duration::from_secs(600);
/// What one painter holds is ten times as much.
const PROCESS_SLACK: u64 = 150_000_000;

#[derive(Debug, PartialEq, Deserialize)]
struct Gauge {
    /// Bytes of the engine's memory.
    wasm: u64,
    /// Whether its code came over the network.
    fetched: bool,
    /// That the graphics device holds.
    buffers: i64,
}

fn sixty_pictures_take_no_memory(session: &Session) -> Result<(), Failed> {
    pictures_take_no_memory(session, 20, 60)
}

fn two_thousand_pictures_take_no_memory(session: &Session) -> Result<(), Failed> {
    pictures_take_no_memory(session, 100, 2000)
}

/// The engine as a painter's worker sees it, whose library is the rigged one.
fn measure(page: &Page) -> Result<Gauge, Failed> {
    page.eval("new Promise((resolve) => { gauge.onmessage = ({ data }) => resolve(data); gauge.postMessage('how much?'); })")
}

fn one_engine_serves_all_painters(session: &Session) -> Result<(), Failed> {
    let page = session.open(&format!("model={ABSENT}"))?;
    page.eval::<()>("void (window.gauge = new BroadcastChannel('gauge'))")?;
    for fetched in [true, false, false] {
        page.eval::<()>(&format!(
            "import('/gauge/emblem.js').then(({{ Painter }}) => Painter.load('models/small.safetensors', {{ device: '{}' }}))
                .then((own) => own.paint('cat').then(() => {{ window.own = own; }}))",
            session.kind.device()
        ))?;
        let gauge = measure(&page)?;
        ensure(gauge.fetched == fetched, format!("{gauge:?}"))?;
        page.eval::<()>("own.dispose()")?;
    }
    page.ensure_calm()
}

/// After a first few, with which everything is warm, nothing grows any more.
fn pictures_take_no_memory(session: &Session, first: usize, all: usize) -> Result<(), Failed> {
    let page = session.open(&format!("model={ABSENT}"))?;
    page.eval::<()>(&format!(
        "(async () => {{
            const {{ Painter }} = await import('/gauge/emblem.js');
            window.own = await Painter.load('models/small.safetensors', {{ device: '{}' }});
            window.gauge = new BroadcastChannel('gauge');
            window.draw = async (from, to) => {{
                for (let seed = from; seed < to; seed++) await own.paint(seed % 2 ? 'a red apple' : 'cat', {{ styleSeed: seed }});
            }};
        }})()",
        session.kind.device()
    ))?;
    let both = |page: &Page| Ok::<_, Failed>((page.heap()?, measure(page)?));
    page.eval::<()>(&format!("draw(0, {first})"))?;
    let (heap, gauge) = both(&page)?;
    // In pieces, so that none takes longer than a test may wait.
    let (begun, mut drawn) = (Instant::now(), first);
    while drawn < all && begun.elapsed() < LONG_ENOUGH {
        let to = all.min(drawn + 100);
        page.eval::<()>(&format!("draw({drawn}, {to})"))?;
        drawn = to;
    }
    let (heap_after, gauge_after) = both(&page)?;
    println!("{}, {drawn} pictures: heap {heap} -> {heap_after}, {gauge:?} -> {gauge_after:?}", session.kind);
    ensure(heap_after < heap + HEAP_SLACK, format!("the heap grew from {heap} to {heap_after} bytes"))?;
    ensure(gauge_after.wasm == gauge.wasm, format!("the engine's memory grew: {gauge:?}, {gauge_after:?}"))?;
    ensure(gauge_after.buffers <= gauge.buffers, format!("the device's buffers grew: {gauge:?}, {gauge_after:?}"))?;
    page.ensure_calm()
}

fn five_painters_leave_nothing(session: &Session) -> Result<(), Failed> {
    painters_leave_nothing_behind(session, 3, 5)
}

fn fifty_painters_leave_nothing(session: &Session) -> Result<(), Failed> {
    painters_leave_nothing_behind(session, 10, 50)
}

/// In a browser of its own, whose processes hold nothing else.
fn painters_leave_nothing_behind(session: &Session, first: usize, all: usize) -> Result<(), Failed> {
    let browser = Browser::launch(session.kind)?;
    let page = Page::open(&browser, &session.site.page(&format!("model={ABSENT}")))?;
    let mut warm = None;
    for painter in 1..=all {
        page.eval::<()>(&format!(
            "emblem.Painter.load('models/small.safetensors', {{ device: '{}' }}).then((own) => own.paint('cat').then(() => own.dispose()))",
            session.kind.device()
        ))?;
        if painter == first {
            warm = Some((page.heap()?, browser.resident()?));
        }
    }
    let (heap, resident) = warm.ok_or("no painter was loaded")?;
    let (heap_after, resident_after) = (page.heap()?, browser.resident()?);
    println!("{}: heap {heap} -> {heap_after}, processes {resident} -> {resident_after}", session.kind);
    ensure(heap_after < heap + HEAP_SLACK, format!("the heap grew from {heap} to {heap_after} bytes"))?;
    ensure(resident_after < resident + PROCESS_SLACK, format!("the browser grew from {resident} to {resident_after} bytes"))?;
    page.ensure_calm()
}
