//! Training pictures: how fast they come, and what it takes to have them ready.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use burn::prelude::*;
use image::{ImageFormat, Rgb, RgbImage};
use safetensors::tensor::Dtype;
use shared::checksummed::{self, Stored};

use super::answer::answer;
use crate::data::{self, DataConfig, Dataset, captions};
use crate::io::files::{self, FileError};
use crate::train::batches::{self, Stream, TrainingSet};
use crate::train::run::RunError;

/// Side of the pictures.
const SIDE: usize = 64;
/// Pictures that are shown, so that others can be seen to load the same.
const SHOWN: usize = 32;

/// Writes some pictures to `file`, then loads batches as a step of training does: drawn at random, as a tensor.
///
/// # Errors
/// Where the data cannot be read.
pub fn contest(file: &Path, batch: usize, config: &DataConfig) -> Result<()> {
    let dataset = Dataset::load(config, SIDE, None, &data::tell)?;
    let training = TrainingSet::new(&dataset);
    if training.is_empty() {
        return Err(RunError::NothingToLearn.into());
    }
    show(file, &dataset)?;
    let (device, mut step) = (Device::flex(), 0);
    answer(|| {
        let draw = training.draw(batch, &mut batches::random_for(1, Stream::Disentangling, step));
        step += 1;
        batches::pictures(&dataset, &draw, &device)?;
        Ok(())
    })
}

/// Opens data, as often as it is asked to, and keeps it.
///
/// # Errors
/// Where the data cannot be read.
pub fn open(config: &DataConfig) -> Result<()> {
    let mut opened = vec![];
    answer(|| {
        opened.push(Dataset::load(config, SIDE, None, &data::tell)?);
        Ok(())
    })
}

/// The first pictures of the data, by their captions.
fn show(file: &Path, dataset: &Dataset) -> Result<()> {
    let mut tensors = vec![];
    for (index, sample) in dataset.samples.iter().enumerate().take(SHOWN) {
        tensors.push(Stored {
            name: captions::canonical(&dataset.contents[sample.content]),
            dtype: Dtype::U8,
            shape: vec![SIDE, SIDE, 3],
            bytes: dataset.pixels(index)?,
        });
    }
    // Several styles of one content have one caption; one of them is enough.
    tensors.dedup_by(|a, b| a.name == b.name);
    let unwritten = |e: safetensors::SafeTensorError| FileError { path: file.to_owned(), source: std::io::Error::other(e) };
    let bytes = checksummed::write(&tensors, Default::default()).map_err(unwritten)?;
    Ok(files::replace(file, |file| file.write_all(&bytes))?)
}

/// Writes so many PNGs with their captions, as a folder or, where the name ends in `.tar`, as a WebDataset.
///
/// # Errors
/// [`RunError::File`].
pub fn write(place: &Path, count: usize) -> Result<()> {
    let wrong = FileError::at(place);
    if place.extension().is_some_and(|end| end == "tar") {
        let written = files::replace(place, |file| {
            let mut tar = tar::Builder::new(file);
            for number in 0..count {
                append(&mut tar, &format!("{number:06}.png"), &png(number)?)?;
                append(&mut tar, &format!("{number:06}.txt"), caption(number).as_bytes())?;
            }
            tar.finish()
        });
        return Ok(written?);
    }
    fs::create_dir_all(place).map_err(&wrong)?;
    for number in 0..count {
        let path = |end: &str| place.join(format!("{number:06}.{end}"));
        let written = png(number).and_then(|png| fs::write(path("png"), png));
        written.and_then(|()| fs::write(path("txt"), caption(number))).map_err(&wrong)?;
    }
    Ok(())
}

fn append(tar: &mut tar::Builder<&mut BufWriter<fs::File>>, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, bytes)
}

fn caption(number: usize) -> String {
    format!("picture {number:06}")
}

/// No two alike, and about as long as a drawing of this size.
fn png(number: usize) -> std::io::Result<Vec<u8>> {
    let picture = RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
        let (a, b) = (number as u32 % 251, number as u32 / 251);
        let inside = (x + a) % 37 < 18 && (y + b) % 29 < 17;
        if inside { Rgb([a as u8, (b % 256) as u8, (x * y / 16 % 256) as u8]) } else { Rgb([255; 3]) }
    });
    let mut bytes = vec![];
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png).map_err(std::io::Error::other)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_tar_file_hold_the_same_pictures_and_no_two_alike() {
        let scratch = tempfile::tempdir().unwrap();
        let loaded = |name: &str| {
            let place = scratch.path().join(name);
            write(&place, 12).unwrap();
            let config = DataConfig { source: Some(place), ..DataConfig::default() };
            let dataset = Dataset::load(&config, SIDE, None, &|_, _| {}).unwrap();
            let mut pictures = dataset.pictures(&(0..dataset.samples.len()).collect::<Vec<_>>()).unwrap();
            pictures.sort();
            pictures
        };
        let (folder, tar) = (loaded("folder"), loaded("file.tar"));
        assert_eq!(folder, tar);
        assert!(folder.len() == 12 && folder.windows(2).all(|two| two[0] != two[1]));
    }
}
