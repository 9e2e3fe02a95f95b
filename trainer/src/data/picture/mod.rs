//! One file of anybody's making to one training picture: the policy, and its limits.
//!
//! What a file is is told by its first bytes. It is decoded, brought to sRGB as its colour profile says, turned as its EXIF data says, put
//! on the background, made square by the policy and scaled. Of what moves, the first picture counts. What ends as one colour though the
//! file has more is refused.
//!
//! Files may be damaged, or made to harm. Sizes are read and judged before anything is allocated from them; decoders run
//! under limits; what they still do wrong (a panic in one of them) is the file's fault and not the run's end.

mod blank;
mod jpeg;
mod kind;
mod profile;
mod svg;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

pub use kind::{Decoded, Kind, Policy};

use super::config::{Colour, Fit};
use super::sources::Reason;
use blank::Contents;
use profile::Profile;

/// Pixels of a picture, at most: the largest that telephones take.
const MOST_PIXELS: u64 = 50_000_000;

/// Bytes that a decoder may allocate: the most pixels in colours of 16 bits with alpha.
const MOST_DECODED: u64 = MOST_PIXELS * 8;

/// Bytes that may be allocated before the size is known: for colour profiles and the like, which may inflate too.
const MOST_BESIDE: u64 = 8 << 20;

/// What is said of a file over which a decoder panicked.
pub const GAVE_UP: &str = "its decoder gave up";

/// Decoded bytes from which pictures are decoded one at a time: on sixteen cores sixteen of the largest would be 6 GB.
const LARGE: u64 = 64 << 20;

/// Decodes a file.
///
/// # Errors
/// [`Reason`] where it is no picture, a damaged one, or larger than the limits allow.
pub fn decode(bytes: &[u8], policy: &Policy) -> Result<Decoded, Reason> {
    // Decoders are other people's code at its most tried; one that panics over one file must not end a run over thousands.
    catch_unwind(AssertUnwindSafe(|| {
        let kind = kind(bytes).ok_or(Reason::UnknownKind)?;
        match format(kind) {
            Some(format) => decode_pixels(bytes, kind, format, policy),
            None => svg::decode(bytes, policy),
        }
    }))
    .unwrap_or_else(|_| Err(Reason::Damaged(GAVE_UP.to_owned())))
}

/// What a file is, by its first bytes.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(Kind::Png),
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Jpeg),
        [b'G', b'I', b'F', b'8', ..] => Some(Kind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::WebP),
        _ => svg::is_svg(bytes).then_some(Kind::Svg),
    }
}

fn format(kind: Kind) -> Option<ImageFormat> {
    match kind {
        Kind::Png => Some(ImageFormat::Png),
        Kind::Jpeg => Some(ImageFormat::Jpeg),
        Kind::WebP => Some(ImageFormat::WebP),
        Kind::Gif => Some(ImageFormat::Gif),
        Kind::Svg => None,
    }
}

fn decode_pixels(bytes: &[u8], kind: Kind, format: ImageFormat, policy: &Policy) -> Result<Decoded, Reason> {
    if kind == Kind::Jpeg && !jpeg::is_whole(bytes) {
        return Err(Reason::Damaged("it ends too early".to_owned()));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BESIDE);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Reason::TooManyPixels { width, height, most: MOST_PIXELS });
    }
    limits.max_alloc = Some(MOST_DECODED);
    limits.reserve(decoder.total_bytes()).map_err(damaged)?;
    decoder.set_limits(limits).map_err(damaged)?;
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = (decoder.total_bytes() > LARGE).then(|| ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner));
    // EXIF data or a profile that cannot be read says nothing about the pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().and_then(|profile| Profile::parse(&profile));
    let printed = profile.as_ref().filter(|profile| kind == Kind::Jpeg && profile.is_of_inks());
    let mut picture = match printed.and_then(|profile| jpeg::printed(bytes, profile)) {
        Some(printed) => printed,
        None => DynamicImage::from_decoder(decoder).map_err(damaged)?,
    };
    let contents = Contents::of(&picture);
    if let Some(profile) = &profile {
        picture = profile.to_srgb(picture);
    }
    picture.apply_orientation(orientation);
    let picture = on_background(picture, policy.background);
    let (width, height) = picture.dimensions();
    let pixels = square(&picture, policy).into_raw();
    blank::refuse(&pixels, contents, bytes, kind, policy)?;
    Ok(Decoded { kind, width, height, pixels })
}

/// Blends what is transparent into the background, before scaling: otherwise whatever colour hides under it would bleed into edges.
fn on_background(picture: DynamicImage, background: Colour) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let blend = |over: u8, under: u8| {
            let (over, under, alpha) = (u32::from(over), u32::from(under), u32::from(alpha));
            ((over * alpha + under * (255 - alpha) + 127) / 255) as u8
        };
        let [under_red, under_green, under_blue] = background.0;
        Rgb([blend(red, under_red), blend(green, under_green), blend(blue, under_blue)])
    })
}

/// Makes a picture square by the policy, and scales it. Cubic, and over all pixels that fall into one when it gets smaller.
fn square(picture: &RgbImage, policy: &Policy) -> RgbImage {
    let (size, (width, height)) = (policy.size as u32, picture.dimensions());
    match policy.fit {
        Fit::Stretch => imageops::resize(picture, size, size, FilterType::CatmullRom),
        Fit::Cover => {
            let side = width.min(height);
            let middle = imageops::crop_imm(picture, (width - side) / 2, (height - side) / 2, side, side);
            imageops::resize(&*middle, size, size, FilterType::CatmullRom)
        }
        Fit::Contain => {
            let longest = f64::from(width.max(height));
            let side = |length: u32| ((f64::from(length) / longest * f64::from(size)).round() as u32).max(1);
            let scaled = imageops::resize(picture, side(width), side(height), FilterType::CatmullRom);
            let mut paper = RgbImage::from_pixel(size, size, Rgb(policy.background.0));
            let (x, y) = ((size - scaled.width()) / 2, (size - scaled.height()) / 2);
            imageops::replace(&mut paper, &scaled, i64::from(x), i64::from(y));
            paper
        }
    }
}

fn damaged(error: image::ImageError) -> Reason {
    Reason::Damaged(error.to_string())
}

#[cfg(test)]
mod tests;
