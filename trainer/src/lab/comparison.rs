//! One table of several ways of training: means over seeds, and how far the seeds lie apart. What it shows, it shows whichever way it
//! comes out; a difference smaller than the spreads is none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::figures::{Figure, Report, deviation, mean, number};

/// One way with one seed, done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub arm: String,
    pub seed: u64,
    /// All settings in one number, so that a trial of other ones is not taken for this.
    pub settings: String,
    pub steps: usize,
    pub pictures: usize,
    pub seconds: f64,
    /// `None` where it diverged.
    pub report: Option<Report>,
}

/// A mean over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    pub mean: f64,
    /// Deviation over the seeds.
    pub spread: f64,
    /// Seeds that have the figure.
    pub seeds: usize,
}

impl Cell {
    fn of(values: &[f64]) -> Option<Self> {
        (!values.is_empty()).then(|| Self { mean: mean(values), spread: deviation(values), seeds: values.len() })
    }

    fn text(&self) -> String {
        if self.seeds > 1 { format!("{} ± {}", number(self.mean), number(self.spread)) } else { number(self.mean) }
    }
}

/// One figure of all ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub name: String,
    /// What it is to be compared with, such as chance.
    pub beside: BTreeMap<String, f64>,
    /// By way.
    pub cells: BTreeMap<String, Cell>,
    /// What it was computed from, for each seed.
    pub from: String,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    pub arms: Vec<String>,
    pub judge: String,
    /// Seeds of each way that diverged, and so count in no mean.
    pub diverged: Vec<String>,
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Puts trials side by side.
    pub fn of(arms: &[&str], trials: &[Trial]) -> Self {
        let of_arm = |arm: &str| trials.iter().filter(|trial| trial.arm == arm).collect::<Vec<_>>();
        let cells = |value: &dyn Fn(&Trial) -> Option<f64>| {
            let cell =
                |arm: &&str| Some(((*arm).to_owned(), Cell::of(&of_arm(arm).into_iter().filter_map(value).collect::<Vec<_>>())?));
            arms.iter().filter_map(cell).collect::<BTreeMap<_, _>>()
        };
        let plain = |name: &str, value: &dyn Fn(&Trial) -> f64| Row {
            name: name.to_owned(),
            beside: BTreeMap::new(),
            cells: cells(&|trial| Some(value(trial))),
            from: String::new(),
        };
        let mut rows = vec![
            plain("seconds", &|trial| trial.seconds),
            plain("steps", &|trial| trial.steps as f64),
            plain("pictures seen", &|trial| trial.pictures as f64),
        ];
        let measured: Vec<&Figure> = trials.iter().filter_map(|trial| trial.report.as_ref()).flat_map(|r| &r.figures).collect();
        for figure in &measured {
            if rows.iter().all(|row| row.name != figure.name) {
                rows.push(Row {
                    name: figure.name.clone(),
                    beside: beside(&measured, &figure.name),
                    cells: cells(&|trial| value(trial, &figure.name)),
                    from: figure.source_text(),
                });
            }
        }
        let diverged = trials.iter().filter(|trial| trial.report.is_none());
        Self {
            arms: arms.iter().map(|arm| (*arm).to_owned()).collect(),
            judge: trials.iter().find_map(|trial| trial.report.as_ref()).map(|r| r.judge.clone()).unwrap_or_default(),
            diverged: diverged.map(|trial| format!("{}, seed {}", trial.arm, trial.seed)).collect(),
            rows,
        }
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("| figure | beside | {} |\n|---|---|{}\n", self.arms.join(" | "), "---|".repeat(self.arms.len()));
        for Row { name, beside, cells, .. } in &self.rows {
            let beside: Vec<String> = beside.iter().map(|(what, value)| format!("{what} {}", number(*value))).collect();
            let cells: Vec<String> = self.arms.iter().map(|arm| cells.get(arm).map_or("–".to_owned(), Cell::text)).collect();
            text += &format!("| {name} | {} | {} |\n", beside.join(", "), cells.join(" | "));
        }
        text += &format!("\nMean ± deviation over the seeds. Judge: {}.\n", self.judge);
        if !self.diverged.is_empty() {
            text += &format!("Diverged, and in no mean: {}.\n", self.diverged.join("; "));
        }
        text
    }
}

fn value(trial: &Trial, name: &str) -> Option<f64> {
    trial.report.as_ref()?.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
}

/// Means of what stands beside a figure: some of it, such as a correlation by chance, is measured each time anew.
fn beside(figures: &[&Figure], name: &str) -> BTreeMap<String, f64> {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for beside in figures.iter().filter(|figure| figure.name == name).flat_map(|figure| &figure.beside) {
        values.entry(beside.what.clone()).or_default().push(beside.value);
    }
    values.into_iter().map(|(what, values)| (what, mean(&values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::By;

    fn trial(arm: &str, seed: u64, value: Option<f64>) -> Trial {
        let figure = |value| Figure::new("rho", value, By::Encoder, 9, "test captions").beside("chance", 0.1 * value);
        let report = value.map(|value| Report {
            model: String::new(),
            data: String::new(),
            seed: 1,
            truncation: "none".into(),
            judge: "j".into(),
            inception: None,
            figures: vec![figure(value)],
            left_out: vec![],
        });
        Trial { arm: arm.into(), seed, settings: String::new(), steps: 10, pictures: 160, seconds: 2.0, report }
    }

    #[test]
    fn ways_stand_side_by_side_with_their_spreads() {
        let trials = [trial("a", 1, Some(1.0)), trial("a", 2, Some(3.0)), trial("b", 1, Some(2.0)), trial("b", 2, None)];
        let comparison = Comparison::of(&["a", "b", "c"], &trials);
        let table = comparison.markdown();
        for line in [
            "| figure | beside | a | b | c |",
            "| steps |  | 10.00 ± 0.00 | 10.00 ± 0.00 | – |",
            "| rho | chance 0.20 | 2.00 ± 1.41 | 2.00 | – |",
            "Diverged, and in no mean: b, seed 2.",
        ] {
            assert!(table.contains(line), "{line} is missing: {table}");
        }
    }
}
