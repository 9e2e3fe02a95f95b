//! Does a picture show what its caption says? R-precision: its own caption before others'.
//!
//! The two who are asked differ in what they can have been taught: the matching model's text side is what the generator reads, so it
//! knows the generator's words and may be flattered; the judge has never met the generator. Both are asked about real held-out
//! pictures as well, since neither is right about all of those.

use std::collections::HashMap;

use rand::Rng;
use rand::seq::index;
use serde::{Deserialize, Serialize};

use super::judge::{Judge, Verdict};
use super::subject::Subject;
use super::table::{By, Figure, mean, percent};
use super::{Draws, Protocol, draws};
use crate::data::{ContentSplit, DataError, Dataset, Split, captions};
use crate::run::RunError;

/// Captions of contents as somebody reads them, to rank pictures by; those that read the same are one.
pub struct Captions {
    /// Each of length one.
    embedded: Vec<Vec<f32>>,
    /// The caption of each content that has a known word.
    row_of: HashMap<usize, usize>,
}

impl Captions {
    /// Captions of all contents with a known word.
    pub fn of(dataset: &Dataset, read: impl Fn(&str) -> Vec<u32>, embed: impl Fn(&[Vec<u32>]) -> Vec<Vec<f32>>) -> Self {
        let (mut numbers, mut row_of, mut seen) = (vec![], HashMap::new(), HashMap::new());
        for (content, one) in dataset.contents.iter().enumerate() {
            let reading = read(&captions::canonical(one));
            if !reading.is_empty() {
                let row = *seen.entry(reading.clone()).or_insert(numbers.len());
                if row == numbers.len() {
                    numbers.push(reading);
                }
                row_of.insert(content, row);
            }
        }
        Self { embedded: embed(&numbers), row_of }
    }

    /// Where a content's caption lies; `None` where it has no known word.
    pub fn of_content(&self, content: usize) -> Option<&[f32]> {
        Some(&self.embedded[*self.row_of.get(&content)?])
    }

    /// Whether a picture's own caption is nearer than each of some others; `None` where it has no known word, or there is no other.
    fn is_first(&self, picture: &[f32], content: usize, against: usize, random: &mut impl Rng) -> Option<bool> {
        let own = *self.row_of.get(&content)?;
        let others = index::sample(random, self.embedded.len() - 1, self.rivals(against)).into_iter();
        let score = |row: usize| -> f32 { self.embedded[row].iter().zip(picture).map(|(a, b)| a * b).sum() };
        // The last stands in for its own, which is not drawn from.
        let best = others.map(|row| score(if row == own { self.embedded.len() - 1 } else { row })).reduce(f32::max)?;
        Some(score(own) > best)
    }

    /// Against how many others a caption can be ranked.
    pub fn rivals(&self, wanted: usize) -> usize {
        wanted.min(self.embedded.len().saturating_sub(1))
    }

    /// Shares in per cent of pictures whose own caption is first, one a fold.
    pub fn r_precision(&self, pictures: &[Vec<f32>], contents: &[usize], protocol: &Protocol, random: &mut impl Rng) -> Vec<f64> {
        let first: Vec<bool> = pictures
            .iter()
            .zip(contents)
            .filter_map(|(picture, content)| self.is_first(picture, *content, protocol.against, random))
            .collect();
        folds(&first, protocol.folds)
    }
}

/// Shares in per cent of each of so many parts, which differ in length by one at most; fewer parts where there is less.
fn folds(hits: &[bool], parts: usize) -> Vec<f64> {
    let parts = parts.min(hits.len());
    let part = |i: usize| &hits[i * hits.len() / parts..(i + 1) * hits.len() / parts];
    (0..parts).map(|i| percent(part(i).iter().filter(|hit| **hit).count(), part(i).len())).collect()
}

/// How well a judge does on real pictures that it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Skill {
    /// Which part of the data.
    pub split: String,
    pub pictures: usize,
    /// Per cent whose set it names; `None` without style labels.
    pub sets: Option<f64>,
    /// Per cent whose own caption is first.
    pub captions: f64,
    /// Among how many others.
    pub against: usize,
}

impl Skill {
    /// Asks a judge about held-out real pictures; also what it saw, in their order.
    ///
    /// # Errors
    /// [`RunError`] where the pictures cannot be read.
    pub fn of(judge: &Judge, dataset: &Dataset, protocol: &Protocol, device: &burn::prelude::Device) -> Result<Self, RunError> {
        let (split, real) = held_out(dataset);
        let verdict = judge.look(&dataset.pictures(&real)?, device);
        let contents: Vec<usize> = real.iter().map(|s| dataset.samples[*s].content).collect();
        let known = judge_captions(judge, dataset, device);
        let right = |(named, sample): (&usize, &usize)| *named == dataset.samples[*sample].style;
        let sets = verdict.set.iter().zip(&real).filter(|pair| right(*pair)).count();
        let shares = known.r_precision(&verdict.embedded, &contents, protocol, &mut draws(protocol.seed, Draws::Skill));
        Ok(Self {
            split: split.to_owned(),
            pictures: real.len(),
            sets: judge.knows_sets_of(dataset).then(|| percent(sets, real.len())),
            captions: mean(&shares),
            against: known.rivals(protocol.against),
        })
    }

    /// "right on 81.2 % of the sets and 43.0 % of the captions, 1 against 99, of 1002 real pictures, held-out combinations".
    pub fn text(&self) -> String {
        let Self { split, pictures, sets, captions, against } = self;
        if *pictures == 0 {
            return "untested: the data holds no pictures out".to_owned();
        }
        let sets = sets.map_or_else(String::new, |sets| format!("{sets:.1} % of the sets and "));
        format!("right on {sets}{captions:.1} % of the captions, 1 against {against}, of {pictures} real pictures, {split}")
    }

