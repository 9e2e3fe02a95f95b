//! A whole picture in a finish: each thing by itself, then what is behind all of them, and the pixels at the end.

use std::fmt::Write;

use super::bent::bent;
use super::colours::paper;
use super::distance::{distances, pieces};
use super::lines::{Setting, finished, slope};
use super::parameter::{Finish, Parameter};
use crate::layers::{Arrangement, Layers, Place, Rgba, UNITS, head, loops, to_oklch};

/// Width of the widest rim, as a share of the picture's side.
const RIM: f32 = 0.06;
/// How far the furthest shadow falls, to the right and downwards.
const SHADOW: f32 = 0.045;
/// Side of the map in which a rim is worked out.
const MAP: usize = 128;
/// Pictures up to this size have lines worked out in maps of half the side.
const SMALL: usize = 160;
/// Grains along a picture's side.
const GRAINS: usize = 384;

/// A picture in its finish, ready to be drawn at any size.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    arrangement: Arrangement,
    /// Red, green and blue, and how much of it there is.
    paper: ([u8; 3], f32),
    /// Square pixels along a side.
    pixels: Option<usize>,
    grain: f32,
}

impl Finish {
    /// Puts the finish on an arrangement that is to be drawn at this size. `background` is what was asked for: paper of a colour (red,
    /// green, blue), none (`Some(None)`), or the finish's own (`None`).
    pub fn apply(&self, arrangement: &Arrangement, size: usize, background: Option<Option<[u8; 3]>>) -> Finished {
        let paper = match background {
            Some(Some(rgb)) => (rgb, 1.0),
            Some(None) => ([255; 3], 0.0),
            None => paper(self),
        };
        let mut finished = Finished {
            arrangement: self.on_things(arrangement, size, paper),
            paper,
            pixels: self.pixels(),
            grain: self.get(Parameter::Grain),
        };
        if !self.is_neutral() {
            finished.arrangement = self.on_ground(finished.arrangement);
        }
        finished
    }

    fn on_things(&self, arrangement: &Arrangement, size: usize, (paper, share): ([u8; 3], f32)) -> Arrangement {
        if self.is_neutral() {
            return arrangement.clone();
        }
        let ground = paper.map(|value| 1.0 - share + share * f32::from(value) / 255.0);
        // What stands before another thing hides it.
        let clear = arrangement.places.len() == 1;
        let thing = |(index, layers): (usize, &Layers)| {
            let sides = arrangement.places.iter().filter(|place| place.thing == index).map(|place| place.side);
            let scale = sides.fold(0.0, f32::max).clamp(0.3, 1.0);
            let detail = if size as f32 * scale <= SMALL as f32 { MAP } else { 2 * MAP };
            let thinnest = self.pixels().map_or(0.0, |pixels| 1.2 / pixels as f32);
            finished(&bent(layers, self), self, Setting { detail, scale, thinnest, ground, clear })
        };
        Arrangement { things: arrangement.things.iter().enumerate().map(thing).collect(), places: arrangement.places.clone() }
    }

    /// A rim or a shadow behind everything, which is made smaller where there is no room for it.
    fn on_ground(&self, mut arrangement: Arrangement) -> Arrangement {
        let rim = self.get(Parameter::Rim);
        let room = RIM * rim.max(0.0) + SHADOW * (-rim).max(0.0) + if rim == 0.0 { 0.0 } else { 0.012 };
        let lines = 0.02 * self.get(Parameter::Outline);
        let Some(visible) = arrangement.render(64, None).visible_box() else { return arrangement };
        let half = visible.iter().map(|edge| (edge - 0.5).abs()).fold(0.01, f32::max);
        let smaller = ((0.5 - room - lines) / half).min(1.0);
        for place in &mut arrangement.places {
            let moved = |at: f32| 0.5 + (at - 0.5) * smaller;
            (place.left, place.top, place.side) = (moved(place.left), moved(place.top), place.side * smaller);
        }
        if rim == 0.0 {
            return arrangement;
        }
        let (rim_width, dark) = (RIM * rim.max(0.0), [0.1, 0.1, 0.14]);
        let silhouette = silhouette(&arrangement, rim_width * MAP as f32);
        let mut behind = vec![];
        let mut lay = |layers: Layers, shift: [f32; 2], opacity: f32| {
            behind.push(Place { left: shift[0], top: shift[1], opacity, ..Place::whole(arrangement.things.len()) });
            arrangement.things.push(layers);
        };
        if rim > 0.0 {
            lay(silhouette.in_colour(dark), [0.004, 0.01], 0.22 * (rim / 0.2).min(1.0));
            lay(silhouette.in_colour([1.0; 3]), [0.0; 2], 1.0);
        } else {
            lay(silhouette.in_colour(dark), [-rim * SHADOW; 2], 0.32);
        }
        arrangement.places.splice(0..0, behind);
        arrangement
    }

    fn pixels(&self) -> Option<usize> {
        let pixels = self.get(Parameter::Pixels);
        (pixels > 0.0).then(|| (64.0 - 48.0 * pixels).round() as usize)
    }
}

/// What is visible of an arrangement, and as many cells around it, as one layer.
struct Silhouette(Vec<f32>);

fn silhouette(arrangement: &Arrangement, around: f32) -> Silhouette {
    let drawn = arrangement.render(MAP, None);
    let alpha: Vec<f32> = drawn.bytes.chunks_exact(4).map(|pixel| f32::from(pixel[3]) / 255.0 - 0.5).collect();
    let lines = loops(&alpha, MAP);
    let borders: Vec<_> = lines.iter().flat_map(|line| pieces(line)).collect();
    let far = distances(&borders, MAP, around + 3.0);
    let inside = far.iter().zip(&alpha).map(|(far, alpha)| if *alpha > 0.0 { *far } else { -far });
    Silhouette(inside.map(|inside| slope(MAP) * (inside + around)).collect())
}

