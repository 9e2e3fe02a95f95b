//! Where the sets of the data lie among style codes, and what a place within a set's region says.
//!
//! Standardised style codes are points of a sphere. Each set gets a centre on it, as far from the others as they go, and owns
//! whatever is nearer to that centre than to any other: so every random seed is one of the hands that the data shows, and none is
//! nobody's. Within a region the place says how the hand's ink is mixed: paler or deeper, and which way its colour leans. Both are
//! known exactly of every picture that training makes so, hence nothing has to be guessed of what a code should mean, and E can be
//! taught to read it off.

use rand::Rng;
use shared::style::StyleCode;

use crate::data::Dataset;

/// Steps in which the centres drive each other apart; nine of them stand still after some fifty.
const REPULSIONS: usize = 300;
/// The most sets that get regions: of so many a few numbers cannot say which is meant, and to place them and to find a code in one's
/// region would take longer than to learn from it.
pub const MOST_SETS: usize = 512;
/// Random codes tried for one in a set's region, for each set there is; beyond, the centre is taken.
const TRIES: usize = 16;
/// Directions within a region that have a meaning.
const AXES: usize = 3;
/// Two vectors are taken for the same direction where less than this of one is left beside the other.
const DEGENERATE: f32 = 0.3;

/// The regions of a data set's sets.
#[derive(Debug, Clone)]
pub struct Regions {
    sets: Vec<Region>,
    /// Half the smallest angle between two centres, in radians: how far a region reaches in every direction.
    radius: f32,
}

#[derive(Debug, Clone)]
struct Region {
    /// Mean zero, length one.
    centre: Vec<f32>,
    /// At right angles to the centre and each other; fewer than [`AXES`] where codes are shorter than 5 numbers.
    axes: Vec<Vec<f32>>,
}

/// How a hand's ink is mixed, each from -1 to 1 and 0 for a picture as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ink {
    /// Pale to deep.
    pub depth: f32,
    /// Cool to warm.
    pub warmth: f32,
    /// Magenta to green, the other way in which colours lean.
    pub tint: f32,
}

impl Regions {
    /// Those of a data set; `None` where it does not say which pictures share a style, or names more than [`MOST_SETS`].
    pub fn of(dataset: &Dataset, style_size: usize) -> Option<Self> {
        Self::of_sets(dataset.styles.len(), style_size)
    }

    /// The same for so many sets.
    pub fn of_sets(sets: usize, style_size: usize) -> Option<Self> {
        (2..=MOST_SETS).contains(&sets).then(|| Self::new(sets, style_size))
    }

    /// Regions for so many sets; the same ones every time.
    pub fn new(sets: usize, style_size: usize) -> Self {
        let mut centres: Vec<Vec<f32>> =
            (0..sets).map(|set| unit(StyleCode::from_seed(set as u64, style_size).values())).collect();
        (0..REPULSIONS).for_each(|step| repulse(&mut centres, 0.1 * (1.0 - step as f32 / REPULSIONS as f32)));
        let radius = smallest_angle(&centres).unwrap_or(std::f32::consts::FRAC_PI_2) / 2.0;
        let sets = centres.into_iter().map(|centre| Region { axes: axes(&centre), centre }).collect();
        Self { sets, radius }
    }

    /// The style code at a set's centre: its pictures as they are.
    pub fn centre(&self, set: usize) -> &[f32] {
        &self.sets[set].centre
    }

    /// The same as it is painted with.
    pub fn centre_code(&self, set: usize) -> StyleCode {
        let centre = self.centre(set);
        StyleCode::standardised(centre).unwrap_or_else(|_| StyleCode::from_seed(set as u64, centre.len()))
    }

    /// The set in whose region a code lies.
    pub fn owner(&self, code: &StyleCode) -> usize {
        let nearness = |set: &usize| dot(&self.sets[*set].centre, code.values());
        (0..self.sets.len()).max_by(|a, b| nearness(a).total_cmp(&nearness(b))).unwrap_or(0)
    }

    /// A random code of a set's region, spread over it as random seeds are.
    pub fn draw(&self, set: usize, random: &mut impl Rng) -> StyleCode {
        let centre = &self.sets[set].centre;
        let mut tries = (0..TRIES * self.sets.len()).map(|_| StyleCode::from_seed(random.random(), centre.len()));
        tries.find(|code| self.owner(code) == set).unwrap_or_else(|| self.centre_code(set))
    }

