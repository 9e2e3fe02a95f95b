//! Figures as people and programs read them. A number is worth what is known about it, so each carries how many pictures it is from,
//! which, by what seed, who judged and what it would be by chance or for real pictures.

use serde::{Deserialize, Serialize};

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The independent judge; how good it is stands beside.
    Judge,
    /// The network that papers on photographs compare pictures by.
    Inception,
    /// The matching model, which the generator's captions come from.
    MatchingModel,
    /// The model's own image encoder.
    Encoder,
    /// Differences of pixels.
    Pixels,
    /// What words mean, by the vectors in the model file.
    Words,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Judge => "judge",
            Self::Inception => "Inception",
            Self::MatchingModel => "matching model",
            Self::Encoder => "the model's E",
            Self::Pixels => "pixels",
            Self::Words => "word vectors",
        }
    }
}

/// What a value is to be compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Such as "chance", or "real against real".
    pub what: String,
    pub value: f64,
}

/// One measured number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Its value; shares in per cent where the name says so.
    pub value: f64,
    /// Deviation over repetitions, where there are some.
    pub spread: Option<f64>,
    /// Chance, floor or ceiling.
    pub beside: Vec<Beside>,
    pub by: By,
    /// Pictures it was computed from.
    pub n: usize,
    /// Which part of the data.
    pub split: String,
    /// Seed of the draws.
    pub seed: u64,
    /// How far styles are cut short: not at all.
    pub truncation: String,
    /// Skill of the judge on held-out real pictures, where it is the judge's figure.
    pub judge: Option<String>,
    /// The rest of what it was computed from.
    pub from: String,
}

impl Figure {
    /// A figure without comparison or spread; the seed and the judge's skill are filled in by the [`Report`].
    pub fn new(name: &str, value: f64, by: By, n: usize, split: &str) -> Self {
        Self {
            name: name.to_owned(),
            value,
            spread: None,
            beside: vec![],
            by,
            n,
            split: split.to_owned(),
            seed: 0,
            truncation: "none".to_owned(),
            judge: None,
            from: String::new(),
        }
    }

    /// With the mean and deviation of repeated measurements for its value.
    pub fn repeated(name: &str, values: &[f64], by: By, n: usize, split: &str) -> Self {
        Self { spread: Some(deviation(values)), ..Self::new(name, mean(values), by, n, split) }
    }

    /// With a value to compare with.
    pub fn beside(mut self, what: &str, value: f64) -> Self {
        self.beside.push(Beside { what: what.to_owned(), value });
        self
    }

    /// With the rest of what it was computed from.
    pub fn from(mut self, from: impl Into<String>) -> Self {
        self.from = from.into();
        self
    }

    /// "63.91 ± 1.20".
    pub fn value_text(&self) -> String {
        match self.spread {
            Some(spread) => format!("{} ± {}", number(self.value), number(spread)),
            None => number(self.value),
        }
    }

    /// "chance 1.00, real pictures 35.01".
    pub fn beside_text(&self) -> String {
        let texts: Vec<String> = self.beside.iter().map(|beside| format!("{} {}", beside.what, number(beside.value))).collect();
        texts.join(", ")
    }

    /// "N 512, training captions, seed 1, truncation none; ...".
    pub fn source_text(&self) -> String {
        let Self { n, split, seed, truncation, judge, from, by, .. } = self;
        let by = judge.as_ref().map_or_else(|| by.name().to_owned(), |skill| format!("{} ({skill})", by.name()));
        let more = if from.is_empty() { String::new() } else { format!("; {from}") };
        format!("N {n}, {split}, seed {seed}, truncation {truncation}; by {by}{more}")
    }
}

/// Two decimals, more for what is small.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if (1e-12..0.095).contains(&size) => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

/// Arithmetic mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Deviation of a sample (with n - 1); 0 where there is no telling.
pub fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len().max(2) - 1) as f64).sqrt()
}

/// Per cent.
pub fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// All figures of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The model: its folder's or file's name, and how far it was trained.
    pub model: String,
    /// The data's name.
    pub data: String,
    pub seed: u64,
    pub truncation: String,
    /// How the judge was made, and how well it does.
    pub judge: String,
    /// Whose weights Inception had, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inception: Option<String>,
    pub figures: Vec<Figure>,
    /// Figures that could not be had, and why.
    pub left_out: Vec<String>,
}

impl Report {
    /// The table for a terminal.
    pub fn table(&self) -> String {
        let width = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
        let mut text = format!("model   {}\ndata    {}\njudge   {}\n", self.model, self.data, self.judge);
        if let Some(inception) = &self.inception {
            text += &format!("Inception  {inception}\n");
        }
        text += &format!("seed    {}, truncation {}\n\n", self.seed, self.truncation);
        for figure in &self.figures {
            let line = format!("{:<width$}  {:>16}  {}", figure.name, figure.value_text(), figure.beside_text());
            text += &format!("{}\n{:width$}  {}\n", line.trim_end(), "", figure.source_text());
        }
        for reason in &self.left_out {
            text += &format!("left out: {reason}\n");
        }
        text
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Figures for the tests of what shows them.
    pub fn report() -> Report {
        let figure = Figure { spread: Some(1.0), ..Figure::new("top-1 <%>", 12.345, By::Pixels, 10, "held-out combinations") };
        Report {
            model: "a model".into(),
            data: "birds".into(),
            seed: 1,
            truncation: "none".into(),
            judge: "a judge".into(),
            inception: None,
            figures: vec![figure.beside("chance", 0.1)],
            left_out: vec!["style: no sets".into()],
        }
    }

    /// numpy: `mean([1, 2, 4])` and `std([1, 2, 4], ddof=1)`.
    #[test]
    fn spreads_are_those_of_a_sample() {
        let values = [1.0, 2.0, 4.0];
        assert!((mean(&values) - 2.333_333_333_333_333_5).abs() < 1e-12);
        assert!((deviation(&values) - 1.527_525_231_651_946_5).abs() < 1e-12);
        assert_eq!((mean(&[]), deviation(&[]), deviation(&[3.0])), (0.0, 0.0, 0.0));
    }

    #[test]
    fn every_line_says_what_it_is_from() {
        let figure =
            Figure::repeated("R-precision (%)", &[60.0, 62.0], By::Judge, 200, "training captions").beside("chance", 1.0);
        let figure = Figure { seed: 7, judge: Some("names 80 %".into()), ..figure }.from("2 folds");
        let report = Report {
            model: "m".into(),
            data: "d".into(),
            seed: 7,
            truncation: "none".into(),
            judge: "j".into(),
            inception: Some("weights.pth".into()),
            figures: vec![figure],
            left_out: vec!["style: no sets".into()],
        };
        let table = report.table();
        for part in [
            "61.00 ± 1.41  chance 1.00",
            "N 200, training captions, seed 7, truncation none; by judge (names 80 %); 2 folds",
            "left out: style: no sets",
            "Inception  weights.pth",
        ] {
            assert!(table.contains(part), "{part} is missing: {table}");
        }
        let again: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        assert_eq!(again, report);
    }

    #[test]
    fn small_numbers_keep_their_digits() {
        assert_eq!([number(0.0), number(12.345), number(0.01234), number(-0.5)], ["0.00", "12.35", "0.0123", "-0.50"]);
    }
}
