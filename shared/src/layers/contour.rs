//! Outlines of what is above nought in a map of numbers: marching squares, then as few curves as keep the line.
//!
//! Curves are fitted by least squares (Schneider 1990, "An algorithm for automatically fitting digitized curves"). vtracer, which traces
//! pictures, starts from pixels, and the fields know where an edge lies between two of them; kurbo, whose paths these are, has a fit of its
//! own that takes minutes where a line turns back on itself, as the outline of a thin stroke does.

use kurbo::{BezPath, CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

/// How far a curve may lie from the line that it stands for, in cells of the map.
const ACCURACY: f64 = 0.12;
/// A turn of more than so many radians within four cells is a corner.
const CORNER: f64 = 0.8;
/// Points nearer than so many cells are one.
const CLOSE: f64 = 0.4;
/// What encloses fewer cells is a speck that nobody would miss.
const SPECK: f64 = 1.5;
/// Times that a curve is fitted, with places on it that come nearer each time.
const REFINED: usize = 4;
/// A curve that is so many times further off than it may be is not fitted again.
const HOPELESS: f64 = 8.0;
/// No edge.
const NONE: u32 = u32::MAX;

/// The closed curves around what is above nought in a map `[side, side]`, in cells: value (x, y) lies at (x + 1/2, y + 1/2).
pub(super) fn outlines(map: &[f32], side: usize) -> Vec<BezPath> {
    let loops = loops(map, side).into_iter();
    loops.filter(|points| area(points).abs() >= SPECK).map(|points| curves(&points)).collect()
}

/// A map with a border of what lies outside, so that every line closes.
struct Map<'a> {
    values: &'a [f32],
    side: usize,
}

impl Map<'_> {
    /// Columns and rows with the border.
    fn wide(&self) -> usize {
        self.side + 2
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let inside = (1..=self.side).contains(&x) && (1..=self.side).contains(&y);
        // As far outside as the neighbour is inside, or a line would run along the middle of a border that nothing is known of.
        let nearest = |i: usize| i.clamp(1, self.side) - 1;
        let value = self.values[nearest(y) * self.side + nearest(x)];
        if inside { value } else { -value.abs() - f32::MIN_POSITIVE }
    }

    /// Where the line crosses the edge from a place to its right (even numbers) or lower (odd numbers) neighbour.
    fn crossing(&self, edge: u32) -> Point {
        let (place, down) = (edge as usize / 2, edge % 2 == 1);
        let (x, y) = (place % self.wide(), place / self.wide());
        let (from, to) = (self.at(x, y), if down { self.at(x, y + 1) } else { self.at(x + 1, y) });
        let t = f64::from(from / (from - to)).clamp(0.0, 1.0);
        let (x, y) = (x as f64 - 0.5, y as f64 - 0.5);
        if down { Point::new(x, y + t) } else { Point::new(x + t, y) }
    }
}

/// The lines around what is above nought in a map `[side, side]` as points in cells, each closed, with what is inside always on the same hand.
pub(crate) fn loops(values: &[f32], side: usize) -> Vec<Vec<Point>> {
    let map = Map { values, side };
    let wide = map.wide();
    // Which edge a line goes to from each that it comes to.
    let mut next = vec![NONE; 2 * wide * wide];
    for y in 0..wide - 1 {
        for x in 0..wide - 1 {
            let corners = [map.at(x, y), map.at(x + 1, y), map.at(x + 1, y + 1), map.at(x, y + 1)];
            let inside = corners.map(|value| value > 0.0);
            let edge = |x: usize, y: usize, down: usize| (2 * (y * wide + x) + down) as u32;
            // Clockwise: top, right, bottom, left. A line comes in where the way around goes out of what is inside.
            let edges = [edge(x, y, 0), edge(x + 1, y, 1), edge(x, y + 1, 0), edge(x, y, 1)];
            let leaves = |i: usize| inside[i] && !inside[(i + 1) % 4];
            let enters = |i: usize| !inside[i] && inside[(i + 1) % 4];
            let joined = corners.iter().sum::<f32>() > 0.0;
            for from in (0..4).filter(|i| leaves(*i)) {
                // Of two ways on, where opposite corners are inside, the middle decides.
                let ways: [usize; 3] = if joined { [1, 2, 3] } else { [3, 2, 1] };
                if let Some(to) = ways.into_iter().map(|way| (from + way) % 4).find(|to| enters(*to)) {
                    next[edges[from] as usize] = edges[to];
                }
            }
        }
    }
    let mut loops = vec![];
    for start in 0..next.len() {
        let (mut points, mut edge) = (vec![], start);
        while next[edge] != NONE {
            points.push(map.crossing(edge as u32));
            edge = std::mem::replace(&mut next[edge], NONE) as usize;
        }
        if points.len() > 2 {
            loops.push(points);
        }
    }
    loops
}

