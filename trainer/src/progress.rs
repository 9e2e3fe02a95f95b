//! What a person sees while training, and how they stop it.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Set by Ctrl-C or a termination signal; the loops look at it before every step.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens to the signals. A second one ends the program at once.
    ///
    /// # Errors
    /// Where a handler is installed already.
    pub fn on_signal() -> Result<Self, ctrlc::Error> {
        let stop = Self::default();
        let flag = stop.0.clone();
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            eprintln!("\nstopping after this step and saving; press Ctrl-C again to leave at once");
        })?;
        Ok(stop)
    }

    /// Whether somebody wants this to end.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A bar with rate and remaining time on a terminal, plain lines anywhere else.
pub struct Progress {
    bar: Option<ProgressBar>,
    stage: &'static str,
    steps: usize,
    batch: usize,
    first: usize,
    now: usize,
    started: Instant,
    last_line: Instant,
    deadline: Option<Duration>,
}

/// How often a plain line is printed.
const LINE_EVERY: Duration = Duration::from_secs(20);

impl Progress {
    /// `deadline` is the time that may be spent, where the user has set one.
    pub fn new(stage: &'static str, steps: usize, batch: usize, deadline: Option<Duration>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{prefix:>13} {bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(steps as u64).with_style(style).with_prefix(stage)
        });
        let now = Instant::now();
        Self {
            bar,
            stage,
            steps,
            batch,
            first: 0,
            now: 0,
            started: now,
            last_line: now.checked_sub(LINE_EVERY).unwrap_or(now),
            deadline,
        }
    }

    /// Begins at a later step, for a run that continues.
    pub fn starting_at(mut self, step: usize) -> Self {
        (self.first, self.now) = (step, step);
        self
    }

    /// Tells how far it is.
    pub fn advance(&mut self, step: usize) {
        self.now = step;
        if let Some(bar) = &self.bar {
            bar.set_position(step as u64);
            bar.set_message(self.pace());
        }
    }

    /// Shows named values, and the pace where there is no bar to show it.
    pub fn log(&mut self, step: usize, values: &[(String, f64)]) {
        let text: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
        match &self.bar {
            Some(bar) => bar.println(format!("{:>13} {step}: {}", self.stage, text.join("  "))),
            None if self.last_line.elapsed() >= LINE_EVERY => {
                self.last_line = Instant::now();
                self.now = step;
                println!("{} {step}/{} {} | {}", self.stage, self.steps, self.pace(), text.join("  "));
                let _ = std::io::stdout().flush();
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        println!("{}: {} steps in {}", self.stage, self.now - self.first, duration(self.started.elapsed()));
    }

    /// "41 pictures/s, 12 min left".
    fn pace(&self) -> String {
        let (done, spent) = (self.now.saturating_sub(self.first), self.started.elapsed());
        if done == 0 {
            return "starting".to_owned();
        }
        let by_steps = spent.mul_f64(self.steps.saturating_sub(self.now) as f64 / done as f64);
        let left = self.deadline.map_or(by_steps, |deadline| by_steps.min(deadline.saturating_sub(spent)));
        let rate = (done * self.batch) as f64 / spent.as_secs_f64();
        format!("{rate:.0} pictures/s, {} left", duration(left))
    }
}

/// "3 h 05 min", "12 min", "40 s".
pub fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        let text = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!([text(40), text(750), text(11_100)], ["40 s", "12 min", "3 h 05 min"]);
    }
}
