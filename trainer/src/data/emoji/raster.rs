//! Turns one source drawing into one training picture.
//!
//! Sets differ in how much empty margin they leave. Were it kept, a style code would first of all learn padding. So
//! every drawing is cropped to what is visible and fitted to the same share of the picture: what is left for style
//! is how things are drawn. Vector drawings are rendered twice, small to find what is visible and then exactly to size.

use image::RgbaImage;
use image::imageops::{self, FilterType};
use resvg::tiny_skia::{IntSize, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::data::paper::{self, CHANNELS};

/// Raised whenever the same drawing would give other pixels, so that cached pictures are drawn again.
pub const VERSION: u32 = 2;

/// Longest side of the drawing in a picture: 88 %, which leaves a generator's convolutions a border to work with.
const FILL: f32 = 0.88;

/// Rendered pixels per picture pixel and side. tiny-skia's own edges are good; twice as fine keeps hair-lines whole.
const SUPERSAMPLE: u32 = 2;

/// Side of the rendering in which the visible box is looked for: half a pixel of a 64-pixel picture.
const PROBE: f32 = 128.0;

/// Alpha from which a pixel counts as visible. Fainter ones are the ends of soft shadows.
const VISIBLE: u8 = 13;

/// What `currentColor` means in the one-colour sets: nearly black, as their own pages show them.
const INK: &str = "svg { color: #222222 }";

/// Why a drawing could not become a picture.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// Not a drawing that the SVG renderer understands.
    #[error("not a usable SVG: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// Not a picture that the WebP decoder understands.
    #[error("not a usable WebP: {0}")]
    WebP(#[from] image_webp::DecodingError),
    /// Its width or height is nothing, or too much.
    #[error("its size cannot be drawn")]
    Size,
    /// Nothing in it is visible.
    #[error("it is blank")]
    Blank,
}

/// Draws `source` (SVG, or WebP by its first bytes), cropped to what is visible and centred.
///
/// Returns RGBA8 sRGB with straight alpha, rows from the top: `[size, size, 4]`.
///
/// # Errors
/// If the source cannot be decoded, or nothing in it is visible.
pub fn rasterise(source: &[u8], size: usize) -> Result<Vec<u8>, RasterError> {
    if is_webp(source) {
        let pixmap = decode_webp(source)?;
        let area = visible(&pixmap).ok_or(RasterError::Blank)?;
        let (width, height) = fit(area, size);
        if width > area.width || height > area.height {
            let enlarged = enlarged(&pixmap, area, width, height).ok_or(RasterError::Size)?;
            return Ok(averaged(&enlarged, Area { x: 0, y: 0, width, height }, width, height, size));
        }
        return Ok(averaged(&pixmap, area, width, height, size));
    }
    let options = Options { style_sheet: Some(INK.to_owned()), ..Options::default() };
    let tree = Tree::from_data(source, &options)?;
    let probe_scale = PROBE / tree.size().width().max(tree.size().height());
    let probe = render(&tree, PROBE as u32, PROBE as u32, Transform::from_scale(probe_scale, probe_scale))?;
    let area = visible(&probe).ok_or(RasterError::Blank)?;
    let (width, height) = fit(area, size);
    let (fine_width, fine_height) = (width * SUPERSAMPLE, height * SUPERSAMPLE);
    let to_fine = Transform::from_scale(probe_scale, probe_scale)
        .post_translate(-(area.x as f32), -(area.y as f32))
        .post_scale(fine_width as f32 / area.width as f32, fine_height as f32 / area.height as f32);
    let fine = render(&tree, fine_width, fine_height, to_fine)?;
    let whole = Area { x: 0, y: 0, width: fine_width, height: fine_height };
    Ok(averaged(&fine, whole, width, height, size))
}

/// Whether a drawing is pixels, by its first bytes.
pub fn is_webp(source: &[u8]) -> bool {
    source.starts_with(b"RIFF")
}

fn render(tree: &Tree, width: u32, height: u32, transform: Transform) -> Result<Pixmap, RasterError> {
    let mut pixmap = Pixmap::new(width, height).ok_or(RasterError::Size)?;
    resvg::render(tree, transform, &mut pixmap.as_mut());
    Ok(pixmap)
}

fn decode_webp(source: &[u8]) -> Result<Pixmap, RasterError> {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(source))?;
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(RasterError::Size)?];
    decoder.read_image(&mut pixels)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let premultiplied = pixels
        .chunks_exact(channels)
        .flat_map(|pixel| {
            let alpha = pixel.get(3).copied().unwrap_or(255);
            let times_alpha = |value: u8| ((u32::from(value) * u32::from(alpha) + 127) / 255) as u8;
            [times_alpha(pixel[0]), times_alpha(pixel[1]), times_alpha(pixel[2]), alpha]
        })
        .collect();
    let size = IntSize::from_wh(width, height).ok_or(RasterError::Size)?;
    Pixmap::from_vec(premultiplied, size).ok_or(RasterError::Size)
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

