//! How wide an edge is: from 10 to 90 % of the way between the colours on its two sides, at right angles to it.
//!
//! Edges are looked for in the true picture alone: where its colour steps, within [`STEP`] pixels, between two plain areas that are wide
//! enough to see both. Every picture of the same thing is then measured at the same places, between its own two colours, so that a
//! picture in other colours, or with its edge a little aside, is not called soft.

use rand::Rng;
use rand::seq::SliceRandom;

/// How far each side is looked at, in pixels of a picture of 512.
const REACH: f32 = 16.0;
/// What is left of a side's reach to tell its colour from.
const SIDE: f32 = 4.0;
/// A true edge is done so many pixels from its middle.
const STEP: f32 = 3.0;
/// Pixels between two places of a profile.
const PACE: f32 = 0.25;
/// Levels between the colours of an edge, at least: in the true picture, and in the measured one.
const CONTRAST: f32 = 80.0;
const LEAST: f32 = 40.0;
/// How plain the true picture's sides must be, as a share of the contrast.
const PLAIN: f32 = 0.06;

/// A place on an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contour {
    at: [f32; 2],
    /// At right angles to the edge, of length one.
    normal: [f32; 2],
}

/// A square picture on white, RGB8.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    rgb: &'a [u8],
    size: usize,
}

impl<'a> Plane<'a> {
    pub fn new(rgb: &'a [u8], size: usize) -> Self {
        Self { rgb, size }
    }

    fn pixel(&self, x: usize, y: usize) -> [f32; 3] {
        let at = (y * self.size + x) * 3;
        [0, 1, 2].map(|channel| f32::from(self.rgb[at + channel]))
    }

    /// The colour between pixels, mixed of the four around; (0, 0) is the middle of the first pixel.
    fn colour(&self, [x, y]: [f32; 2]) -> [f32; 3] {
        let last = (self.size - 1) as f32;
        let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
        let (left, top) = (x as usize, y as usize);
        let (right, below) = ((left + 1).min(self.size - 1), (top + 1).min(self.size - 1));
        let (across, down) = (x.fract(), y.fract());
        let corners = [self.pixel(left, top), self.pixel(right, top), self.pixel(left, below), self.pixel(right, below)];
        let weights = [(1.0 - across) * (1.0 - down), across * (1.0 - down), (1.0 - across) * down, across * down];
        [0, 1, 2].map(|channel| corners.iter().zip(weights).map(|(colour, weight)| colour[channel] * weight).sum())
    }

