//! SVG: drawn on the background at twice the size, then averaged.
//!
//! A drawing is a program of sorts. It may not read files (links to pictures are not followed, embedded ones not drawn),
//! and how much it may ask for is measured before it is drawn: its bytes, its elements with every `use` followed, and how
//! deep they lie in one another. Text is not drawn, as it would depend on the machine's fonts.

use std::collections::HashMap;

use image::RgbImage;
use image::imageops::{self, FilterType};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, NodeId, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::{Decoded, Kind, Policy};
use crate::data::config::Fit;
use crate::data::sources::Reason;

/// Bytes of a drawing, at most.
const MOST_BYTES: usize = 4 << 20;

/// Elements, attributes' names and texts of a drawing, at most.
const MOST_NODES: u32 = 100_000;

/// Elements to be drawn, at most, where an element that is used ten times counts ten times.
const MOST_DRAWN: u64 = 100_000;

/// Elements inside elements, at most. The renderer recurses.
const MOST_DEPTH: usize = 128;

/// Octaves of a turbulence filter, at most: beyond ten, a finer one is not seen.
const MOST_OCTAVES: f64 = 10.0;

/// Rendered pixels per picture pixel and side. The renderer's own edges are good; twice as fine keeps hair-lines whole.
const SUPERSAMPLE: u32 = 2;

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
    let pixels = draw(&tree, policy).ok_or_else(|| Reason::Damaged("its size cannot be drawn".to_owned()))?;
    Ok(Decoded { kind: Kind::Svg, width: width.ceil() as u32, height: height.ceil() as u32, pixels })
}

fn draw(tree: &Tree, policy: &Policy) -> Option<Vec<u8>> {
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
    let [red, green, blue] = policy.background.0;
    let mut pixmap = Pixmap::new(fine, fine)?;
    pixmap.fill(Color::from_rgba8(red, green, blue, 255));
    resvg::render(tree, place, &mut pixmap.as_mut());
    // All of it is opaque, so what is premultiplied is what it was.
    let rgb = pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let fine = RgbImage::from_raw(fine, fine, rgb)?;
    Some(imageops::resize(&fine, policy.size as u32, policy.size as u32, FilterType::Triangle).into_raw())
}

/// Refuses a drawing that would take the renderer's stack or hours.
fn refuse_intricate(document: &Document) -> Result<(), Reason> {
    let too_intricate = |what: String| Err(Reason::TooIntricate(what));
    for node in document.descendants() {
        if node.ancestors().nth(MOST_DEPTH).is_some() {
            return too_intricate(format!("elements lie deeper than {MOST_DEPTH} in one another"));
        }
        let octaves = node.attribute("numOctaves").and_then(|octaves| octaves.trim().parse().ok()).unwrap_or(0.0);
        if octaves > MOST_OCTAVES {
            return too_intricate(format!("a turbulence of {octaves} octaves"));
        }
    }
    let drawn = Uses::of(document).drawn(document.root(), 0)?;
    if drawn > MOST_DRAWN { too_intricate(format!("{drawn} elements to draw; the most is {MOST_DRAWN}")) } else { Ok(()) }
}

/// How much each element comes to, with what it refers to.
struct Uses<'a> {
    by_id: HashMap<&'a str, Node<'a, 'a>>,
    known: HashMap<NodeId, u64>,
}

impl<'a> Uses<'a> {
    fn of(document: &'a Document) -> Self {
        let with_id = |node: Node<'a, 'a>| Some((node.attribute("id")?, node));
        Self { by_id: document.descendants().filter_map(with_id).collect(), known: HashMap::new() }
    }

    /// Elements to be drawn for this one. An element that refers to itself is followed to the greatest depth and refused.
    fn drawn(&mut self, node: Node<'a, 'a>, depth: usize) -> Result<u64, Reason> {
        if let Some(drawn) = self.known.get(&node.id()) {
            return Ok(*drawn);
        }
        if depth > 2 * MOST_DEPTH {
            return Err(Reason::TooIntricate("elements use one another without end".to_owned()));
        }
        let mut drawn = 1_u64;
        for child in node.children().filter(Node::is_element) {
            drawn = drawn.saturating_add(self.drawn(child, depth + 1)?);
        }
        for used in node.attributes().flat_map(|attribute| referred(attribute.name(), attribute.value())) {
            if let Some(target) = self.by_id.get(used).copied() {
                drawn = drawn.saturating_add(self.drawn(target, depth + 1)?);
            }
        }
        self.known.insert(node.id(), drawn);
        Ok(drawn)
    }
}

/// The elements that an attribute refers to: `href="#id"`, `fill="url(#id)"`.
fn referred<'a>(name: &str, value: &'a str) -> impl Iterator<Item = &'a str> {
    let link = (name == "href").then(|| value.trim().strip_prefix('#')).flatten();
    let urls = value.split("url(").skip(1).filter_map(|after| {
        let id = after.trim_start_matches(['\'', '"', ' ']).strip_prefix('#')?;
        id.split([')', '\'', '"', ' ']).next()
    });
    link.into_iter().chain(urls)
}