    /// What a code's place within a set's region says.
    pub fn ink(&self, set: usize, code: &StyleCode) -> Ink {
        let Region { centre, axes } = &self.sets[set];
        let direction = unit(code.values());
        let angle = dot(centre, &direction).clamp(-1.0, 1.0).acos();
        let Some(way) = beside(&direction, &[centre], 1e-4) else { return Ink::default() };
        let along = |axis: usize| axes.get(axis).map_or(0.0, |axis| (dot(&way, axis) * angle / self.radius).clamp(-1.0, 1.0));
        Ink { depth: along(0), warmth: along(1), tint: along(2) }
    }
}

impl Ink {
    /// Any ink.
    pub fn random(random: &mut impl Rng) -> Self {
        let [depth, warmth, tint] = std::array::from_fn(|_| random.random_range(-1.0..=1.0));
        Self { depth, warmth, tint }
    }

    /// Redraws a picture with this ink, three bytes a pixel. White paper stays white: what changes is how much of each colour the ink takes
    /// away.
    ///
    /// `strength` is the share by which the ends of each scale differ from the picture as it is.
    pub fn apply(self, rgb: &mut [u8], strength: f32) {
        self.apply_to::<3>(rgb, strength);
    }

    /// The same of a picture with straight alpha, four bytes a pixel.
    pub fn apply_to_rgba(self, rgba: &mut [u8], strength: f32) {
        self.apply_to::<4>(rgba, strength);
    }

    fn apply_to<const BYTES: usize>(self, pixels: &mut [u8], strength: f32) {
        let [depth, warmth, tint] = [self.depth, self.warmth, self.tint].map(|scale| scale * strength);
        let lean = [(1.0 - warmth) * (1.0 + 0.5 * tint), 1.0 - tint, (1.0 + warmth) * (1.0 + 0.5 * tint)];
        let scales = lean.map(|lean| lean * (1.0 + depth));
        // Every level once, instead of every pixel.
        let levels = scales.map(|scale| {
            std::array::from_fn::<u8, 256, _>(|value| (255.0 - (255 - value) as f32 * scale).round().clamp(0.0, 255.0) as u8)
        });
        for pixel in pixels.as_chunks_mut::<BYTES>().0 {
            pixel.iter_mut().zip(&levels).for_each(|(value, levels)| *value = levels[usize::from(*value)]);
        }
    }
}

/// Moves every point away from the others, most from the nearest, along the sphere.
fn repulse(points: &mut [Vec<f32>], step: f32) {
    let before = points.to_vec();
    for (index, point) in points.iter_mut().enumerate() {
        let mut force = vec![0.0; point.len()];
        for other in before.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
            let apart: Vec<f32> = before[index].iter().zip(other).map(|(a, b)| a - b).collect();
            let weight = dot(&apart, &apart).max(1e-3).powi(-2);
            force.iter_mut().zip(&apart).for_each(|(sum, part)| *sum += weight * part);
        }
        point.iter_mut().zip(unit(&force)).for_each(|(value, push)| *value += step * push);
        *point = unit(point);
    }
}

fn smallest_angle(points: &[Vec<f32>]) -> Option<f32> {
    let pairs = points.iter().enumerate().flat_map(|(i, a)| points[..i].iter().map(move |b| dot(a, b)));
    pairs.max_by(f32::total_cmp).map(|cosine| cosine.clamp(-1.0, 1.0).acos())
}

/// Directions at right angles to the centre: the coordinates' own, as far as they differ from what there is already.
fn axes(centre: &[f32]) -> Vec<Vec<f32>> {
    let mut found: Vec<Vec<f32>> = vec![];
    for coordinate in 0..centre.len() {
        let direction: Vec<f32> = (0..centre.len()).map(|i| if i == coordinate { 1.0 } else { 0.0 }).collect();
        let others: Vec<&[f32]> = std::iter::once(centre).chain(found.iter().map(Vec::as_slice)).collect();
        if found.len() < AXES
            && let Some(axis) = beside(&unit(&direction), &others, DEGENERATE)
        {
            found.push(axis);
        }
    }
    found
}

/// What is left of a direction at right angles to others (which are at right angles to each other), as a unit; `None` below `least`.
fn beside(direction: &[f32], others: &[impl AsRef<[f32]>], least: f32) -> Option<Vec<f32>> {
    let mut rest = direction.to_vec();
    for other in others {
        let along = dot(&rest, other.as_ref());
        rest.iter_mut().zip(other.as_ref()).for_each(|(value, part)| *value -= along * part);
    }
    (dot(&rest, &rest).sqrt() > least).then(|| unit(&rest))
}

