//! Layers as SVG: an outline for each layer, laid over those below it without gaps.
//!
//! Layers are painted from the largest to the smallest. Each reaches as far as it beats all layers below it and the paper, whether or not
//! one above it beats it in turn: so it goes on under the edge of what lies above, and no paper shines through between two. What of it
//! nobody could see is left out. A colour with slopes becomes a linear gradient along the direction in which it changes most.

use std::fmt::Write;

use kurbo::{BezPath, PathEl, Point};

use super::contour::outlines;
use super::enlarge::{rows, taps};
use super::fields::{COLOUR, Layers, sharpness};
use super::pixels::place;

/// Side of the map that outlines are followed in.
const MAP: usize = 256;
/// Units of the picture along a side: whole ones are half a pixel of 512, and short to write.
pub(crate) const UNITS: f64 = 1024.0;
/// A layer with fewer cells of the map to be seen is left out.
const LEAST: usize = 6;
/// Levels of 255 from one end of a layer to the other below which its slope is not written.
const LEAST_SLOPE: f32 = 5.0;

/// How a document begins; its end is `</svg>`.
pub(crate) fn head(title: &str, description: &str, background: Option<[u8; 3]>) -> String {
    let (title, description) = (escaped(title), escaped(description));
    let mut document = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {UNITS} {UNITS}\" role=\"img\"><title>{title}</title><desc>{description}</desc>"
    );
    if let Some(rgb) = background {
        let _ = write!(document, "<path fill=\"{}\" d=\"M0 0h{UNITS}v{UNITS}H0z\"/>", colour(rgb));
    }
    document
}

impl Layers {
    /// The picture as a document of its own: paths, gradients, a title and a description, no script and nothing from outside.
    pub fn svg(&self, title: &str, description: &str, background: Option<[u8; 3]>) -> String {
        let mut document = head(title, description, background);
        self.write_shapes(&mut document, "");
        document.push_str("</svg>\n");
        document
    }

    /// The picture's paths and gradients, whose names begin with `prefix`.
    pub(super) fn write_shapes(&self, document: &mut String, prefix: &str) {
        for (index, Shape { path, paint }) in self.shapes().into_iter().enumerate() {
            match paint {
                Paint::Flat(rgb) => {
                    let _ = write!(document, "<path fill=\"{}\" d=\"{path}\"/>", colour(rgb));
                }
                Paint::Gradient { from, to, colours } => {
                    let [first, last] = colours.map(colour);
                    let [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y].map(|v| v.round());
                    let _ = write!(
                        document,
                        "<linearGradient id=\"g{prefix}{index}\" gradientUnits=\"userSpaceOnUse\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" \
                         y2=\"{y2}\"><stop stop-color=\"{first}\"/><stop offset=\"1\" stop-color=\"{last}\"/></linearGradient>\
                         <path fill=\"url(#g{prefix}{index})\" d=\"{path}\"/>"
                    );
                }
            }
        }
    }

    /// What is to be painted, from below.
    fn shapes(&self) -> Vec<Shape> {
        let logits = self.logits();
        let cells = MAP * MAP;
        let at = |layer: usize, cell: usize| logits[layer * cells + cell];
        let seen: Vec<usize> = (0..cells)
            .map(|cell| {
                // What is more than half there is there.
                let drawn = log_sum((1..self.count()).map(|layer| at(layer, cell)));
                let best = (1..self.count()).max_by(|a, b| at(*a, cell).total_cmp(&at(*b, cell))).unwrap_or(0);
                if drawn > at(0, cell) { best } else { 0 }
            })
            .collect();
        let mut order: Vec<(usize, usize)> =
            (1..self.count()).map(|layer| (seen.iter().filter(|seen| **seen == layer).count(), layer)).collect();
        order.retain(|(area, _)| *area >= LEAST);
        order.sort_by_key(|(area, layer)| (std::cmp::Reverse(*area), *layer));
        let order: Vec<usize> = order.into_iter().map(|(_, layer)| layer).collect();
        let mut shapes = vec![];
        for (place, layer) in order.iter().enumerate() {
            let (below, above) = (&order[..place], &order[place + 1..]);
            let mut map: Vec<f32> = (0..cells)
                .map(|cell| {
                    // Against the paper all that is drawn counts together; against each layer below it, by itself.
                    let drawn = log_sum((1..self.count()).map(|other| at(other, cell)));
                    let of_paper = drawn.max(at(*layer, cell)) - at(0, cell);
                    let of_below = below.iter().map(|other| at(*layer, cell) - at(*other, cell)).fold(f32::MAX, f32::min);
                    of_paper.min(of_below)
                })
                .collect();
            forget_hidden(&mut map, &seen, *layer, above);
            let outlines = outlines(&map, MAP);
            if !outlines.is_empty() {
                let mut writer = Writer::default();
                outlines.iter().for_each(|outline| writer.outline(outline));
                shapes.push(Shape { path: writer.text, paint: self.paint(*layer, &seen) });
            }
        }
        shapes
    }