impl Silhouette {
    fn in_colour(&self, rgb: [f32; 3]) -> Layers {
        let paper = Layers::empty(MAP);
        paper.with_layer(self.0.clone(), [rgb[0], rgb[1], rgb[2], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    }
}

impl Finished {
    /// Draws it. `size` is at best that for which it was finished.
    pub fn render(&self, size: usize) -> Rgba {
        let (rgb, share) = self.paper;
        // Paper that is there wholly is drawn on; else what is drawn is laid on it.
        let solid = (share >= 1.0).then_some(rgb);
        let mut picture = match self.pixels {
            Some(pixels) => in_pixels(&self.squares(pixels, solid), size),
            None => self.arrangement.render(size, solid),
        };
        if share > 0.0 && share < 1.0 {
            let ground = [rgb[0], rgb[1], rgb[2], (share * 255.0).round() as u8];
            let drawn = std::mem::replace(&mut picture.bytes, ground.repeat(size * size));
            picture.lay(&drawn, size, 0, 0);
        }
        if self.grain > 0.0 {
            grained(&mut picture, self.grain);
        }
        picture
    }

    /// As a document of its own; it has all but grain. Square pixels are squares there, too.
    pub fn svg(&self, title: &str, description: &str) -> String {
        let (rgb, share) = self.paper;
        let background = (share >= 0.5).then_some(rgb);
        let Some(pixels) = self.pixels else { return self.arrangement.svg(title, description, background) };
        let squares = self.squares(pixels, None);
        let mut document = head(title, description, background);
        let unit = UNITS / pixels as f64;
        let _ = write!(document, "<g transform=\"scale({unit:.4})\" shape-rendering=\"crispEdges\">");
        for (y, row) in squares.bytes.chunks_exact(4 * pixels).enumerate() {
            let row = row.as_chunks::<4>().0;
            let mut x = 0;
            while x < pixels {
                let run = row[x..].iter().take_while(|pixel| **pixel == row[x]).count();
                if row[x][3] > 0 {
                    let _ = write!(document, "<path fill=\"#{}\" d=\"M{x} {y}h{run}v1h-{run}z\"/>", hex::encode(&row[x][..3]));
                }
                x += run;
            }
        }
        document.push_str("</g></svg>\n");
        document
    }

    /// The picture in so many pixels, each of one of its colours and opaque, or nothing.
    fn squares(&self, pixels: usize, paper: Option<[u8; 3]>) -> Rgba {
        let mut drawn = self.arrangement.render(pixels, None);
        let palette = self.palette();
        for pixel in drawn.bytes.as_chunks_mut::<4>().0 {
            let shown = pixel[3] > 127;
            let rgb = [pixel[0], pixel[1], pixel[2]];
            let nearest = palette.iter().min_by(|a, b| apart(**a, rgb).total_cmp(&apart(**b, rgb)));
            *pixel = match (shown, nearest, paper) {
                (true, Some(rgb), _) => [rgb[0], rgb[1], rgb[2], 255],
                (true, None, _) => [rgb[0], rgb[1], rgb[2], 255],
                (false, _, Some(rgb)) => [rgb[0], rgb[1], rgb[2], 255],
                (false, _, None) => [0; 4],
            };
        }
        drawn
    }

    /// Colours of all that can be seen.
    fn palette(&self) -> Vec<[u8; 3]> {
        let seen = self.arrangement.things.iter().flat_map(Layers::shares).filter(|(_, share)| *share > 0.0);
        seen.map(|(rgb, _)| rgb.map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8)).collect()
    }
}

fn apart(a: [u8; 3], b: [u8; 3]) -> f32 {
    let [a, b] = [a, b].map(|rgb| to_oklch(rgb.map(|value| f32::from(value) / 255.0)));
    let hue = (a.hue - b.hue).into_radians();
    (a.l - b.l).powi(2) + a.chroma.powi(2) + b.chroma.powi(2) - 2.0 * a.chroma * b.chroma * hue.cos()
}

/// A small picture's pixels as squares of a large one.
fn in_pixels(small: &Rgba, size: usize) -> Rgba {
    let from = |index: usize| index * small.size / size;
    let mut bytes = Vec::with_capacity(size * size * 4);
    for y in 0..size {
        let row = &small.bytes[from(y) * small.size * 4..][..small.size * 4];
        (0..size).for_each(|x| bytes.extend_from_slice(&row[from(x) * 4..][..4]));
    }
    Rgba { size, bytes }
}

/// Makes what is visible lighter and darker, grain by grain.
fn grained(picture: &mut Rgba, grain: f32) {
    let size = picture.size;
    for (index, pixel) in picture.bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let place = |at: usize| (at * GRAINS.max(1) / size.max(1)) as u32;
        let noise = noise(place(index % size), place(index / size));
        let change = grain * 46.0 * noise;
        for value in &mut pixel[..3] {
            *value = (f32::from(*value) + change).round().clamp(0.0, 255.0) as u8;
        }
    }
}

/// From -1 to 1, the same for the same place.
fn noise(x: u32, y: u32) -> f32 {
    let mut hash = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
    hash ^= hash >> 15;
    (hash >> 8) as f32 / (1_u32 << 23) as f32 - 1.0
}
