//! Figures of a run, by one protocol: `trainer evaluate RUN`.
//!
//! Held-out pictures are used here and nowhere else; validation contents are left for choosing between runs. Every figure says what it was computed from.

use burn::prelude::*;
use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;
use shared::Vocabulary;
use shared::image_encoder::ImageEncoder;
use shared::matching::{CaptionBatch, MatchingModel};
use shared::picture::pictures_to_tensor;
use shared::style::StyleCode;

use crate::batches::{self, Stream};
use crate::config::TrainConfig;
use crate::data::{ContentSplit, DataError, Dataset, Split, captions};
use crate::disentangling::GeneratorSide;
use crate::grid::paint;
use crate::losses::pearson;
use crate::run::{self, RunError, RunFolder, Trained, Which};
use crate::style_judge::{self, StyleJudge};

/// Real pictures whose mean style code stands for a set.
const LENDERS: usize = 64;
/// Captions with a random style each, for the recovery of z.
const RECOVERY: usize = 256;
/// Captions, and seeds for each, for content across seeds.
const CONTENT: (usize, usize) = (128, 4);
/// A caption is ranked against so many others, as R-precision is in the literature.
const AGAINST: usize = 99;
/// Seeds, and captions for each, for style across captions.
const STYLE: (usize, usize) = (16, 50);
/// Pictures drawn at a time.
const CHUNK: usize = 32;
/// Captions read at a time: all of the emoji's.
const CAPTIONS: usize = 4096;

/// One measured number.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Its value; shares in per cent.
    pub value: f64,
    /// What it was computed from.
    pub from: String,
}

/// A run's networks, ready to be measured.
struct Subject<'a> {
    dataset: &'a Dataset,
    vocabulary: &'a Vocabulary,
    matching: &'a MatchingModel,
    side: GeneratorSide,
    encoder: ImageEncoder,
    style_size: usize,
    seed: u64,
    device: &'a Device,
}

/// Measures a run's last checkpoint.
///
/// # Errors
/// [`RunError`] where the run or its data cannot be read.
pub fn evaluate(folder: &RunFolder, config: &TrainConfig, seed: u64) -> Result<Vec<Figure>, RunError> {
    let chosen = crate::device::open(config.device)?;
    let device = &chosen.device;
    device.seed(seed);
    let dataset = run::load_data(config, Some(&folder.path("")))?;
    let Trained { frozen, generator, encoder, .. } =
        Trained::load(folder, config, Which::Last, device, &mut |line| eprintln!("warning: {line}"))?;
    let subject = Subject {
        dataset: &dataset,
        vocabulary: &frozen.vocabulary,
        matching: &frozen.matching,
        encoder,
        side: generator,
        style_size: config.style_size,
        seed,
        device,
    };
    let mut figures = vec![];
    // Nobody's own data need have all that a figure asks for.
    if !dataset.of_split(Split::HeldOutCombination).is_empty() {
        figures.extend(subject.held_out_combinations()?);
    }
    figures.extend(subject.recovery());
    figures.extend(subject.content_across_seeds()?);
    if dataset.has_styles() {
        figures.extend(subject.style_across_captions()?);
    }
    Ok(figures)
}