    /// Logits as they are in a picture of 512 px, at the places of the map: `[layers, MAP, MAP]`.
    fn logits(&self) -> Vec<f32> {
        let (taps, side) = (taps(self.side, MAP), self.side);
        let wide = rows(&self.fields, side, &taps);
        let strength = sharpness(2 * MAP);
        let mut logits = vec![0.0; self.count() * MAP * MAP];
        for (layer, logits) in logits.chunks_exact_mut(MAP * MAP).enumerate() {
            for (row, taps) in logits.chunks_exact_mut(MAP).zip(&taps) {
                for (x, value) in row.iter_mut().enumerate() {
                    let from = |at: usize| wide[(layer * side + at) * MAP + x];
                    *value = strength * (0..4).map(|tap| taps.weights[tap] * from(taps.at[tap])).sum::<f32>();
                }
            }
        }
        logits
    }

    /// The colour of a layer over what is seen of it.
    fn paint(&self, layer: usize, seen: &[usize]) -> Paint {
        let colour = &self.colours[layer * COLOUR..][..COLOUR];
        let cells = || seen.iter().enumerate().filter(|(_, seen)| **seen == layer).map(|(cell, _)| cell);
        let places = || cells().map(|cell| [place(cell % MAP, MAP), place(cell / MAP, MAP)]);
        let count = cells().count().max(1) as f32;
        let middle = places().fold([0.0; 2], |sum, [u, v]| [sum[0] + u / count, sum[1] + v / count]);
        let value = |channel: usize, [u, v]: [f32; 2]| colour[channel] + colour[3 + channel] * u + colour[6 + channel] * v;
        let rgb = |at: [f32; 2]| std::array::from_fn(|channel| (value(channel, at).clamp(0.0, 1.0) * 255.0).round() as u8);
        // The direction in which the three channels change most, together.
        let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
        for channel in 0..3 {
            let (u, v) = (colour[3 + channel], colour[6 + channel]);
            (uu, uv, vv) = (uu + u * u, uv + u * v, vv + v * v);
        }
        let angle = 0.5 * (2.0 * uv).atan2(uu - vv);
        let way = [angle.cos(), angle.sin()];
        let along = |[u, v]: [f32; 2]| (u - middle[0]) * way[0] + (v - middle[1]) * way[1];
        let (least, most) = places().map(along).fold((0.0_f32, 0.0_f32), |(a, b), d| (a.min(d), b.max(d)));
        let at = |distance: f32| [middle[0] + way[0] * distance, middle[1] + way[1] * distance];
        let change = (0..3).map(|channel| (value(channel, at(most)) - value(channel, at(least))).abs()).fold(0.0, f32::max);
        if change * 255.0 < LEAST_SLOPE {
            return Paint::Flat(rgb(middle));
        }
        let point = |[u, v]: [f32; 2]| Point::new(f64::from(u + 1.0) / 2.0 * UNITS, f64::from(v + 1.0) / 2.0 * UNITS);
        Paint::Gradient { from: point(at(least)), to: point(at(most)), colours: [rgb(at(least)), rgb(at(most))] }
    }
}

