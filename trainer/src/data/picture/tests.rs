use std::time::{Duration, Instant};

use image::{ExtendedColorType, ImageEncoder, Luma, LumaA, Rgba};

use super::*;
use crate::data::sources::samples;

pub const WHITE: Policy = Policy { size: 16, fit: Fit::Stretch, background: Colour::WHITE };

pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A pixel of the decoded picture.
pub fn pixel(bytes: &[u8], policy: &Policy, x: usize, y: usize) -> [u8; 3] {
    let decoded = decode(bytes, policy).unwrap();
    assert_eq!(decoded.pixels.len(), policy.size * policy.size * 3);
    let at = (y * policy.size + x) * 3;
    decoded.pixels[at..at + 3].try_into().unwrap()
}

pub fn near(found: [u8; 3], wanted: [u8; 3]) -> bool {
    found.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 6)
}

/// The left half of one colour, the right half of another.
pub fn halves(width: u32, height: u32, left: [u8; 3], right: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { left } else { right }))
}

pub fn svg(body: &str) -> Vec<u8> {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20">{body}</svg>"#
    )
    .into_bytes()
}

pub const RED: [u8; 3] = [200, 30, 40];
pub const BLUE: [u8; 3] = [20, 40, 210];

#[test]
fn every_kind_is_told_by_its_first_bytes() {
    let picture = halves(32, 32, RED, BLUE);
    for (format, kind) in [
        (ImageFormat::Png, Kind::Png),
        (ImageFormat::Jpeg, Kind::Jpeg),
        (ImageFormat::WebP, Kind::WebP),
        (ImageFormat::Gif, Kind::Gif),
    ] {
        let bytes = encoded(picture.clone(), format);
        let decoded = decode(&bytes, &WHITE).unwrap();
        assert_eq!((decoded.kind, decoded.width, decoded.height), (kind, 32, 32));
        assert!(near(pixel(&bytes, &WHITE, 2, 8), RED) && near(pixel(&bytes, &WHITE, 13, 8), BLUE), "{kind:?}");
    }
    let drawing =
        svg(r#"<rect width="20" height="20" fill="rgb(200,30,40)"/><rect x="20" width="20" height="20" fill="rgb(20,40,210)"/>"#);
    for start in ["", "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"x\" \"y\">\n<!-- hello -->\n", "\u{feff} \n"] {
        let bytes = [start.as_bytes(), &drawing].concat();
        assert_eq!(decode(&bytes, &WHITE).unwrap().kind, Kind::Svg);
        assert!(near(pixel(&bytes, &WHITE, 2, 8), RED) && near(pixel(&bytes, &WHITE, 13, 8), BLUE));
    }
    for bytes in [b"".as_slice(), b"hello", b"BM....", b"<html><body></body></html>", b"\x1f\x8b\x08 gzip"] {
        assert_eq!(decode(bytes, &WHITE).unwrap_err(), Reason::UnknownKind);
    }
}

#[test]
fn grey_and_deep_and_palette_pictures_keep_their_colours() {
    let grey = image::GrayImage::from_pixel(8, 8, Luma([90]));
    assert_eq!(pixel(&encoded(grey, ImageFormat::Png), &WHITE, 4, 4), [90; 3]);
    let deep = image::ImageBuffer::<Luma<u16>, _>::from_pixel(8, 8, Luma([90 * 257]));
    assert_eq!(pixel(&encoded(deep, ImageFormat::Png), &WHITE, 4, 4), [90; 3]);
    let deep = image::ImageBuffer::<Rgb<u16>, _>::from_pixel(8, 8, Rgb([200 * 257, 30 * 257, 40 * 257]));
    assert_eq!(pixel(&encoded(deep, ImageFormat::Png), &WHITE, 4, 4), RED);
    let deep = image::ImageBuffer::<LumaA<u16>, _>::from_pixel(8, 8, LumaA([0, 128 * 257]));
    assert_eq!(pixel(&encoded(deep, ImageFormat::Png), &WHITE, 4, 4), [127; 3]);
    let deep = image::ImageBuffer::<Rgba<u16>, _>::from_pixel(8, 8, Rgba([0, 0, 0, 128 * 257]));
    assert_eq!(pixel(&encoded(deep, ImageFormat::Png), &WHITE, 4, 4), [127; 3]);
    assert!(near(pixel(&palette_png(RED, &[]), &WHITE, 1, 4), RED));
    // A colour of the palette may be transparent.
    let green = Policy { background: Colour([0, 120, 0]), ..WHITE };
    let transparent = palette_png(RED, &chunk(b"tRNS", &[255, 0]));
    for (policy, paper) in [(WHITE, [255; 3]), (green, [0, 120, 0])] {
        assert!(near(pixel(&transparent, &policy, 1, 8), RED) && near(pixel(&transparent, &policy, 14, 8), paper));
    }
}

/// A PNG with a palette, its left half of this colour and its right half white, chunk by chunk, with one more after the palette.
fn palette_png(colour: [u8; 3], more: &[u8]) -> Vec<u8> {
    let data = encoded(image::GrayImage::from_fn(16, 1, |x, _| Luma([(x / 8) as u8])), ImageFormat::Png);
    let idat = data.windows(4).position(|name| name == b"IDAT").unwrap() - 4;
    let mut header = data[16..29].to_vec();
    header[9] = 3;
    let palette = [colour, [255; 3]].concat();
    [&data[..8], &chunk(b"IHDR", &header), &chunk(b"PLTE", &palette), more, &data[idat..]].concat()
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    [&(data.len() as u32).to_be_bytes(), name.as_slice(), data, &crc.sum().to_be_bytes()].concat()
}

#[test]
fn what_is_transparent_shows_the_background_and_never_what_hides_under_it() {
    let green = Policy { background: Colour([0, 120, 0]), ..WHITE };
    let hidden = image::RgbaImage::from_fn(32, 32, |x, _| if x < 16 { Rgba([255, 0, 255, 0]) } else { Rgba([200, 30, 40, 255]) });
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = encoded(hidden.clone(), format);
        assert!(near(pixel(&bytes, &WHITE, 2, 8), [255; 3]) && near(pixel(&bytes, &green, 2, 8), [0, 120, 0]), "{format:?}");
        assert!(near(pixel(&bytes, &green, 13, 8), RED));
    }
    let half = image::GrayAlphaImage::from_pixel(8, 8, LumaA([0, 128]));
    assert_eq!(pixel(&encoded(half, ImageFormat::Png), &WHITE, 4, 4), [127; 3]);
    let drawing = svg(r#"<rect width="20" height="20" fill="black" fill-opacity="0.5"/>"#);
    assert!(near(pixel(&drawing, &green, 2, 8), [0, 60, 0]) && near(pixel(&drawing, &green, 13, 8), [0, 120, 0]));
}

#[test]
fn inks_are_read_as_colours() {
    // As Adobe's programs write them: inverted, so that 255 is no ink.
    let is_red = |bytes: &[u8]| {
        let [red, green, blue] = pixel(bytes, &WHITE, 8, 8);
        red > 200 && green < 60 && blue < 60
    };
    for colour in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
        let mut bytes = Vec::new();
        // No cyan, full magenta and yellow, no black: red.
        let inks = [0, 255, 255, 0].repeat(16 * 16);
        jpeg_encoder::Encoder::new(&mut bytes, 95).encode(&inks, 16, 16, colour).unwrap();
        assert!(is_red(&bytes), "{colour:?}");
        if colour == jpeg_encoder::ColorType::Cmyk {
            // Nothing says then that they are inverted; they are taken to be, as Pillow 13 does.
            let marker = bytes.windows(9).position(|window| window == b"\xff\xee\0\x0eAdobe").unwrap();
            bytes.drain(marker..marker + 16);
            assert!(is_red(&bytes), "without Adobe's marker");
        }
    }
}

