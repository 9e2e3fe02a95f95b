use image::codecs::gif::GifEncoder;
use image::{Frame, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use rand::{Rng, SeedableRng};

use super::super::tests::{RED, WHITE, encoded, halves, pixel, svg};
use super::super::{Policy, decode};
use crate::data::config::{Colour, Fit};
use crate::data::sources::Reason;

/// Why a picture is refused that would be of one colour.
fn lost(bytes: &[u8], policy: &Policy) -> String {
    match decode(bytes, policy) {
        Err(Reason::Blank(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A disc of one colour and alpha on another.
fn disc(inside: [u8; 4], outside: [u8; 4]) -> RgbaImage {
    RgbaImage::from_fn(32, 32, |x, y| Rgba(if x.abs_diff(16).pow(2) + y.abs_diff(16).pow(2) < 100 { inside } else { outside }))
}

#[test]
fn white_on_transparent_paper_is_no_white_square() {
    let black = Policy { background: Colour([0; 3]), ..WHITE };
    for (colour, hides, shows) in [(255, WHITE, black), (0, black, WHITE)] {
        let icon = disc([colour, colour, colour, 255], [7, 7, 7, 0]);
        let soft = disc([colour, colour, colour, 128], [colour, colour, colour, 0]);
        let faint = disc([colour, colour, colour, 255], [colour, colour, colour, 100]);
        for picture in [icon, soft, faint] {
            for format in [ImageFormat::Png, ImageFormat::WebP] {
                let bytes = encoded(picture.clone(), format);
                assert!(lost(&bytes, &hides).contains("--background"));
                decode(&bytes, &shows).unwrap();
            }
        }
        let drawing = svg(&format!(r#"<circle cx="20" cy="10" r="8" fill="rgb({colour},{colour},{colour})"/>"#));
        assert!(lost(&drawing, &hides).contains("--background"));
        decode(&drawing, &shows).unwrap();
    }
    for hidden in [disc([255, 0, 0, 0], [0, 0, 255, 0]), disc([0; 4], [0; 4])] {
        assert!(lost(&encoded(hidden, ImageFormat::Png), &WHITE).contains("transparent all over"));
    }
}

#[test]
fn one_colour_is_a_colour_and_not_a_fault() {
    for colour in [[255; 3], [0; 3], RED] {
        let plain = RgbImage::from_pixel(20, 30, Rgb(colour));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            decode(&encoded(plain.clone(), format), &WHITE).unwrap();
        }
        let [red, green, blue] = colour;
        decode(&svg(&format!(r#"<rect width="40" height="20" fill="rgb({red},{green},{blue})"/>"#)), &WHITE).unwrap();
    }
    // A blank sheet, with the noise of a scanner of 8 and of 16 bits.
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let sheet = GrayImage::from_fn(64, 64, |_, _| Luma([random.random_range(246..250)]));
    decode(&encoded(sheet, ImageFormat::Png), &WHITE).unwrap();
    let deep = ImageBuffer::<Luma<u16>, _>::from_fn(64, 64, |_, _| Luma([random.random_range(60_000..60_400)]));
    decode(&encoded(deep, ImageFormat::Png), &WHITE).unwrap();
}

#[test]
fn what_is_lost_in_scaling_or_bits_is_told() {
    let dot = RgbImage::from_fn(900, 900, |x, y| if (x, y) == (450, 450) { Rgb([0; 3]) } else { Rgb([255; 3]) });
    assert!(lost(&encoded(dot, ImageFormat::Png), &WHITE).contains("lost at 16 x 16 pixels"));
    // A mark at the end of a banner, of which the middle is taken.
    let banner = encoded(halves(400, 20, [255; 3], [255; 3]), ImageFormat::Png);
    decode(&banner, &WHITE).unwrap();
    let marked = RgbImage::from_fn(400, 20, |x, _| Rgb(if x < 20 { RED } else { [255; 3] }));
    let marked = encoded(marked, ImageFormat::Png);
    assert!(lost(&marked, &Policy { fit: Fit::Cover, ..WHITE }).contains("--fit"));
    decode(&marked, &WHITE).unwrap();
    // Measurements of 12 bits in a file of 16: black to the eye.
    let depth = ImageBuffer::<Luma<u16>, _>::from_fn(32, 32, |x, _| Luma([x as u16 * 10]));
    assert!(lost(&encoded(depth, ImageFormat::Png), &WHITE).contains("16 bits"));
}

#[test]
fn a_drawing_that_is_not_drawn_is_no_white_square() {
    let data = "iVBORw0KGgo=";
    for (body, word) in [
        (format!(r#"<image width="40" height="20" href="data:image/png;base64,{data}"/>"#), "pictures"),
        (
            format!(
                r##"<defs><image id="a" width="40" height="20" xlink:href="data:image/png;base64,{data}"/></defs><use href="#a"/>"##
            ),
            "pictures",
        ),
        (format!(r#"<rect width="40" height="20" fill="white"/><image href="data:image/png;base64,{data}"/>"#), "pictures"),
        (r#"<text x="5" y="15">hello</text>"#.to_owned(), "texts"),
        (r#"<foreignObject width="40" height="20"><p>hello</p></foreignObject>"#.to_owned(), "pages"),
        (r#"<rect x="100" width="40" height="20" fill="red"/>"#.to_owned(), "transparent all over"),
        (r#"<rect width="40" height="20" fill="none"/>"#.to_owned(), "transparent all over"),
        (r#"<circle cx="20" cy="10" r="0.001" fill="red"/>"#.to_owned(), "transparent all over"),
        (String::new(), "transparent all over"),
    ] {
        assert!(lost(&svg(&body), &WHITE).contains(word), "{body}: {}", lost(&svg(&body), &WHITE));
    }
    // What is drawn beside them is a picture.
    let beside = svg(r#"<text x="5" y="15">hello</text><circle cx="20" cy="10" r="8" fill="red"/>"#);
    assert_eq!(pixel(&beside, &WHITE, 8, 8), [255, 0, 0]);
}

/// A GIF of these pictures, each one colour in its left half and another in its right, whose screen is then said to be of another size,
/// and the first picture to lie elsewhere.
fn film(pictures: &[[[u8; 3]; 2]], screen: Option<(u16, u16)>, place: Option<(u16, u16)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for [left, right] in pictures {
        encoder.encode_frame(Frame::new(image::DynamicImage::from(halves(16, 16, *left, *right)).into_rgba8())).unwrap();
    }
    drop(encoder);
    let mut set = |at: usize, (across, down): (u16, u16)| {
        bytes[at..at + 2].copy_from_slice(&across.to_le_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&down.to_le_bytes());
    };
    screen.into_iter().for_each(|size| set(6, size));
    if let Some(place) = place {
        let frame = bytes.windows(9).position(|block| block == [0x2c, 0, 0, 0, 0, 16, 0, 16, 0]).unwrap();
        bytes[frame + 1..frame + 3].copy_from_slice(&place.0.to_le_bytes());
        bytes[frame + 3..frame + 5].copy_from_slice(&place.1.to_le_bytes());
    }
    bytes
}

#[test]
fn a_film_is_no_square_for_want_of_a_screen() {
    const BLUE: [u8; 3] = [20, 40, 210];
    let one = [[RED, BLUE]];
    decode(&film(&one, None, None), &WHITE).unwrap();
    for (screen, place) in [
        (Some((1, 1)), None),
        (Some((8, 8)), None),
        (None, Some((16, 0))),
        (None, Some((0, 300))),
        (Some((40, 40)), Some((60, 60))),
        (Some((40, 40)), Some((39, 0))),
    ] {
        let why = match decode(&film(&one, screen, place), &WHITE) {
            Err(Reason::Blank(why)) => why,
            // A corner of it is seen.
            Ok(_) => continue,
            other => panic!("{other:?}"),
        };
        assert!(why.contains("beyond its screen"), "{screen:?} {place:?}: {why}");
    }
    assert!(lost(&film(&one, Some((1, 1)), None), &WHITE).contains("screen of 1 x 1 pixels"));
    assert!(lost(&film(&one, Some((40, 40)), Some((60, 60))), &WHITE).contains("screen of 40 x 40"));
    for screen in [(0, 0), (0, 16), (16, 0)] {
        decode(&film(&one, Some(screen), None), &WHITE).unwrap_err();
    }
    // So little of a large screen that nothing is left of it.
    assert!(lost(&film(&one, Some((6000, 6000)), None), &WHITE).contains("background"));
    // A film that fades in.
    assert!(lost(&film(&[[[0; 3]; 2], [RED, BLUE]], None, None), &WHITE).contains("only the first picture counts"));
    decode(&film(&[[[0; 3]; 2]], None, None), &WHITE).unwrap();
}
