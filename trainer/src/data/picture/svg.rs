//! SVG: drawn on the background at twice the size, then averaged.
//!
//! A drawing is a program of sorts. It may not read files (links to pictures are not followed, embedded ones not drawn),
//! and how much it may ask for is measured before it is drawn: its bytes, its elements with every `use` followed, and how
//! deep they lie in one another. Text is not drawn, as it would depend on the machine's fonts.

mod intricacy;

use image::RgbImage;
use image::imageops::{self, FilterType};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::blank::{self, Contents};
use super::kind::{Decoded, Kind, Policy};
use crate::data::config::Fit;
use crate::data::sources::Reason;
use intricacy::refuse_intricate;

/// Bytes of a drawing, at most.
const MOST_BYTES: usize = 4 << 20;

/// Elements, attributes' names and texts of a drawing, at most.
const MOST_NODES: u32 = 100_000;

/// Rendered pixels per picture pixel and side. The renderer's own edges are good; twice as fine keeps hair-lines whole.
const SUPERSAMPLE: u32 = 2;

/// Elements that are passed over: text as it would depend on the machine's fonts, pictures as they would have to be decoded in a drawing's
/// own time, and pages.
const NOT_DRAWN: [(&str, &str); 4] =
    [("image", "pictures"), ("feImage", "pictures"), ("text", "texts"), ("foreignObject", "pages")];

/// Bytes in which the first tag must come.
const PROLOGUE: usize = 4096;

/// Whether a file looks like SVG: text with a tag of that name near its beginning.
pub fn is_svg(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(PROLOGUE)];
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf));
    first == Some(&b'<') && start.windows(4).any(|window| window == b"<svg")
}

/// Draws a file.
pub fn decode(bytes: &[u8], policy: &Policy) -> Result<Decoded, Reason> {
    if bytes.len() > MOST_BYTES {
        return Err(Reason::FileTooLarge { bytes: bytes.len() as u64, most: MOST_BYTES as u64 });
    }
    let damaged = |error: &dyn std::fmt::Display| Reason::Damaged(error.to_string());
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::Damaged("it is not UTF-8".to_owned()))?;
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| damaged(&error))?;
    refuse_intricate(&document)?;
    let nothing = ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) };
    let options = Options { image_href_resolver: nothing, ..Options::default() };
    let tree = Tree::from_xmltree(&document, &options).map_err(|error| damaged(&error))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let too_large = || Reason::Damaged("its size cannot be drawn".to_owned());
    let [red, green, blue] = policy.background.0;
    let fine = draw(&tree, policy, Color::from_rgba8(red, green, blue, 255)).ok_or_else(too_large)?;
    let pixels = scaled(&fine, policy).ok_or_else(too_large)?;
    if blank::is_of_one_colour(&pixels) {
        // Not on paper, what is as white as that is seen.
        let alone = draw(&tree, policy, Color::TRANSPARENT).ok_or_else(too_large)?;
        refuse_blank(Contents::of_rgba(alone.data()), &document, policy)?;
    }
    Ok(Decoded { kind: Kind::Svg, width: width.ceil() as u32, height: height.ceil() as u32, pixels })
}

/// Refuses a drawing of one colour that has parts which are not drawn, or are lost.
fn refuse_blank(contents: Contents, document: &Document, policy: &Policy) -> Result<(), Reason> {
    let name = |tag: &str| document.descendants().any(|node| node.tag_name().name() == tag);
    match NOT_DRAWN.iter().find(|(tag, _)| name(tag)) {
        Some((_, what)) => Err(Reason::Blank(format!("{what} in drawings are not drawn; render it to a PNG"))),
        None => blank::refuse_contents(contents, None, policy),
    }
}

fn draw(tree: &Tree, policy: &Policy, background: Color) -> Option<Pixmap> {
    let fine = policy.size as u32 * SUPERSAMPLE;
    let (width, height) = (tree.size().width(), tree.size().height());
    let (across, down) = (fine as f32 / width, fine as f32 / height);
    let (across, down) = match policy.fit {
        Fit::Contain => (across.min(down), across.min(down)),
        Fit::Cover => (across.max(down), across.max(down)),
        Fit::Stretch => (across, down),
    };
    let middle = |length: f32, scale: f32| (fine as f32 - length * scale) / 2.0;
    let place = Transform::from_scale(across, down).post_translate(middle(width, across), middle(height, down));
    let mut pixmap = Pixmap::new(fine, fine)?;
    pixmap.fill(background);
    resvg::render(tree, place, &mut pixmap.as_mut());
    Some(pixmap)
}

/// What was drawn on a background, at the size of the picture.
fn scaled(fine: &Pixmap, policy: &Policy) -> Option<Vec<u8>> {
    // All of it is opaque, so what is premultiplied is what it was.
    let rgb = fine.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let fine = RgbImage::from_raw(fine.width(), fine.height(), rgb)?;
    Some(imageops::resize(&fine, policy.size as u32, policy.size as u32, FilterType::Triangle).into_raw())
}
