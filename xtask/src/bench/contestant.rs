//! A process that does its work when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;

use crate::{Error, Result};

/// What a contestant says before it is told anything.
#[derive(Debug, Deserialize)]
struct Greeting {
    version: String,
    off: f64,
}

/// A running contestant; it ends when it is dropped.
#[derive(Debug)]
pub struct Contestant {
    pub name: &'static str,
    pub version: String,
    /// How far what it makes is from what it should be, in the unit of the contest.
    pub off: f64,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Contestant {
    /// Starts one, and waits until it has shown that what it makes is right to `tolerance`.
    ///
    /// # Errors
    /// [`Error::Start`], or [`Error::Failed`] where it says nothing that makes sense or makes something else.
    pub fn start(name: &'static str, mut command: Command, tolerance: f64) -> Result<Self> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.map_err(|source| Error::Start { command: name.to_owned(), source })?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(failed(name, "it has no pipes"));
        };
        let mut contestant = Self { name, version: String::new(), off: 0.0, process, input, output: BufReader::new(output) };
        let Greeting { version, off } = contestant.answer()?;
        if off > tolerance {
            return Err(failed(name, &format!("what it makes is {off} from what it should be; {tolerance} is allowed")));
        }
        (contestant.version, contestant.off) = (version, off);
        Ok(contestant)
    }

    /// Has it do its work so many times; the milliseconds of each.
    ///
    /// # Errors
    /// [`Error::Failed`] where it has died or answers with something else.
    pub fn turn(&mut self, times: u32) -> Result<Vec<f64>> {
        let name = self.name;
        writeln!(self.input, "{times}").and_then(|()| self.input.flush()).map_err(|e| failed(name, &e.to_string()))?;
        self.answer()
    }

    fn answer<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|e| failed(self.name, &e.to_string()))?;
        serde_json::from_str(&line).map_err(|e| failed(self.name, &format!("it said {:?}: {e}", line.trim())))
    }

    /// The most memory that it has held, in MB, where the system says.
    pub fn peak_memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes / 1024.0)
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        // It may be gone already, and that is just as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn failed(name: &str, status: &str) -> Error {
    Error::Failed { command: name.to_owned(), status: status.to_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn start(script: &str) -> Result<Contestant> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Contestant::start("someone", command, 2.0)
    }

    #[test]
    fn one_greets_and_draws() {
        let mut one = start(r#"echo '{"version": "1", "off": 1}'; read n; echo "[$n, 2.5]"; read n"#).unwrap();
        assert_eq!((one.version.as_str(), one.off), ("1", 1.0));
        assert_eq!(one.turn(7).unwrap(), [7.0, 2.5]);
        assert!(one.peak_memory().is_none_or(|mb| mb > 0.0));
    }

    #[test]
    fn one_that_draws_something_else_or_dies_is_left_out() {
        let error = start(r#"echo '{"version": "1", "off": 9}'"#).unwrap_err().to_string();
        assert!(error.contains("is 9 from"), "{error}");
        assert!(start("exit 3").is_err());
        let mut one = start(r#"echo '{"version": "1", "off": 0}'; read n; echo oops"#).unwrap();
        assert!(one.turn(1).unwrap_err().to_string().contains("oops"));
    }
}
