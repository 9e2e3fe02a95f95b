//! `cargo xtask soak`: the long forms of the tests that harm things on purpose, and of those that draw for a long time.
//!
//! Each is an ignored test beside the short form that every test run takes: the trainer's have names that begin with `soak_`, the
//! browser's are all that are ignored. So a new one needs no entry here. They run one after another, each with the machine to itself,
//! and print their figures.

use crate::process::{command, run};
use crate::setup::{PageBuild, chromium};
use crate::{Result, page};

const TESTS: [&str; 4] = ["test", "--release", "--workspace", "--no-default-features"];
const ALONE: [&str; 4] = ["--", "--ignored", "--nocapture", "--test-threads=1"];

/// Runs them all.
///
/// # Errors
/// [`crate::Error::Failed`] where one does not hold, or what cannot be set up.
pub fn run_all() -> Result<()> {
    // Set up first: what cannot be had should be heard of now and not after minutes.
    let tools = PageBuild::ensure()?;
    chromium::ensure()?;
    run(command("cargo").args(TESTS).args(ALONE).arg("soak_"))?;
    page::build(&tools)?;
    run(command("cargo").args(TESTS).args(["--test", "browser"]).args(ALONE))
}
