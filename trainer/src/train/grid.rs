//! Sample grids: rows are captions, columns are styles, with the real pictures of the caption beside them.
//!
//! Where the data names its sets, a column is a set, drawn at its centre among the styles, and the real pictures stand in the same
//! order: the eye compares like with like. Elsewhere columns are style seeds.

use burn::prelude::*;
use image::{RgbImage, imageops};
use shared::Vocabulary;
use shared::model::matching::{CaptionBatch, SentenceEncoder};
use shared::picture::tensor_to_levels;
use shared::style::StyleCode;

use crate::data::{DataError, Dataset, Split, captions};
use crate::train::batches::styles_to_tensor;
use crate::train::disentangling::GeneratorSide;
use crate::train::regions::Regions;

/// Columns of drawn pictures, at most, and of real ones.
const COLUMNS: usize = 9;
/// Pixels between pictures.
const GAP: u32 = 4;

/// Everyday things that show content and style at a glance; those that the data has become rows.
const CAPTIONS: [&str; 16] = [
    "grinning face",
    "cat face",
    "red apple",
    "automobile",
    "house",
    "octopus",
    "birthday cake",
    "rocket",
    "sunflower",
    "guitar",
    "hamburger",
    "fish",
    "butterfly",
    "crown",
    "mushroom",
    "bicycle",
];

/// Draws the grid.
///
/// # Errors
/// [`DataError`] where the real pictures cannot be read any more.
pub fn draw(
    dataset: &Dataset,
    vocabulary: &Vocabulary,
    sentence: &SentenceEncoder,
    side: &GeneratorSide,
    style_size: usize,
    device: &Device,
) -> Result<RgbImage, DataError> {
    let rows = rows(dataset);
    let styles = columns(dataset, style_size);
    let size = dataset.image_size as u32;
    let across = (2 * styles.len() + 1) as u32;
    let mut grid =
        RgbImage::from_pixel(across * (size + GAP) + GAP, rows.len() as u32 * (size + GAP) + GAP, image::Rgb([236, 236, 232]));
    let at = |index: u32| i64::from(GAP + index * (size + GAP));
    for (row, content) in (0..).zip(&rows) {
        let numbers = vocabulary.read(&captions::canonical(&dataset.contents[*content]), usize::MAX).numbers;
        let drawn = paint(sentence, side, &vec![numbers; styles.len()], styles_to_tensor(&styles, device), device);
        // Without sets there may be many styles, few of which have this content.
        let real = (0..dataset.styles.len()).map(|style| dataset.find(*content, style));
        let real: Vec<Option<usize>> = real.filter(|found| dataset.has_styles() || found.is_some()).take(styles.len()).collect();
        let (places, samples): (Vec<u32>, Vec<usize>) =
            (styles.len() as u32 + 1..).zip(real).filter_map(|(place, sample)| Some((place, sample?))).unzip();
        let real = dataset.pictures(&samples)?;
        for (column, rgb) in (0..).zip(drawn).chain(places.into_iter().zip(real)) {
            if let Some(picture) = RgbImage::from_raw(size, size, rgb) {
                imageops::replace(&mut grid, &picture, at(column), at(row));
            }
        }
    }
    Ok(grid)
}

/// Draws captions (word numbers) in styles `[captions, style_size]`: one RGB picture each.
pub fn paint(
    sentence: &SentenceEncoder,
    side: &GeneratorSide,
    captions: &[Vec<u32>],
    styles: Tensor<2>,
    device: &Device,
) -> Vec<Vec<u8>> {
    let pictures = side.draw(sentence.forward(CaptionBatch::new(captions, device)), styles);
    let [_, _, height, width] = pictures.dims();
    let levels: Vec<u8> = tensor_to_levels(pictures).into_data().iter::<f32>().map(|v| v as u8).collect();
    levels.chunks_exact(3 * height * width).map(<[u8]>::to_vec).collect()
}

/// Styles of the columns: the first sets at their centres, or the first seeds, so that nobody can have picked them.
fn columns(dataset: &Dataset, style_size: usize) -> Vec<StyleCode> {
    match Regions::of(dataset, style_size) {
        Some(regions) => (0..dataset.styles.len().min(COLUMNS)).map(|set| regions.centre_code(set)).collect(),
        None => (0..COLUMNS as u64).map(|seed| StyleCode::from_seed(seed, style_size)).collect(),
    }
}

/// Contents of the rows.
fn rows(dataset: &Dataset) -> Vec<usize> {
    let trained: Vec<usize> = dataset.of_split(Split::Train).into_iter().map(|s| dataset.samples[s].content).collect();
    let named = |caption: &&str| trained.iter().copied().find(|c| captions::canonical(&dataset.contents[*c]) == **caption);
    let mut rows: Vec<usize> = CAPTIONS.iter().filter_map(named).collect();
    if rows.is_empty() {
        rows = trained;
        rows.dedup();
        rows.truncate(CAPTIONS.len());
    }
    rows
}