/// A JPEG that says how the camera was held.
fn held(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
    // TIFF, little-endian, one entry.
    let entry = [b"\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0]].concat();
    let exif = [b"II*\0\x08\0\0\0\x01\0".as_slice(), &entry, b"\0\0\0\0"].concat();
    encoder.set_exif_metadata(exif).unwrap();
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    jpeg
}

#[test]
fn a_camera_held_upright_takes_an_upright_picture() {
    let jpeg = held(&halves(32, 16, RED, BLUE), 6);
    let decoded = decode(&jpeg, &WHITE).unwrap();
    assert_eq!((decoded.width, decoded.height), (16, 32));
    assert!(near(pixel(&jpeg, &WHITE, 8, 2), RED) && near(pixel(&jpeg, &WHITE, 8, 13), BLUE));
    // Corners from the upper left, by rows: as they lie in the file, and as each of the eight orientations turns or mirrors them.
    let colours = [RED, BLUE, [30, 160, 40], [230, 220, 60]];
    let corners = RgbImage::from_fn(32, 32, |x, y| Rgb(colours[usize::from(x >= 16) + 2 * usize::from(y >= 16)]));
    let turned = [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1], [0, 2, 1, 3], [2, 0, 3, 1], [3, 1, 2, 0], [1, 3, 0, 2]];
    for (orientation, wanted) in (1..).zip(turned) {
        let jpeg = held(&corners, orientation);
        let found = [(2, 2), (13, 2), (2, 13), (13, 13)].map(|(x, y)| pixel(&jpeg, &WHITE, x, y));
        let right = found.iter().zip(wanted).all(|(found, corner)| near(*found, colours[corner]));
        assert!(right, "orientation {orientation}: {found:?}");
    }
    // What is no orientation turns nothing.
    assert!(near(pixel(&held(&corners, 9), &WHITE, 2, 2), RED));
}

