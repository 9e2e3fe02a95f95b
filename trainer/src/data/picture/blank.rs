//! Pictures of which one colour is left though their file has more. A white square beside the caption of a star teaches that stars are white
//! squares, and nobody would see that the star was white, too; so such a picture is a fault that says what became of it.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::png::PngDecoder;
use image_webp::WebPDecoder;

use super::kind::{Kind, Policy};
use crate::data::sources::Reason;

/// Levels of 255 within which a training picture is of one colour.
const ALIKE: u8 = 2;

/// What a file has to be seen, before it is put on a background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Parts that differ from one another.
    Parts { transparent: bool, deep: bool },
    /// One colour all over.
    OneColour,
    /// It is transparent all over.
    Nothing,
}

impl Contents {
    pub fn of(picture: &DynamicImage) -> Self {
        let (channels, transparent) = (usize::from(picture.color().channel_count()), picture.color().has_alpha());
        match (picture.as_flat_samples_u8(), picture.as_flat_samples_u16()) {
            (Some(picture), _) => Self::of_samples(picture.samples, channels, transparent, false),
            (_, Some(picture)) => Self::of_samples(picture.samples, channels, transparent, true),
            // Floating point, which no decoder here gives.
            _ => Self::Parts { transparent, deep: true },
        }
    }

    /// Of pixels whose last channel is their alpha.
    pub fn of_rgba(samples: &[u8]) -> Self {
        Self::of_samples(samples, 4, true, false)
    }

    fn of_samples<T: Copy + Into<u16>>(samples: &[T], channels: usize, transparent: bool, deep: bool) -> Self {
        let (mut least, mut most) = ([u16::MAX; 4], [0; 4]);
        let (mut hidden, mut seen) = (false, false);
        for pixel in samples.chunks_exact(channels) {
            // Colours under full transparency are not seen.
            if transparent && pixel[channels - 1].into() == 0 {
                hidden = true;
            } else {
                seen = true;
                for ((value, least), most) in pixel.iter().zip(&mut least).zip(&mut most) {
                    (*least, *most) = ((*least).min((*value).into()), (*most).max((*value).into()));
                }
            }
            // Nearly every picture ends here after a few pixels.
            if seen && (hidden || least.iter().zip(&most).take(channels).any(|(least, most)| differ(*least, *most, deep))) {
                return Self::Parts { transparent, deep };
            }
        }
        if seen { Self::OneColour } else { Self::Nothing }
    }
}

/// Whether two values of a channel are more than noise apart: on a blank sheet that is a few levels, and of 16 bits a share of the brighter.
fn differ(least: u16, most: u16, deep: bool) -> bool {
    let apart = most.saturating_sub(least);
    apart > 8 && (!deep || apart > most / 4)
}

/// Refuses a training picture of one colour whose file has more.
///
/// # Errors
/// [`Reason::Blank`] says what became of it.
pub fn refuse(pixels: &[u8], contents: Contents, bytes: &[u8], kind: Kind, policy: &Policy) -> Result<(), Reason> {
    if !is_of_one_colour(pixels) {
        return Ok(());
    }
    let paper = [[0; 3], [255; 3], policy.background.0];
    let is_paper = paper.iter().any(|paper| pixels.iter().zip(paper).all(|(value, paper)| value.abs_diff(*paper) <= ALIKE));
    refuse_contents(contents, elsewhere(bytes, kind, is_paper), policy)
}

/// Refuses contents of which one colour was left; `elsewhere` is what the file has beside them.
///
/// # Errors
/// [`Reason::Blank`].
pub fn refuse_contents(contents: Contents, elsewhere: Option<String>, policy: &Policy) -> Result<(), Reason> {
    let lost = match contents {
        Contents::OneColour => elsewhere,
        Contents::Nothing => Some(elsewhere.unwrap_or_else(|| "it is transparent all over".to_owned())),
        Contents::Parts { transparent: true, .. } => {
            Some(format!("what it shows is of the background's colour, {}; choose another --background", policy.background))
        }
        Contents::Parts { deep: true, .. } => Some("its values of 16 bits are too alike to be told apart in 8".to_owned()),
        Contents::Parts { .. } => {
            Some(format!("what it shows is lost at {0} x {0} pixels, or lies outside of what --fit keeps", policy.size))
        }
    };
    lost.map_or(Ok(()), |lost| Err(Reason::Blank(lost)))
}

/// Whether a training picture is of one colour.
pub fn is_of_one_colour(pixels: &[u8]) -> bool {
    (0..3).all(|channel| {
        let values = || pixels.iter().skip(channel).step_by(3);
        values().max().zip(values().min()).is_none_or(|(most, least)| most - least <= ALIKE)
    })
}

/// What a file has beside the picture that was decoded. That something moves is a reason only where it begins with paper, black or white, as
/// a film that fades in.
fn elsewhere(bytes: &[u8], kind: Kind, is_paper: bool) -> Option<String> {
    let moves = match kind {
        Kind::Gif => {
            let mut options = gif::DecodeOptions::new();
            options.skip_frame_decoding(true);
            let mut film = options.read_info(bytes).ok()?;
            let (width, height) = (film.width(), film.height());
            let first = film.next_frame_info().ok()??;
            let reaches = (u32::from(first.left) + u32::from(first.width), u32::from(first.top) + u32::from(first.height));
            if reaches.0 > width.into() || reaches.1 > height.into() {
                return Some(format!("its first picture reaches beyond its screen of {width} x {height} pixels"));
            }
            film.next_frame_info().is_ok_and(|next| next.is_some())
        }
        Kind::Png => PngDecoder::new(Cursor::new(bytes)).and_then(|decoder| decoder.is_apng()).unwrap_or(false),
        Kind::WebP => WebPDecoder::new(Cursor::new(bytes)).is_ok_and(|decoder| decoder.num_frames() > 1),
        Kind::Jpeg | Kind::Svg => false,
    };
    (moves && is_paper).then(|| "of what moves only the first picture counts, and that one is blank".to_owned())
}

#[cfg(test)]
mod tests;
