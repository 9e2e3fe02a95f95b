//! Notices a run that has gone astray, from the values of its steps.
//!
//! Three ways to go astray are told apart: a value is no number any more; a loss explodes; the discriminator has died, which shows in
//! nothing but its own values. What the watch remembers is saved with each checkpoint, so that a resumed run judges as the
//! uninterrupted one would have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// No value of a step comes near this while training works: losses are of the order of 1, logits of 10.
const MOST: f64 = 1000.0;
/// Losses with a true answer to compare with. They fall; the adversarial ones may rise and fall with the opponent.
const SUPERVISED: [&str; 2] = ["matching", "swap"];
/// A supervised loss explodes when its running mean is so many times its lowest, and so large a share of what it was at the beginning:
/// then most of what was learnt is lost. Where adversarial losses pulled pictures apart, the swap loss rose to four or five times what
/// it had been, and did not come back; where they merely join, it rises by less.
const RISE: f64 = 4.0;
const LOST: f64 = 0.75;
/// Share of a new value in a running mean: about the last thirty values count.
const NEWEST: f64 = 1.0 / 30.0;
/// Values before a running mean can be trusted.
const WARM_UP: usize = 60;
/// A discriminator that has told nothing for so many steps will not begin to, however many of them were looked at.
const PATIENCE: usize = 400;
/// Below this the three adversarial losses of the discriminator move nothing.
const SILENT: f64 = 1e-3;
/// Nearer than this, the logits of real and generated pictures are the same.
const ALIKE: f64 = 1e-6;

/// What was noticed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Divergence {
    #[error("{what} is no number any more")]
    NotFinite { what: String },
    #[error("{what} exploded: it is {value:.3}, where {usual:.3} was usual")]
    Exploded { what: String, value: f64, usual: f64 },
    #[error("the discriminator is dead: for {PATIENCE} steps, {0}")]
    Dead(&'static str),
}

/// The memory of what is usual.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DivergenceDetector {
    /// The first of the steps in which it has told nothing, up to the last look.
    silent_since: Option<usize>,
    alike_since: Option<usize>,
    trends: BTreeMap<String, Trend>,
}

/// A loss's running mean, what it was at the beginning, and the lowest that it has been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Trend {
    values: usize,
    mean: f64,
    first: f64,
    lowest: f64,
}

impl DivergenceDetector {
    /// Looks at the values of one step, which has this number.
    ///
    /// # Errors
    /// [`Divergence`] where training should not go on.
    pub fn look(&mut self, step: usize, values: &[(String, f64)]) -> Result<(), Divergence> {
        for (name, value) in values {
            if !value.is_finite() {
                return Err(Divergence::NotFinite { what: name.clone() });
            }
            if value.abs() > MOST {
                let usual = self.trends.get(name).map_or(1.0, |trend| trend.mean);
                return Err(Divergence::Exploded { what: name.clone(), value: *value, usual });
            }
            if SUPERVISED.contains(&name.as_str()) {
                self.follow(name, *value)?;
            }
        }
        self.discriminator(step, &values.iter().map(|(name, value)| (name.as_str(), *value)).collect())
    }

    fn follow(&mut self, name: &str, value: f64) -> Result<(), Divergence> {
        let new = Trend { values: 0, mean: value, first: value, lowest: value };
        let trend = self.trends.entry(name.to_owned()).or_insert(new);
        trend.values += 1;
        trend.mean += (value - trend.mean) * NEWEST;
        if trend.values <= WARM_UP {
            (trend.first, trend.lowest) = (trend.mean, trend.mean);
        }
        if trend.mean > RISE * trend.lowest && trend.mean > LOST * trend.first {
            return Err(Divergence::Exploded { what: name.to_owned(), value, usual: trend.lowest });
        }
        trend.lowest = trend.lowest.min(trend.mean);
        Ok(())
    }