    /// "right on 81.2 % of sets, 43.0 % of captions", for beside each figure.
    pub fn short(&self) -> String {
        match (self.pictures, self.sets) {
            (0, _) => "untested".to_owned(),
            (_, Some(sets)) => format!("right on {sets:.1} % of sets, {:.1} % of captions", self.captions),
            (_, None) => format!("right on {:.1} % of captions", self.captions),
        }
    }
}

/// Real pictures that nobody has learnt from: held-out combinations, whose captions are known to all; test contents where there are
/// none.
pub fn held_out(dataset: &Dataset) -> (&'static str, Vec<usize>) {
    let combinations = dataset.of_split(Split::HeldOutCombination);
    if combinations.is_empty() {
        ("test contents", dataset.of_split(Split::Test))
    } else {
        ("held-out combinations", combinations)
    }
}

/// Captions as a judge reads them.
pub fn judge_captions(judge: &Judge, dataset: &Dataset, device: &burn::prelude::Device) -> Captions {
    Captions::of(dataset, |caption| judge.read(caption), |numbers| judge.captions(numbers, device))
}

/// R-precision over random styles, by the judge and, where there is one, by the matching model.
///
/// # Errors
/// [`DataError`] where real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let protocol = subject.protocol;
    let mut random = draws(protocol.seed, Draws::Content);
    let contents = subject.some_contents(ContentSplit::Train, usize::MAX, &mut random);
    if contents.is_empty() {
        return Ok((vec![], vec!["R-precision: no training caption has a word that the model knows".to_owned()]));
    }
    let contents: Vec<usize> = (0..protocol.folds * protocol.fold).map(|i| contents[i % contents.len()]).collect();
    let drawn = subject.draw_contents(&contents, &subject.random_styles(contents.len(), &mut random));
    let (split, real) = held_out(subject.dataset);
    let real_contents: Vec<usize> = real.iter().map(|s| subject.dataset.samples[*s].content).collect();
    let real = subject.dataset.pictures(&real)?;

    let mut figures = vec![];
    let mut rank = |captions: &Captions, by: By, drawn: &[Vec<f32>], real: &[Vec<f32>]| {
        let shares = captions.r_precision(drawn, &contents, protocol, &mut draws(protocol.seed, Draws::Rivals));
        let against = captions.rivals(protocol.against);
        if shares.is_empty() || against == 0 {
            return;
        }
        let ceiling = captions.r_precision(real, &real_contents, protocol, &mut draws(protocol.seed, Draws::Rivals));
        let mut figure =
            Figure::repeated(&format!("R-precision by the {} (%)", who(by)), &shares, by, drawn.len(), "training captions")
                .beside("chance", 100.0 / (against + 1) as f64)
                .from(format!("random styles, own caption against {against} others, {} folds", shares.len()));
        if !ceiling.is_empty() {
            figure = figure.beside(&format!("real {split}"), mean(&ceiling));
        }
        figures.push(figure);
    };
    let look = |pictures: &[Vec<u8>]| -> Verdict { subject.judge.look(pictures, subject.device) };
    rank(
        &judge_captions(subject.judge, subject.dataset, subject.device),
        By::Judge,
        &look(&drawn).embedded,
        &look(&real).embedded,
    );
    let mut left_out = vec![];
    match subject.model.matching {
        Some(_) => {
            let captions = Captions::of(subject.dataset, |caption| subject.read(caption), |n| subject.embed_captions(n));
            rank(&captions, By::MatchingModel, &subject.match_pictures(&drawn), &subject.match_pictures(&real));
        }
        None => left_out.push("R-precision by the matching model: a model file holds its text side only; name a run".to_owned()),
    }
    Ok((figures, left_out))
}

fn who(by: By) -> &'static str {
    if by == By::Judge { "judge" } else { "matching model" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_hold_everything_once() {
        assert_eq!(folds(&[true, false, true, true], 2), [50.0, 100.0]);
        assert_eq!(folds(&[true, false, true], 10), [100.0, 0.0, 100.0]);
        assert!(folds(&[], 10).is_empty());
        assert_eq!(folds(&[true; 25], 10).len(), 10);
    }

    fn captions(count: usize) -> Captions {
        // One-hot embeddings: a picture that lies on its caption is nearest to it.
        let embedded = (0..count).map(|i| (0..count).map(|j| f32::from(u8::from(i == j))).collect()).collect();
        Captions { embedded, row_of: (0..count).map(|i| (i, i)).collect() }
    }

    #[test]
    fn own_captions_win_and_others_do_not() {
        let captions = captions(30);
        let protocol = Protocol { against: 10, folds: 3, ..Protocol::default() };
        let own: Vec<usize> = (0..30).collect();
        let anothers: Vec<usize> = (0..30).map(|i| (i + 1) % 30).collect();
        let share =
            |contents: &[usize]| captions.r_precision(&captions.embedded, contents, &protocol, &mut draws(1, Draws::Rivals));
        assert_eq!(share(&own), [100.0; 3]);
        assert!(mean(&share(&anothers)) < 1.0);
        assert_eq!((captions.rivals(99), captions.rivals(10)), (29, 10));
    }

    #[test]
    fn who_has_no_rival_is_not_ranked() {
        let first = |captions: &Captions, content| captions.is_first(&[1.0, 0.0], content, 99, &mut draws(1, Draws::Rivals));
        assert_eq!((first(&captions(1), 0), first(&captions(2), 7)), (None, None));
        assert_eq!((first(&captions(2), 0), first(&captions(2), 1)), (Some(true), Some(false)));
    }
}