    /// The way across the steepest change of all channels, and how steep it is, in levels a pixel.
    fn steepest(&self, x: usize, y: usize) -> ([f32; 2], f32) {
        let (west, east) = (self.pixel(x - 1, y), self.pixel(x + 1, y));
        let (north, south) = (self.pixel(x, y - 1), self.pixel(x, y + 1));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for channel in 0..3 {
            let (dx, dy) = ((east[channel] - west[channel]) / 2.0, (south[channel] - north[channel]) / 2.0);
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
        let angle = 0.5_f32 * (2.0 * xy).atan2(xx - yy);
        let steepness = (xx + yy) / 2.0 + (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt();
        ([angle.cos(), angle.sin()], steepness.max(0.0).sqrt())
    }

    fn profile(&self, contour: &Contour) -> Profile {
        let steps = (2.0 * REACH / PACE) as usize;
        let place = |step: usize| step as f32 * PACE - REACH;
        let along = |t: f32| [0, 1].map(|axis| contour.at[axis] + t * contour.normal[axis]);
        let colours: Vec<[f32; 3]> = (0..=steps).map(|step| self.colour(along(place(step)))).collect();
        let side = (SIDE / PACE) as usize;
        let mean = |colours: &[[f32; 3]]| [0, 1, 2].map(|c| colours.iter().map(|colour| colour[c]).sum::<f32>() / side as f32);
        let (one, other) = (mean(&colours[..side]), mean(&colours[steps + 1 - side..]));
        let way = [0, 1, 2].map(|channel| other[channel] - one[channel]);
        let length = way.iter().map(|part| part * part).sum::<f32>();
        let from_one = |colour: &[f32; 3]| [0, 1, 2].map(|channel| colour[channel] - one[channel]);
        let share = |colour: &[f32; 3]| {
            let from_one = from_one(colour);
            from_one.iter().zip(way).map(|(a, b)| a * b).sum::<f32>() / length.max(1.0)
        };
        let shares: Vec<f32> = colours.iter().map(share).collect();
        let aside = |(colour, share): (&[f32; 3], &f32)| {
            let rest = from_one(colour).iter().zip(way).map(|(a, b)| (a - share * b).powi(2)).sum::<f32>();
            (rest / length.max(1.0)).sqrt()
        };
        let aside = colours.iter().zip(&shares).map(aside).collect();
        Profile { contrast: length.sqrt(), shares, aside }
    }
}

/// What lies on the way across an edge.
struct Profile {
    /// Levels between its two colours.
    contrast: f32,
    /// How far each place is from the one colour to the other.
    shares: Vec<f32>,
    /// How far each is from the straight way between them, as a share of it.
    aside: Vec<f32>,
}

impl Profile {
    /// Whether it is one step between two plain sides.
    fn is_step(&self) -> bool {
        let middle = self.shares.len() / 2;
        let step = (STEP / PACE) as usize;
        let plain = |(place, (share, aside)): (usize, (&f32, &f32))| {
            let side = if place < middle { 0.0 } else { 1.0 };
            place.abs_diff(middle) < step || (share - side).abs() <= PLAIN && *aside <= PLAIN
        };
        self.contrast >= CONTRAST && self.shares.iter().zip(&self.aside).enumerate().all(plain)
    }

    /// Where it passes half way, nearest to the middle: between this place and the next.
    fn half_way(&self) -> Option<usize> {
        let middle = self.shares.len() / 2;
        let passes = |place: &usize| self.shares[*place] < 0.5 && self.shares[place + 1] >= 0.5;
        (0..self.shares.len() - 1).filter(passes).min_by_key(|place| place.abs_diff(middle))
    }

    /// From 10 to 90 %, in pixels; as far as it is looked at where it does not get there.
    fn width(&self) -> Option<f32> {
        let half = self.half_way()?;
        let crossing = |low: usize, level: f32| {
            let (a, b) = (self.shares[low], self.shares[low + 1]);
            low as f32 + (level - a) / (b - a).max(1e-6)
        };
        let from = (0..=half).rev().find(|place| self.shares[*place] <= 0.1).map_or(0.0, |place| crossing(place, 0.1));
        let last = self.shares.len() - 1;
        let to = (half + 1..=last).find(|place| self.shares[*place] >= 0.9).map_or(last as f32, |place| crossing(place - 1, 0.9));
        Some((to - from) * PACE)
    }
}

/// Places on a true picture's edges, at random, at most so many.
pub fn contours(truth: Plane, most: usize, random: &mut impl Rng) -> Vec<Contour> {
    let margin = REACH as usize + 1;
    let inside = || margin..truth.size.saturating_sub(margin);
    let mut places: Vec<(usize, usize)> = inside()
        .flat_map(|y| inside().map(move |x| (x, y)))
        .filter(|(x, y)| truth.steepest(*x, *y).1 >= CONTRAST / (2.0 * STEP))
        .collect();
    places.shuffle(random);
    let contour = |(x, y): (usize, usize)| {
        let mut contour = Contour { at: [x as f32, y as f32], normal: truth.steepest(x, y).0 };
        let profile = truth.profile(&contour);
        // To the middle of the step, so that both sides are seen alike.
        let aside = profile.half_way().map(|place| (place as f32 + 0.5) * PACE - REACH).filter(|aside| aside.abs() <= STEP);
        let turned = if aside.is_none() { -1.0 } else { 1.0 };
        contour.normal = contour.normal.map(|part| part * turned);
        contour.at = [0, 1].map(|axis| contour.at[axis] + aside.unwrap_or(0.0) * contour.normal[axis]);
        truth.profile(&contour).is_step().then_some(contour)
    };
    places.into_iter().filter_map(contour).take(most).collect()
}

/// The width of the edge at a place, in pixels; `None` where the picture has none there.
pub fn width(picture: Plane, contour: &Contour) -> Option<f32> {
    let profile = picture.profile(contour);
    (profile.contrast >= LEAST).then(|| profile.width()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::protocol::{Draws, draws};

    const SIZE: usize = 96;

    /// A picture whose colour depends on how far a place is from a line through the middle.
    fn picture(degrees: f32, colour: impl Fn(f32) -> [f32; 3]) -> Vec<u8> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let middle = (SIZE - 1) as f32 / 2.0;
        let pixels = (0..SIZE * SIZE).map(|at| [(at % SIZE) as f32 - middle, (at / SIZE) as f32 - middle]);
        pixels.flat_map(|[x, y]| colour(x * cos + y * sin).map(|value| value.round() as u8)).collect()
    }

    fn mixed(share: f32) -> [f32; 3] {
        let (one, other) = ([250.0, 200.0, 40.0], [20.0, 60.0, 220.0]);
        [0, 1, 2].map(|channel| one[channel] + share.clamp(0.0, 1.0) * (other[channel] - one[channel]))
    }

    /// By the logistic curve, whose 10 and 90 % lie 2 ln 9 scales apart.
    fn soft(t: f32, width: f32) -> f32 {
        1.0 / (1.0 + (-t * 2.0 * 9.0_f32.ln() / width).exp())
    }

    fn random() -> rand_chacha::ChaCha8Rng {
        draws(1, Draws::Crispness)
    }

    fn median(mut widths: Vec<f32>) -> f32 {
        widths.sort_by(f32::total_cmp);
        widths[widths.len() / 2]
    }

    #[test]
    fn edges_are_as_wide_as_they_were_made() {
        for degrees in [0.0, 90.0, 37.0, 200.0] {
            let truth = picture(degrees, |t| mixed(t + 0.5));
            let contours = contours(Plane::new(&truth, SIZE), 50, &mut random());
            assert_eq!(contours.len(), 50, "{degrees}");
            for wanted in [3.0_f32, 6.0, 12.0] {
                // Aside, in other colours and the other way round, it is as wide.
                let measured = picture(degrees, |t| mixed(0.3 + 0.5 * soft(1.5 - t, wanted)));
                let widths: Vec<f32> = contours.iter().filter_map(|at| width(Plane::new(&measured, SIZE), at)).collect();
                assert_eq!(widths.len(), 50);
                let found = median(widths);
                assert!((found - wanted).abs() < 0.1 * wanted + 0.1, "{wanted} px at {degrees} degrees: {found}");
            }
            let own = median(contours.iter().filter_map(|at| width(Plane::new(&truth, SIZE), at)).collect());
            assert!((0.7..1.6).contains(&own), "{degrees}: {own}");
        }
    }

    #[test]
    fn what_is_no_step_is_no_edge() {
        let none = |picture: Vec<u8>| assert_eq!(contours(Plane::new(&picture, SIZE), 50, &mut random()), []);
        none(picture(0.0, |_| mixed(0.4)));
        // A slope, a thin line, an outline in a third colour.
        none(picture(30.0, |t| mixed(0.5 + t / 20.0)));
        none(picture(30.0, |t| mixed(if t.abs() < 3.0 { 1.0 } else { 0.0 })));
        none(picture(0.0, |t| if t.abs() < 5.0 { [0.0, 255.0, 0.0] } else { mixed(t) }));
    }

    #[test]
    fn a_picture_without_an_edge_there_has_no_width_and_a_washed_out_one_is_as_wide_as_is_looked() {
        let truth = picture(0.0, |t| mixed(t + 0.5));
        let contour = contours(Plane::new(&truth, SIZE), 1, &mut random())[0];
        let plain = picture(0.0, |_| [120.0; 3]);
        assert_eq!(width(Plane::new(&plain, SIZE), &contour), None);
        let slope = picture(0.0, |t| mixed(0.5 + t / 60.0));
        let found = width(Plane::new(&slope, SIZE), &contour).unwrap();
        assert!((20.0..=2.0 * REACH).contains(&found), "{found}");
    }
}
