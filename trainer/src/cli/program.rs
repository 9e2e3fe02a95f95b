//! What both programs have in common: how they start, read their command line and end.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::config::SettingError;
use crate::data::DataConfig;
use crate::eval::EvalError;
use crate::io::denormals;
use crate::io::device::DeviceError;
use crate::io::files::FileError;
use crate::io::log;
use crate::train::export::ExportError;
use crate::train::run::RunError;
use crate::train::style_reader::FitError;

/// Does a program's work with log and threads set up for it.
pub fn start(program: impl FnOnce() -> ExitCode) -> ExitCode {
    log::start();
    denormals::taken_as_zero(program).unwrap_or_else(|error| {
        tracing::error!("{error}");
        ExitCode::from(3)
    })
}

/// Reads the command line and does what it says.
pub fn run<C: CommandFactory + FromArgMatches>(work: impl FnOnce(C, &ArgMatches) -> Result<()>) -> ExitCode {
    let matches = C::command().try_get_matches();
    let (command, matches) = match matches.and_then(|matches| Ok((C::from_arg_matches(&matches)?, matches))) {
        Ok(read) => read,
        Err(error) => {
            // Help and version come this way as well. If they cannot be printed, nobody reads them.
            let _ = error.print();
            return ExitCode::from(error.exit_code().try_into().unwrap_or(2));
        }
    };
    match work(command, &matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who asked for a stop has got what they wanted.
            match error.downcast_ref() {
                Some(RunError::Interrupted { .. }) => tracing::info!("{error:#}"),
                _ => tracing::error!("{error:#}"),
            }
            ExitCode::from(exit_code(&error))
        }
    }
}

/// 2 wrong usage, 3 bad data or file, 4 diverged, 5 no device, 130 stopped and saved.
fn exit_code(error: &anyhow::Error) -> u8 {
    fn of<E: std::error::Error + Send + Sync + 'static>(error: &anyhow::Error, code: fn(&E) -> u8) -> Option<u8> {
        error.downcast_ref::<E>().map(code)
    }
    let code = of(error, RunError::exit_code)
        .or_else(|| of(error, SettingError::exit_code))
        .or_else(|| of(error, EvalError::exit_code))
        .or_else(|| of(error, ExportError::exit_code))
        .or_else(|| of(error, FitError::exit_code))
        .or_else(|| of(error, |_: &DeviceError| 5));
    code.unwrap_or(3)
}

/// Whether there is a folder for a file that takes minutes to make.
///
/// # Errors
/// [`FileError`] where there is none.
pub fn can_hold(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::read_dir(folder).map(drop).map_err(FileError::at(path))
}

/// The data that a command's place or its options name.
pub fn data_of(options: &DataConfig, place: Option<&PathBuf>) -> DataConfig {
    DataConfig { source: place.or(options.source.as_ref()).cloned(), ..options.clone() }
}
