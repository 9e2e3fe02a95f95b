//! The built page in Firefox, on the CPU, against the native [`shared::Painter`]: another engine's JavaScript, wasm, workers and
//! canvas. What all browsers share is tested in Chromium. Where no Firefox is installed, this says so and is done.

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use burn::prelude::Device;
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use shared::{Painter, TOLERANCE};
use tests::firefox::{Firefox, Tab};
use tests::page::{Drawn, Fault, ensure};
use xtask::site::{self, Site};

/// A test: its name and what it does.
type Test = (&'static str, fn(&Visit) -> Result<(), Failed>);

const TESTS: [Test; 5] = [
    ("the page draws by itself", the_page_draws_by_itself),
    ("pictures match the native painter, and styles differ", pictures_match_and_styles_differ),
    ("a misuse is refused by name", a_misuse_is_refused_by_name),
    ("left to itself the page finds a device", left_to_itself_the_page_finds_a_device),
    ("what goes wrong is heard", what_goes_wrong_is_heard),
];

/// Firefox, the built page, and what its pictures are compared with.
struct Visit {
    firefox: Firefox,
    page: String,
    painter: Painter,
}

fn main() -> ExitCode {
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let visit = match Visit::begin() {
        Ok(Some(visit)) => Arc::new(visit),
        Ok(None) => {
            println!("skipped: there is no Firefox here (the variable FIREFOX names one)");
            return ExitCode::SUCCESS;
        }
        Err(failed) => {
            eprintln!("error: {}", failed.message().unwrap_or_default());
            return ExitCode::FAILURE;
        }
    };
    let trials = TESTS.map(|(name, test)| {
        let visit = Arc::clone(&visit);
        Trial::test(name, move || test(&visit)).with_kind("firefox")
    });
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

impl Visit {
    fn begin() -> Result<Option<Self>, Failed> {
        let Some(firefox) = Firefox::launch()? else { return Ok(None) };
        let path = xtask::dist_dir().join("models/emblem.safetensors");
        let model = fs::read(&path)
            .map_err(|error| format!("{}: {error}; build the page first: cargo xtask test --only page", path.display()))?;
        let listener = site::listen_anywhere()?;
        let page = format!("http://{}/", listener.local_addr()?);
        thread::spawn(move || Site::new(xtask::dist_dir()).serve(listener));
        Ok(Some(Self { firefox, page, painter: Painter::from_bytes(&model, &Device::flex())? }))
    }

    /// The page with `query`, once it has drawn that.
    fn ready(&self, query: &str) -> Result<Tab<'_>, Failed> {
        let tab = self.firefox.open(&format!("{}?{query}", self.page))?;
        tab.wait_for("document.documentElement.dataset.state === 'ready'")?;
        Ok(tab)
    }
}

fn ensure_calm(tab: &Tab<'_>) -> Result<(), Failed> {
    let complaints = tab.complaints()?;
    ensure(complaints.is_empty(), format!("Firefox complains: {complaints:?}"))
}

fn the_page_draws_by_itself(visit: &Visit) -> Result<(), Failed> {
    let tab = visit.ready("caption=a%20red%20apple&style=7&device=cpu")?;
    // What is shown is what the API returns.
    let (caption, device, same): (String, String, bool) = tab.eval(
        "emblem.ready.then((painter) => painter.paint('a red apple', { styleSeed: 7 })).then(({ imageData }) => {
            const shown = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data;
            return [picture.dataset.caption, document.documentElement.dataset.device, shown.every((level, i) => level === imageData.data[i])];
        })",
    )?;
    ensure(caption == "a red apple" && device == "cpu" && same, format!("{caption:?} on {device}, as the API has it: {same}"))?;
    ensure_calm(&tab)
}

fn pictures_match_and_styles_differ(visit: &Visit) -> Result<(), Failed> {
    let tab = visit.ready("device=cpu")?;
    let mut pictures = Vec::new();
    for seed in [7, 8] {
        let drawn: Drawn = tab.eval(&format!(
            "emblem.ready.then((painter) => painter.paint('a red apple', {{ styleSeed: {seed} }})).then(probe.plain)"
        ))?;
        let painter = &visit.painter;
        let native = pollster::block_on(painter.paint("a red apple", &painter.style_from_seed(seed)))?;
        let picture = drawn.picture()?;
        let difference = picture.largest_difference(&native);
        ensure(difference.is_some_and(|levels| levels <= TOLERANCE), format!("style {seed} differs by {difference:?} levels"))?;
        pictures.push(picture);
    }
    let difference = pictures[0].largest_difference(&pictures[1]);
    ensure(difference.is_some_and(|levels| levels > TOLERANCE), format!("the styles differ by {difference:?} levels"))?;
    ensure_calm(&tab)
}

fn a_misuse_is_refused_by_name(visit: &Visit) -> Result<(), Failed> {
    #[derive(Debug, Deserialize)]
    struct Outcome {
        error: Option<Fault>,
    }
    let tab = visit.ready("device=cpu")?;
    let wrong = [("paint('cat', { styleSeed: -1 })", "style.seed"), ("paint('qqqqq')", "caption.unknown")];
    for (work, code) in wrong {
        let outcome: Outcome = tab.eval(&format!("probe.attempt(async () => (await emblem.ready).{work}, 60_000)"))?;
        match outcome.error {
            Some(fault) if fault.code == code => fault.ensure_helpful()?,
            other => return Err(format!("{work}: {other:?}, expected {code}").into()),
        }
    }
    ensure_calm(&tab)
}

fn left_to_itself_the_page_finds_a_device(visit: &Visit) -> Result<(), Failed> {
    let tab = visit.ready("")?;
    let (device, why): (String, Option<String>) =
        tab.eval("emblem.ready.then(({ device, fallback }) => [device, fallback && `${fallback.code}: ${fallback.advice}`])")?;
    match (device.as_str(), why) {
        ("webgpu", None) => {}
        ("cpu", Some(why)) if why.starts_with("device.") && why.len() > 30 => {}
        (_, why) => return Err(format!("it draws on {device}, because {why:?}").into()),
    }
    ensure_calm(&tab)
}

/// Or the other tests would pass whatever happened.
fn what_goes_wrong_is_heard(visit: &Visit) -> Result<(), Failed> {
    let tab = visit.ready("device=cpu")?;
    ensure_calm(&tab)?;
    tab.eval::<()>("(console.error('in the console'), setTimeout(() => Promise.reject(new Error('for nobody'))), undefined)")?;
    tab.wait_for("probe.uncaught.length > 0")?;
    let complaints = tab.complaints()?.join("; ");
    ensure(complaints.contains("in the console") && complaints.contains("for nobody"), complaints)
}
