//! The strict test of disentanglement: a content in a style that it was never seen in, against the true picture.
//!
//! Content and set were both learnt from, never together. So the picture is drawn in the set's style, lent by other pictures of it, and
//! the true one must be nearer to it than the set's other pictures are: by pixels, which no network can flatter, by the judge's
//! features, which forgive a shifted line, and by what the judge says is shown, which forgives the hand as well.

use rand::Rng;
use rand::seq::{IndexedRandom, IteratorRandom, SliceRandom};
use rayon::prelude::*;
use shared::style::StyleCode;

use super::judge::Predictions;
use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::{DataError, Split};
use crate::linalg::{Matrix, squared_distance};
use crate::report::figures::{By, Figure, mean, percent};

/// One combination that was drawn: what its picture is compared with.
#[derive(Clone)]
struct Drawn {
    picture: Vec<u8>,
    /// The true one's sample.
    truth: usize,
}

/// # Errors
/// [`DataError`] where real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let (dataset, protocol) = (subject.dataset, subject.protocol);
    if !dataset.has_styles() {
        return Ok((vec![], vec!["held-out combinations: the data has no style labels".to_owned()]));
    }
    let mut random = draws(protocol.seed, Draws::Combinations);
    let mut held_out = dataset.of_split(Split::HeldOutCombination);
    held_out.retain(|sample| !subject.numbers(dataset.samples[*sample].content).is_empty());
    held_out.shuffle(&mut random);
    held_out.truncate(protocol.combinations);
    if held_out.is_empty() {
        return Ok((vec![], vec!["held-out combinations: the data holds none out".to_owned()]));
    }
    let styles: Vec<StyleCode> = (0..dataset.styles.len()).map(|set| style_of_set(subject, set)).collect::<Result<_, _>>()?;
    let codes: Vec<StyleCode> = held_out.iter().map(|sample| styles[dataset.samples[*sample].style].clone()).collect();
    let contents: Vec<usize> = held_out.iter().map(|sample| dataset.samples[*sample].content).collect();
    let pictures = subject.draw_contents(&contents, &codes)?;
    let drawn: Vec<Drawn> = pictures.into_iter().zip(held_out).map(|(picture, truth)| Drawn { picture, truth }).collect();

    // What somebody would reach who draws the content well and knows nothing of the set.
    let copies: Vec<Drawn> = copies(subject, &drawn, &mut random)?;
    let table: Vec<Drawn> = looked_up(subject, &drawn)?;

    let (mut ranks, mut of_copies, mut of_table) = (Ranks::default(), Ranks::default(), Ranks::default());
    for set in 0..styles.len() {
        let of_set = |of: &'_ [Drawn]| -> Vec<Drawn> {
            of.iter().filter(|drawn| dataset.samples[drawn.truth].style == set).cloned().collect()
        };
        let mut others: Vec<usize> = (0..dataset.contents.len()).filter_map(|content| dataset.find(content, set)).collect();
        others = others.into_iter().choose_multiple(&mut random, protocol.candidates);
        let others = Candidates::of(subject, others)?;
        ranks.add(subject, &of_set(&drawn), &others)?;
        of_copies.add(subject, &of_set(&copies), &others)?;
        of_table.add(subject, &of_set(&table), &others)?;
    }
    Ok((ranks.figures(protocol.lenders, &of_copies, &of_table), vec![]))
}

/// What a table of the training pictures has for each combination: the content's picture in the set that draws most alike.
fn looked_up(subject: &Subject<'_>, drawn: &[Drawn]) -> Result<Vec<Drawn>, DataError> {
    let dataset = subject.dataset;
    let found = |one: &Drawn| {
        let truth = dataset.samples[one.truth];
        let sample = subject.lookup?.sample(truth.content, truth.style)?;
        Some(dataset.pixels(sample).map(|picture| Drawn { picture, truth: one.truth }))
    };
    drawn.iter().filter_map(found).collect()
}

