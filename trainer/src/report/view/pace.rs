//! How far a stage is, and how long it will take.

use std::time::{Duration, Instant};

use crate::config::StageName;

/// What lies ahead in a stage.
#[derive(Debug, Clone)]
pub struct StageExtent {
    pub stage: StageName,
    pub steps: usize,
    /// Pictures in a step.
    pub batch: usize,
    /// Steps taken before.
    pub first: usize,
    /// Time that may be spent, where that is limited.
    pub budget: Option<Duration>,
}

/// How quickly a stage goes on.
#[derive(Debug, Clone)]
pub struct Throughput {
    /// What it is called: "matching", or "layers, disentangling" in the stage `layers` of a recipe.
    pub name: String,
    pub course: StageExtent,
    pub now: usize,
    pub started: Instant,
}

impl Throughput {
    pub fn new(course: StageExtent, recipe_stage: Option<&str>) -> Self {
        let name = recipe_stage.map_or_else(|| course.stage.to_string(), |recipe| format!("{recipe}, {}", course.stage));
        Self { name, now: course.first, course, started: Instant::now() }
    }

    /// Share of the stage that is over, by steps or by time.
    pub fn share(&self) -> f64 {
        let by_steps = self.now as f64 / self.course.steps.max(1) as f64;
        let by_time = self.course.budget.map_or(0.0, |budget| self.started.elapsed().div_duration_f64(budget));
        by_steps.max(by_time).clamp(0.0, 1.0)
    }

    /// "41 pictures/s, 12 min left".
    pub fn text(&self) -> String {
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
    pub fn end(&self) -> String {
        format!("{}: {} steps in {}", self.name, self.now - self.course.first, duration(self.started.elapsed()))
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
        let course = StageExtent { stage: StageName::Matching, steps: 300, batch: 8, first: 100, budget: None };
        let mut pace = Throughput::new(course.clone(), None);
        assert_eq!(pace.text(), "starting");
        pace.now = 200;
        assert_eq!(pace.text_after(Duration::from_secs(50)), "16 pictures/s, 50 s left");
        let limited = Throughput { course: StageExtent { budget: Some(Duration::from_secs(60)), ..course }, ..pace };
        assert_eq!(limited.text_after(Duration::from_secs(50)), "16 pictures/s, 10 s left");
        assert_eq!([limited.name, Throughput::new(limited.course, Some("layers")).name], ["matching", "layers, matching"]);
    }
}
