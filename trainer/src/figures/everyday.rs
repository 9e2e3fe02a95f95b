//! Does a model understand who has not read its vocabulary? Captions of everyday words that are no emoji's name or keyword, written
//! before anything was measured with them, and what would fit each.
//!
//! Asked twice. By the text: are the caption's words near those of something that fits? By the judge: does the picture show it?

use shared::style::StyleCode;

use super::retrieval::judge_captions;
use super::subject::Subject;
use super::table::{By, Figure, mean, percent};
use super::{Draws, draws};
use crate::data::words::{self, Everyday};
use crate::data::{ContentSplit, DataError, Split, captions};

/// How many of the nearest contents are looked at for one that fits.
const NEAREST: usize = 5;
const SPLIT: &str = "everyday captions, training contents";

/// A caption that was never trained on.
struct Asked {
    /// As the model reads it; empty where it cannot.
    numbers: Vec<u32>,
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
    let read: Vec<&Asked> = asked.iter().filter(|one| !one.numbers.is_empty()).collect();
    let chance = 100.0 * mean(&asked.iter().map(|one| chance(one.fitting.len(), contents.len())).collect::<Vec<_>>());
    let figure = |name: &str, places: &Places, points: &[Vec<f32>], by: By, from: String| {
        let found = read.iter().zip(points).filter(|(one, point)| places.finds(point, &one.fitting)).count();
        Figure::new(name, percent(found, asked.len()), by, asked.len(), SPLIT).beside("chance", chance).from(format!(
            "of {} contents; {} captions were read, {from}",
            contents.len(),
            read.len()
        ))
    };

    let names: Vec<Vec<u32>> = contents.iter().map(|content| subject.numbers(*content)).collect();
    let by_text = Places { contents: contents.clone(), embedded: subject.embed_captions(&names) };
    let captions: Vec<Vec<u32>> = read.iter().map(|one| one.numbers.clone()).collect();
    let text = figure(
        "everyday words by the text, a fitting content of the five nearest (%)",
        &by_text,
        &subject.embed_captions(&captions),
        By::MatchingModel,
        "by the likeness of sentence embeddings".to_owned(),
    );

    let known = judge_captions(subject.judge, subject.dataset, subject.device);
    let placed = contents.iter().filter_map(|content| Some((*content, known.of_content(*content)?.to_vec())));
    let (contents_known, embedded) = placed.unzip();
    let by_picture = Places { contents: contents_known, embedded };
    let seeds = subject.protocol.everyday_seeds;
    let styles: Vec<StyleCode> = subject.random_styles(seeds, &mut random);
    let picture_of = |numbers: &Vec<u32>| {
        let drawn = subject.draw(&vec![numbers.clone(); seeds], &styles);
        mean_of(&subject.judge.look(&drawn, subject.device).embedded)
    };
    let pictures: Vec<Vec<f32>> = captions.iter().map(picture_of).collect();
    let real = real(subject, &asked, &by_picture)?;
    let mut drawn = figure(
        "everyday words by the judge, a fitting content of the five nearest (%)",
        &by_picture,
        &pictures,
        By::Judge,
        format!("the mean of {seeds} random styles"),
    );
    if let Some(real) = real {
        drawn = drawn.beside("real pictures of what fits", real);
    }
    Ok((vec![text, drawn], vec![]))
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
fn asked(subject: &Subject<'_>, contents: &[usize], one: &Everyday) -> Option<Asked> {
    let fits = |content: &usize| {
        let name = captions::canonical(&subject.dataset.contents[*content]);
        one.fitting.iter().any(|fitting| fitting.to_lowercase() == name)
    };
    let fitting: Vec<usize> = contents.iter().copied().filter(fits).collect();
    (!fitting.is_empty()).then(|| Asked { numbers: subject.read(&one.caption), fitting })
}

/// How likely a fitting content is among so many of all, drawn blindly.
fn chance(fitting: usize, all: usize) -> f64 {
    let none: f64 = (0..NEAREST.min(all)).map(|i| all.saturating_sub(fitting + i) as f64 / (all - i) as f64).product();
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
        assert!((chance(1, 10) - 0.5).abs() < 1e-12);
        assert!((chance(2, 10) - (1.0 - 2.0 / 9.0)).abs() < 1e-12);
        assert_eq!(chance(1, 3), 1.0);
        assert_eq!(chance(0, 10), 0.0);
    }

    #[test]
    fn means_are_taken_by_column() {
        assert_eq!(mean_of(&[vec![1.0, 2.0], vec![3.0, 4.0]]), [2.0, 3.0]);
        assert!(mean_of(&[]).is_empty());
    }
}