#[test]
fn the_first_picture_of_a_film_counts() {
    let mut bytes = Vec::new();
    let mut film = image::codecs::gif::GifEncoder::new(&mut bytes);
    for colour in [RED, BLUE] {
        let frame = image::RgbaImage::from_pixel(8, 8, Rgba([colour[0], colour[1], colour[2], 255]));
        film.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(film);
    assert!(near(pixel(&bytes, &WHITE, 8, 8), RED));
}

#[test]
fn each_fit_does_what_it_says() {
    let drawing =
        svg(r#"<rect width="20" height="20" fill="rgb(200,30,40)"/><rect x="20" width="20" height="20" fill="rgb(20,40,210)"/>"#);
    for bytes in [encoded(halves(64, 32, RED, BLUE), ImageFormat::Png), drawing] {
        let contain = Policy { fit: Fit::Contain, background: Colour([0, 120, 0]), ..WHITE };
        assert_eq!(pixel(&bytes, &contain, 8, 1), [0, 120, 0]);
        assert_eq!(pixel(&bytes, &contain, 8, 14), [0, 120, 0]);
        assert!(near(pixel(&bytes, &contain, 1, 8), RED) && near(pixel(&bytes, &contain, 14, 8), BLUE));
        // All of the height, and the middle half of the width.
        let cover = Policy { fit: Fit::Cover, ..contain };
        for y in [0, 8, 15] {
            assert!(near(pixel(&bytes, &cover, 1, y), RED) && near(pixel(&bytes, &cover, 14, y), BLUE));
        }
        let stretch = Policy { fit: Fit::Stretch, ..contain };
        assert!(near(pixel(&bytes, &stretch, 1, 0), RED) && near(pixel(&bytes, &stretch, 14, 15), BLUE));
    }
    // As thin as can be, it still is there.
    let line = encoded(RgbImage::from_pixel(3000, 1, Rgb(RED)), ImageFormat::Png);
    let contain = Policy { fit: Fit::Contain, ..WHITE };
    assert!(near(pixel(&line, &contain, 8, 7), RED));
    assert!(near(pixel(&line, &Policy { fit: Fit::Cover, ..WHITE }, 8, 8), RED));
}

/// Milliseconds on an idle machine; a busy one is given time.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Decodes what must be refused, at once and without having made room for it.
pub fn refused(bytes: &[u8]) -> Reason {
    let start = Instant::now();
    let reason = decode(bytes, &WHITE).unwrap_err();
    assert!(start.elapsed() < AT_ONCE, "{reason} after {:?}", start.elapsed());
    reason
}

#[test]
fn bombs_are_refused_by_their_headers() {
    // 20,000 x 20,000 pixels of black in some 50 KB, and a header that only claims to be as large as can be.
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 50_000_000), &mut packed).unwrap();
    let header = |side: u32, depth: u8, colour: u8| {
        chunk(b"IHDR", &[&side.to_be_bytes()[..], &side.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat())
    };
    let png = |header: Vec<u8>, data: &[u8]| {
        [b"\x89PNG\r\n\x1a\n".as_slice(), &header, &chunk(b"IDAT", data), &chunk(b"IEND", b"")].concat()
    };
    let bomb = png(header(20_000, 1, 0), &packed.finish().unwrap());
    assert!(bomb.len() < 60_000);
    let most = MOST_PIXELS;
    assert_eq!(refused(&bomb), Reason::TooManyPixels { width: 20_000, height: 20_000, most });
    assert_eq!(refused(&png(header(65_535, 8, 6), b"")), Reason::TooManyPixels { width: 65_535, height: 65_535, most });

    let mut jpeg = samples::file(1, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xff);
    assert_eq!(refused(&jpeg), Reason::TooManyPixels { width: 65_535, height: 65_535, most });
    let mut gif = samples::file(1, ImageFormat::Gif);
    gif[6..10].fill(0xff);
    assert_eq!(refused(&gif), Reason::TooManyPixels { width: 65_535, height: 65_535, most });
    // As large as the format can say, but for one: fourteen bits each of width and height, less one, after the signature.
    let mut webp = samples::file(1, ImageFormat::WebP);
    assert_eq!(&webp[12..16], b"VP8L");
    let size: u32 = 16_382 | 16_382 << 14;
    webp[21..25].copy_from_slice(&size.to_le_bytes());
    assert_eq!(refused(&webp), Reason::TooManyPixels { width: 16_383, height: 16_383, most });
}

#[test]
fn a_profile_that_inflates_without_end_is_not_waited_for() {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 60_000_000), &mut packed).unwrap();
    let profile = [b"x\0\0".as_slice(), &packed.finish().unwrap()].concat();
    let small = samples::png(1);
    let bytes = [&small[..33], &chunk(b"iCCP", &profile), &chunk(b"zTXt", &profile), &small[33..]].concat();
    let start = Instant::now();
    // Without its profile it is as good a picture as any; refused would be as well.
    let _ = decode(&bytes, &WHITE);
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
}

