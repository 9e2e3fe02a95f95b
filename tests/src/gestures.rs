//! What a visitor does with hands and browser settings: keys, pointer, languages, dark mode.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::json;

use crate::page::Page;

impl Page {
    /// Presses and releases a key by its name in JavaScript (`Tab`, `ArrowRight`), with Shift where `shift` is set.
    pub fn press(&self, key: &str, shift: bool) -> Result<(), Failed> {
        // What the browser does by itself on a key, such as moving the focus, hangs on its old number.
        let (number, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            "Home" => (36, ""),
            "ArrowLeft" => (37, ""),
            "ArrowUp" => (38, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            other => return Err(format!("no number is known for the key {other}").into()),
        };
        for kind in ["keyDown", "keyUp"] {
            let modifiers = if shift { 8 } else { 0 };
            let text = if kind == "keyDown" { text } else { "" };
            let stroke =
                json!({ "type": kind, "key": key, "windowsVirtualKeyCode": number, "modifiers": modifiers, "text": text });
            self.tab.call("Input.dispatchKeyEvent", stroke)?;
        }
        Ok(())
    }

    /// Writes into whatever has the focus.
    pub fn write(&self, text: &str) -> Result<(), Failed> {
        self.tab.call("Input.insertText", json!({ "text": text })).map(drop)
    }

    /// Presses the pointer at `from`, moves it to `to` and lets go; in CSS pixels of the window.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) -> Result<(), Failed> {
        for (kind, (x, y), buttons) in [("mousePressed", from, 1), ("mouseMoved", to, 1), ("mouseReleased", to, 0)] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
            self.tab.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// Puts a finger down at `from`, moves it to `to` and lifts it; in CSS pixels of the window.
    pub fn swipe(&self, from: (f64, f64), to: (f64, f64)) -> Result<(), Failed> {
        let touch = |kind: &str, points: &[(f64, f64)]| {
            let points: Vec<_> = points.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
            self.tab.call("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }))
        };
        touch("touchStart", &[from])?;
        for step in 1..=10 {
            let way = f64::from(step) / 10.0;
            touch("touchMove", &[(from.0 + (to.0 - from.0) * way, from.1 + (to.1 - from.1) * way)])?;
        }
        touch("touchEnd", &[]).map(drop)
    }

    /// Drops files or folders of this machine on the page, at a point of the window in CSS pixels.
    pub fn drop_files(&self, paths: &[PathBuf], at: (f64, f64)) -> Result<(), Failed> {
        for kind in ["dragEnter", "dragOver", "drop"] {
            // One may be copied.
            let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
            self.tab.call("Input.dispatchDragEvent", json!({ "type": kind, "x": at.0, "y": at.1, "data": data }))?;
        }
        Ok(())
    }

    /// A visitor who likes it dark or light, and things that move or do not.
    pub fn prefer(&self, scheme: &str, motion: &str) -> Result<(), Failed> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]);
        self.tab.call("Emulation.setEmulatedMedia", json!({ "features": features })).map(drop)
    }

    /// A browser that speaks this language (`zh-CN`); takes effect when the page is opened again.
    pub fn speak(&self, language: &str) -> Result<(), Failed> {
        let agent: String = self.eval("navigator.userAgent")?;
        self.tab.call("Emulation.setUserAgentOverride", json!({ "userAgent": agent, "acceptLanguage": language })).map(drop)
    }

    /// Loads the page anew.
    pub fn reload(&self) -> Result<(), Failed> {
        self.eval::<()>("window.emblem = undefined")?;
        self.tab.call("Page.reload", json!({}))?;
        self.wait_for("window.emblem?.ready")
    }

    /// Allows this page's site `bytes` of storage, at least one, or as many as it had.
    pub fn limit_storage(&self, bytes: Option<u64>) -> Result<(), Failed> {
        let origin: String = self.eval("location.origin")?;
        let limit = match bytes {
            Some(bytes) => json!({ "origin": origin, "quotaSize": bytes }),
            None => json!({ "origin": origin }),
        };
        self.tab.call("Storage.overrideQuotaForOrigin", limit).map(drop)
    }

    /// Bytes that the page's own JavaScript holds, after all that is garbage has been collected.
    pub fn heap(&self) -> Result<u64, Failed> {
        self.tab.call("HeapProfiler.collectGarbage", json!({}))?;
        let usage = self.tab.call("Runtime.getHeapUsage", json!({}))?;
        usage["usedSize"].as_f64().map(|bytes| bytes as u64).ok_or_else(|| "the heap has no size".into())
    }

    /// Has downloads end in `folder` instead of asking where to.
    pub fn download_into(&self, folder: &Path) -> Result<(), Failed> {
        let there = json!({ "behavior": "allow", "downloadPath": folder });
        self.tab.call("Page.setDownloadBehavior", there).map(drop)
    }
}
