//! JPEG files: where they end, and the inks of those that are meant for print.

use image::DynamicImage;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::profile::Profile;

const END_OF_IMAGE: u8 = 0xd9;

/// Whether a file's picture is all there: its markers, followed from the start, lead to its end. The decoder fills in what is missing, and a
/// picture with a grey lower half should not be learnt from. What follows the end is not the picture's: telephones put a film there.
pub fn is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            END_OF_IMAGE => return true,
            // Restarts within coded data, and others without a length.
            0x01 | 0xd0..=0xd8 => {}
            // A segment, which may hold a preview with markers of its own. Behind a scan's header lies its coded data, in which whatever
            // looks like a marker is escaped.
            _ => match bytes.get(at..at + 2) {
                Some(length) => at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2),
                None => return false,
            },
        }
    }
    false
}

/// The next marker, and in `at` the place behind it. A zero escapes the byte before, and more such bytes fill up.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let found = bytes.get(*at..)?.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))?;
    *at += found + 2;
    Some(bytes[*at - 1])
}

/// A picture of four inks, seen as its profile says; `None` where it has none, or what it has cannot be used.
pub fn printed(bytes: &[u8], profile: &Profile) -> Option<DynamicImage> {
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let space = decoder.input_colorspace().filter(|space| matches!(space, ColorSpace::CMYK | ColorSpace::YCCK))?;
    let (width, height) = decoder.dimensions()?;
    // As they lie in the file.
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let mut inks = decoder.decode().ok()?;
    for pixel in inks.chunks_exact_mut(4) {
        if space == ColorSpace::YCCK {
            let inks = inverted_inks([pixel[0], pixel[1], pixel[2]]);
            pixel[..3].copy_from_slice(&inks);
        }
        // 255 is no ink in these files.
        pixel.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    profile.print(&inks, u32::try_from(width).ok()?, u32::try_from(height).ok()?)
}

/// Cyan, magenta and yellow of YCC, inverted as they are stored (JFIF's formula, of colours that are the inks' complements once more).
fn inverted_inks([light, blue, red]: [u8; 3]) -> [u8; 3] {
    let (light, blue, red) = (f32::from(light), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    let rgb = [light + 1.402 * red, light - 0.344_136 * blue - 0.714_136 * red, light + 1.772 * blue];
    rgb.map(|value| 255 - value.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests;