struct Shape {
    path: String,
    paint: Paint,
}

enum Paint {
    Flat([u8; 3]),
    Gradient { from: Point, to: Point, colours: [[u8; 3]; 2] },
}

/// Takes out of a layer's map what nobody can see of it: parts that lie wholly under layers above it, and holes that do.
fn forget_hidden(map: &mut [f32], seen: &[usize], layer: usize, above: &[usize]) {
    let mut visited = vec![false; map.len()];
    for start in 0..map.len() {
        if visited[start] {
            continue;
        }
        let inside = map[start] > 0.0;
        let (mut part, mut waiting) = (vec![], vec![start]);
        visited[start] = true;
        while let Some(cell) = waiting.pop() {
            part.push(cell);
            let (x, y) = (cell % MAP, cell / MAP);
            let neighbours = [
                (x > 0, cell.wrapping_sub(1)),
                (x + 1 < MAP, cell + 1),
                (y > 0, cell.wrapping_sub(MAP)),
                (y + 1 < MAP, cell + MAP),
            ];
            for (_, next) in neighbours.into_iter().filter(|(exists, _)| *exists) {
                if !visited[next] && (map[next] > 0.0) == inside {
                    visited[next] = true;
                    waiting.push(next);
                }
            }
        }
        let hidden = match inside {
            true => part.iter().all(|cell| seen[*cell] != layer),
            false => part.iter().all(|cell| above.contains(&seen[*cell])),
        };
        if hidden {
            part.into_iter().for_each(|cell| map[cell] = if inside { -1.0 } else { 1.0 });
        }
    }
}

/// The logarithm of the sum of powers of e.
fn log_sum(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::MIN, f32::max);
    most + values.map(|value| (value - most).exp()).sum::<f32>().ln()
}

/// Path data in whole units, each point by how far it is from the last.
#[derive(Default)]
struct Writer {
    text: String,
    last: [i64; 2],
}

impl Writer {
    fn outline(&mut self, outline: &BezPath) {
        let scale = UNITS / MAP as f64;
        let whole = |point: Point| [(point.x * scale).round() as i64, (point.y * scale).round() as i64];
        for element in outline.elements() {
            match *element {
                PathEl::MoveTo(point) => self.command('M', [0; 2], &[whole(point)]),
                PathEl::LineTo(point) => self.command('l', self.last, &[whole(point)]),
                PathEl::QuadTo(a, b) => self.command('q', self.last, &[whole(a), whole(b)]),
                PathEl::CurveTo(a, b, c) => self.command('c', self.last, &[whole(a), whole(b), whole(c)]),
                PathEl::ClosePath => {}
            }
        }
        self.text.push('z');
    }

    fn command(&mut self, name: char, from: [i64; 2], points: &[[i64; 2]]) {
        if points.iter().all(|point| *point == self.last) && name != 'M' {
            return;
        }
        self.text.push(name);
        for (index, number) in points.iter().flat_map(|[x, y]| [x - from[0], y - from[1]]).enumerate() {
            if index > 0 && number >= 0 {
                self.text.push(' ');
            }
            let _ = write!(self.text, "{number}");
        }
        if let Some(point) = points.last() {
            self.last = *point;
        }
    }
}

fn colour(rgb: [u8; 3]) -> String {
    format!("#{}", hex::encode(rgb))
}

