//! `cargo xtask soak`: the long forms of the tests that harm things on purpose.
//!
//! Each is an ignored test whose name begins with `soak_`, beside the short form that every test run takes; so a new one needs no
//! entry here. They run one after another, each with the machine to itself, and print their figures.

use crate::Result;
use crate::process::{command, run};

/// Runs them all.
///
/// # Errors
/// [`crate::Error::Failed`] where one does not hold.
pub fn run_all() -> Result<()> {
    let tests =
        ["test", "--release", "--workspace", "--no-default-features", "--", "--ignored", "--nocapture", "--test-threads=1"];
    run(command("cargo").args(tests).arg("soak_"))
}
