//! Firefox without a window, by WebDriver BiDi: the same messages over a web socket as Chromium's DevTools, with other methods.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::setup::firefox;

use crate::browser::PATIENCE;
use crate::devtools::DevTools;
use crate::page::PROBE;
use crate::process::Process;

const GLANCE: Duration = Duration::from_millis(100);
/// Nothing but what the tests ask for goes over the network, and nothing is shown before the page.
const SETTINGS: [(&str, &str); 9] = [
    ("app.normandy.enabled", "false"),
    ("app.update.enabled", "false"),
    ("browser.safebrowsing.update.enabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("services.settings.server", "\"data:,\""),
    ("toolkit.telemetry.enabled", "false"),
];

/// What Firefox 140 logs of every page that is asked something over this protocol, an empty one too, without a line of any script.
const OWN_COMPLAINT: &str = "Error: Permission denied to access property \"length\"";

/// A running Firefox with a profile of its own. Dropping it ends it.
pub struct Firefox {
    line: DevTools,
    _process: Process,
    _profile: TempDir,
}

impl Firefox {
    /// Starts the Firefox that is installed here; `None` where none is.
    pub fn launch() -> Result<Option<Self>, Failed> {
        let Some(program) = firefox::find() else { return Ok(None) };
        let profile = tempfile::tempdir()?;
        let settings = SETTINGS.map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"));
        fs::write(profile.path().join("user.js"), settings.concat())?;
        let mut command = Command::new(program);
        command.args(["--headless", "--no-remote", "--remote-debugging-port=0", "--profile"]).arg(profile.path());
        let (process, host) = Process::start(&mut command, "WebDriver BiDi listening on ws://")?;
        let line = DevTools::connect(&host, "/session")?;
        line.call("session.new", json!({ "capabilities": {} }))?;
        line.call("session.subscribe", json!({ "events": ["log.entryAdded"] }))?;
        line.call("script.addPreloadScript", json!({ "functionDeclaration": format!("() => {{ {PROBE} }}") }))?;
        Ok(Some(Self { line, _process: process, _profile: profile }))
    }

    /// Opens `address` in a new tab, and waits until all of it has been read. (In a tab that has shown Emblem before, the old page's
    /// keeping its address in step can pass for the end of the navigation.)
    pub fn open(&self, address: &str) -> Result<Tab<'_>, Failed> {
        let made = self.line.call("browsingContext.create", json!({ "type": "tab" }))?;
        let id = made["context"].as_str().ok_or("Firefox names no tab")?.to_owned();
        let tab = Tab { line: &self.line, id };
        self.line.call("browsingContext.navigate", json!({ "context": tab.id, "url": address, "wait": "complete" }))?;
        Ok(tab)
    }
}

/// A tab of Firefox, closed when dropped.
pub struct Tab<'a> {
    line: &'a DevTools,
    id: String,
}

impl Tab<'_> {
    /// The value of a JavaScript expression, awaited.
    pub fn eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Failed> {
        // As text: this protocol's own form of values says of each part what it is.
        let question = json!({
            "expression": format!("(async () => JSON.stringify((await ({expression})) ?? null))()"),
            "target": { "context": self.id },
            "awaitPromise": true,
            "userActivation": true,
        });
        let answer = self.line.call("script.evaluate", question)?;
        match &answer["result"]["value"] {
            Value::String(text) => Ok(serde_json::from_str(text).map_err(|error| format!("{expression}\ngave {text}: {error}"))?),
            _ => Err(format!("{expression}\nthrew {}", answer["exceptionDetails"]["text"]).into()),
        }
    }

    /// Waits until `condition`, a JavaScript expression, holds.
    pub fn wait_for(&self, condition: &str) -> Result<(), Failed> {
        let start = Instant::now();
        while !self.eval::<bool>(&format!("Boolean({condition})"))? {
            if start.elapsed() > PATIENCE {
                let page: String = self.eval("document.documentElement.outerHTML.slice(0, 300)")?;
                return Err(format!("{condition} did not come about; the page: {page}; {:?}", self.complaints()?).into());
            }
            sleep(GLANCE);
        }
        Ok(())
    }

    /// The errors in Firefox's console since this was last asked, and what the page left uncaught.
    pub fn complaints(&self) -> Result<Vec<String>, Failed> {
        // The question also has Firefox say what it has not said yet.
        let mut complaints: Vec<String> = self.eval("probe.uncaught")?;
        let own = |entry: &Value| entry["text"] == OWN_COMPLAINT && entry["stackTrace"].is_null();
        let logged = self.line.logged().into_iter().filter(|entry| entry["level"] == "error" && !own(entry));
        complaints.extend(logged.map(|entry| entry["text"].as_str().unwrap_or("an error without words").to_owned()));
        Ok(complaints)
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        // A tab that is gone already needs no closing.
        let _ = self.line.call("browsingContext.close", json!({ "context": self.id }));
    }
}
