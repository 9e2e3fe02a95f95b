//! One tab: opening the page, asking its JavaScript, looking at it.

use std::fmt::Display;
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libtest_mimic::Failed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::Picture;

use crate::browser::{Browser, PATIENCE};
use crate::devtools::DevTools;

pub(crate) const PROBE: &str = include_str!("probe.js");
const GLANCE: Duration = Duration::from_millis(50);

/// A tab with Emblem's page in it, closed when dropped.
pub struct Page {
    id: String,
    pub(crate) tab: DevTools,
}

/// What the page's JavaScript API resolved to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drawn {
    pub width: usize,
    pub height: usize,
    /// Two hexadecimal digits a channel.
    rgba: String,
    pub caption: String,
    pub style: Vec<f32>,
    pub style_seed: serde_json::Value,
    pub device: String,
    pub ms: f64,
    pub understood_words: Vec<Understood>,
    pub unknown_words: Vec<Unknown>,
    pub truncated: bool,
}

/// A word that the model reads as others.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Understood {
    pub word: String,
    pub read_as: Vec<String>,
    pub others: Vec<String>,
}

/// A word that the model does not know.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Unknown {
    pub word: String,
    pub nearest: Vec<String>,
}

/// What the page's JavaScript API rejected with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Fault {
    pub name: Option<String>,
    pub message: String,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub advice: String,
    /// Whether it is an `EmblemError`.
    pub typed: bool,
}

#[derive(Deserialize)]
struct Outcome<T> {
    value: Option<T>,
    error: Option<Fault>,
}

impl Drawn {
    /// The pixels, without their opacity (which is checked to be full).
    pub fn picture(&self) -> Result<Picture, Failed> {
        let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let rgba: Vec<u8> = self.rgba.as_bytes().chunks(2).filter_map(digits).collect();
        ensure(rgba.iter().skip(3).step_by(4).all(|alpha| *alpha == 255), "a pixel is not opaque")?;
        let rgb = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Picture::new(self.width, self.height, rgb).ok_or_else(|| "the picture has lost pixels".into())
    }
}

impl Fault {
    /// Checks that a program can tell what this is and a person what to do.
    pub fn ensure_helpful(&self) -> Result<(), Failed> {
        ensure(self.typed && !self.code.is_empty() && self.advice.len() > 10, format!("not a coded error with advice: {self:?}"))
    }
}

impl Page {
    /// Opens `address` in a new tab and waits until its script has run.
    pub fn open(browser: &Browser, address: &str) -> Result<Self, Failed> {
        let page = Self::open_foreign(browser, address)?;
        page.wait_for("window.emblem?.ready")?;
        Ok(page)
    }

    /// Opens a page that is not Emblem's own in a new tab.
    pub fn open_foreign(browser: &Browser, address: &str) -> Result<Self, Failed> {
        Self::open_after(browser, "", address)
    }

    /// The same, but `script` runs in it before anything of the page's own.
    pub fn open_after(browser: &Browser, script: &str, address: &str) -> Result<Self, Failed> {
        let (id, tab) = browser.new_tab()?;
        let page = Self { id, tab };
        page.tab.call("Page.enable", json!({}))?;
        page.tab.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": format!("{PROBE}\n{script}") }))?;
        let opened = page.tab.call("Page.navigate", json!({ "url": address }))?;
        if let Some(error) = opened["errorText"].as_str() {
            return Err(format!("{address}: {error}").into());
        }
        // Until then the tab still shows the empty page that it was made with.
        page.wait_for("location.href !== 'about:blank' && document.readyState !== 'loading'")?;
        Ok(page)
    }

    /// The value of a JavaScript expression, awaited.
    pub fn eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Failed> {
        let question = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.tab.call("Runtime.evaluate", question)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let what = thrown["exception"]["description"].as_str().or(thrown["text"].as_str()).unwrap_or_default();
            return Err(format!("{expression}\nthrew {what}").into());
        }
        serde_json::from_value(answer["result"]["value"].take())
            .map_err(|error| format!("{expression}\ngave something else: {error}").into())
    }

    /// What the promise `expression` settles to: a value, or the error that the page's callers would get.
    pub fn attempt<T: DeserializeOwned>(&self, expression: &str) -> Result<Result<T, Fault>, Failed> {
        let outcome: Outcome<T> = self.eval(&format!("probe.attempt(async () => {expression}, {})", PATIENCE.as_millis()))?;
        match outcome {
            Outcome { error: Some(fault), .. } => Ok(Err(fault)),
            Outcome { value: Some(value), .. } => Ok(Ok(value)),
            _ => Err(format!("{expression}\nresolved to nothing").into()),
        }
    }

    /// `painter.paint(caption, options)` with the page's own painter; `options` is JavaScript.
    pub fn try_paint(&self, caption: &str, options: &str) -> Result<Result<Drawn, Fault>, Failed> {
        let caption = serde_json::to_string(caption)?;
        self.attempt(&format!("probe.plain(await (await emblem.ready).paint({caption}, {options}))"))
    }

    /// The same, where an error is a failure of the test.
    pub fn paint(&self, caption: &str, options: &str) -> Result<Drawn, Failed> {
        let outcome = self.try_paint(caption, options)?;
        outcome.map_err(|fault| format!("{caption:?} with {options}: {fault:?}").into())
    }

    /// Waits until `condition`, a JavaScript expression, holds.
    pub fn wait_for(&self, condition: &str) -> Result<(), Failed> {
        let start = Instant::now();
        while !self.eval::<bool>(&format!("Boolean({condition})"))? {
            if start.elapsed() > PATIENCE {
                let state: String = self.eval("document.documentElement.outerHTML.slice(0, 300)")?;
                return Err(format!("{condition} did not come about; the page: {state}").into());
            }
            sleep(GLANCE);
        }
        Ok(())
    }

    /// Runs `action` and waits until the page has drawn what it leads to, or shows why it cannot.
    pub fn settle_after(&self, action: &str) -> Result<(), Failed> {
        // The state before is put out of the way, so that it cannot be taken for the state after.
        self.eval::<()>(&format!("document.documentElement.dataset.state = 'before'; {action}; undefined"))?;
        self.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")
    }

    /// Checks that the page let no error go uncaught and broke no rule of its security policy.
    pub fn ensure_calm(&self) -> Result<(), Failed> {
        let uncaught: Vec<String> = self.eval("probe.uncaught")?;
        ensure(uncaught.is_empty(), format!("uncaught in the page: {uncaught:?}"))
    }

    /// Makes the page `width` CSS pixels wide, as on a phone or a desk.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), Failed> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600 });
        self.tab.call("Emulation.setDeviceMetricsOverride", screen).map(drop)
    }

    /// The page as a PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>, Failed> {
        let shot = self.tab.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }))?;
        Ok(BASE64.decode(shot["data"].as_str().ok_or("no screenshot")?)?)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A tab that is gone already needs no closing.
        let _ = self.tab.call("Target.closeTarget", json!({ "targetId": self.id }));
    }
}

/// Fails with `message` unless `condition` holds.
pub fn ensure(condition: bool, message: impl Display) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(message.to_string().into()) }
}