#[test]
fn cut_files_are_damaged_wherever_they_are_cut() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = samples::file(3, format);
        for length in (12..whole.len() - 12).step_by(whole.len() / 20) {
            assert!(matches!(refused(&whole[..length]), Reason::Damaged(_)), "{format:?} cut to {length} of {}", whole.len());
        }
    }
    let drawing = svg("<g><rect/></g>");
    assert!(matches!(refused(&drawing[..drawing.len() - 9]), Reason::Damaged(_)));
}

#[test]
fn drawings_may_not_take_the_stack_or_the_day() {
    let deep = svg(&("<g>".repeat(5000) + &"</g>".repeat(5000)));
    assert!(matches!(refused(&deep), Reason::TooIntricate(_)));

    // Ten times ten times ten ... of the same rectangle.
    let mut uses = r#"<g id="u0"><rect width="1" height="1"/></g>"#.to_owned();
    for level in 1..12 {
        let one = format!(r##"<use xlink:href="#u{}"/>"##, level - 1);
        uses += &format!(r#"<g id="u{level}">{}</g>"#, one.repeat(10));
    }
    assert!(matches!(refused(&svg(&uses)), Reason::TooIntricate(_)));
    let endless = svg(r##"<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>"##);
    assert!(matches!(refused(&endless), Reason::TooIntricate(_)));
    let mut patterns = r#"<pattern id="p0"><rect width="1" height="1"/></pattern>"#.to_owned();
    for level in 1..12 {
        let one = format!(r#"<rect style="fill:url(#p{0});stroke:url(#p{0})"/>"#, level - 1);
        patterns += &format!(r#"<pattern id="p{level}">{}</pattern>"#, one.repeat(8));
    }
    assert!(matches!(refused(&svg(&patterns)), Reason::TooIntricate(_)));
    // The same by a style sheet, whatever stands before what its rules end in.
    for (class, selector) in [
        ("class=\"a{}\"", ".a{}"),
        ("class='x a{}'", "@media screen {{ g > rect.x, svg .a{}"),
        ("id='a{}'", "#a{}"),
        ("", "/*}*/rect"),
    ] {
        let number = |text: &str, level: usize| text.replace("{}", &level.to_string()).replace("{{", "{");
        let mut patterns = r#"<pattern id="p0"><rect width="1" height="1"/></pattern>"#.to_owned();
        let mut sheet = String::new();
        for level in 1..12 {
            sheet += &format!("{} {{ fill: url(\n#p{1}); stroke: url('#p{1}') }}\n", number(selector, level), level - 1);
            let one = format!("<rect {}/>", number(class, level));
            patterns += &format!(r#"<pattern id="p{level}">{}</pattern>"#, one.repeat(8));
        }
        assert!(matches!(refused(&svg(&format!("<style>{sheet}</style>{patterns}"))), Reason::TooIntricate(_)), "{selector}");
    }
    let rules = format!("<style>{}</style>{}", ".a{fill:red}".repeat(20_000), "<g/>".repeat(20_000));
    assert!(matches!(refused(&svg(&rules)), Reason::TooIntricate(_)));
    let noise =
        svg(r#"<filter id="f"><feTurbulence numOctaves="1000000000"/></filter><rect width="40" height="20" filter="url(#f)"/>"#);
    assert!(matches!(refused(&noise), Reason::TooIntricate(_)));

    // Laughs by the billion.
    let mut entities = r#"<!ENTITY e0 "ha">"#.to_owned();
    for level in 1..12 {
        entities += &format!(r#"<!ENTITY e{level} "{}">"#, format!("&e{};", level - 1).repeat(10));
    }
    let laughs = format!("<!DOCTYPE svg [{entities}]><svg xmlns='http://www.w3.org/2000/svg'><title>&e11;</title></svg>");
    assert!(matches!(refused(laughs.as_bytes()), Reason::Damaged(_)));
    assert!(matches!(refused(&svg(&"<g/>".repeat(200_000))), Reason::Damaged(_) | Reason::TooIntricate(_)));
    assert!(matches!(refused(&svg(&" ".repeat(5 << 20))), Reason::FileTooLarge { .. }));
}

#[test]
fn a_drawing_with_a_style_sheet_is_drawn() {
    let gradient = r##"<linearGradient id="g"><stop stop-color="blue"/></linearGradient>"##;
    let sheet = "<style>/* two */ .a, .b > .c { fill: url(#g) } rect { stroke: none }</style>";
    let drawing = svg(&format!(r#"{sheet}{gradient}<rect class="a" width="40" height="20"/>"#));
    assert_eq!(pixel(&drawing, &WHITE, 8, 8), [0, 0, 255]);
}

#[test]
fn the_deepest_drawing_allowed_is_drawn() {
    let deep = svg(&("<g opacity='0.999'>".repeat(120) + r#"<rect width="40" height="20" fill="blue"/>"# + &"</g>".repeat(120)));
    assert!(pixel(&deep, &WHITE, 8, 8)[2] > 200);
}

#[test]
fn drawings_do_not_read_files() {
    let folder = samples::Folder::new();
    let picture = folder.put("red.png", encoded(RgbImage::from_pixel(8, 8, Rgb(RED)), ImageFormat::Png));
    let text = folder.put("red.svg", svg(r#"<rect width="40" height="20" fill="red"/>"#));
    for path in [picture, text] {
        for name in [path.display().to_string(), format!("file://{}", path.display())] {
            let image = format!(r#"<image href="{name}" width="40" height="20"/>"#);
            assert!(decode(&svg(&image), &WHITE).unwrap_err().to_string().contains("pictures in drawings are not drawn"));
            let beside = svg(&format!(r#"{image}<rect y="15" width="40" height="5" fill="blue"/>"#));
            assert_eq!(pixel(&beside, &WHITE, 8, 4), [255; 3]);
        }
    }
}
