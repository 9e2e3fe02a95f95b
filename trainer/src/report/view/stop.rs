//! How a person, or the system, ends a run early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a program ends at once, whatever is under way. Only the program itself may say so.
pub type Leave = fn();

/// A wish to stop, shared by all who may express it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    begun: Arc<AtomicBool>,
    on_screen: Arc<AtomicBool>,
    leave: Option<Leave>,
}

impl Stop {
    /// Listens to Ctrl-C and to termination signals; `leave` ends the program where it must not wait for a save.
    ///
    /// # Errors
    /// Where a handler is installed already.
    pub fn on_signal(leave: Leave) -> Result<Self, ctrlc::Error> {
        let stop = Self { leave: Some(leave), ..Self::default() };
        let asked = stop.clone();
        ctrlc::set_handler(move || asked.ask())?;
        Ok(stop)
    }

    /// From here on there is something to save.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Asks for an end after the step under way, with a save. The second time, or where nothing has begun, it ends here and now.
    pub fn ask(&self) {
        if self.asked.swap(true, Ordering::Relaxed) || !self.begun.load(Ordering::Relaxed) {
            if self.on_screen.load(Ordering::Relaxed) {
                ratatui::restore();
            }
            if let Some(leave) = self.leave {
                leave();
            }
        }
        if !self.on_screen.load(Ordering::Relaxed) {
            tracing::info!("\nstopping after this step and saving; press Ctrl-C again to leave at once");
        }
    }

    /// Whether somebody wants this to end.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether a dashboard holds the terminal, which must then be given back before the program ends.
    pub(super) fn set_on_screen(&self, on_screen: bool) {
        self.on_screen.store(on_screen, Ordering::Relaxed);
    }

    pub(super) fn is_on_screen(&self) -> bool {
        self.on_screen.load(Ordering::Relaxed)
    }
}
