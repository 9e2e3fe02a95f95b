//! Which device draws, and what is said about it: in a browser with a graphics adapter and without one, and in those that other
//! visitors have.

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::browser::Kind;
use tests::page::{Page, ensure};
use tests::rigs;

use crate::Test;
use crate::session::{ABSENT, Session};

pub const ON_EVERY_DEVICE: &[Test] = &[
    ("the page draws on the device that was chosen", the_page_draws_on_the_device_that_was_chosen),
    ("left to itself the page takes what is quick", left_to_itself_the_page_takes_what_is_quick),
];

pub const TESTS: &[Test] = &[
    ("what the browser offers is told with advice", what_the_browser_offers_is_told),
    ("graphics adapters are told apart", graphics_adapters_are_told_apart),
    ("an address without https draws on the CPU and says why", an_address_without_https_draws_on_the_cpu),
    ("the page says in either language what made it fall back", the_page_says_what_made_it_fall_back),
    ("adapters that cannot be used are left for the CPU", adapters_that_cannot_be_used_are_left),
];

/// The name that the tests' browser knows this machine by, which it does not trust as it trusts localhost.
const UNTRUSTED: &str = "emblem.test";

#[derive(Debug, Deserialize)]
struct Offer {
    device: String,
    webgpu: String,
    advice: Option<String>,
}

/// What the library says of the browser.
fn offer(page: &Page) -> Result<Offer, Failed> {
    page.eval("import('/emblem.js').then(({ detect }) => detect())")
}

impl Offer {
    fn ensure(&self, state: &str, what: &str) -> Result<(), Failed> {
        let device = if state == "ok" { "webgpu" } else { "cpu" };
        let advised = self.advice.as_ref().is_some_and(|advice| advice.len() > 20);
        ensure(self.webgpu == state && self.device == device && advised == (state != "ok"), format!("{what}: {self:?}"))
    }
}

/// The device that the page's painter draws on, and why it is no other.
fn drawing(page: &Page) -> Result<(String, Option<String>), Failed> {
    page.eval("emblem.ready.then(({ device, fallback }) => [device, fallback && fallback.code])")
}

fn the_page_draws_on_the_device_that_was_chosen(session: &Session) -> Result<(), Failed> {
    let (device, why) = drawing(session.page()?)?;
    ensure(device == session.kind.device(), format!("it draws on {device}"))?;
    match (session.kind, why) {
        (Kind::WebGpu, None) => Ok(()),
        (Kind::Cpu, Some(code)) if code.starts_with("device.no-") => Ok(()),
        (_, why) => Err(format!("reason for falling back: {why:?}").into()),
    }
}

/// On a graphics card, if this machine has one; never on one that the processor imitates.
fn left_to_itself_the_page_takes_what_is_quick(session: &Session) -> Result<(), Failed> {
    let page = session.open_at(&session.site.page("caption=a%20red%20cat"))?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let (device, why) = drawing(&page)?;
    let offer = offer(&page)?;
    let expected: &[&str] = match session.kind {
        Kind::Cpu => &["no-adapter"],
        Kind::WebGpu => &["ok", "software"],
    };
    ensure(expected.contains(&offer.webgpu.as_str()), format!("{offer:?}"))?;
    offer.ensure(&offer.webgpu, "this browser")?;
    ensure(device == offer.device, format!("it draws on {device}, and detects {offer:?}"))?;
    if offer.webgpu == "ok" {
        return ensure(why.is_none(), format!("{why:?}"));
    }
    ensure(why == Some(format!("device.{}", offer.webgpu)), format!("{why:?}, {offer:?}"))?;
    page.eval::<()>("void (workshop.open = true)")?;
    says_why(&page, offer.advice.as_deref().unwrap_or_default())
}

/// The workshop says why the processor draws, in words and with this advice.
fn says_why(page: &Page, advice: &str) -> Result<(), Failed> {
    page.wait_for("document.getElementById('why-cpu').checkVisibility()")?;
    let (said, reason): (String, String) =
        page.eval("emblem.ready.then(({ fallback }) => [document.getElementById('why-cpu').innerText, fallback.message])")?;
    ensure(said.contains(advice) && said.contains(&reason), format!("the page says {said:?}"))?;
    page.ensure_calm()
}

fn what_the_browser_offers_is_told(session: &Session) -> Result<(), Failed> {
    let agents = [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            "Safari",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
            "chrome://flags",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Safari/537.36",
            "113",
        ),
        ("curl/8", "Chrome, Edge, Safari or Firefox"),
    ];
    let page = session.open(&format!("model={ABSENT}"))?;
    offer(&page)?.ensure("no-adapter", "this browser")?;
    page.eval::<()>("void delete Navigator.prototype.gpu")?;
    for (agent, word) in agents {
        page.eval::<()>(&format!(
            "void Object.defineProperty(navigator, 'userAgent', {{ value: {agent:?}, configurable: true }})"
        ))?;
        let offer = offer(&page)?;
        offer.ensure("no-api", agent)?;
        ensure(offer.advice.as_ref().is_some_and(|advice| advice.contains(word)), format!("{agent}: {offer:?}"))?;
    }
    Ok(())
}

