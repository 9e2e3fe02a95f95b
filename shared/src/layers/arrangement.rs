//! Several things on one picture, one over the other.
//!
//! Each is drawn by itself at the size that it has there, to whole pixels, so that all edges are as crisp as those of one thing alone.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use super::svg::{self, UNITS};
use super::{Layers, Rgba};

/// Things, and where each of them is to be seen, from the back to the front. One thing may be in several places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrangement {
    /// What there is.
    pub things: Vec<Layers>,
    /// Where it is, from the back to the front.
    pub places: Vec<Place>,
}

/// Where a thing's square lies on the picture's, as shares of the picture's side. It may reach beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Index of the thing.
    pub thing: usize,
    /// From the left border to its left one.
    pub left: f32,
    /// From the upper border to its upper one.
    pub top: f32,
    /// Width and height.
    pub side: f32,
    /// From 0 to 1: of a shadow less than 1.
    pub opacity: f32,
}

impl Place {
    /// The whole picture.
    pub fn whole(thing: usize) -> Self {
        Self { thing, left: 0.0, top: 0.0, side: 1.0, opacity: 1.0 }
    }
}

impl Arrangement {
    /// Draws the picture, on transparent ground or on paper of one colour, as [`Layers::render`] does. What is in a place that no picture
    /// could be drawn for, such as one of no size, is left out.
    pub fn render(&self, size: usize, background: Option<[u8; 3]>) -> Rgba {
        let ground = background.map_or([0; 4], |[r, g, b]| [r, g, b, 255]);
        let mut picture = Rgba { size, bytes: ground.repeat(size * size) };
        let mut drawn: HashMap<(usize, usize, [usize; 4]), Vec<u8>> = HashMap::new();
        for place in self.drawable() {
            let pixel = |share: f32| (share * size as f32).round() as isize;
            let (left, top) = (pixel(place.left), pixel(place.top));
            let side = pixel(place.side).max(1) as usize;
            // Of a thing that reaches beyond the borders, only what is inside them.
            let [columns, rows] = [left, top].map(|start| inside(start, side, size));
            let key = (place.thing, side, [columns.start, columns.end, rows.start, rows.end]);
            let thing = &self.things[place.thing];
            let part = drawn.entry(key).or_insert_with(|| thing.render_part(side, columns.clone(), rows.clone(), None));
            let (left, top) = (left + columns.start as isize, top + rows.start as isize);
            match place.opacity {
                1.0 => picture.lay(part, columns.len(), left, top),
                opacity => picture.lay(&faint(part, opacity), columns.len(), left, top),
            }
        }
        picture
    }

    /// The picture as a document of its own, as [`Layers::svg`] writes one.
    pub fn svg(&self, title: &str, description: &str, background: Option<[u8; 3]>) -> String {
        let mut document = svg::head(title, description, background);
        for (index, Place { thing, left, top, side, opacity }) in self.drawable().enumerate() {
            let [left, top] = [left, top].map(|share| (f64::from(share) * UNITS).round());
            let _ = write!(document, "<g transform=\"translate({left} {top})scale({side:.4})\"");
            if opacity < 1.0 {
                let _ = write!(document, " opacity=\"{opacity:.2}\"");
            }
            document.push('>');
            self.things[thing].write_shapes(&mut document, &format!("{index}-"));
            document.push_str("</g>");
        }
        document.push_str("</svg>\n");
        document
    }

    fn drawable(&self) -> impl Iterator<Item = Place> {
        let fits = |place: &&Place| {
            place.thing < self.things.len()
                && [place.left, place.top, place.side].iter().all(|share| share.is_finite() && share.abs() <= 16.0)
                && place.side > 0.0
                && (0.0..=1.0).contains(&place.opacity)
        };
        self.places.iter().filter(fits).copied()
    }
}

