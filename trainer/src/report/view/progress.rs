//! How far something is that has no view of its own.

use std::time::{Duration, Instant};

use super::pace::duration;

/// How often it is told.
const TELL_EVERY: Duration = Duration::from_secs(20);

/// Tells now and then how far something is.
pub struct Progress {
    started: Instant,
    told: Instant,
}

impl Progress {
    pub fn start() -> Self {
        Self { started: Instant::now(), told: Instant::now() }
    }

    /// Tells that `done` of `all` are done, from 0, if it has not for a while.
    pub fn tell(&mut self, what: &str, done: usize, all: usize) {
        if done == 0 {
            self.started = Instant::now();
        }
        if self.told.elapsed() > TELL_EVERY {
            let left = self.started.elapsed().mul_f64((all - done - 1) as f64 / (done + 1) as f64);
            tracing::info!("{what} {} of {all}, {} left", done + 1, duration(left));
            self.told = Instant::now();
        }
    }
}