/// For each combination, in place of what was drawn, a picture of its content that was learnt from, of another set.
fn copies(subject: &Subject<'_>, drawn: &[Drawn], random: &mut impl Rng) -> Result<Vec<Drawn>, DataError> {
    let dataset = subject.dataset;
    let mut learnt = vec![vec![]; dataset.contents.len()];
    for sample in dataset.of_split(Split::Train) {
        learnt[dataset.samples[sample].content].push(sample);
    }
    let chosen = drawn.iter().filter_map(|one| Some((one.truth, *learnt[dataset.samples[one.truth].content].choose(random)?)));
    let (truths, copied): (Vec<usize>, Vec<usize>) = chosen.unzip();
    let pictures = dataset.pictures(&copied)?;
    Ok(pictures.into_iter().zip(truths).map(|(picture, truth)| Drawn { picture, truth }).collect())
}

/// Pictures of a set among which true ones must be found, and what the judge sees in them.
struct Candidates {
    samples: Vec<usize>,
    pixels: Vec<Vec<u8>>,
    seen: Predictions,
}

impl Candidates {
    fn of(subject: &Subject<'_>, samples: Vec<usize>) -> Result<Self, DataError> {
        let pixels = subject.dataset.pictures(&samples)?;
        let seen = subject.judge.look(&pixels, subject.device);
        Ok(Self { samples, pixels, seen })
    }
}

/// For each combination: pictures of its set that are nearer than the true one, and how far the true one is.
#[derive(Default)]
struct Ranks {
    by_pixels: Vec<usize>,
    by_judge: Vec<usize>,
    by_shown: Vec<usize>,
    candidates: Vec<f64>,
    /// Distance to the true picture, over the mean distance to the set's others.
    perceptual: Vec<f64>,
}

impl Ranks {
    fn add(&mut self, subject: &Subject<'_>, drawn: &[Drawn], candidates: &Candidates) -> Result<(), DataError> {
        if drawn.is_empty() {
            return Ok(());
        }
        let Candidates { samples, pixels, seen } = candidates;
        let pictures: Vec<Vec<u8>> = drawn.iter().map(|drawn| drawn.picture.clone()).collect();
        let of_drawn = subject.judge.look(&pictures, subject.device);
        let truths: Vec<usize> = drawn.iter().map(|drawn| drawn.truth).collect();
        let truth_pixels = subject.dataset.pictures(&truths)?;
        let of_truth = subject.judge.look(&truth_pixels, subject.device);
        let one = |i: usize| {
            let others = || (0..samples.len()).filter(|other| samples[*other] != truths[i]);
            let rank_by = |own: f64, distance: &dyn Fn(usize) -> f64| others().filter(|other| distance(*other) <= own).count();
            let by_pixels =
                rank_by(pixel_distance(&pictures[i], &truth_pixels[i]), &|o| pixel_distance(&pictures[i], &pixels[o]));
            let distance = |o| feature_distance(&of_drawn.features, i, &seen.features, o);
            let own = feature_distance(&of_drawn.features, i, &of_truth.features, i);
            let by_judge = rank_by(own, &distance);
            let unlike = |other: &[f32]| 1.0 - cosine(&of_drawn.embedded[i], other);
            let by_shown = rank_by(unlike(&of_truth.embedded[i]), &|o| unlike(&seen.embedded[o]));
            let usual = mean(&others().map(distance).collect::<Vec<_>>());
            ([by_pixels, by_judge, by_shown], others().count() as f64 + 1.0, own / usual.max(f64::MIN_POSITIVE))
        };
        let all: Vec<_> = (0..drawn.len()).into_par_iter().map(one).collect();
        for ([by_pixels, by_judge, by_shown], candidates, perceptual) in all {
            self.by_pixels.push(by_pixels);
            self.by_judge.push(by_judge);
            self.by_shown.push(by_shown);
            self.candidates.push(candidates);
            self.perceptual.push(perceptual);
        }
        Ok(())
    }