/// Adapters as browsers describe them, new and old, talkative and not; and the state that each means.
const ADAPTERS: [(&str, &str); 11] = [
    ("null", "no-adapter"),
    ("Promise.reject(new Error('the graphics process has crashed'))", "no-adapter"),
    ("{ features: new Set(), info: { isFallbackAdapter: false } }", "no-timestamps"),
    ("{ features: new Set(), isFallbackAdapter: true }", "no-timestamps"),
    ("{ features, info: { isFallbackAdapter: true, vendor: 'google', architecture: 'swiftshader' } }", "software"),
    ("{ features, isFallbackAdapter: true }", "software"),
    ("{ features, info: { vendor: 'google', architecture: 'swiftshader' } }", "software"),
    ("{ features, info: { vendor: 'mesa', description: 'llvmpipe (LLVM 19.1.7, 256 bits)' } }", "software"),
    ("{ features, info: { isFallbackAdapter: false, description: 'Microsoft Basic Render Driver' } }", "software"),
    ("{ features, info: { isFallbackAdapter: false, vendor: 'nvidia', architecture: 'hopper' } }", "ok"),
    ("{ features }", "ok"),
];

fn graphics_adapters_are_told_apart(session: &Session) -> Result<(), Failed> {
    let page = session.open(&format!("model={ABSENT}"))?;
    for (adapter, state) in ADAPTERS {
        page.eval::<()>(&format!(
            "(() => {{
                const features = new Set(['timestamp-query']);
                Object.defineProperty(navigator, 'gpu', {{ value: {{ requestAdapter: async () => ({adapter}) }}, configurable: true }});
            }})()"
        ))?;
        offer(&page)?.ensure(state, adapter)?;
    }
    page.ensure_calm()
}

/// No https also means no hashes, no cache and no service worker; the page does without.
fn an_address_without_https_draws_on_the_cpu(session: &Session) -> Result<(), Failed> {
    let port = session.site.address().port();
    let page = session.open_at(&format!("http://{UNTRUSTED}:{port}/?caption=a%20red%20cat"))?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let (secure, hash): (bool, Option<String>) =
        page.eval("emblem.ready.then(({ model }) => [isSecureContext, model.sha256])")?;
    ensure(!secure && hash.is_none(), format!("secure: {secure}, hashed to {hash:?}"))?;
    offer(&page)?.ensure("insecure", UNTRUSTED)?;
    ensure(drawing(&page)? == ("cpu".to_owned(), Some("device.insecure".to_owned())), format!("{:?}", drawing(&page)?))?;
    page.eval::<()>("void (workshop.open = true)")?;
    says_why(&page, "https")?;
    let refused = page.attempt::<bool>("await emblem.Painter.load('models/small.safetensors', { device: 'webgpu' }) && true")?;
    match refused {
        Err(fault) if fault.code == "device.insecure" => fault.ensure_helpful(),
        other => Err(format!("{other:?}").into()),
    }
}

/// Also where the browser itself has nothing against WebGPU.
fn the_page_says_what_made_it_fall_back(session: &Session) -> Result<(), Failed> {
    let page = session.open(&format!("model={ABSENT}"))?;
    let reasons = [
        ("self-test.mismatch", "wrongly. Draw elsewhere.", "此设备画得不对"),
        ("device.failed", "wrongly. Draw elsewhere.", "绘制设备出错"),
        ("device.no-adapter", "wrongly. Draw elsewhere.", "硬件加速"),
    ];
    for (code, english, chinese) in reasons {
        let (in_english, in_chinese): (String, String) = page.eval(&format!(
            "(async () => {{
                const {{ showWorkshop }} = await import(probe.part('page/workshop.js'));
                const fallback = new emblem.EmblemError('{code}', 'The device draws wrongly', 'draw elsewhere');
                const said = (language) => {{
                    document.querySelector(`#languages [lang=${{language}}]`).click();
                    showWorkshop({{ device: 'cpu', fallback, info: {{ training: {{}}, lineage: [] }}, model: {{ bytes: 1 }} }}, false);
                    return document.getElementById('why-cpu').textContent;
                }};
                return [said('zh'), said('en')].reverse();
            }})()"
        ))?;
        ensure(in_english.ends_with(english) && in_chinese.contains(chinese), format!("{code}: {in_english:?}, {in_chinese:?}"))?;
    }
    page.ensure_calm()
}

fn adapters_that_cannot_be_used_are_left(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    for (rig, code) in [
        (rigs::NO_ADAPTER, "device.no-adapter"),
        (rigs::MUTE_ADAPTER, "device.no-adapter"),
        (rigs::NO_TIMESTAMPS, "device.no-timestamps"),
    ] {
        let load = |device: &str| {
            page.attempt::<(String, Option<String>, usize)>(&format!(
                "{{
                    const {{ Painter }} = await import('/{rig}/emblem.js');
                    const own = await Painter.load('models/small.safetensors', {{ device: '{device}' }});
                    const {{ imageData }} = await own.paint('a red apple', {{ styleSeed: 7 }});
                    own.dispose();
                    return [own.device, own.fallback && own.fallback.code, imageData.data.length];
                }}"
            ))
        };
        let drawn = load("auto")?.map_err(|fault| format!("{rig}: {fault:?}"))?;
        ensure(drawn.0 == "cpu" && drawn.1.as_deref() == Some(code) && drawn.2 > 0, format!("{rig}: {drawn:?}"))?;
        match load("webgpu")? {
            Err(fault) if fault.code == code => fault.ensure_helpful()?,
            other => return Err(format!("{rig}: {other:?}").into()),
        }
    }
    page.ensure_calm()
}