/// Text as XML has it; what XML cannot have is left out.
fn escaped(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars().filter(allowed).filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use resvg::tiny_skia::{Pixmap, Transform};
    use resvg::usvg::{Options, Tree};

    /// A face: a disc with a slope in its colour, on it two eyes and a mouth that goes to its edge.
    fn face() -> Layers {
        let side = 64;
        let disc = |x: f32, y: f32, cx: f32, cy: f32, r: f32| r - (x - cx).hypot(y - cy);
        let field = |value: &dyn Fn(f32, f32) -> f32| -> Vec<f32> {
            (0..side * side).map(|i| 4.0 * value((i % side) as f32 + 0.5, (i / side) as f32 + 0.5)).collect()
        };
        let fields = [
            field(&|_, _| 0.0),
            field(&|x, y| disc(x, y, 32.0, 32.0, 26.0)),
            field(&|x, y| disc(x, y, 22.0, 26.0, 4.0).max(disc(x, y, 42.0, 26.0, 4.0)).mul_add(3.0, 20.0)),
            field(&|x, y| (3.0 - (y - 44.0).abs()).min(x - 32.0).min(disc(x, y, 32.0, 32.0, 26.0)).mul_add(3.0, 20.0)),
        ];
        let colour = |rgb: [f32; 3], right: f32, down: f32| [rgb.as_slice(), &[right; 3], &[down; 3]].concat();
        let colours = [
            colour([1.0; 3], 0.0, 0.0),
            colour([0.9, 0.7, 0.2], 0.02, -0.15),
            colour([0.1, 0.1, 0.1], 0.0, 0.0),
            colour([0.7, 0.2, 0.2], 0.0, 0.0),
        ];
        Layers::new(side, fields.concat(), colours.concat()).unwrap()
    }

    fn by_resvg(svg: &str, size: u32) -> Vec<u8> {
        let tree = Tree::from_str(svg, &Options::default()).unwrap();
        let mut pixmap = Pixmap::new(size, size).unwrap();
        let scale = size as f32 / tree.size().width();
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
        pixmap
            .pixels()
            .iter()
            .flat_map(|p| {
                let p = p.demultiply();
                [p.red(), p.green(), p.blue(), p.alpha()]
            })
            .collect()
    }

    /// resvg draws the document as the renderer draws the layers: by alpha and by colour where there is any.
    #[test]
    fn another_program_draws_the_same_picture() {
        let layers = face();
        let svg = layers.svg("face", "a test", None);
        let (theirs, ours) = (by_resvg(&svg, 512), layers.render(512, None).bytes);
        let difference = theirs.chunks_exact(4).zip(ours.chunks_exact(4)).map(|(a, b)| {
            let shown = |p: &[u8], c: usize| f64::from(p[c]) * f64::from(p[3]) / 255.0 + 255.0 - f64::from(p[3]);
            (0..3).map(|c| (shown(a, c) - shown(b, c)).abs()).sum::<f64>() / 3.0 + f64::from(a[3].abs_diff(b[3])) / 4.0
        });
        let mean = difference.sum::<f64>() / (512.0 * 512.0);
        assert!(mean < 1.0, "{mean}\n{svg}");
        assert!(svg.len() < 2500, "{}", svg.len());
        assert_eq!(svg.matches("<path").count(), 3);
        assert_eq!(svg.matches("<linearGradient").count(), 1);
    }

    /// A pixel inside the face is opaque, also where two layers meet.
    #[test]
    fn nothing_shines_through_where_layers_meet() {
        let drawn = by_resvg(&face().svg("face", "a test", None), 300);
        let centre = 150.0_f32;
        let inside = |i: usize| ((i % 300) as f32 + 0.5 - centre).hypot((i / 300) as f32 + 0.5 - centre) < 115.0;
        assert!(drawn.chunks_exact(4).enumerate().filter(|(i, _)| inside(*i)).all(|(_, pixel)| pixel[3] == 255));
    }

    #[test]
    fn captions_cannot_break_the_document() {
        let svg = face().svg("</title><script>alert(1)</script>&\u{0}\u{ffff}", "\"quoted\" <b>", Some([1, 2, 3]));
        assert!(!svg.contains("<script>") && !svg.contains('\u{0}') && !svg.contains('\u{ffff}'));
        assert!(svg.contains("fill=\"#010203\""));
        assert!(Tree::from_str(&svg, &Options::default()).is_ok());
    }

    #[test]
    fn nothing_drawn_is_an_empty_document() {
        let fields = [vec![9.0; 64], vec![-9.0; 64]].concat();
        let svg = Layers::new(8, fields, vec![0.5; 18]).unwrap().svg("nothing", "", None);
        assert!(!svg.contains("<path") && Tree::from_str(&svg, &Options::default()).is_ok());
    }
}
