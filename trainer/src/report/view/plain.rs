//! Lines for a file, a pipe, or whoever prefers them.

use std::time::{Duration, Instant};

use super::pace::Throughput;

/// How often a line is printed.
const LINE_EVERY: Duration = Duration::from_secs(20);

/// Prints a line now and then.
#[derive(Default)]
pub struct Plain {
    pace: Option<Throughput>,
    last_line: Option<Instant>,
}

impl Plain {
    pub(super) fn begin(&mut self, pace: Throughput) {
        (self.pace, self.last_line) = (Some(pace), None);
    }

    pub(super) fn advance(&mut self, step: usize) {
        if let Some(pace) = &mut self.pace {
            pace.now = step;
        }
    }

    pub(super) fn log(&mut self, values: &[(String, f64)]) {
        let Some(pace) = self.pace.as_ref().filter(|_| self.last_line.is_none_or(|line| line.elapsed() >= LINE_EVERY)) else {
            return;
        };
        let text: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
        println!("{} {}/{} {} | {}", pace.name, pace.now, pace.course.steps, pace.text(), text.join("  "));
        self.last_line = Some(Instant::now());
    }

    pub(super) fn end(&mut self) {
        if let Some(pace) = self.pace.take() {
            println!("{}", pace.end());
        }
    }
}
