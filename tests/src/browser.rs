//! Chromium without a window, with and without a graphics adapter.

use std::fmt;
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::json;
use tempfile::TempDir;
use xtask::setup::chromium;

use crate::devtools::DevTools;
use crate::process::Process;

pub use crate::process::PATIENCE;

const SWITCHES: [&str; 13] = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--window-size=1280,900",
    "--no-first-run",
    // The sandbox needs rights, and shared memory a size, that containers do not give.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    // Nothing but what the tests ask for goes over the network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    // A tab behind another one works as quickly as the one in front.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    // An address that is this machine's and that browsers do not trust as they trust localhost.
    "--host-resolver-rules=MAP emblem.test 127.0.0.1",
];

/// What the browser offers the page to draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No graphics adapter, as in a browser without WebGPU or on a machine whose driver is blocked.
    Cpu,
    /// A WebGPU adapter; SwiftShader's, where the machine has no other.
    WebGpu,
}

impl Kind {
    /// The device that the page should choose.
    pub fn device(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
        }
    }

    fn switch(self) -> &'static str {
        match self {
            Self::Cpu => "--disable-gpu",
            Self::WebGpu => "--enable-unsafe-webgpu",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.device())
    }
}

/// A running Chromium with a profile of its own. Dropping it ends it.
pub struct Browser {
    _process: Process,
    host: String,
    control: DevTools,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser of this kind.
    pub fn launch(kind: Kind) -> Result<Self, Failed> {
        let program = chromium::find().ok_or("no Chromium: `cargo xtask test` installs one, the variable CHROME names one")?;
        let profile = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command.args(SWITCHES).arg(kind.switch()).arg(format!("--user-data-dir={}", profile.path().display()));
        let (process, address) = Process::start(&mut command, "DevTools listening on ws://")?;
        let (host, path) = address.split_at(address.find('/').ok_or("Chromium's address has no path")?);
        let control = DevTools::connect(host, path)?;
        Ok(Self { host: host.to_owned(), control, _process: process, _profile: profile })
    }

    /// Ends the process that owns the graphics device, as a driver that fails does; the browser starts another.
    pub fn end_graphics(&self) -> Result<(), Failed> {
        self.control.call("Browser.crashGpuProcess", json!({})).map(drop)
    }

    /// Bytes of memory that the browser's processes hold, as the system counts them.
    pub fn resident(&self) -> Result<u64, Failed> {
        let processes = self.control.call("SystemInfo.getProcessInfo", json!({}))?;
        let ids = processes["processInfo"].as_array().into_iter().flatten().filter_map(|process| process["id"].as_u64());
        // A process that has just ended holds nothing.
        let status = |id: u64| std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let kilobytes = |text: String| -> u64 {
            let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default().to_owned();
            line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        Ok(ids.map(|id| kilobytes(status(id)) * 1024).sum())
    }

    /// An empty tab; the name by which it is closed, and a conversation with it.
    pub fn new_tab(&self) -> Result<(String, DevTools), Failed> {
        let created = self.control.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        let id = created["targetId"].as_str().ok_or("Chromium names no tab")?.to_owned();
        let tab = DevTools::connect(&self.host, &format!("/devtools/page/{id}"))?;
        Ok((id, tab))
    }
}
