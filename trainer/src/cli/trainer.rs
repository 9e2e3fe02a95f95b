//! The command line of `trainer`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::program;
use super::{check, config, eval, export, paint, read, recipe, report, train};
use crate::data;
use crate::report::view::Leave;

/// Trains Emblem: pictures from captions, with style kept apart from content.
///
/// Without a command it trains on the embedded emoji on the best device it finds. Ctrl-C saves; `--resume` continues.
#[derive(Debug, Parser)]
#[command(
    name = "trainer",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Settings come from the preset, then from --config FILE, then from the options. `--help` explains all of them, and \
                  `trainer config` prints them as such a file.\n\n\
                  Exit codes: 0 done, 2 wrong usage, 3 bad data or file, 4 diverged, 5 no such device, 130 stopped and saved."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: train::Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw a caption with a model file, as PNG, WebP or SVG
    #[command(after_long_help = paint::looks())]
    Paint(paint::Options),
    /// Print what a model makes of a caption: its things, relations and background, and what it does not read
    Read(read::Options),
    /// Make a model by a recipe, stage after stage, and go on where that was stopped
    Recipe(recipe::Options),
    /// Print all settings, explained, as a file for --config
    Config(Box<config::Options>),
    /// Write the model file of a run's checkpoint, or a model file again with the data's present names
    Export(export::Options),
    /// Write a run's report, model card and film from what it has recorded so far
    Report(report::Options),
    /// Measure a run or a model file on pictures that it never saw, print the figures and save them
    Eval(Box<eval::Options>),
    /// Look at captioned pictures before training on them, and write a report
    Check(data::check::Options),
}

/// Runs the command line of `trainer`. `leave` ends the program at once, where a second signal asks for that.
pub fn trainer(leave: Leave) -> ExitCode {
    program::run(|cli: Cli, matches| match cli.command {
        None => train::run(&cli.train, matches, leave),
        Some(Command::Config(options)) => config::run(&options, matches.subcommand_matches("config").unwrap_or(matches)),
        Some(Command::Recipe(options)) => recipe::run(&options, leave),
        Some(Command::Paint(options)) => paint::run(&options),
        Some(Command::Read(options)) => read::run(&options),
        Some(Command::Export(options)) => export::run(&options),
        Some(Command::Report(options)) => report::run(&options),
        Some(Command::Eval(options)) => eval::run(&options),
        Some(Command::Check(options)) => check::run(&options),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What the documents tell people to type.
    #[test]
    fn commands_in_the_documents_are_commands() {
        let commands = testing::documents::commands_of(Path::new("../"), "trainer").unwrap();
        assert!(commands.len() > 5, "{commands:?}");
        for (path, line) in commands {
            let error = Cli::try_parse_from(&line).err().filter(|error| error.exit_code() != 0);
            assert!(error.is_none(), "{}: {}: {error:?}", path.display(), line.join(" "));
        }
    }
}
