//! `cargo xtask bench --check`: has Emblem become slower than it was published to be?
//!
//! Times differ from machine to machine; by how much another program is slower at the same on the same core differs less. So a short
//! contest's ratios are compared with those in `docs/bench.json`, widely: what this finds is a lost kernel, not a few hundredths.

use std::fs;

use serde::Deserialize;

use super::table::{Event, median};
use crate::{Error, Result, root};

/// A ratio below so much of the published one is a fault: processors differ by a third or so in what they are good at.
const LEAST: f64 = 0.6;

#[derive(Debug, Deserialize)]
struct Published {
    events: Vec<PublishedEvent>,
}

#[derive(Debug, Deserialize)]
struct PublishedEvent {
    name: String,
    entries: Vec<PublishedEntry>,
}

#[derive(Debug, Deserialize)]
struct PublishedEntry {
    version: String,
    turns: Vec<f64>,
}

/// How another program did in one contest, now and as published.
#[derive(Debug, PartialEq)]
struct Comparison {
    contest: String,
    whom: String,
    ratio: f64,
    published: f64,
}

/// Compares contests with the published ones, and says how they stand.
///
/// # Errors
/// [`Error::Slower`] for the worst of those where Emblem has become slower; [`Error::Unavailable`] where there is nothing to compare.
pub fn compare(events: &[Event]) -> Result<()> {
    let path = root().join("docs/bench.json");
    let text = fs::read(&path).map_err(Error::file(&path))?;
    let published: Published = serde_json::from_slice(&text).map_err(|error| Error::file(&path)(error.into()))?;
    let comparisons = comparisons(events, &published);
    for Comparison { contest, whom, ratio, published } in &comparisons {
        println!("{contest}: {whom} takes {ratio:.2} times as long as Emblem, published are {published:.2}");
    }
    judged(comparisons)
}

/// Those whom both have in the same version.
fn comparisons(events: &[Event], published: &Published) -> Vec<Comparison> {
    let mut all = vec![];
    for event in events {
        let Some(before) = published.events.iter().find(|before| before.name == event.name) else { continue };
        let (Some((emblem, others)), Some(emblem_before)) = (event.entries.split_first(), before.entries.first()) else {
            continue;
        };
        for other in others {
            let Some(other_before) = before.entries.iter().find(|entry| entry.version == other.version) else { continue };
            all.push(Comparison {
                contest: event.name.clone(),
                whom: other.version.clone(),
                ratio: ratio(&other.turns, &emblem.turns),
                published: ratio(&other_before.turns, &emblem_before.turns),
            });
        }
    }
    all
}

fn judged(comparisons: Vec<Comparison>) -> Result<()> {
    let kept = |comparison: &Comparison| comparison.ratio / comparison.published;
    let worst = comparisons.into_iter().min_by(|a, b| kept(a).total_cmp(&kept(b)));
    match worst {
        None => Err(Error::Unavailable {
            what: "another program that docs/bench.json compares Emblem with".to_owned(),
            advice: "see above why it is left out; onnxruntime needs a python3 with venv and PyPI".to_owned(),
        }),
        Some(worst) if kept(&worst) < LEAST => {
            let Comparison { contest, whom, ratio, published } = worst;
            Err(Error::Slower { contest, whom, ratio, published })
        }
        Some(_) => Ok(()),
    }
}

/// The median of the turns' ratios: whatever else the machine does in a turn falls on both.
fn ratio(other: &[f64], emblem: &[f64]) -> f64 {
    median(&other.iter().zip(emblem).map(|(other, emblem)| other / emblem).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::super::table::{Entry, MILLISECONDS};
    use super::*;

    fn event(emblem: f64) -> Event {
        let entry =
            |version: &str, time: f64| Entry { version: version.into(), off: 0.0, turns: vec![time; 3], peak_memory_mb: None };
        let entries = vec![entry("Emblem 2", emblem), entry("peer 1", 4.0), entry("stranger 1", 1.0)];
        Event { name: "draw".into(), unit: MILLISECONDS, entries, left_out: vec![], aim: None }
    }

    fn published() -> Published {
        let json = r#"{ "machine": "m", "events": [{ "name": "draw", "entries": [
            { "version": "Emblem 1", "turns": [2, 2] }, { "version": "peer 1", "turns": [8, 8] } ] }] }"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn emblem_may_be_a_little_slower_and_no_more() {
        // Published is 4 times as long; now it is 4 again, then 2.67, then 2.
        assert_eq!(comparisons(&[event(1.0)], &published()).len(), 1);
        assert!(judged(comparisons(&[event(1.0)], &published())).is_ok());
        assert!(judged(comparisons(&[event(1.5)], &published())).is_ok());
        let error = judged(comparisons(&[event(1.0), event(2.0)], &published())).unwrap_err();
        assert!(matches!(error, Error::Slower { ratio: 2.0, published: 4.0, .. }), "{error}");
    }

    #[test]
    fn nothing_to_compare_with_is_no_pass() {
        assert!(matches!(judged(vec![]), Err(Error::Unavailable { .. })));
        assert!(comparisons(&[Event { name: "other".into(), ..event(1.0) }], &published()).is_empty());
    }

    /// The published table has what a check makes.
    #[test]
    fn the_published_contest_can_be_compared_with() {
        let text = fs::read(root().join("docs/bench.json")).unwrap();
        let published: Published = serde_json::from_slice(&text).unwrap();
        let draw = published.events.iter().find(|event| event.name == super::super::drawing(1)).unwrap();
        assert!(draw.entries.len() > 1 && ratio(&draw.entries[1].turns, &draw.entries[0].turns) > 0.1, "{draw:?}");
    }
}
