//! A browser's process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;

/// The longest that any one thing in the browser may take. SwiftShader computes WebGPU on the processor, thousands of
/// times slower than a graphics card, and must still pass.
pub const PATIENCE: Duration = Duration::from_secs(110);

/// A process that does not outlive its owner.
pub struct Process(Child);

impl Process {
    /// Starts a browser, and waits until a line of its error stream says after `words` where it listens.
    pub fn start(command: &mut Command, words: &'static str) -> Result<(Self, String), Failed> {
        let mut process = Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?);
        let stderr = process.0.stderr.take().ok_or("a browser without an error stream")?;
        let (sender, receiver) = mpsc::channel();
        // Read to the end, or a talkative browser would wait for someone to listen.
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix(words) {
                    sender.send(address.to_owned()).ok();
                }
            }
        });
        match receiver.recv_timeout(PATIENCE) {
            Ok(address) => Ok((process, address)),
            Err(_) => Err(format!("{} does not start", command.get_program().display()).into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
