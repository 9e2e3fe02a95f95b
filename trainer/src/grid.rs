//! Sample grids: rows are captions, columns are style seeds, with the real pictures of the caption beside them.

use burn::prelude::*;
use image::{RgbImage, imageops};
use shared::Vocabulary;
use shared::matching::{CaptionBatch, SentenceEncoder};
use shared::picture::tensor_to_levels;
use shared::style::StyleCode;

use crate::batches::styles_to_tensor;
use crate::data::{DataError, Dataset, Split, captions};
use crate::disentangling::GeneratorSide;

/// Style seeds of the columns: the first ones, so that nobody can have picked them.
const SEEDS: std::ops::Range<u64> = 0..7;
/// Real pictures beside a row, at most.
const REAL: usize = 5;
/// Pixels between pictures.
const GAP: u32 = 4;

/// Everyday things that show content and style at a glance; those that the data has become rows.
const CAPTIONS: [&str; 12] = [
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
    let size = dataset.image_size as u32;
    let columns = SEEDS.count() as u32 + 1 + REAL as u32;
    let mut grid =
        RgbImage::from_pixel(columns * (size + GAP) + GAP, rows.len() as u32 * (size + GAP) + GAP, image::Rgb([236, 236, 232]));
    let at = |index: u32| i64::from(GAP + index * (size + GAP));
    let styles: Vec<StyleCode> = SEEDS.map(|seed| StyleCode::from_seed(seed, style_size)).collect();
    for (row, content) in (0..).zip(&rows) {
        let numbers = vocabulary.read(&captions::canonical(&dataset.contents[*content]), usize::MAX).numbers;
        let pictures = paint(sentence, side, &vec![numbers; styles.len()], styles_to_tensor(&styles, device), device);
        let real: Vec<usize> = (0..dataset.styles.len()).filter_map(|style| dataset.find(*content, style)).take(REAL).collect();
        let real = dataset.pictures(&real)?;
        for (column, rgb) in (0..).zip(pictures).chain((SEEDS.count() as u32 + 1..).zip(real)) {
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
