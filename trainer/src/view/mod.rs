//! What a person sees while training, and how they stop it: a dashboard on a terminal, plain lines anywhere else.

mod dashboard;
mod plain;
mod stop;

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crate::run::checkpoint::StageName;

use dashboard::Dashboard;
use plain::Plain;

pub use stop::Stop;

/// What lies ahead in a stage.
#[derive(Debug, Clone)]
pub struct Course {
    pub stage: StageName,
    pub steps: usize,
    /// Pictures in a step.
    pub batch: usize,
    /// Steps taken before.
    pub first: usize,
    /// Time that may be spent, where that is limited.
    pub budget: Option<Duration>,
}

/// A dashboard, or lines.
pub enum View {
    Dashboard(Box<Dashboard>),
    Plain(Plain),
}

impl View {
    /// The dashboard where standard output is a terminal and `plain` is not asked for.
    pub fn open(plain: bool, stop: &Stop) -> Self {
        if !plain && std::io::stdout().is_terminal() {
            Self::Dashboard(Box::new(Dashboard::new(stop.clone())))
        } else {
            Self::Plain(Plain::default())
        }
    }

    /// Says a line.
    pub fn say(&mut self, line: &str) {
        match self {
            Self::Dashboard(dashboard) => dashboard.say(line),
            Self::Plain(_) => println!("{line}"),
        }
    }

    /// Begins a stage.
    pub fn begin(&mut self, course: Course) {
        match self {
            Self::Dashboard(dashboard) => dashboard.begin(Pace::new(course)),
            Self::Plain(plain) => plain.begin(Pace::new(course)),
        }
    }

    /// Tells how far the stage is.
    pub fn advance(&mut self, step: usize) {
        match self {
            Self::Dashboard(dashboard) => dashboard.advance(step),
            Self::Plain(plain) => plain.advance(step),
        }
    }

    /// Shows named values of a step.
    pub fn log(&mut self, step: usize, values: &[(String, f64)]) {
        match self {
            Self::Dashboard(dashboard) => dashboard.log(step, values),
            Self::Plain(plain) => plain.log(values),
        }
    }

    /// Ends the stage.
    pub fn end(&mut self) {
        match self {
            Self::Dashboard(dashboard) => dashboard.end(),
            Self::Plain(plain) => plain.end(),
        }
    }
}

/// How quickly a stage goes on.
#[derive(Debug, Clone)]
struct Pace {
    course: Course,
    now: usize,
    started: Instant,
}

impl Pace {
    fn new(course: Course) -> Self {
        Self { now: course.first, course, started: Instant::now() }
    }

    /// Share of the stage that is over, by steps or by time.
    fn share(&self) -> f64 {
        let by_steps = self.now as f64 / self.course.steps.max(1) as f64;
        let by_time = self.course.budget.map_or(0.0, |budget| self.started.elapsed().div_duration_f64(budget));
        by_steps.max(by_time).clamp(0.0, 1.0)
    }

    /// "41 pictures/s, 12 min left".
    fn text(&self) -> String {
        self.text_after(self.started.elapsed())
    }

    fn text_after(&self, spent: Duration) -> String {
        let done = self.now - self.course.first;
        if done == 0 {
            return "starting".to_owned();
        }
        let by_steps = spent.mul_f64(self.course.steps.saturating_sub(self.now) as f64 / done as f64);
        let left = self.course.budget.map_or(by_steps, |budget| by_steps.min(budget.saturating_sub(spent)));
        let rate = (done * self.course.batch) as f64 / spent.as_secs_f64();
        format!("{rate:.0} pictures/s, {} left", duration(left))
    }

    /// "disentangling: 12000 steps in 73 min".
    fn end(&self) -> String {
        format!("{}: {} steps in {}", self.course.stage, self.now - self.course.first, duration(self.started.elapsed()))
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

    #[test]
    fn a_pace_counts_from_where_the_run_went_on() {
        let course = Course { stage: StageName::Matching, steps: 300, batch: 8, first: 100, budget: None };
        let mut pace = Pace::new(course.clone());
        assert_eq!(pace.text(), "starting");
        pace.now = 200;
        assert_eq!(pace.text_after(Duration::from_secs(50)), "16 pictures/s, 50 s left");
        let limited = Pace { course: Course { budget: Some(Duration::from_secs(60)), ..course }, ..pace };
        assert_eq!(limited.text_after(Duration::from_secs(50)), "16 pictures/s, 10 s left");
    }
}
