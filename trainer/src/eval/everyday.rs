//! Does a model understand who has not read its vocabulary? Captions of everyday words that are no emoji's name or keyword, written
//! before anything was measured with them, and what would fit each.
//!
//! Asked twice. By the text: are the caption's words near those of something that fits? By the judge: does the picture show it?

use rand::Rng;
use shared::style::StyleCode;

use super::protocol::{Draws, draws};
use super::retrieval::judge_captions;
use super::subject::Subject;
use crate::data::{ContentSplit, DataError, Split, captions, words};
use crate::report::figures::{By, Figure, mean, percent};

/// How many of the nearest contents are looked at for one that fits.
const NEAREST: usize = 5;
const SPLIT: &str = "everyday captions, training contents";

/// A caption that was never trained on.
struct Asked {
    /// As the model reads it; empty where it cannot.
    numbers: Vec<u32>,
    /// The contents that the reading names: the one that is drawn, then others that it might be.
    named: Vec<usize>,
    /// The contents that fit it.
    fitting: Vec<usize>,
}

/// Contents that may be found: those that were learnt, each with its place in a space that a caption or a picture is looked up in.
struct Places {
    contents: Vec<usize>,
    embedded: Vec<Vec<f32>>,
}

impl Places {
    /// Whether one of the fitting contents is among the nearest.
    fn finds(&self, point: &[f32], fitting: &[usize]) -> bool {
        let likeness = |row: &Vec<f32>| row.iter().zip(point).map(|(a, b)| a * b).sum::<f32>();
        let mut near: Vec<(f32, usize)> = self.embedded.iter().map(likeness).zip(self.contents.iter().copied()).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.iter().take(NEAREST).any(|(_, content)| fitting.contains(content))
    }

    /// For how many captions, each with its point.
    fn found<'a>(&self, points: &[Vec<f32>], asked: impl Iterator<Item = &'a Asked>) -> usize {
        points.iter().zip(asked).filter(|(point, one)| self.finds(point, &one.fitting)).count()
    }
}

/// All captions that something fits, and the contents that may be found for them.
struct Everyday {
    asked: Vec<Asked>,
    contents: Vec<usize>,
}

/// # Errors
/// [`DataError`] where the captions are damaged or real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let mut random = draws(subject.protocol.seed, Draws::Everyday);
    let mut contents = subject.some_contents(ContentSplit::Train, usize::MAX, &mut random);
    contents.sort_unstable();
    let asked: Vec<Asked> = words::everyday()?.iter().filter_map(|one| asked(subject, &contents, one)).collect();
    if asked.is_empty() {
        return Ok((vec![], vec!["everyday words: they are about emoji, of which the data has none that fits one".to_owned()]));
    }
    let everyday = Everyday { asked, contents };
    let mut figures = everyday.by_text(subject);
    figures.push(everyday.by_judge(subject, &mut random)?);
    Ok((figures, vec![]))
}

impl Everyday {
    /// The captions that the model can read at all; the others are found nothing for.
    fn read(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|one| !one.numbers.is_empty())
    }

    fn captions(&self) -> Vec<Vec<u32>> {
        self.read().map(|one| one.numbers.clone()).collect()
    }

    /// `found` says for how many of those that were read something that fits is among the `most` nearest.
    fn figure(&self, name: &str, found: usize, most: usize, by: By, from: &str) -> Figure {
        let by_chance = |one: &Asked| chance(one.fitting.len(), self.contents.len(), most);
        let chance = 100.0 * mean(&self.asked.iter().map(by_chance).collect::<Vec<_>>());
        let (contents, read) = (self.contents.len(), self.read().count());
        Figure::new(&format!("everyday words {name} (%)"), percent(found, self.asked.len()), by, self.asked.len(), SPLIT)
            .beside("chance", chance)
            .from(format!("of {contents} contents; {read} captions were read, {from}"))
    }

    fn by_text(&self, subject: &Subject<'_>) -> Vec<Figure> {
        let nearest = "by the text, a fitting content of the five nearest";
        if subject.model.vocabulary.names().is_some() {
            let figure = |name: &str, most: usize| {
                let fits = |one: &&Asked| one.named.iter().take(most).any(|content| one.fitting.contains(content));
                self.figure(name, self.read().filter(fits).count(), most, By::Words, "as the reading names them")
            };
            return vec![figure(nearest, NEAREST), figure("by the text, what is drawn fits", 1)];
        }
        let names: Vec<Vec<u32>> = self.contents.iter().map(|content| subject.numbers(*content)).collect();
        let places = Places { contents: self.contents.clone(), embedded: subject.embed_captions(&names) };
        let found = places.found(&subject.embed_captions(&self.captions()), self.read());
        vec![self.figure(nearest, found, NEAREST, By::MatchingModel, "by the likeness of sentence embeddings")]
    }

    fn by_judge(&self, subject: &Subject<'_>, random: &mut impl Rng) -> Result<Figure, DataError> {
        let known = judge_captions(subject.judge, subject.dataset, subject.device);
        let placed = self.contents.iter().filter_map(|content| Some((*content, known.of_content(*content)?.to_vec())));
        let (contents, embedded) = placed.unzip();
        let places = Places { contents, embedded };
        let seeds = subject.protocol.everyday_seeds;
        let styles: Vec<StyleCode> = subject.random_styles(seeds, random);
        let picture_of = |numbers: &Vec<u32>| {
            let drawn = subject.draw(&vec![numbers.clone(); seeds], &styles)?;
            Ok(mean_of(&subject.judge.look(&drawn, subject.device).embedded))
        };
        let pictures: Vec<Vec<f32>> = self.captions().iter().map(picture_of).collect::<Result<_, DataError>>()?;
        let found = places.found(&pictures, self.read());
        let from = format!("the mean of {seeds} random styles");
        let figure = self.figure("by the judge, a fitting content of the five nearest", found, NEAREST, By::Judge, &from);
        Ok(match real(subject, &self.asked, &places)? {
            Some(real) => figure.beside("real pictures of what fits", real),
            None => figure,
        })
    }
}