/// The area that a closed line encloses, negative where it goes round the other way.
pub(crate) fn area(points: &[Point]) -> f64 {
    let pairs = points.iter().zip(points.iter().cycle().skip(1));
    pairs.map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() / 2.0
}

/// The line as curves, beginning at its sharpest corner, where a joint does not show.
fn curves(points: &[Point]) -> BezPath {
    let points = apart(points);
    let count = points.len();
    let at = |i: usize| points[i % count];
    // Over two points each way, since marching squares cut corners off.
    let turns: Vec<f64> = (0..count)
        .map(|i| {
            let (a, b) = (at(i) - at(i + count - 2), at(i + 2) - at(i));
            a.cross(b).atan2(a.dot(b)).abs()
        })
        .collect();
    let is_corner = |i: usize| {
        let around = [turns[(i + count - 1) % count], turns[(i + 1) % count]];
        turns[i % count] > CORNER && turns[i % count] >= around[0] && turns[i % count] > around[1]
    };
    let start = (0..count).max_by(|a, b| turns[*a].total_cmp(&turns[*b])).unwrap_or(0);
    // A smooth line through all points first (Catmull and Rom), with a direction of its own on each side of a corner: what is fitted to
    // pieces of straight lines would follow each of them.
    let direction = |i: usize| (at(i + 1) - at(i + count - 1)) / 6.0;
    let piece = |i: usize| {
        let straight = (at(i + 1) - at(i)) / 3.0;
        let out = if is_corner(i) { straight } else { direction(i) };
        let into = if is_corner(i + 1) { straight } else { direction(i + 1) };
        CubicBez::new(at(i), at(i) + out, at(i + 1) - into, at(i + 1))
    };
    let pieces: Vec<CubicBez> = (start..start + count).map(piece).collect();
    let mut path = BezPath::new();
    path.move_to(at(start));
    let mut first = 0;
    for end in 1..=count {
        if end == count || is_corner(start + end) {
            fit(&pieces[first..end], &mut path);
            first = end;
        }
    }
    path
}

/// As few curves as keep the line of some pieces without a corner: each as long as one can be.
fn fit(mut pieces: &[CubicBez], path: &mut BezPath) {
    while let Some(first) = pieces.first() {
        let (mut fits, mut curve, mut fails) = (1, *first, pieces.len() + 1);
        let mut tried = pieces.len();
        while fails - fits > 1 {
            match one_curve(&pieces[..tried]) {
                Some(found) => (fits, curve) = (tried, found),
                None => fails = tried,
            }
            tried = fits.midpoint(fails);
        }
        path.curve_to(curve.p1, curve.p2, pieces[fits - 1].p3);
        pieces = &pieces[fits..];
    }
}

/// One curve for several pieces, if it keeps their line.
fn one_curve(pieces: &[CubicBez]) -> Option<CubicBez> {
    let [first, .., last] = pieces else { return pieces.first().copied() };
    let samples: Vec<Point> =
        pieces.iter().flat_map(|piece| [piece.p0, piece.eval(0.5)]).chain(std::iter::once(last.p3)).collect();
    let mut along = vec![0.0];
    for pair in samples.windows(2) {
        along.push(along[along.len() - 1] + pair[0].distance(pair[1]));
    }
    let length = along[along.len() - 1];
    along.iter_mut().for_each(|t| *t /= length);
    let directions = [direction(first.p1 - first.p0)?, direction(last.p2 - last.p3)?];
    for round in 0..REFINED {
        let curve = least_squares(&samples, &along, directions, length)?;
        let off = samples.iter().zip(&along).map(|(point, t)| point.distance(curve.eval(*t))).fold(0.0, f64::max);
        if off <= ACCURACY {
            return Some(curve);
        }
        // What is far off does not come near.
        if off > HOPELESS * ACCURACY || round + 1 == REFINED {
            return None;
        }
        for (point, t) in samples.iter().zip(&mut along) {
            *t = nearer(curve, *point, *t);
        }
    }
    None
}

fn direction(way: Vec2) -> Option<Vec2> {
    let length = way.hypot();
    (length > 1e-9).then(|| way / length)
}

/// The curve between the first and the last sample, in these directions at its ends, that is nearest to all of them at these places.
fn least_squares(samples: &[Point], along: &[f64], [start, end]: [Vec2; 2], length: f64) -> Option<CubicBez> {
    let (p0, p3) = (*samples.first()?, *samples.last()?);
    let (mut aa, mut ab, mut bb, mut ax, mut bx) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (point, &t) in samples.iter().zip(along) {
        let s = 1.0 - t;
        let (from_start, from_end) = (3.0 * s * s * t, 3.0 * s * t * t);
        let (a, b) = (start * from_start, end * from_end);
        let rest = point.to_vec2() - p0.to_vec2() * (s * s * s + from_start) - p3.to_vec2() * (t * t * t + from_end);
        (aa, ab, bb) = (aa + a.dot(a), ab + a.dot(b), bb + b.dot(b));
        (ax, bx) = (ax + a.dot(rest), bx + b.dot(rest));
    }
    let determinant = aa * bb - ab * ab;
    let (mut first, mut second) = ((ax * bb - bx * ab) / determinant, (bx * aa - ax * ab) / determinant);
    // Handles that point backwards, or none at all, make a loop: a third of the way each is the rule then.
    if !(first > 1e-6 * length && second > 1e-6 * length && first < 2.0 * length && second < 2.0 * length) {
        (first, second) = (length / 3.0, length / 3.0);
    }
    Some(CubicBez::new(p0, p0 + start * first, p3 + end * second, p3)).filter(CubicBez::is_finite)
}

