//! The built page in a real Chromium, on WebGPU and on the CPU, against the native [`shared::Painter`].
//!
//! A harness of its own, because each kind of browser is started once and must be ended again, and because a software
//! WebGPU adapter does not bear two pages at a time: the tests of one browser run one after the other.

mod access;
mod captions;
mod deploy;
mod devices;
mod documents;
mod drawing;
mod drops;
mod element;
mod endings;
mod frames;
mod keeping;
mod layers;
mod library;
mod looks;
mod misuse;
mod models;
mod package;
mod profiles;
mod refusals;
mod scenes;
mod screen;
mod session;
mod sets;
mod soak;
mod styles;
mod trouble;
mod visit;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use session::{Session, Site};
use tests::browser::Kind;
use xtask::summary;

/// A test: its name and what it does.
type Test = (&'static str, fn(&Session) -> Result<(), Failed>);

fn main() -> ExitCode {
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let site = match Site::start() {
        Ok(site) => Arc::new(site),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut passed = true;
    for kind in [Kind::Cpu, Kind::WebGpu] {
        let session = Arc::new(Session::new(kind, Arc::clone(&site)));
        let trials = tests_for(kind).map(|(name, test)| {
            let session = Arc::clone(&session);
            let long = [screen::LONG, soak::LONG, deploy::LONG].concat().iter().any(|(other, _)| *other == name);
            Trial::test(name, move || twice(name, test, &session)).with_kind(kind.to_string()).with_ignored_flag(long)
        });
        passed &= !libtest_mimic::run(&arguments, trials.collect()).has_failed();
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tries once more, and has that counted: on a machine that is busy with other things a browser may be late for anything.
fn twice(name: &str, test: fn(&Session) -> Result<(), Failed>, session: &Session) -> Result<(), Failed> {
    test(session).or_else(|first| {
        test(session)?;
        summary::retried(&format!("{name} ({})", session.kind), first.message().unwrap_or("it failed"));
        Ok(())
    })
}

/// What is tested once, where drawing is quicker.
const ON_THE_CPU: [&[Test]; 26] = [
    captions::TESTS,
    devices::TESTS,
    documents::TESTS,
    endings::TESTS,
    models::TESTS,
    misuse::TESTS,
    element::TESTS,
    layers::ON_THE_CPU,
    library::TESTS,
    trouble::TESTS,
    visit::TESTS,
    deploy::TESTS,
    drops::TESTS,
    frames::TESTS,
    profiles::TESTS,
    refusals::TESTS,
    deploy::LONG,
    looks::TESTS,
    sets::TESTS,
    scenes::TESTS,
    screen::TESTS,
    screen::LONG,
    styles::TESTS,
    keeping::TESTS,
    access::TESTS,
    package::TESTS,
];

/// What depends on the device is tested on both.
fn tests_for(kind: Kind) -> impl Iterator<Item = Test> {
    let everywhere = [
        devices::ON_EVERY_DEVICE,
        visit::ON_EVERY_DEVICE,
        drawing::TESTS,
        layers::TESTS,
        models::ON_EVERY_DEVICE,
        soak::TESTS,
        soak::LONG,
    ]
    .concat();
    let once = match kind {
        Kind::Cpu => ON_THE_CPU.concat(),
        Kind::WebGpu => [trouble::ON_WEBGPU, endings::ON_WEBGPU].concat(),
    };
    everywhere.into_iter().chain(once)
}