/// Moved to mean zero and length one.
fn unit(vector: &[f32]) -> Vec<f32> {
    let mean = vector.iter().sum::<f32>() / vector.len() as f32;
    let length = vector.iter().map(|v| (v - mean).powi(2)).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|v| (v - mean) / length).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::batches::{Stream, random_for};

    #[test]
    fn centres_lie_far_apart() {
        // Reference: no nine points of the 3-sphere are further apart than 80.7 degrees, no six of the 2-sphere than 90 (Sloane's
        // tables of spherical codes).
        for (sets, size, degrees) in [(9, 5, 80.7), (6, 4, 90.0), (2, 3, 180.0)] {
            let angle = 2.0 * Regions::new(sets, size).radius.to_degrees();
            assert!(angle > 0.88 * degrees && angle < degrees + 0.5, "{sets} sets, {size} numbers: {angle}");
        }
    }

    #[test]
    fn as_many_sets_as_may_be_still_have_their_regions() {
        let many = Regions::new(MOST_SETS, 8);
        assert_eq!(many.owner(&many.centre_code(77)), 77);
        assert_eq!(many.owner(&many.draw(77, &mut random_for(3, Stream::Disentangling, 0))), 77);
    }

    #[test]
    fn a_drawn_code_is_its_sets_own_and_random_codes_share_out_evenly() {
        let regions = Regions::new(9, 5);
        let mut random = random_for(1, Stream::Disentangling, 0);
        for set in 0..9 {
            assert!((0..50).all(|_| regions.owner(&regions.draw(set, &mut random)) == set));
        }
        let owners: Vec<usize> = (0..2000).map(|seed| regions.owner(&StyleCode::from_seed(seed, 5))).collect();
        for set in 0..9 {
            let share = owners.iter().filter(|owner| **owner == set).count() as f64 / 2000.0;
            assert!((0.05..0.2).contains(&share), "set {set} has {share} of all seeds");
        }
    }

    #[test]
    fn a_place_says_how_the_ink_is_mixed() {
        let regions = Regions::new(9, 5);
        let code = |set: usize, axis: usize, by: f32| {
            let Region { centre, axes } = &regions.sets[set];
            let moved: Vec<f32> = centre.iter().zip(&axes[axis]).map(|(c, a)| by.cos() * c + by.sin() * a).collect();
            StyleCode::standardised(&moved).unwrap()
        };
        let near = |a: f32, b: f32| (a - b).abs() < 1e-3;
        for set in 0..9 {
            assert_eq!(regions.sets[set].axes.len(), AXES);
            assert_eq!(regions.ink(set, &regions.centre_code(set)), Ink::default());
            let Ink { depth, warmth, tint } = regions.ink(set, &code(set, 1, 0.5 * regions.radius));
            assert!(near(depth, 0.0) && near(warmth, 0.5) && near(tint, 0.0), "{depth} {warmth} {tint}");
            assert!(near(regions.ink(set, &code(set, 2, -3.0 * regions.radius)).tint, -1.0), "kept within the scale");
        }
    }

    #[test]
    fn short_codes_have_fewer_meanings() {
        let regions = Regions::new(2, 3);
        let Ink { depth, warmth, tint } = regions.ink(0, &regions.draw(0, &mut random_for(2, Stream::Disentangling, 0)));
        assert!(depth != 0.0 && (warmth, tint) == (0.0, 0.0));
    }

    #[test]
    fn ink_leaves_paper_white_and_no_ink_changes_nothing() {
        let picture: Vec<u8> = (0..=255).chain([255, 255, 255]).chain(0..=255).collect();
        let picture = &picture[..picture.len() / 3 * 3];
        let with = |ink: Ink, strength| {
            let mut redrawn = picture.to_vec();
            ink.apply(&mut redrawn, strength);
            redrawn
        };
        assert_eq!(with(Ink::default(), 0.3), picture);
        let warm = Ink { depth: -1.0, warmth: 1.0, tint: 0.5 };
        assert_eq!(with(warm, 0.0), picture);
        let mut black_and_white = [0, 0, 0, 255, 255, 255];
        Ink { warmth: 1.0, ..Ink::default() }.apply(&mut black_and_white, 0.3);
        assert_eq!(black_and_white, [77, 0, 0, 255, 255, 255], "black turns to a warm brown");
        Ink { depth: -1.0, ..Ink::default() }.apply(&mut black_and_white, 0.3);
        assert_eq!(black_and_white, [130, 77, 77, 255, 255, 255], "and pales");
    }
}