    /// A hinge loss of nothing says that every picture is judged beyond doubt, and moves neither side; equal logits say that
    /// nothing is judged at all.
    fn discriminator(&mut self, step: usize, values: &BTreeMap<&str, f64>) -> Result<(), Divergence> {
        let heads = ["style", "matching", "whole"];
        let of = |prefix: &str| -> Option<Vec<f64>> {
            heads.iter().map(|head| values.get(format!("{prefix}_{head}").as_str()).copied()).collect()
        };
        // Steps without the adversarial losses say nothing of it.
        let (Some(losses), Some(real), Some(fake)) = (of("d"), of("real"), of("fake")) else { return Ok(()) };
        let since = |first: Option<usize>, still: bool| still.then(|| first.unwrap_or(step));
        self.silent_since = since(self.silent_since, losses.iter().sum::<f64>() < SILENT);
        self.alike_since = since(self.alike_since, real.iter().zip(&fake).all(|(r, f)| (r - f).abs() < ALIKE));
        let is_over = |since: Option<usize>| since.is_some_and(|first| step.saturating_sub(first) >= PATIENCE);
        if is_over(self.silent_since) {
            return Err(Divergence::Dead("it has won and teaches the generator nothing"));
        }
        if is_over(self.alike_since) {
            return Err(Divergence::Dead("it has said the same of real and generated pictures"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    fn heads(loss: f64, real: f64, fake: f64) -> Vec<(String, f64)> {
        let of = |prefix: &str, value| ["style", "matching", "whole"].map(|head| (format!("{prefix}_{head}"), value));
        [of("d", loss), of("real", real), of("fake", fake)].concat()
    }

    #[test]
    fn what_is_no_number_is_noticed_at_once() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let found = DivergenceDetector::default().look(0, &values(&[("set", 1.0), ("swap", value)]));
            assert_eq!(found, Err(Divergence::NotFinite { what: "swap".into() }));
        }
        let found = DivergenceDetector::default().look(0, &values(&[("g_adversarial", -2e6)]));
        assert!(matches!(found, Err(Divergence::Exploded { value: -2e6, .. })));
    }

    #[test]
    fn a_falling_loss_with_outliers_is_left_alone() {
        let mut watch = DivergenceDetector::default();
        for step in 0..2000 {
            let falling = 2.0 / (1.0 + step as f64 / 100.0);
            let value = if step % 97 == 0 { 8.0 * falling } else { falling };
            assert_eq!(watch.look(step, &values(&[("swap", value)])), Ok(()), "step {step}");
        }
    }

    #[test]
    fn a_loss_that_rises_and_stays_is_noticed_within_a_hundred_steps() {
        let mut watch = DivergenceDetector::default();
        for step in 0..300 {
            watch.look(step, &values(&[("swap", 0.5)])).unwrap();
        }
        let noticed = (300..400).position(|step| watch.look(step, &values(&[("swap", 2.8)])).is_err());
        assert!(noticed.is_some_and(|step| step > 5), "{noticed:?}");
        // Far below where it began, even five times the lowest is not much.
        let mut watch = DivergenceDetector::default();
        for step in 0..900 {
            let value = if step < 300 {
                1.0
            } else if step < 600 {
                0.02
            } else {
                0.1
            };
            assert_eq!(watch.look(step, &values(&[("swap", value)])), Ok(()), "step {step}");
        }
        // The adversarial losses have no true answer, so a rise says nothing.
        let mut watch = DivergenceDetector::default();
        for step in 0..600 {
            let value = if step < 300 { 0.1 } else { 4.0 };
            assert_eq!(watch.look(step, &values(&[("d_whole", value)])), Ok(()));
        }
    }

    #[test]
    fn a_dead_discriminator_is_noticed_and_a_strong_one_is_not() {
        // Patience is a matter of steps, however few of them are looked at.
        for every in [1, 2, 8] {
            let looks = |values: Vec<(String, f64)>| {
                let mut watch = DivergenceDetector::default();
                let mut steps = (0..2 * PATIENCE).step_by(every);
                steps.find_map(|step| Some((step, watch.look(step, &values).err()?)))
            };
            let won = looks(heads(0.0, 3.0, -3.0));
            assert!(matches!(won, Some((PATIENCE, Divergence::Dead(why))) if why.contains("won")), "{won:?}");
            let alike = looks(heads(2.0, 0.5, 0.5));
            assert!(matches!(alike, Some((PATIENCE, Divergence::Dead(why))) if why.contains("same")), "{alike:?}");
            assert_eq!(looks(heads(0.2, 3.0, -3.0)), None);
        }
        // One sign of life in between is enough.
        let mut watch = DivergenceDetector::default();
        for step in 0..3 * PATIENCE {
            let loss = if step % (PATIENCE - 1) == 0 { 0.1 } else { 0.0 };
            assert_eq!(watch.look(step, &heads(loss, 1.5, -1.5)), Ok(()));
        }
    }
}
