//! The built page in a real Chromium, on WebGPU and on the CPU, against the native [`shared::Painter`].
//!
//! A harness of its own, because each kind of browser is started once and must be ended again, and because a software
//! WebGPU adapter does not bear two pages at a time: the tests of one browser run one after the other.

mod access;
mod captions;
mod drawing;
mod keeping;
mod misuse;
mod models;
mod screen;
mod session;
mod styles;
mod visit;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use session::{Session, Site};
use tests::browser::Kind;

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
            let long = screen::LONG.iter().any(|(other, _)| *other == name);
            Trial::test(name, move || test(&session)).with_kind(kind.to_string()).with_ignored_flag(long)
        });
        passed &= !libtest_mimic::run(&arguments, trials.collect()).has_failed();
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What depends on the device is tested on both; the rest once, where drawing is quicker.
fn tests_for(kind: Kind) -> impl Iterator<Item = Test> {
    let everywhere = drawing::TESTS.iter().chain(models::ON_EVERY_DEVICE);
    let once = [
        captions::TESTS,
        models::TESTS,
        misuse::TESTS,
        visit::TESTS,
        screen::TESTS,
        screen::LONG,
        styles::TESTS,
        keeping::TESTS,
        access::TESTS,
    ]
    .concat();
    everywhere.copied().chain(once.into_iter().filter(move |_| kind == Kind::Cpu))
}
