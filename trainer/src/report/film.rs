//! The grids of a run as a film: what it learnt in which order.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, ImageError, ImageFormat, RgbImage};

use crate::io::files::{self, FileError};

/// Pictures in a film, at most: beyond, it is long to watch and large to keep.
const FRAMES: usize = 40;
/// Milliseconds that a frame is shown, and the last one.
const SHOWN: (u32, u32) = (250, 2500);
/// NeuQuant's sampling: from 1, the best colours, to 30, the least time. At 10 a grid takes a tenth of a second.
const SPEED: i32 = 10;

/// The grid of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    pub step: usize,
    pub path: PathBuf,
}

/// A run's grids, by step.
///
/// # Errors
/// [`FileError`].
pub fn grids(folder: &Path) -> Result<Vec<Grid>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(FileError::at(folder)(error)),
    };
    let grid = |path: PathBuf| {
        let step = path.file_name()?.to_str()?.strip_suffix(".png")?.parse().ok()?;
        Some(Grid { step, path })
    };
    let mut grids: Vec<Grid> = entries.flatten().filter_map(|entry| grid(entry.path())).collect();
    grids.sort_unstable_by_key(|grid| grid.step);
    Ok(grids)
}

/// At most `most` of them, evenly; the last always.
pub fn spread(grids: &[Grid], most: usize) -> Vec<&Grid> {
    let count = grids.len().min(most);
    (1..=count).map(|frame| &grids[frame * grids.len() / count - 1]).collect()
}

/// Writes the film. One grid makes none.
///
/// # Errors
/// [`FileError`] where a grid cannot be read or the film not be written.
pub fn write(path: &Path, grids: &[Grid]) -> Result<(), FileError> {
    if grids.len() < 2 {
        return Ok(());
    }
    files::replace(path, |file| encode(file, &spread(grids, FRAMES)).map_err(io::Error::other))
}

fn encode(file: &mut BufWriter<File>, grids: &[&Grid]) -> Result<(), ImageError> {
    let mut encoder = GifEncoder::new_with_speed(file, SPEED);
    encoder.set_repeat(Repeat::Infinite)?;
    for (index, grid) in grids.iter().enumerate() {
        let shown = if index + 1 == grids.len() { SHOWN.1 } else { SHOWN.0 };
        let picture = open(&grid.path)?.to_rgba8();
        encoder.encode_frame(Frame::from_parts(picture, 0, 0, Delay::from_numer_denom_ms(shown, 1)))?;
    }
    Ok(())
}

/// Reads a grid that this program wrote; whatever else lies there is refused by its size.
pub fn open(path: &Path) -> Result<DynamicImage, ImageError> {
    let mut reader = image::ImageReader::open(path)?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(16_384);
    limits.max_image_height = Some(16_384);
    reader.limits(limits);
    reader.decode()
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// [`ImageError`].
pub fn png(picture: &RgbImage) -> Result<Vec<u8>, ImageError> {
    let mut bytes = io::Cursor::new(vec![]);
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::AnimationDecoder;
    use image::codecs::gif::GifDecoder;

    #[test]
    fn a_film_shows_the_grids_in_order() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(grids(&folder.path().join("none")).unwrap(), []);
        for (step, colour) in [(1000, [0, 0, 255]), (500, [255, 0, 0]), (11_500, [0, 255, 0])] {
            let picture = RgbImage::from_pixel(8, 4, image::Rgb(colour));
            fs::write(folder.path().join(format!("{step:07}.png")), png(&picture).unwrap()).unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "no grid").unwrap();
        let grids = grids(folder.path()).unwrap();
        assert_eq!(grids.iter().map(|grid| grid.step).collect::<Vec<_>>(), [500, 1000, 11_500]);
        let film = folder.path().join("film.gif");
        write(&film, &grids[..1]).unwrap();
        assert!(!film.exists(), "one grid is no film");
        write(&film, &grids).unwrap();
        let frames = GifDecoder::new(io::BufReader::new(File::open(&film).unwrap())).unwrap().into_frames();
        let colours: Vec<[u8; 4]> = frames.map(|frame| frame.unwrap().buffer().get_pixel(3, 2).0).collect();
        assert_eq!(colours, [[255, 0, 0, 255], [0, 0, 255, 255], [0, 255, 0, 255]]);
    }

    #[test]
    fn a_long_run_is_shown_in_part_and_to_its_end() {
        let grids: Vec<Grid> = (1..=100).map(|step| Grid { step, path: PathBuf::new() }).collect();
        let steps: Vec<usize> = spread(&grids, 4).iter().map(|grid| grid.step).collect();
        assert_eq!(steps, [25, 50, 75, 100]);
        assert_eq!(spread(&grids[..3], 4).len(), 3);
        assert!(spread(&[], 4).is_empty());
    }
}
