//! How a contestant talks to who times it.

use std::io::{self, Write};
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

/// Greets, then answers until the input ends.
pub fn answer(mut turn: impl FnMut() -> Result<()>) -> Result<()> {
    let version = format!("Emblem {}", env!("CARGO_PKG_VERSION"));
    say(&json!({ "version": version, "off": 0.0 }));
    for line in io::stdin().lines() {
        let count: usize = line.ok().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = Instant::now();
            turn()?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        say(&json!(times));
    }
    Ok(())
}

/// One line for whoever asked; if nobody reads any more, there is nobody to tell.
fn say(line: &serde_json::Value) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
