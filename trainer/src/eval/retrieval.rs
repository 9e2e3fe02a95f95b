//! Does a picture show what its caption says? R-precision: its own caption before others'.
//!
//! The two who are asked differ in what they can have been taught: the matching model's text side is what the generator reads, so it
//! knows the generator's words and may be flattered; the judge has never met the generator. Both are asked about real held-out
//! pictures as well, since neither is right about all of those.

use std::collections::{BTreeSet, HashMap};

use rand::Rng;
use rand::seq::index;
use serde::{Deserialize, Serialize};

use super::error::EvalError;
use super::judge::Judge;
use super::protocol::{Draws, Protocol, draws};
use super::subject::Subject;
use crate::data::{ContentSplit, DataError, Dataset, Split, captions};
use crate::report::figures::{By, Figure, mean, percent};

/// Captions of contents as somebody reads them, to rank pictures by; those that read the same are one.
pub struct Captions {
    /// Each of length one.
    embedded: Vec<Vec<f32>>,
    /// The caption of each content that has a known word.
    row_of: HashMap<usize, usize>,
    /// The class of each content, and the captions of each class: they say the same of its pictures, so none of them is a rival.
    class_of: Vec<usize>,
    rows_of: HashMap<usize, BTreeSet<usize>>,
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
        let classes = dataset.contents.iter().map(|content| content.class).collect();
        Self::with(embed(&numbers), row_of, classes)
    }

    fn with(embedded: Vec<Vec<f32>>, row_of: HashMap<usize, usize>, class_of: Vec<usize>) -> Self {
        let mut rows_of: HashMap<usize, BTreeSet<usize>> = HashMap::new();
        for (content, row) in &row_of {
            rows_of.entry(class_of[*content]).or_default().insert(*row);
        }
        Self { embedded, row_of, class_of, rows_of }
    }

    /// Where a content's caption lies; `None` where it has no known word.
    pub fn of_content(&self, content: usize) -> Option<&[f32]> {
        Some(&self.embedded[*self.row_of.get(&content)?])
    }

    /// Whether a picture's own caption is nearer than each of some others; `None` where it has no known word, or there is no other.
    fn is_first(&self, picture: &[f32], content: usize, against: usize, random: &mut impl Rng) -> Option<bool> {
        let own = *self.row_of.get(&content)?;
        let kin = self.rows_of.get(&self.class_of[content])?;
        let pool = self.embedded.len() - kin.len();
        // Those at the end, which are not drawn from, stand in for the kin that is.
        let stand_ins = (pool..self.embedded.len()).filter(|row| !kin.contains(row));
        let instead: HashMap<usize, usize> = kin.iter().copied().zip(stand_ins).collect();
        let others = index::sample(random, pool, self.rivals(against)).into_iter();
        let score = |row: usize| -> f32 { self.embedded[row].iter().zip(picture).map(|(a, b)| a * b).sum() };
        let best = others.map(|row| score(instead.get(&row).copied().unwrap_or(row))).reduce(f32::max)?;
        Some(score(own) > best)
    }

    /// Against how many others a caption can be ranked, whatever its class.
    pub fn rivals(&self, wanted: usize) -> usize {
        let kin = self.rows_of.values().map(BTreeSet::len).max().unwrap_or(0);
        wanted.min(self.embedded.len().saturating_sub(kin))
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
pub struct JudgeAccuracy {
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

impl JudgeAccuracy {
    /// Asks a judge about held-out real pictures; also what it saw, in their order.
    ///
    /// # Errors
    /// [`EvalError`] where the pictures cannot be read.
    pub fn of(judge: &Judge, dataset: &Dataset, protocol: &Protocol, device: &burn::prelude::Device) -> Result<Self, EvalError> {
        let (split, real) = held_out(dataset);
        let predictions = judge.look(&dataset.pictures(&real)?, device);
        let contents: Vec<usize> = real.iter().map(|s| dataset.samples[*s].content).collect();
        let known = judge_captions(judge, dataset, device);
        let right = |(named, sample): (&usize, &usize)| *named == dataset.samples[*sample].style;
        let sets = predictions.set.iter().zip(&real).filter(|pair| right(*pair)).count();
        let shares =
            known.r_precision(&predictions.embedded, &contents, protocol, &mut draws(protocol.seed, Draws::JudgeAccuracy));
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

/// Test captions with a known word from which a share can be told.
const ENOUGH: usize = 100;

/// R-precision over random styles, of training captions and, where there are enough, of test captions; by the judge and, where there is
/// one, by the matching model.
///
/// # Errors
/// [`DataError`] where real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let mut random = draws(subject.protocol.seed, Draws::Content);
    let trained = Drawn::of(subject, ContentSplit::Train, &mut random)?;
    if trained.contents.is_empty() {
        return Ok((vec![], vec!["R-precision: no training caption has a word that the model knows".to_owned()]));
    }
    let mut drawn = vec![("", "training captions", trained)];
    if subject.some_contents(ContentSplit::Test, ENOUGH, &mut random).len() == ENOUGH {
        drawn.push((" of test captions", "test captions", Drawn::of(subject, ContentSplit::Test, &mut random)?));
    }
    let (split, real) = held_out(subject.dataset);
    let real_contents = real.iter().map(|s| subject.dataset.samples[*s].content).collect();
    let real = Drawn { contents: real_contents, pictures: subject.dataset.pictures(&real)? };

    let mut figures = vec![];
    let mut rank = |captions: &Captions, by: By, look: &Look<'_>| {
        let protocol = subject.protocol;
        let against = captions.rivals(protocol.against);
        let shares = |drawn: &Drawn| {
            let mut random = draws(protocol.seed, Draws::Rivals);
            captions.r_precision(&look(&drawn.pictures), &drawn.contents, protocol, &mut random)
        };
        let ceiling = shares(&real);
        for (of, part, drawn) in &drawn {
            let shares = shares(drawn);
            if shares.is_empty() || against == 0 {
                continue;
            }
            let name = format!("R-precision{of} by the {} (%)", who(by));
            let mut figure = Figure::repeated(&name, &shares, by, drawn.pictures.len(), part)
                .beside("chance", 100.0 / (against + 1) as f64)
                .from(format!("random styles, own caption against {against} others, {} folds", shares.len()));
            if !ceiling.is_empty() {
                figure = figure.beside(&format!("real {split}"), mean(&ceiling));
            }
            figures.push(figure);
        }
    };
    rank(&judge_captions(subject.judge, subject.dataset, subject.device), By::Judge, &|pictures| {
        subject.judge.look(pictures, subject.device).embedded
    });
    let mut left_out = vec![];
    match subject.model.matching {
        Some(_) => {
            let captions = Captions::of(subject.dataset, |caption| subject.read(caption), |n| subject.embed_captions(n));
            rank(&captions, By::MatchingModel, &|pictures| subject.match_pictures(pictures));
        }
        None => left_out.push("R-precision by the matching model: a model file holds its text side only; name a run".to_owned()),
    }
    Ok((figures, left_out))
}

/// Where somebody places pictures among captions.
type Look<'a> = dyn Fn(&[Vec<u8>]) -> Vec<Vec<f32>> + 'a;

/// Pictures, and the contents that they should show.
struct Drawn {
    contents: Vec<usize>,
    pictures: Vec<Vec<u8>>,
}

impl Drawn {
    /// Contents of a part, as often as the protocol wants pictures, each drawn in a random style.
    ///
    /// # Errors
    /// [`DataError`] where they cannot be drawn.
    fn of(subject: &Subject<'_>, split: ContentSplit, random: &mut impl Rng) -> Result<Self, DataError> {
        let some = subject.some_contents(split, usize::MAX, random);
        let wanted = if some.is_empty() { 0 } else { subject.protocol.folds * subject.protocol.fold };
        let contents: Vec<usize> = (0..wanted).map(|i| some[i % some.len()]).collect();
        let pictures = subject.draw_contents(&contents, &subject.random_styles(contents.len(), random))?;
        Ok(Self { contents, pictures })
    }
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
        Captions::with(embedded, (0..count).map(|i| (i, i)).collect(), (0..count).collect())
    }

    #[test]
    fn captions_of_the_same_class_are_no_rivals() {
        // Ten classes of three. Each picture lies on another caption of its class, and a little on its own.
        let alone = captions(30);
        let classed = Captions::with(alone.embedded.clone(), alone.row_of.clone(), (0..30).map(|i| i % 10).collect());
        assert_eq!((classed.rivals(99), classed.rivals(10)), (27, 10));
        for content in 0..30 {
            let mut picture = vec![0.0; 30];
            (picture[content], picture[(content + 10) % 30]) = (0.1, 1.0);
            assert_eq!(alone.is_first(&picture, content, 29, &mut draws(1, Draws::Rivals)), Some(false));
            assert_eq!(classed.is_first(&picture, content, 27, &mut draws(1, Draws::Rivals)), Some(true));
            picture[(content + 1) % 30] = 2.0;
            assert_eq!(classed.is_first(&picture, content, 27, &mut draws(1, Draws::Rivals)), Some(false), "all others are");
        }
        let one_class = Captions::with(alone.embedded.clone(), alone.row_of.clone(), vec![0; 30]);
        assert_eq!(one_class.is_first(&[0.0; 30], 3, 99, &mut draws(1, Draws::Rivals)), None);
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