/// What of `side` pixels that begin at `start` is inside `size` pixels, counted from their own beginning.
fn inside(start: isize, side: usize, size: usize) -> Range<usize> {
    let from = usize::try_from(-start).unwrap_or(0).min(side);
    let to = usize::try_from(size as isize - start).unwrap_or(0).min(side);
    from..to.max(from)
}

impl Rgba {
    /// Lays pixels with straight alpha, in rows of `width`, on this picture, their upper left corner at this pixel; what reaches beyond the
    /// borders is cut off.
    pub fn lay(&mut self, pixels: &[u8], width: usize, left: isize, top: isize) {
        for (y, row) in pixels.chunks_exact(width.max(1) * 4).enumerate() {
            let Some(to_y) = top.checked_add_unsigned(y).and_then(|y| usize::try_from(y).ok()).filter(|y| *y < self.size) else {
                continue;
            };
            for (x, over) in row.chunks_exact(4).enumerate() {
                let Some(to_x) = left.checked_add_unsigned(x).and_then(|x| usize::try_from(x).ok()).filter(|x| *x < self.size)
                else {
                    continue;
                };
                blend(over, &mut self.bytes[(to_y * self.size + to_x) * 4..][..4]);
            }
        }
    }
}

/// Pixels with less alpha.
fn faint(pixels: &[u8], opacity: f32) -> Vec<u8> {
    let mut fainter = pixels.to_vec();
    fainter.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = (f32::from(*alpha) * opacity).round() as u8);
    fainter
}