impl Subject<'_> {
    /// Draws every held-out (content, set) pair in the set's mean lent style, and ranks its true picture among all pictures of the
    /// set by mean squared difference of pixels.
    fn held_out_combinations(&self) -> Result<Vec<Figure>, DataError> {
        let styles: Vec<StyleCode> =
            (0..self.dataset.styles.len()).map(|style| self.style_of_set(style)).collect::<Result<_, _>>()?;
        let held_out: Vec<usize> = self
            .dataset
            .of_split(Split::HeldOutCombination)
            .into_iter()
            .filter(|s| !self.numbers(self.content(*s)).is_empty())
            .collect();
        let captions: Vec<Vec<u32>> = held_out.iter().map(|s| self.numbers(self.content(*s))).collect();
        let codes: Vec<StyleCode> = held_out.iter().map(|s| styles[self.dataset.samples[*s].style].clone()).collect();
        let drawn = self.draw(&captions, &codes);
        let ranks: Vec<usize> = held_out
            .par_iter()
            .zip(&drawn)
            .map(|(sample, picture)| self.rank_in_set(*sample, picture))
            .collect::<Result<_, _>>()?;
        let share = |k: usize| percent(ranks.iter().filter(|rank| **rank < k).count(), ranks.len());
        let candidates = self.dataset.samples.len() / self.dataset.styles.len().max(1);
        let from = format!(
            "{} held-out combinations among all pictures of their set ({candidates} on average), pixel distance, style from {LENDERS} training pictures",
            ranks.len(),
        );
        Ok(vec![
            figure("held-out combinations, top-1 (%)", share(1), &from),
            figure("held-out combinations, top-5 (%)", share(5), &from),
        ])
    }

    /// How well E reads z off pictures of captions that training never saw, if there are such.
    fn recovery(&self) -> Vec<Figure> {
        let unseen: Vec<usize> =
            (0..self.dataset.contents.len()).filter(|c| self.dataset.contents[*c].split == ContentSplit::Test).collect();
        let known: Vec<Vec<u32>> = unseen.iter().map(|c| self.numbers(*c)).filter(|numbers| !numbers.is_empty()).collect();
        if known.is_empty() {
            return vec![];
        }
        let mut random = batches::random_for(self.seed, Stream::Evaluation, 1 << 20);
        let captions: Vec<Vec<u32>> = (0..RECOVERY).map(|i| known[i % known.len()].clone()).collect();
        let codes: Vec<StyleCode> = (0..RECOVERY).map(|_| StyleCode::from_seed(random.random(), self.style_size)).collect();
        let read = self.styles_of(&self.draw(&captions, &codes));
        let noise = batches::styles_to_tensor(&codes, self.device);
        let mean = |a: Tensor<2>, b: Tensor<2>| f64::from(pearson(a, b).mean().into_scalar::<f32>());
        let shifted: Vec<usize> = (0..RECOVERY).map(|i| (i + 1) % RECOVERY).collect();
        let from = format!("{RECOVERY} random styles over {} captions of test contents with a known word", known.len());
        vec![
            figure("rho(z, h_s(G)), unseen captions", mean(noise.clone(), read.clone()), &from),
            figure("the same with another's z (chance)", mean(batches::rows(noise, &shifted), read), &from),
        ]
    }

    /// Is a picture still of its caption, whatever the seed? R-precision by the matching model.
    fn content_across_seeds(&self) -> Result<Vec<Figure>, DataError> {
        let mut random = batches::random_for(self.seed, Stream::Evaluation, 2 << 20);
        let mut trained: Vec<usize> =
            (0..self.dataset.contents.len()).filter(|c| self.dataset.contents[*c].split == ContentSplit::Train).collect();
        trained.shuffle(&mut random);
        trained.truncate(CONTENT.0);
        let repeated: Vec<usize> = trained.iter().flat_map(|c| [*c; CONTENT.1]).collect();
        let codes: Vec<StyleCode> = repeated.iter().map(|_| StyleCode::from_seed(random.random(), self.style_size)).collect();
        let captions: Vec<Vec<u32>> = repeated.iter().map(|c| self.numbers(*c)).collect();
        let drawn = self.r_precision(&self.draw(&captions, &codes), &repeated, &mut random);

        let mut real = self.dataset.of_split(Split::HeldOutCombination);
        if real.is_empty() {
            real = [Split::Validation, Split::Test].iter().flat_map(|split| self.dataset.of_split(*split)).collect();
        }
        let pictures = self.dataset.pictures(&real)?;
        let contents: Vec<usize> = real.iter().map(|s| self.content(*s)).collect();
        let ceiling = self.r_precision(&pictures, &contents, &mut random);
        let against = format!("own caption against {AGAINST} others, ranked by the matching model");
        let mut figures = vec![figure(
            "R-precision, random seeds (%)",
            drawn,
            &format!("{} training captions x {} seeds, {against}", trained.len(), CONTENT.1),
        )];
        if !real.is_empty() {
            let from = format!("{} pictures, {against}", real.len());
            figures.push(figure("the same of real held-out pictures (%)", ceiling, &from));
        }
        Ok(figures)
    }

    /// Does a seed look the same whatever is drawn? By a judge that knows real pictures only.
    fn style_across_captions(&self) -> Result<Vec<Figure>, DataError> {
        let judge = StyleJudge::train(self.dataset, self.seed, style_judge::STEPS, self.device)?;
        let mut random = batches::random_for(self.seed, Stream::Evaluation, 3 << 20);
        let mut trained: Vec<usize> = self.dataset.of_split(Split::Train).into_iter().map(|s| self.content(s)).collect();
        trained.dedup();
        let count = STYLE.1.min(trained.len());
        let (mut agreeing, mut sets) = (0, vec![]);
        for seed in 0..STYLE.0 as u64 {
            trained.shuffle(&mut random);
            let captions: Vec<Vec<u32>> = trained[..count].iter().map(|c| self.numbers(*c)).collect();
            let codes = vec![StyleCode::from_seed(seed, self.style_size); captions.len()];
            let named = judge.name(&self.draw(&captions, &codes), self.dataset.image_size, self.device);
            let votes = |style: usize| named.iter().filter(|n| **n == style).count();
            let favourite = (0..self.dataset.styles.len()).max_by_key(|style| votes(*style)).unwrap_or(0);
            agreeing += votes(favourite);
            sets.push(favourite);
        }
        sets.sort_unstable();
        sets.dedup();
        let real = self.dataset.of_split(Split::HeldOutCombination);
        let named = judge.name(&self.dataset.pictures(&real)?, self.dataset.image_size, self.device);
        let right = named.iter().zip(&real).filter(|(named, s)| **named == self.dataset.samples[**s].style).count();
        let from = format!("{} seeds x {count} training captions, judge trained on real pictures", STYLE.0);
        Ok(vec![
            figure("one seed's most common set (%)", percent(agreeing, STYLE.0 * count), &from),
            figure("different sets among the seeds", sets.len() as f64, &from),
            figure(
                "the judge's accuracy on real pictures (%)",
                percent(right, real.len()),
                &format!("{} held-out combinations", real.len()),
            ),
        ])
    }

    /// Share of pictures whose own caption is the nearest of a hundred.
    fn r_precision(&self, pictures: &[Vec<u8>], contents: &[usize], random: &mut impl Rng) -> f64 {
        let size = self.dataset.image_size;
        let all: Vec<usize> = (0..self.dataset.contents.len()).filter(|c| !self.numbers(*c).is_empty()).collect();
        let captions: Vec<Vec<u32>> = all.iter().map(|c| self.numbers(*c)).collect();
        let sentences: Vec<Vec<f32>> = captions
            .chunks(CAPTIONS)
            .flat_map(|captions| unit_rows(self.matching.sentence.forward(CaptionBatch::new(captions, self.device))))
            .collect();
        let place: std::collections::HashMap<usize, usize> =
            all.iter().enumerate().map(|(row, content)| (*content, row)).collect();
        let embed = |chunk: &[Vec<u8>]| {
            unit_rows(self.matching.picture(pictures_to_tensor(&chunk.concat(), chunk.len(), size, self.device)))
        };
        let embedded: Vec<Vec<f32>> = pictures.chunks(CHUNK).flat_map(embed).collect();
        let mut right = 0;
        for (picture, content) in embedded.iter().zip(contents) {
            let Some(own) = place.get(content) else { continue };
            let score = |row: usize| -> f32 { sentences[row].iter().zip(picture).map(|(a, b)| a * b).sum() };
            let others = rand::seq::index::sample(random, all.len(), (AGAINST + 1).min(all.len()))
                .into_iter()
                .filter(|row| row != own && captions[*row] != captions[*own])
                .take(AGAINST);
            let best = others.map(score).fold(f32::NEG_INFINITY, f32::max);
            right += usize::from(score(*own) > best);
        }
        percent(right, pictures.len())
    }

    /// How many pictures of the set are nearer to the drawn one than the true one is.
    fn rank_in_set(&self, sample: usize, drawn: &[u8]) -> Result<usize, DataError> {
        let style = self.dataset.samples[sample].style;
        let distance = |s: usize| -> Result<u64, DataError> {
            Ok(self.dataset.pixels(s)?.iter().zip(drawn).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum())
        };
        let own = distance(sample)?;
        let of_set = (0..self.dataset.contents.len()).filter_map(|content| self.dataset.find(content, style));
        let mut nearer = 0;
        for other in of_set.filter(|other| *other != sample) {
            nearer += usize::from(distance(other)? <= own);
        }
        Ok(nearer)
    }

    /// The standardised mean of what E reads off training pictures of a set.
    fn style_of_set(&self, style: usize) -> Result<StyleCode, DataError> {
        let mut lenders: Vec<usize> =
            self.dataset.of_split(Split::Train).into_iter().filter(|s| self.dataset.samples[*s].style == style).collect();
        lenders.shuffle(&mut batches::random_for(self.seed, Stream::Evaluation, (4 << 20) + style));
        lenders.truncate(LENDERS);
        let standard = crate::losses::standardise(self.styles_of(&self.dataset.pictures(&lenders)?));
        let mean: Vec<f32> = standard.mean_dim(0).into_data().iter::<f32>().collect();
        // A constant mean has no style; a seed's stands in, so that one odd set does not end the evaluation.
        Ok(StyleCode::standardised(&mean).unwrap_or_else(|_| StyleCode::from_seed(style as u64, self.style_size)))
    }

    /// h_s of RGB pictures: `[pictures, style_size]`.
    fn styles_of(&self, pictures: &[Vec<u8>]) -> Tensor<2> {
        let size = self.dataset.image_size;
        let codes = pictures
            .chunks(CHUNK)
            .map(|chunk| self.encoder.forward(pictures_to_tensor(&chunk.concat(), chunk.len(), size, self.device)).style());
        Tensor::cat(codes.collect(), 0)
    }

    fn draw(&self, captions: &[Vec<u32>], codes: &[StyleCode]) -> Vec<Vec<u8>> {
        let chunks = captions.chunks(CHUNK).zip(codes.chunks(CHUNK));
        chunks
            .flat_map(|(captions, codes)| {
                paint(&self.matching.sentence, &self.side, captions, batches::styles_to_tensor(codes, self.device), self.device)
            })
            .collect()
    }

    fn numbers(&self, content: usize) -> Vec<u32> {
        self.vocabulary.read(&captions::canonical(&self.dataset.contents[content]), usize::MAX).numbers
    }

    fn content(&self, sample: usize) -> usize {
        self.dataset.samples[sample].content
    }
}

fn unit_rows(matrix: Tensor<2>) -> Vec<Vec<f32>> {
    let [_, features] = matrix.dims();
    let unit = matrix.clone() / (matrix.square().sum_dim(1) + 1e-8).sqrt();
    unit.into_data().iter::<f32>().collect::<Vec<_>>().chunks(features).map(<[f32]>::to_vec).collect()
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn figure(name: &str, value: f64, from: &str) -> Figure {
    Figure { name: name.to_owned(), value, from: from.to_owned() }
}

#[cfg(test)]
mod tests;
