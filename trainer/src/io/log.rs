//! What the programs say besides their results: events of [`tracing`], a line each.
//!
//! Lines go to the standard error, so that the standard output holds results alone, or to the dashboard while it has the terminal. That is
//! all that is done with events, so this subscribes to them itself: formats, writers and filters of a library would be as many lines.
//! `RUST_LOG=warn` leaves warnings and errors.

use std::fmt::{self, Write};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Who has the terminal, of which a process has one.
static SCREEN: Mutex<Option<Sender<String>>> = Mutex::new(None);

/// Says from here on what happens. A second start changes nothing.
pub fn start() {
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok());
    // Where it has been started already, all is as it should be.
    let _ = tracing::subscriber::set_global_default(Lines { most: level.unwrap_or(LevelFilter::INFO) });
}

/// Gives lines to whoever has the terminal now, or with `None` to the standard error again.
pub fn send_to(screen: Option<Sender<String>>) {
    *SCREEN.lock().unwrap_or_else(PoisonError::into_inner) = screen;
}

/// Says events of this crate as lines.
struct Lines {
    most: LevelFilter,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.most && metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = match *event.metadata().level() {
            Level::ERROR => "error: ".to_owned(),
            Level::WARN => "warning: ".to_owned(),
            _ => String::new(),
        };
        event.record(&mut Message(&mut line));
        match &*SCREEN.lock().unwrap_or_else(PoisonError::into_inner) {
            // A screen that is gone shows nothing more.
            Some(screen) => drop(screen.send(line)),
            None => eprintln!("{line}"),
        }
    }

    // Nothing here has spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Adds an event's message to a line.
struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a string cannot fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other tests of this process may say something meanwhile.
    #[test]
    fn a_dashboard_gets_what_is_said_while_it_has_the_terminal() {
        let (sender, lines) = std::sync::mpsc::channel();
        start();
        send_to(Some(sender));
        tracing::info!("measuring: {}", "FID");
        tracing::debug!("too much");
        tracing::info!(target: "other", "of another crate");
        tracing::warn!("a shard is cut off");
        tracing::error!("no disk");
        send_to(None);
        tracing::info!("to the standard error");
        let said: Vec<String> = lines.try_iter().collect();
        for line in ["measuring: FID", "warning: a shard is cut off", "error: no disk"] {
            assert!(said.iter().any(|said| said == line), "{line}: {said:?}");
        }
        for line in ["too much", "of another crate", "to the standard error"] {
            assert!(!said.iter().any(|said| said == line), "{line}: {said:?}");
        }
    }
}