    /// `copies` are those of learnt pictures of the contents in other sets, `table` those of the nearest one.
    fn figures(&self, lenders: usize, copies: &Self, table: &Self) -> Vec<Figure> {
        let n = self.by_pixels.len();
        let candidates = mean(&self.candidates);
        let from = format!(
            "the true picture among {candidates:.0} of its set on average, style lent by up to {lenders} training pictures of it; the \
             table has the content's picture in the set that draws most alike"
        );
        let top = |by: By, how: &str, of: fn(&Self) -> &[usize], k: usize| {
            let share = |ranks: &Self| percent(of(ranks).iter().filter(|rank| **rank < k).count(), of(ranks).len());
            Figure::new(&format!("held-out combinations, top-{k} by {how} (%)"), share(self), by, n, "held-out combinations")
                .beside("chance", (100.0 * k as f64 / candidates).min(100.0))
                .beside("the content's picture in another set", share(copies))
                .beside("table of pictures", share(table))
                .from(from.clone())
        };
        let distance =
            Figure::new("perceptual distance to the true picture", mean(&self.perceptual), By::Judge, n, "held-out combinations")
                .beside("another picture of the set", 1.0)
                .beside("table of pictures", mean(&table.perceptual))
                .from("in the judge's features, over the mean distance to the set's other pictures");
        vec![
            top(By::Pixels, "pixels", |ranks| &ranks.by_pixels, 1),
            top(By::Pixels, "pixels", |ranks| &ranks.by_pixels, 5),
            top(By::Judge, "features", |ranks| &ranks.by_judge, 1),
            top(By::Judge, "features", |ranks| &ranks.by_judge, 5),
            top(By::Judge, "what is shown", |ranks| &ranks.by_shown, 1),
            top(By::Judge, "what is shown", |ranks| &ranks.by_shown, 5),
            distance,
        ]
    }
}

/// Sum of squared differences.
fn pixel_distance(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>() as f64
}

/// Of two vectors of length one.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

fn feature_distance(a: &Matrix, i: usize, b: &Matrix, j: usize) -> f64 {
    squared_distance(a.row(i), b.row(j)).sqrt()
}

/// The standardised mean of what E reads off training pictures of a set.
fn style_of_set(subject: &Subject<'_>, set: usize) -> Result<StyleCode, DataError> {
    let dataset = subject.dataset;
    let of_set = dataset.of_split(Split::Train).into_iter().filter(|sample| dataset.samples[*sample].style == set);
    let mut random = draws(subject.protocol.seed.wrapping_add(set as u64), Draws::Lenders);
    let lenders = of_set.choose_multiple(&mut random, subject.protocol.lenders);
    let (_, codes) = subject.encode(&dataset.pictures(&lenders)?);
    let size = subject.model.style_size;
    let standard: Vec<Vec<f32>> =
        codes.iter().filter_map(|code| StyleCode::standardised(code).ok()).map(|code| code.values().to_vec()).collect();
    let mean: Vec<f32> =
        (0..size).map(|i| standard.iter().map(|code| code[i]).sum::<f32>() / standard.len().max(1) as f32).collect();
    // A constant mean has no style; a seed's stands in, so that one odd set does not end the evaluation.
    Ok(StyleCode::standardised(&mean).unwrap_or_else(|_| StyleCode::from_seed(set as u64, size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_counts_the_nearer_ones() {
        let ranks = Ranks {
            by_pixels: vec![0, 3, 9],
            by_judge: vec![0, 0, 1],
            by_shown: vec![4, 5, 0],
            candidates: vec![100.0; 3],
            perceptual: vec![0.5; 3],
        };
        let copies = Ranks { by_pixels: vec![5, 0], by_judge: vec![7, 7], by_shown: vec![9, 0], ..Ranks::default() };
        let table = Ranks { by_pixels: vec![0, 0], by_judge: vec![7, 0], by_shown: vec![9, 9], ..Ranks::default() };
        let figures = ranks.figures(64, &copies, &table);
        let values: Vec<f64> = figures.iter().map(|figure| figure.value.round()).collect();
        assert_eq!(values, [33.0, 67.0, 67.0, 100.0, 33.0, 67.0, 1.0]);
        assert_eq!(figures[1].beside[0].value, 5.0);
        assert_eq!((figures[0].beside[1].value, figures[3].beside[1].value, figures[4].beside[1].value), (50.0, 0.0, 50.0));
        assert_eq!([0, 3, 4].map(|figure| figures[figure].beside[2].value), [100.0, 50.0, 0.0]);
    }

    #[test]
    fn distances_are_symmetric_and_zero_to_oneself() {
        assert_eq!(pixel_distance(&[0, 255, 7], &[0, 255, 7]), 0.0);
        assert_eq!(pixel_distance(&[0, 255], &[3, 251]), 25.0);
        let points = Matrix::from_rows(&[vec![0.0, 3.0], vec![4.0, 0.0]]);
        assert_eq!(feature_distance(&points, 0, &points, 1), 5.0);
    }
}