/// One pixel with straight alpha over another.
fn blend(over: &[u8], under: &mut [u8]) {
    match over[3] {
        0 => {}
        255 => under.copy_from_slice(over),
        alpha => {
            let (alpha, below) = (f32::from(alpha) / 255.0, f32::from(under[3]) / 255.0);
            let through = below * (1.0 - alpha);
            let all = alpha + through;
            for channel in 0..3 {
                let colour = (f32::from(over[channel]) * alpha + f32::from(under[channel]) * through) / all;
                under[channel] = colour.round() as u8;
            }
            under[3] = (all * 255.0).round() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_layers;
    use super::super::{COLOUR, Layers};
    use super::*;

    /// All of one colour.
    fn sheet(rgb: [f32; 3]) -> Layers {
        let mut fields = vec![0.0; 2 * 16];
        fields[16..].fill(50.0);
        let mut colours = vec![0.0; 2 * COLOUR];
        colours[COLOUR..][..3].copy_from_slice(&rgb);
        Layers::new(4, fields, colours).unwrap()
    }

    fn pixel(picture: &Rgba, x: usize, y: usize) -> [u8; 4] {
        picture.bytes[(y * picture.size + x) * 4..][..4].try_into().unwrap()
    }

    #[test]
    fn one_thing_on_the_whole_picture_is_drawn_as_by_itself() {
        let layers = random_layers(4, 16, 3);
        let alone = Arrangement { things: vec![layers.clone()], places: vec![Place::whole(0)] };
        for background in [None, Some([255, 0, 128])] {
            let [found, expected] = [alone.render(64, background), layers.render(64, background)];
            let off = found.bytes.iter().zip(&expected.bytes).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(off <= Some(1), "{off:?}");
        }
    }

    #[test]
    fn what_is_in_front_hides_what_is_behind_and_is_cut_at_the_borders() {
        let things = vec![sheet([1.0, 0.0, 0.0]), sheet([0.0, 0.0, 1.0])];
        let place = |thing, left, top, side| Place { left, top, side, ..Place::whole(thing) };
        let places = vec![place(0, 0.25, 0.25, 0.5), place(1, 0.5, 0.5, 1.0), place(1, -0.9, -0.9, 1.0)];
        let picture = Arrangement { things, places }.render(64, None);
        assert_eq!(pixel(&picture, 20, 20), [255, 0, 0, 255]);
        assert_eq!(pixel(&picture, 40, 40), [0, 0, 255, 255]);
        assert_eq!(pixel(&picture, 63, 63), [0, 0, 255, 255]);
        assert_eq!(pixel(&picture, 3, 3), [0, 0, 255, 255]);
        assert_eq!(pixel(&picture, 60, 3), [0; 4]);
    }

    /// A thing of which a small part is visible is much larger than the picture.
    #[test]
    fn what_is_larger_than_any_picture_is_drawn_as_large_as_it_is() {
        let mut fields = vec![0.0; 2 * 64];
        fields[64 + 8 * 4 + 4] = 50.0;
        let dot = Layers::new(8, fields, vec![0.5; 2 * COLOUR]).unwrap();
        let share = |size: usize, side: f32| {
            let place = Place { left: 0.5 - side * 0.5625, top: 0.5 - side * 0.5625, side, ..Place::whole(0) };
            let picture = Arrangement { things: vec![dot.clone()], places: vec![place] }.render(size, None);
            picture.bytes.chunks_exact(4).filter(|pixel| pixel[3] > 127).count() as f32 / (size * size) as f32
        };
        assert!(
            (share(4096, 5.0) - share(512, 5.0)).abs() < 0.01 && share(512, 5.0) > 0.3,
            "{} {}",
            share(4096, 5.0),
            share(512, 5.0)
        );
    }

    #[test]
    fn half_a_colour_over_another_is_their_mean() {
        let mut under = [255, 255, 255, 255];
        blend(&[0, 0, 0, 128], &mut under);
        assert_eq!(under, [127, 127, 127, 255]);
        let mut nothing = [0; 4];
        blend(&[200, 10, 20, 128], &mut nothing);
        assert_eq!(nothing, [200, 10, 20, 128]);
    }

    #[test]
    fn places_that_are_none_are_left_out() {
        let place = |thing, left, side| Place { left, side, ..Place::whole(thing) };
        let places =
            vec![place(7, 0.0, 1.0), place(0, f32::NAN, 1.0), place(0, 0.0, 0.0), place(0, 0.0, -1.0), place(0, 1e9, 1.0)];
        let arrangement = Arrangement { things: vec![sheet([1.0; 3])], places };
        assert!(arrangement.render(32, None).bytes.iter().all(|value| *value == 0));
        assert!(!arrangement.svg("t", "d", None).contains("<g"));
        assert_eq!(Arrangement::default().render(16, Some([1, 2, 3])).bytes[..4], [1, 2, 3, 255]);
    }

    /// resvg draws what we draw, but for edges.
    #[test]
    fn as_svg_it_is_the_same_picture() {
        let shapes = random_layers(4, 6, 3);
        let colours = (0..4 * COLOUR).map(|at| if at % COLOUR < 3 { (at % 5) as f32 / 4.0 } else { 0.0 }).collect();
        let flat = Layers::new(6, shapes.fields().iter().map(|logit| 4.0 * logit).collect(), colours).unwrap();
        let things = vec![flat, sheet([0.2, 0.6, 0.3])];
        let place = |thing, left, top, side| Place { left, top, side, ..Place::whole(thing) };
        let arrangement = Arrangement { things, places: vec![place(1, 0.0, 0.5, 0.5), place(0, 0.25, 0.25, 0.5)] };
        let ours = arrangement.render(256, Some([255; 3]));
        let document = arrangement.svg("two", "things", Some([255; 3]));
        let tree = resvg::usvg::Tree::from_str(&document, &resvg::usvg::Options::default()).unwrap();
        let mut theirs = resvg::tiny_skia::Pixmap::new(256, 256).unwrap();
        let scale = 256.0 / tree.size().width();
        resvg::render(&tree, resvg::tiny_skia::Transform::from_scale(scale, scale), &mut theirs.as_mut());
        let off: u64 = ours.bytes.iter().zip(theirs.data()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = off as f64 / ours.bytes.len() as f64;
        assert!(mean < 4.0, "{mean} levels");
        // The green sheet lies where it should.
        let green = &theirs.data()[(200 * 256 + 20) * 4..][..3];
        assert!(green[1] > green[0] && green[1] > green[2], "{green:?}");
    }
}