/// A place on the curve that is nearer to the point, by one step of Newton's.
fn nearer(curve: CubicBez, point: Point, t: f64) -> f64 {
    let (off, slope) = (curve.eval(t) - point, curve.deriv().eval(t).to_vec2());
    let bend = curve.deriv().deriv().eval(t).to_vec2();
    let steepness = slope.dot(slope) + off.dot(bend);
    if steepness.abs() < 1e-12 { t } else { (t - off.dot(slope) / steepness).clamp(0.0, 1.0) }
}

/// Without points that lie nearly on the one before: the way between two of them says more of rounding than of the line.
fn apart(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = vec![];
    for point in points {
        if kept.last().is_none_or(|last| last.distance(*point) > CLOSE) {
            kept.push(*point);
        }
    }
    if kept.len() > 4 && kept[0].distance(kept[kept.len() - 1]) < CLOSE {
        kept.pop();
    }
    if kept.len() > 3 { kept } else { points.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::Shape;

    fn map(side: usize, value: impl Fn(f64, f64) -> f64) -> Vec<f32> {
        (0..side * side).map(|i| value((i % side) as f64 + 0.5, (i / side) as f64 + 0.5) as f32).collect()
    }

    #[test]
    fn a_disc_is_a_few_curves_and_keeps_its_area() {
        let outlines = outlines(&map(64, |x, y| 20.0 - (x - 32.0).hypot(y - 30.0)), 64);
        let [disc] = outlines.as_slice() else { panic!("{}", outlines.len()) };
        assert!(disc.elements().len() < 14, "{}", disc.elements().len());
        assert!((disc.area().abs() - std::f64::consts::PI * 400.0).abs() < 6.0, "{}", disc.area());
        assert_eq!(disc.bounding_box().center().round(), Point::new(32.0, 30.0));
    }

    /// Noise in several scales has every kind of turn: all of it must end, with curves near the lines.
    #[test]
    fn any_map_has_outlines() {
        for seed in 0..6 {
            let noise = super::super::tests::noise(96 * 96, seed);
            let smooth: Vec<f32> = (0..96 * 96).map(|i| noise[i] + noise[i / 2] + noise[i / 7]).collect();
            let outlines = outlines(&smooth, 96);
            assert!(outlines.len() > 20 && outlines.iter().all(|outline| outline.is_finite()));
            let inside = smooth.iter().filter(|value| **value > 0.0).count() as f64;
            let area: f64 = outlines.iter().map(Shape::area).sum();
            assert!((area.abs() - inside).abs() < 0.2 * inside, "{area} {inside}");
        }
    }

    #[test]
    fn a_hole_goes_round_the_other_way() {
        let ring = map(64, |x, y| 6.0 - ((x - 32.0).hypot(y - 32.0) - 18.0).abs());
        let areas: Vec<f64> = outlines(&ring, 64).iter().map(Shape::area).collect();
        assert_eq!(areas.len(), 2);
        assert!(areas[0] * areas[1] < 0.0, "{areas:?}");
    }

    #[test]
    fn a_square_keeps_its_corners_and_what_touches_the_border_closes() {
        let square = outlines(&map(32, |x, y| 10.2 - (x - 16.0).abs().max((y - 16.0).abs())), 32);
        let [square] = square.as_slice() else { panic!("{}", square.len()) };
        assert!((square.area().abs() - 20.4 * 20.4).abs() < 2.0, "{}", square.area());
        assert!(square.elements().len() < 22, "{}", square.elements().len());
        let all = outlines(&[1.0; 16 * 16], 16);
        assert!((all[0].area().abs() - 256.0).abs() < 2.0, "{}", all[0].area());
    }

    #[test]
    fn two_corners_that_touch_are_one_or_two_as_the_middle_says() {
        let touching = |middle: f32| loops(&[1.0, middle, middle, 1.0], 2).len();
        assert_eq!((touching(-0.5), touching(-2.0)), (1, 2));
    }

    #[test]
    fn specks_and_nothing_have_no_outline() {
        assert!(outlines(&[-1.0; 64], 8).is_empty());
        let mut speck = [-1.0; 64];
        speck[27] = 0.5;
        assert!(outlines(&speck, 8).is_empty());
    }
}
