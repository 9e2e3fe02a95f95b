//! What the programs say besides their results: events of [`tracing`], a line each.
//!
//! Lines go to the standard error, so that the standard output holds results alone, or to the dashboard while it has the terminal.
//! `RUST_LOG` says what is told, as in other programs (`RUST_LOG=trainer=warn`); without it all that this program says from `info` up.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Who has the terminal, of which a process has one.
static SCREEN: Mutex<Option<Sender<String>>> = Mutex::new(None);

/// Says from here on what happens. Once: a second start changes nothing.
pub fn start() {
    let wanted = std::env::var("RUST_LOG").ok().and_then(|targets| targets.parse().ok());
    // Whoever has started it before has done what is needed.
    let _ = subscriber(wanted.unwrap_or_else(|| Targets::new().with_target("trainer", LevelFilter::INFO))).try_init();
}

/// Gives lines to whoever has the terminal now, or with `None` to the standard error again.
pub fn send_to(screen: Option<Sender<String>>) {
    *SCREEN.lock().unwrap_or_else(PoisonError::into_inner) = screen;
}

fn subscriber(targets: Targets) -> impl Subscriber + Send + Sync {
    tracing_subscriber::registry().with(layer().event_format(Plain).with_writer(|| Lines)).with(targets)
}

/// The message alone, with what it is where it is more than news.
struct Plain;

impl<S, N> tracing_subscriber::fmt::FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        match *event.metadata().level() {
            Level::ERROR => writer.write_str("error: ")?,
            Level::WARN => writer.write_str("warning: ")?,
            _ => {}
        }
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// Takes an event's text as a whole.
struct Lines;

impl Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &*SCREEN.lock().unwrap_or_else(PoisonError::into_inner) {
            // A screen that is gone shows nothing more.
            Some(screen) => drop(screen.send(String::from_utf8_lossy(text).trim_end().to_owned())),
            None => io::stderr().write_all(text)?,
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_gets_what_is_said_while_it_has_the_terminal() {
        let (sender, lines) = std::sync::mpsc::channel();
        let targets = Targets::new().with_target("trainer", LevelFilter::INFO);
        tracing::subscriber::with_default(subscriber(targets), || {
            send_to(Some(sender));
            tracing::info!("measuring: {}", "FID");
            tracing::debug!("too much");
            tracing::info!(target: "other", "of another crate");
            tracing::warn!("a shard is cut off");
            tracing::error!("no disk");
            send_to(None);
            tracing::info!("to the standard error");
        });
        let said: Vec<String> = lines.try_iter().collect();
        assert_eq!(said, ["measuring: FID", "warning: a shard is cut off", "error: no disk"]);
    }
}