/// The share in per cent of captions that real pictures would find what fits for: all of it that the judge has not seen. `None` where
/// there are none.
fn real(subject: &Subject<'_>, asked: &[Asked], places: &Places) -> Result<Option<f64>, DataError> {
    let held_out = subject.dataset.of_split(Split::HeldOutCombination);
    let mut found = vec![];
    for one in asked {
        let fits = |sample: &&usize| one.fitting.contains(&subject.dataset.samples[**sample].content);
        let real: Vec<usize> = held_out.iter().filter(fits).copied().collect();
        if !real.is_empty() {
            let seen = subject.judge.look(&subject.dataset.pictures(&real)?, subject.device);
            found.push(places.finds(&mean_of(&seen.embedded), &one.fitting));
        }
    }
    Ok((!found.is_empty()).then(|| percent(found.iter().filter(|found| **found).count(), found.len())))
}

/// A caption with the contents that fit it; `None` where the data has none of them.
fn asked(subject: &Subject<'_>, contents: &[usize], one: &words::Everyday) -> Option<Asked> {
    let name_of = |content: &usize| captions::canonical(&subject.dataset.contents[*content]);
    let fits = |content: &usize| one.fitting.iter().any(|fitting| fitting.to_lowercase() == name_of(content));
    let fitting: Vec<usize> = contents.iter().copied().filter(fits).collect();
    let reading = subject.model.vocabulary.read(&one.caption, subject.model.caption_words);
    let drawn = contents.iter().find(|content| subject.numbers(**content) == reading.numbers);
    let others = reading.understood.iter().flat_map(|understood| &understood.others);
    let others = others.filter_map(|name| contents.iter().find(|content| name_of(content) == name.to_lowercase()));
    let named = drawn.into_iter().chain(others).copied().collect();
    (!fitting.is_empty()).then_some(Asked { numbers: reading.numbers, named, fitting })
}

/// How likely one of the fitting contents is among `most` of all, drawn blindly.
fn chance(fitting: usize, all: usize, most: usize) -> f64 {
    let none: f64 = (0..most.min(all)).map(|i| all.saturating_sub(fitting + i) as f64 / (all - i) as f64).product();
    1.0 - none
}

fn mean_of(rows: &[Vec<f32>]) -> Vec<f32> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|i| rows.iter().map(|row| row[i]).sum::<f32>() / rows.len() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fitting_one_of_the_nearest_is_found() {
        let embedded = (0..8).map(|i| vec![1.0 - i as f32 / 10.0, 0.0]).collect();
        let places = Places { contents: (10..18).collect(), embedded };
        assert!(places.finds(&[1.0, 0.0], &[14]) && !places.finds(&[1.0, 0.0], &[15, 16]));
        assert!(places.finds(&[-1.0, 0.0], &[15, 16]));
    }

    /// By hand: five of ten hold a given one half the time, and miss both of two in 5/10 x 4/9 of all draws.
    #[test]
    fn chance_counts_draws_without_replacement() {
        assert!((chance(1, 10, 5) - 0.5).abs() < 1e-12);
        assert!((chance(2, 10, 5) - (1.0 - 2.0 / 9.0)).abs() < 1e-12);
        assert_eq!(chance(1, 3, 5), 1.0);
        assert_eq!(chance(0, 10, 5), 0.0);
    }

    #[test]
    fn means_are_taken_by_column() {
        assert_eq!(mean_of(&[vec![1.0, 2.0], vec![3.0, 4.0]]), [2.0, 3.0]);
        assert!(mean_of(&[]).is_empty());
    }
}
