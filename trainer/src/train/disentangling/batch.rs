//! What a step learns from: pictures, and where they lie among style codes.

use std::ops::Range;

use burn::prelude::*;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use shared::model::image_encoder::ImageEncoder;
use shared::style::StyleCode;

use super::stage::Stage;
use crate::data::{DataError, on_paper};
use crate::train::batches;
use crate::train::losses::{set_loss, style_loss};
use crate::train::regions::{Ink, Regions};

/// Inverse temperature of the set loss: a code at its own centre gives a set 60 degrees away 8 %, so regions may touch.
pub const SET_SHARPNESS: f64 = 5.0;

/// One step's data.
pub(super) struct Batch {
    /// Pictures to learn from on white, in the ink that `placed` says.
    pub real: Tensor<4>,
    /// The same on `paper`.
    pub on_paper: Tensor<4>,
    /// A colour at random for each picture, `[batch, 3, 1, 1]` from 0 to 1; `None` for a generator that draws pixels, all on white.
    pub paper: Option<Tensor<4>>,
    /// Where they lie among style codes, if the data says which set they are of.
    pub placed: Option<Placed>,
    pub sentence: Tensor<2>,
    pub noise: Tensor<2>,
    pub negatives: Vec<usize>,
}

impl Batch {
    /// Some of its samples, which must be each other's negatives.
    pub fn part(&self, range: Range<usize>) -> Self {
        let (first, length) = (range.start, range.len());
        let rows = |x: &Tensor<2>| x.clone().narrow(0, first, length);
        let pictures = |x: &Tensor<4>| x.clone().narrow(0, first, length);
        Self {
            real: pictures(&self.real),
            on_paper: pictures(&self.on_paper),
            paper: self.paper.as_ref().map(pictures),
            placed: self.placed.as_ref().map(|placed| Placed {
                codes: rows(&placed.codes),
                sets: rows(&placed.sets),
                centres: placed.centres.clone(),
            }),
            sentence: rows(&self.sentence),
            noise: rows(&self.noise),
            negatives: self.negatives[range].iter().map(|row| row.saturating_sub(first)).collect(),
        }
    }
}

/// A picture to learn from, and the set that it is to be learnt as: its own, or one that it stands in for.
pub(super) struct Pick {
    pub sample: usize,
    pub set: usize,
}

/// Where a picture lies among style codes.
pub(super) struct Place {
    pub set: usize,
    pub code: StyleCode,
    pub ink: Ink,
}

/// What is known of the style of real pictures.
pub struct Placed {
    /// z that each shows, `[batch, style_size]`.
    pub codes: Tensor<2>,
    /// One at each picture's set, `[batch, sets]`.
    pub sets: Tensor<2>,
    /// `[sets, style_size]`
    pub centres: Tensor<2>,
}

/// What E is taught about style in a swap step.
pub struct Reading {
    /// Real pictures lie in their set's region.
    pub set: Tensor<1>,
    /// L_style of real pictures.
    pub of_real: Tensor<1>,
    /// L_style of real and drawn pictures together.
    pub style: Tensor<1>,
}

impl Placed {
    /// How well E reads real pictures and what G has drawn of them, `[batch, 3, height, width]` each; so much of the gradient reaches G
    /// as `share` says.
    pub fn read(&self, encoder: &ImageEncoder, real: Tensor<4>, drawn: Tensor<4>, share: f64) -> Reading {
        let batch = real.dims()[0];
        let read = encoder.style(Tensor::cat(vec![real, scale_gradient(drawn, share)], 0));
        let of_real = read.clone().narrow(0, 0, batch);
        Reading {
            set: set_loss(of_real.clone(), self.centres.clone(), self.sets.clone(), SET_SHARPNESS),
            of_real: style_loss(self.codes.clone(), of_real),
            style: style_loss(self.codes.clone().repeat_dim(0, 2), read),
        }
    }
}

