//! How well layers can draw what there is to draw: the form itself fitted to true pictures, without a generator.
//!
//! What no fit reaches, no training will. So the numbers of fields, their side and what a colour may do were chosen by this table
//! (docs/lab-notes.md), and by looking at its sheet.

use anyhow::{Context, Result};
use burn::module::Param;
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::Distribution;
use clap::Args;
use image::{RgbImage, imageops};
use rand::seq::SliceRandom;
use shared::layers::{COLOUR, composite};

use crate::data::emoji::TrueArt;
use crate::data::{self, DataConfig, Dataset, WHITE, on_paper};
use crate::train::adam::{Adam, EPSILON};
use crate::train::batches::{self, Stream};
use crate::train::drawn::on_colour;
use crate::train::losses::{edge_loss, swap_loss, undecided_loss};
use crate::train::schedule::cosine_decay;

/// Side of the pictures that are fitted, as in training.
const LEARNT: usize = 128;
/// Side of those that the fit is measured at besides.
const LARGE: usize = 512;
/// Pictures fitted side by side.
const TOGETHER: usize = 20;

/// Options of `emblem-lab ceiling`.
#[derive(Debug, Args)]
pub struct Options {
    /// True pictures of each set
    #[arg(long, default_value_t = 200)]
    pictures: usize,
    /// Layers, paper among them
    #[arg(long, default_value_t = 8)]
    layers: usize,
    /// Side of the fields
    #[arg(long, default_value_t = 64)]
    side: usize,
    /// Colours without slopes
    #[arg(long)]
    flat: bool,
    /// Weight of how undecided pixels are between layers
    #[arg(long, default_value_t = 0.05)]
    undecided: f64,
    /// Steps of each fit
    #[arg(long, default_value_t = 300)]
    steps: usize,
    /// Seed of the choice of pictures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Sheet of pictures to write (PNG): true at 512 px, as fitted, and the true 128 px enlarged
    #[arg(long, value_name = "FILE")]
    sheet: Option<std::path::PathBuf>,
}

/// Layers of a few pictures, free of any generator.
#[derive(Module, Debug)]
struct Fit {
    fields: Param<Tensor<4>>,
    colours: Param<Tensor<3>>,
    flat: bool,
}

impl Fit {
    #[expect(clippy::disallowed_methods, reason = "weights, from burn's source as any other's")]
    fn new(count: usize, options: &Options, device: &Device) -> Self {
        let Options { layers, side, flat, .. } = *options;
        let small = Distribution::Normal(0.0, 0.05);
        let colours: Vec<f32> = (0..count).flat_map(|_| shared::model::generator::first_colours(layers)).collect();
        Self {
            fields: Param::from_tensor(Tensor::random([count, layers, side, side], small, device)),
            colours: Param::from_tensor(Tensor::from_data(TensorData::new(colours, [count, layers, COLOUR]), device)),
            flat,
        }
    }

    /// `[count, 5, size, size]`
    fn draw(&self, size: usize) -> Tensor<4> {
        let colours = self.colours.val();
        let colours = match self.flat {
            true => {
                let flat = colours.narrow(2, 0, 3);
                Tensor::cat(vec![flat.clone(), flat.zeros_like(), flat.zeros_like()], 2)
            }
            false => colours,
        };
        composite(self.fields.val(), colours, size)
    }
}

