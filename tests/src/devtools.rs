//! Chromium's DevTools protocol and Firefox's WebDriver BiDi, as far as they are needed: JSON over a web socket, one question at a time.
//!
//! A few of their methods are used, so this page takes the place of a library whose generated bindings would take minutes to
//! compile (and whose generator is under the GPL).

use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Failed;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::process::PATIENCE;

/// A conversation with the browser itself or with one of its tabs.
pub struct DevTools {
    line: Mutex<Line>,
}

struct Line {
    socket: WebSocket<TcpStream>,
    asked: u64,
    logged: Vec<Value>,
}

impl DevTools {
    /// Begins the conversation with what is at `path` (`/devtools/page/…`) of the browser at `host` (`127.0.0.1:9222`).
    pub fn connect(host: &str, path: &str) -> Result<Self, Failed> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        // Longer than anything in the page may take, so that the page's own limit speaks first.
        stream.set_read_timeout(Some(PATIENCE * 2))?;
        let (socket, _) = tungstenite::client(format!("ws://{host}{path}"), stream)?;
        Ok(Self { line: Mutex::new(Line { socket, asked: 0, logged: Vec::new() }) })
    }

    /// Calls a method of the protocol and waits for its result; of the events in between only what Firefox logs is kept.
    pub fn call(&self, method: &str, parameters: Value) -> Result<Value, Failed> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.asked += 1;
        let id = line.asked;
        let question = json!({ "id": id, "method": method, "params": parameters }).to_string();
        line.socket.send(Message::text(question))?;
        loop {
            let Message::Text(text) = line.socket.read()? else { continue };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["method"] == "log.entryAdded" {
                line.logged.push(answer["params"].take());
            }
            if answer["id"] != id {
                continue;
            }
            return match &answer["error"] {
                Value::Null => Ok(answer["result"].take()),
                error => Err(format!("{method}: {error}").into()),
            };
        }
    }

    /// What Firefox has logged since this was last asked.
    pub fn logged(&self) -> Vec<Value> {
        std::mem::take(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner).logged)
    }
}