/// The smallest area that holds every visible pixel, or None if there is none.
fn visible(pixmap: &Pixmap) -> Option<Area> {
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    let width = pixmap.width();
    for (index, pixel) in (0..).zip(pixmap.pixels()) {
        if pixel.alpha() >= VISIBLE {
            let (x, y) = (index % width, index / width);
            (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        }
    }
    (left <= right).then(|| Area { x: left, y: top, width: right - left + 1, height: bottom - top + 1 })
}

/// Width and height of the drawing in a picture of `size`, with the proportions of `area`.
fn fit(area: Area, size: usize) -> (u32, u32) {
    let longest = (size as f32 * FILL).round();
    let scale = longest / area.width.max(area.height) as f32;
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    (side(area.width), side(area.height))
}

/// `area` of a premultiplied picture, made larger by a cubic.
fn enlarged(pixmap: &Pixmap, area: Area, width: u32, height: u32) -> Option<Pixmap> {
    let picture = RgbaImage::from_raw(pixmap.width(), pixmap.height(), pixmap.data().to_vec())?;
    let part = imageops::crop_imm(&picture, area.x, area.y, area.width, area.height);
    let larger = imageops::resize(&*part, width, height, FilterType::CatmullRom);
    Pixmap::from_vec(larger.into_raw(), IntSize::from_wh(width, height)?)
}

/// Averages `area` of a premultiplied picture down to `width` x `height`, in the middle of a clear square of `size`.
fn averaged(pixmap: &Pixmap, area: Area, width: u32, height: u32, size: usize) -> Vec<u8> {
    let columns = spans(area.x, area.width, width);
    let rows = spans(area.y, area.height, height);
    let (left, top) = ((size - width as usize) / 2, (size - height as usize) / 2);
    let (data, stride) = (pixmap.data(), pixmap.width() as usize);
    let mut picture = vec![0; size * size * CHANNELS];
    for (row, y_weights) in rows.iter().enumerate() {
        for (column, x_weights) in columns.iter().enumerate() {
            let mut sum = [0.0_f32; CHANNELS];
            for &(y, y_weight) in y_weights {
                for &(x, x_weight) in x_weights {
                    let at = (y * stride + x) * 4;
                    for (total, &value) in sum.iter_mut().zip(&data[at..at + 4]) {
                        *total += y_weight * x_weight * f32::from(value);
                    }
                }
            }
            let at = ((top + row) * size + left + column) * CHANNELS;
            picture[at..at + CHANNELS].copy_from_slice(&paper::straight(sum));
        }
    }
    picture
}

/// For each of `parts` equal spans of `start..start + length`: the pixels that it covers, with weights that sum to 1.
fn spans(start: u32, length: u32, parts: u32) -> Vec<Vec<(usize, f32)>> {
    let step = f64::from(length) / f64::from(parts);
    (0..parts)
        .map(|part| {
            let (from, to) = (f64::from(part) * step, f64::from(part + 1) * step);
            (from.floor() as u32..(to.ceil() as u32).min(length))
                .map(|pixel| {
                    let covered = to.min(f64::from(pixel + 1)) - from.max(f64::from(pixel));
                    ((start + pixel) as usize, (covered / step) as f32)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 50;
    const DRAWN: std::ops::Range<usize> = 3..47;

    fn svg(body: &str) -> Vec<u8> {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{body}</svg>"#).into_bytes()
    }

    /// On white.
    fn pixel(picture: &[u8], x: usize, y: usize) -> [u8; 3] {
        let white = paper::on_paper(picture, paper::WHITE);
        let at = (y * SIZE + x) * 3;
        [white[at], white[at + 1], white[at + 2]]
    }

    fn alpha(picture: &[u8], x: usize, y: usize) -> u8 {
        picture[(y * SIZE + x) * CHANNELS + 3]
    }

    #[test]
    fn a_small_drawing_in_a_corner_is_fitted_and_centred() {
        let picture = rasterise(&svg(r##"<rect x="70" y="10" width="20" height="20" fill="#102030"/>"##), SIZE).unwrap();
        for y in 0..SIZE {
            for x in 0..SIZE {
                // The probe finds edges to within a pixel of its own, so the outermost ring may be mixed with white.
                let inside = |margin| {
                    let range = DRAWN.start + margin..DRAWN.end - margin;
                    range.contains(&x) && range.contains(&y)
                };
                match (inside(3), inside(0)) {
                    (true, _) => assert_eq!(pixel(&picture, x, y), [0x10, 0x20, 0x30], "({x}, {y})"),
                    (_, false) => assert_eq!(pixel(&picture, x, y), [255; 3], "({x}, {y})"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn proportions_are_kept() {
        let picture = rasterise(&svg(r#"<rect width="100" height="50"/>"#), SIZE).unwrap();
        assert_eq!(pixel(&picture, 25, 25), [0; 3]);
        assert_eq!(pixel(&picture, 5, 25), [0; 3]);
        assert_eq!(pixel(&picture, 25, 11), [255; 3]);
        assert_eq!(pixel(&picture, 25, 38), [255; 3]);
    }

    #[test]
    fn what_lies_outside_the_view_box_stays_outside() {
        let picture = rasterise(&svg(r#"<rect x="-50" width="200" height="100" fill="red"/>"#), SIZE).unwrap();
        assert_eq!(pixel(&picture, 1, 25), [255; 3]);
        assert_eq!(pixel(&picture, 25, 25), [255, 0, 0]);
    }

    #[test]
    fn current_colour_is_the_ink() {
        let picture = rasterise(&svg(r#"<rect width="100" height="100" fill="currentColor"/>"#), SIZE).unwrap();
        assert_eq!(pixel(&picture, 25, 25), [0x22; 3]);
    }

    #[test]
    fn half_transparent_paint_keeps_its_colour_and_its_alpha() {
        let half = r##"<rect width="100" height="100" fill="#c08040" fill-opacity="0.5"/>"##;
        let picture = rasterise(&svg(half), SIZE).unwrap();
        let at = (25 * SIZE + 25) * CHANNELS;
        let near = |found: &[u8], wanted: &[u8]| found.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= 2);
        assert!(near(&picture[at..at + CHANNELS], &[0xc0, 0x80, 0x40, 128]), "{:?}", &picture[at..at + CHANNELS]);
        assert!(near(&pixel(&picture, 25, 25), &[223, 191, 159]), "{:?}", pixel(&picture, 25, 25));
    }

    #[test]
    fn white_on_nothing_is_told_by_its_alpha() {
        let ring = r#"<circle cx="50" cy="50" r="40" fill="none" stroke="white" stroke-width="20"/>"#;
        let picture = rasterise(&svg(ring), SIZE).unwrap();
        assert!(picture.chunks_exact(CHANNELS).all(|pixel| pixel[3] == 0 || pixel[..3] == [255; 3]));
        assert_eq!([alpha(&picture, 0, 0), alpha(&picture, 5, 25), alpha(&picture, 25, 25)], [0, 255, 0]);
    }

    #[test]
    fn webp_is_decoded_cropped_and_averaged() {
        let mut rgba = [0_u8; 40 * 40 * 4];
        for (index, pixel) in rgba.chunks_exact_mut(4).enumerate() {
            if index % 40 >= 20 && index / 40 < 20 {
                pixel.copy_from_slice(&[200, 100, 50, 255]);
            }
        }
        let mut webp = Vec::new();
        image_webp::WebPEncoder::new(&mut webp).encode(&rgba, 40, 40, image_webp::ColorType::Rgba8).unwrap();
        let picture = rasterise(&webp, SIZE).unwrap();
        assert_eq!(pixel(&picture, DRAWN.start, DRAWN.start), [200, 100, 50]);
        assert_eq!(pixel(&picture, DRAWN.end - 1, DRAWN.end - 1), [200, 100, 50]);
        assert_eq!(pixel(&picture, DRAWN.start - 1, 25), [255; 3]);
    }

    #[test]
    fn a_blank_drawing_is_an_error() {
        let faint = svg(r#"<rect width="100" height="100" fill-opacity="0.01"/>"#);
        assert!(matches!(rasterise(&faint, SIZE), Err(RasterError::Blank)));
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(matches!(rasterise(b"not a drawing", SIZE), Err(RasterError::Svg(_))));
        assert!(matches!(rasterise(b"RIFF....WEBPVP8 ", SIZE), Err(RasterError::WebP(_))));
    }

    #[test]
    fn spans_cover_each_pixel_once() {
        for (length, parts) in [(7, 3), (3, 7), (64, 64), (256, 56)] {
            let spans = spans(5, length, parts);
            assert!(spans.iter().all(|span| (span.iter().map(|(_, weight)| weight).sum::<f32>() - 1.0).abs() < 1e-5));
            let mut covered = vec![0.0_f32; length as usize];
            spans.iter().flatten().for_each(|&(pixel, weight)| covered[pixel - 5] += weight);
            let even = parts as f32 / length as f32;
            assert!(covered.iter().all(|weight| (weight - even).abs() < 1e-4), "{length} into {parts}: {covered:?}");
        }
    }
}
