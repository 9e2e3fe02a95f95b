//! `cargo xtask`: see the library for what the commands do.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{bench, demo, package, soak, test};

/// Emblem's commands. Each sets up what it misses, saying what and why.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "A first run compiles for a long while (about half an hour on 2 cores), later ones take seconds.\n\
                  Tools go to target/tools; anything that must be installed elsewhere is announced first."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it on a loopback port
    Demo(demo::Options),
    /// Check everything: format, lints, docs, tests, the page and its size, the page in a browser
    Test(test::Options),
    /// Put the JavaScript library together as an npm package, in target/package
    Package,
    /// Measure Emblem beside other runtimes on the same weights, and write docs/bench.md
    Bench(bench::Options),
    /// Do to the trainer and the page for some minutes what must not harm them: kills, damaged files, thousands of pictures
    Soak,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run_steps(&options),
        Command::Package => package::run(),
        Command::Bench(options) => bench::run_all(&options),
        Command::Soak => soak::run_all(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}\n  what to do: {}", error.advice());
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(words: &[&str]) -> String {
        let words = std::iter::once("xtask").chain(words.iter().copied());
        Cli::try_parse_from(words).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    /// What the documents tell people to type.
    #[test]
    fn commands_in_the_documents_are_commands() {
        let mut tried = 0;
        for document in testing::documents::all(xtask::root()).unwrap() {
            for words in document.commands().iter().filter(|words| words.starts_with(&["cargo".into(), "xtask".into()])) {
                tried += 1;
                assert_eq!(
                    refusal(&words[2..].iter().map(String::as_str).collect::<Vec<_>>()),
                    "",
                    "{}",
                    document.path.display()
                );
            }
        }
        assert!(tried > 1, "{tried}");
    }

    #[test]
    fn wrong_options_are_named() {
        assert!(refusal(&["paint"]).contains("unrecognized subcommand 'paint'"));
        assert!(refusal(&["demo", "--port", "0"]).contains("--port"));
        assert!(refusal(&["demo", "--port", "70000"]).contains("70000"));
        assert!(refusal(&["test", "--only", "lints"]).contains("possible values: format, clippy"));
        assert_eq!(refusal(&["test", "--skip", "browser", "--skip", "page"]), "");
    }
}