impl Stage<'_> {
    /// What a step learns from. Where E `lends`, all pictures are their sets' own: it must not learn a hand from another's.
    pub(super) fn batch(&self, mut random: ChaCha8Rng, lends: bool) -> Result<Batch, DataError> {
        let config = self.config;
        let picks = self.picks(lends, &mut random);
        let samples: Vec<usize> = picks.iter().map(|pick| pick.sample).collect();
        let limit = config.model().caption_words;
        let captions =
            batches::captions_of(self.dataset, &samples, self.vocabulary, config.sampling.plain_names, limit, &mut random);
        let places = self.regions.as_ref().map(|regions| self.places(regions, &picks, &mut random));
        let pictures = self.pictures(&samples, places.as_deref())?;
        let paper: Option<Vec<[u8; 3]>> = (config.shape.layers > 0).then(|| samples.iter().map(|_| random.random()).collect());
        // Made on the plain device; mixed with trained tensors they are constants.
        let constant = |x: Tensor<2>| Tensor::from_inner(x);
        let upload = |papers: &[[u8; 3]]| {
            let pictures = on_papers(&pictures, papers);
            Tensor::from_inner(batches::upload(&pictures, samples.len(), self.dataset.image_size, self.device))
        };
        let real = upload(&vec![[255; 3]; samples.len()]);
        Ok(Batch {
            on_paper: paper.as_deref().map_or_else(|| real.clone(), upload),
            paper: paper.map(|paper| Tensor::from_inner(self.papers(&paper))),
            real,
            placed: self.regions.as_ref().zip(places).map(|(regions, places)| self.placed(regions, &places)),
            sentence: constant(self.sentences.read(&captions, self.device)),
            noise: constant(batches::noise(config.optimiser.batch, config.shape.style_size, &mut random, self.device)),
            negatives: batches::others(config.optimiser.batch),
        })
    }

    /// Pictures of all sets alike; of each set some stand in for what it lacks, unless all must be its own.
    pub(super) fn picks(&self, own: bool, random: &mut ChaCha8Rng) -> Vec<Pick> {
        let samples = self.training.draw(self.config.optimiser.batch, random);
        let picks = samples.into_iter().map(|sample| Pick { sample, set: self.dataset.samples[sample].style });
        let Some(stand_ins) = self.stand_ins.as_ref().filter(|_| !own) else { return picks.collect() };
        let picks = picks.map(|pick| match random.random_bool(self.config.sampling.cross_style_targets) {
            true => Pick { sample: stand_ins.draw(pick.set, random).unwrap_or(pick.sample), ..pick },
            false => pick,
        });
        picks.collect()
    }

    /// A place in its set's region for each picture.
    pub(super) fn places(&self, regions: &Regions, picks: &[Pick], random: &mut ChaCha8Rng) -> Vec<Place> {
        let place = |pick: &Pick| {
            let code = regions.draw(pick.set, random);
            Place { ink: regions.ink(pick.set, &code), set: pick.set, code }
        };
        picks.iter().map(place).collect()
    }

    /// The pictures' bytes one after another, with alpha, in the ink of their places.
    fn pictures(&self, samples: &[usize], places: Option<&[Place]>) -> Result<Vec<u8>, DataError> {
        let length = self.dataset.image_size * self.dataset.image_size * 4;
        let mut bytes = vec![0; samples.len() * length];
        bytes.par_chunks_exact_mut(length).zip(samples).enumerate().try_for_each(|(index, (picture, sample))| {
            picture.copy_from_slice(&self.dataset.rgba(*sample)?);
            if let Some(place) = places.map(|places| &places[index]) {
                place.ink.apply_to_rgba(picture, self.config.shape.colour_jitter as f32);
            }
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Paper colours as the generator's composites take them: `[batch, 3, 1, 1]` from 0 to 1.
    fn papers(&self, papers: &[[u8; 3]]) -> Tensor<4> {
        let values: Vec<f32> = papers.iter().flatten().map(|value| f32::from(*value) / 255.0).collect();
        Tensor::from_data(TensorData::new(values, [papers.len(), 3, 1, 1]), self.device)
    }

    fn placed(&self, regions: &Regions, places: &[Place]) -> Placed {
        let (sets, codes): (Vec<_>, Vec<_>) = places.iter().map(|place| (place.set, place.code.clone())).unzip();
        let all = self.dataset.styles.len();
        let centres: Vec<f32> = (0..all).flat_map(|set| regions.centre(set)).copied().collect();
        let centres = Tensor::from_data(TensorData::new(centres, [all, self.config.shape.style_size]), self.device);
        Placed {
            codes: Tensor::from_inner(batches::styles_to_tensor(&codes, self.device)),
            sets: Tensor::from_inner(batches::one_hot(&sets, all, self.device)),
            centres: Tensor::from_inner(centres),
        }
    }
}

/// Pictures with alpha, each on a paper of its own: four bytes a pixel to three.
fn on_papers(rgba: &[u8], papers: &[[u8; 3]]) -> Vec<u8> {
    let length = rgba.len() / papers.len().max(1);
    let pictures: Vec<Vec<u8>> =
        rgba.par_chunks_exact(length.max(1)).zip(papers).map(|(picture, paper)| on_paper(picture, *paper)).collect();
    pictures.concat()
}

/// The same values, which pass on no more than a share of their gradient.
pub(super) fn scale_gradient(x: Tensor<4>, share: f64) -> Tensor<4> {
    x.clone().detach() * (1.0 - share) + x * share
}
