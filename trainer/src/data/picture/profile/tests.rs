use image::{GrayImage, ImageEncoder, Luma, Rgb};

use super::super::kind;
use super::super::tests::{BLUE, RED, WHITE, halves, near, pixel};
use super::*;

/// How far a colour may be from what littleCMS makes of it. Between the nodes of a profile's table both guess, each its own way: of 600
/// random colours four or five were further off, by 7 at most.
const LEVELS: u8 = 3;

/// Colours of a profile's channels, and what they are in sRGB.
type Colours = Vec<(Vec<u8>, [u8; 3])>;

/// A profile of trainer/reference/profiles.py, with what littleCMS makes of colours under it.
fn known(name: &str) -> (Profile, Colours) {
    let files: [(&str, &[u8]); 7] = [
        ("display-p3", include_bytes!("display-p3.icc")),
        ("adobe", include_bytes!("adobe.icc")),
        ("prophoto", include_bytes!("prophoto.icc")),
        ("exchanged", include_bytes!("exchanged.icc")),
        ("screen", include_bytes!("screen.icc")),
        ("grey", include_bytes!("grey.icc")),
        ("press", include_bytes!("press.icc")),
    ];
    let (_, bytes) = files.into_iter().find(|(known, _)| *known == name).unwrap();
    let numbers = |text: &str| text.split(',').map(|number| number.parse().unwrap()).collect::<Vec<u8>>();
    let colours = include_str!("colours.tsv").lines().filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        (fields[0] == name).then(|| (numbers(fields[1]), numbers(fields[2]).try_into().unwrap()))
    });
    (Profile::parse(bytes).unwrap(), colours.collect())
}

#[test]
fn colours_are_those_of_littlecms() {
    for name in ["display-p3", "adobe", "prophoto", "exchanged", "screen", "grey", "press"] {
        let (profile, colours) = known(name);
        assert!(colours.len() > 15, "{name}");
        for (colour, wanted) in colours {
            let picture = match colour[..] {
                [grey] => profile.to_srgb(GrayImage::from_pixel(3, 2, Luma([grey])).into()),
                [red, green, blue] => profile.to_srgb(RgbImage::from_pixel(3, 2, Rgb([red, green, blue])).into()),
                _ => profile.print(&colour.repeat(6), 3, 2).unwrap(),
            };
            for Rgb(found) in picture.into_rgb8().pixels() {
                let far = found.iter().zip(wanted).any(|(found, wanted)| found.abs_diff(wanted) > LEVELS);
                assert!(!far, "{name}: {colour:?} is {found:?} and should be {wanted:?}");
            }
        }
    }
}

/// Rows are converted some pixels at a time; none may be left out or taken twice, and transparency is no colour.
#[test]
fn every_pixel_is_converted_once() {
    let (profile, _) = known("exchanged");
    let side = 91;
    assert!(side * side > 2 * AT_A_TIME as u32 && (side * side) % AT_A_TIME as u32 != 0);
    let picture = image::RgbaImage::from_fn(side, side, |x, y| image::Rgba([(2 * x) as u8, 100, (2 * y) as u8, (x + y) as u8]));
    for (before, after) in picture.pixels().zip(profile.to_srgb(picture.clone().into()).into_rgba8().pixels()) {
        let [red, green, blue, alpha] = before.0;
        let wanted = [blue, green, red, alpha];
        assert!(after.0.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 1), "{before:?} {after:?}");
        assert_eq!(after.0[3], alpha);
    }
}

#[test]
fn a_profile_of_other_channels_says_nothing() {
    let red = DynamicImage::from(RgbImage::from_pixel(2, 2, Rgb([200, 30, 40])));
    for name in ["grey", "press"] {
        assert_eq!(known(name).0.to_srgb(red.clone()), red, "{name}");
    }
    // Grey in a profile of colours is a colour of it, as browsers have it.
    let grey = known("prophoto").0.to_srgb(GrayImage::from_pixel(2, 2, Luma([90])).into()).into_rgb8();
    let same = known("prophoto").0.to_srgb(RgbImage::from_pixel(2, 2, Rgb([90; 3])).into()).into_rgb8();
    assert_eq!(grey, same);
}

#[test]
fn colours_are_those_that_the_profile_names() {
    // Red and blue exchanged: a picture whose profile is not applied is the other way round.
    let profile = include_bytes!("exchanged.icc").to_vec();
    let picture = DynamicImage::from(halves(32, 32, RED, BLUE));
    let (deep, clear) = (DynamicImage::from(picture.to_rgb16()), DynamicImage::from(picture.to_rgba8()));
    let swapped = [RED, BLUE].map(|[red, green, blue]| [blue, green, red]);
    for picture in [picture, clear, deep] {
        let (mut png, mut jpeg, mut webp) = (vec![], vec![], vec![]);
        let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
        encoder.set_icc_profile(profile.clone()).unwrap();
        picture.write_with_encoder(encoder).unwrap();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
        encoder.set_icc_profile(profile.clone()).unwrap();
        picture.to_rgb8().write_with_encoder(encoder).unwrap();
        let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut webp);
        encoder.set_icc_profile(profile.clone()).unwrap();
        picture.to_rgba8().write_with_encoder(encoder).unwrap();
        for bytes in [png, jpeg, webp] {
            let found = [pixel(&bytes, &WHITE, 2, 8), pixel(&bytes, &WHITE, 13, 8)];
            assert!(near(found[0], swapped[0]) && near(found[1], swapped[1]), "{:?}: {found:?}", kind(&bytes));
        }
    }
}

#[test]
fn a_print_is_seen_as_its_profile_says() {
    let table = include_str!("colours.tsv").lines().filter_map(|line| line.strip_prefix("press\t"));
    for line in table.step_by(7) {
        let numbers: Vec<u8> = line.split([',', '\t']).map(|number| number.parse().unwrap()).collect();
        let (inks, wanted) = numbers.split_at(4);
        for colour in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
            let mut bytes = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 100);
            encoder.add_icc_profile(include_bytes!("press.icc")).unwrap();
            encoder.encode(&inks.repeat(16 * 16), 16, 16, colour).unwrap();
            let found = pixel(&bytes, &WHITE, 8, 8);
            assert!(near(found, wanted.try_into().unwrap()), "{colour:?} {inks:?}: {found:?}, not {wanted:?}");
        }
    }
}

#[test]
fn damaged_profiles_are_none_or_some_and_never_a_panic() {
    use rand::{Rng, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for bytes in [include_bytes!("screen.icc").as_slice(), include_bytes!("adobe.icc"), include_bytes!("press.icc"), b"", b"ICC"]
    {
        for _ in 0..200 {
            let mut bytes = bytes.to_vec();
            bytes.truncate(random.random_range(0..=bytes.len()));
            for _ in 0..random.random_range(0..4) {
                let place = random.random_range(0..bytes.len().max(1));
                bytes.get_mut(place).into_iter().for_each(|byte| *byte = random.random());
            }
            if let Some(profile) = Profile::parse(&bytes) {
                profile.to_srgb(RgbImage::from_pixel(2, 2, Rgb([200, 30, 40])).into());
                profile.print(&[7; 16], 2, 2);
            }
        }
    }
}