/// Fits and prints the table.
///
/// # Errors
/// Where the data cannot be read or the sheet not be written.
pub fn run(options: &Options, device: &Device) -> Result<()> {
    let config = DataConfig::default();
    let dataset = Dataset::load(&config, LEARNT, None, &data::tell)?;
    let art = TrueArt::of(&config)?;
    let mut sheet = vec![];
    println!("set              N   L1 at {LEARNT}  L1 at {LARGE}  true {LEARNT} px enlarged  undecided");
    let (mut all, mut n) = ([0.0; 4], 0);
    for (style, name) in dataset.styles.iter().enumerate() {
        let mut samples: Vec<usize> = (0..dataset.samples.len()).filter(|s| dataset.samples[*s].style == style).collect();
        samples.shuffle(&mut batches::random_for(options.seed, Stream::Evaluation, 77 + style));
        samples.truncate(options.pictures);
        let mut sums = [0.0; 4];
        for (index, chunk) in samples.chunks(TOGETHER).enumerate() {
            let fitted = fit(&dataset, chunk, options, device)?;
            for (place, sample) in chunk.iter().enumerate() {
                let key = &dataset.contents[dataset.samples[*sample].content].key;
                let truth = art.draw(key, name, LARGE)?.with_context(|| format!("{key} in {name}"))?;
                let truth = on_paper(&truth, WHITE);
                let small = dataset.pixels(*sample)?;
                let drawn = |size: usize| levels(fitted.draw_one(place, size));
                let large = drawn(LARGE);
                let enlarged = enlarged(&small)?;
                sums[0] += l1(&drawn(LEARNT), &small);
                sums[1] += l1(&large, &truth);
                sums[2] += l1(&enlarged, &truth);
                sums[3] += fitted.undecided(place);
                if index == 0 && place < 5 {
                    sheet.push([truth, large, enlarged]);
                }
            }
        }
        let count = samples.len() as f64;
        println!(
            "{name:15} {:4}  {:.4}     {:.4}     {:.4}              {:.3}",
            samples.len(),
            sums[0] / count,
            sums[1] / count,
            sums[2] / count,
            sums[3] / count
        );
        all.iter_mut().zip(sums).for_each(|(all, sum)| *all += sum);
        n += samples.len();
    }
    let mean = all.map(|sum| sum / n as f64);
    println!("{:15} {n:4}  {:.4}     {:.4}     {:.4}              {:.3}", "all", mean[0], mean[1], mean[2], mean[3]);
    if let Some(path) = &options.sheet {
        draw_sheet(&sheet)?.save(path).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}

impl Fit {
    fn one(&self, index: usize) -> Self {
        let cut = |p: &Param<Tensor<4>>| Param::from_tensor(p.val().narrow(0, index, 1));
        Self { fields: cut(&self.fields), colours: Param::from_tensor(self.colours.val().narrow(0, index, 1)), flat: self.flat }
    }

    fn draw_one(&self, index: usize, size: usize) -> Tensor<4> {
        self.one(index).draw(size)
    }

    fn undecided(&self, index: usize) -> f64 {
        f64::from(self.draw_one(index, LEARNT).narrow(1, 4, 1).mean().into_scalar::<f32>())
    }
}

#[expect(clippy::disallowed_methods, reason = "no test: papers to try on, from the seed that was asked for")]
fn fit(dataset: &Dataset, samples: &[usize], options: &Options, device: &Device) -> Result<Fit> {
    let tracked = device.clone().autodiff();
    tracked.seed(options.seed);
    let mut fit = Fit::new(samples.len(), options, &tracked);
    let mut adam = Adam::new(0.9, 0.99, EPSILON).init();
    let mut truth = vec![];
    for sample in samples {
        let rgba = dataset.rgba(*sample)?;
        let pixels: Vec<[f32; 4]> = rgba
            .chunks_exact(4)
            .map(|p| {
                let a = f32::from(p[3]) / 255.0;
                [f32::from(p[0]) / 255.0 * a, f32::from(p[1]) / 255.0 * a, f32::from(p[2]) / 255.0 * a, a]
            })
            .collect();
        for channel in 0..4 {
            truth.extend(pixels.iter().map(|p| p[channel]));
        }
    }
    let truth = Tensor::<4>::from_data(TensorData::new(truth, [samples.len(), 4, LEARNT, LEARNT]), device);
    let truth = Tensor::from_inner(truth);
    for step in 0..options.steps {
        let paper = Tensor::random([samples.len(), 3, 1, 1], Distribution::Uniform(0.0, 1.0), &tracked);
        let drawn = fit.draw(LEARNT);
        let (ours, theirs) = (on_colour(drawn.clone(), paper.clone()), on_colour(truth.clone(), paper));
        let undecided = undecided_loss(drawn, ours.clone(), theirs.clone());
        let loss = swap_loss(ours.clone(), theirs.clone()) + edge_loss(ours, theirs) * 0.5 + undecided * options.undecided;
        // A mean over pictures: each alone would be pulled as hard.
        let loss = loss * samples.len() as f64;
        let gradients = GradientsParams::from_grads(loss.backward(), &fit);
        fit = adam.step(0.06 * cosine_decay(step as f64 / options.steps as f64), fit, gradients);
    }
    Ok(fit.valid())
}

/// On white, as bytes.
fn levels(drawn: Tensor<4>) -> Vec<u8> {
    let white = Tensor::ones([1, 3, 1, 1], &drawn.device());
    shared::picture::tensor_to_levels(on_colour(drawn, white)).into_data().iter::<f32>().map(|v| v as u8).collect()
}

fn l1(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64 / 255.0
}

fn enlarged(small: &[u8]) -> Result<Vec<u8>> {
    let small = RgbImage::from_raw(LEARNT as u32, LEARNT as u32, small.to_vec()).context("a picture")?;
    Ok(imageops::resize(&small, LARGE as u32, LARGE as u32, imageops::FilterType::CatmullRom).into_raw())
}

fn draw_sheet(rows: &[[Vec<u8>; 3]]) -> Result<RgbImage> {
    let side = LARGE as u32 / 2;
    let mut sheet = RgbImage::from_pixel(side * 15, side * (rows.len() as u32).div_ceil(5), image::Rgb([255; 3]));
    for (index, row) in rows.iter().enumerate() {
        for (column, picture) in row.iter().enumerate() {
            let picture = RgbImage::from_raw(LARGE as u32, LARGE as u32, picture.clone()).context("a picture")?;
            let picture = imageops::resize(&picture, side, side, imageops::FilterType::Triangle);
            let (x, y) = ((index as u32 % 5 * 3 + column as u32) * side, index as u32 / 5 * side);
            imageops::replace(&mut sheet, &picture, i64::from(x), i64::from(y));
        }
    }
    Ok(sheet)
}
