//! The view of a run, whichever it is.

use std::io::IsTerminal;

use super::dashboard::Dashboard;
use super::pace::{StageExtent, Throughput};
use super::plain::Plain;
use super::stop::Stop;

/// A dashboard or lines, of a run that may be a stage of a recipe.
pub struct View {
    shown: Shown,
    recipe_stage: Option<String>,
}

enum Shown {
    Dashboard(Box<Dashboard>),
    Plain(Plain),
}

impl View {
    /// The dashboard where standard output is a terminal and `plain` is not asked for.
    pub fn open(plain: bool, stop: &Stop) -> Self {
        let shown = match !plain && std::io::stdout().is_terminal() {
            true => Shown::Dashboard(Box::new(Dashboard::new(stop.clone()))),
            false => Shown::Plain(Plain::default()),
        };
        Self { shown, recipe_stage: None }
    }

    /// The same, of a recipe's stage.
    pub fn of_recipe_stage(self, name: &str) -> Self {
        Self { recipe_stage: Some(name.to_owned()), ..self }
    }

    /// Says a line.
    pub fn say(&mut self, line: &str) {
        match &mut self.shown {
            Shown::Dashboard(dashboard) => dashboard.say(line),
            Shown::Plain(_) => println!("{line}"),
        }
    }

    /// Begins a stage.
    pub fn begin(&mut self, course: StageExtent) {
        let pace = Throughput::new(course, self.recipe_stage.as_deref());
        match &mut self.shown {
            Shown::Dashboard(dashboard) => dashboard.begin(pace),
            Shown::Plain(plain) => plain.begin(pace),
        }
    }

    /// Tells how far the stage is.
    pub fn advance(&mut self, step: usize) {
        match &mut self.shown {
            Shown::Dashboard(dashboard) => dashboard.advance(step),
            Shown::Plain(plain) => plain.advance(step),
        }
    }

    /// Shows named values of a step.
    pub fn log(&mut self, step: usize, values: &[(String, f64)]) {
        match &mut self.shown {
            Shown::Dashboard(dashboard) => dashboard.log(step, values),
            Shown::Plain(plain) => plain.log(values),
        }
    }

    /// Ends the stage.
    pub fn end(&mut self) {
        match &mut self.shown {
            Shown::Dashboard(dashboard) => dashboard.end(),
            Shown::Plain(plain) => plain.end(),
        }
    }
}
