//! The view of a run, whichever it is.

use std::io::IsTerminal;

use super::dashboard::Dashboard;
use super::pace::{StageExtent, Throughput};
use super::plain::Plain;
use super::stop::Stop;

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
    pub fn begin(&mut self, course: StageExtent) {
        match self {
            Self::Dashboard(dashboard) => dashboard.begin(Throughput::new(course)),
            Self::Plain(plain) => plain.begin(Throughput::new(course)),
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
