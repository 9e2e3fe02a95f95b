//! Pictures that are the same, or look the same.
//!
//! A fingerprint says where a picture, shrunk to nine by nine greys, gets lighter to the right and downwards (a difference
//! hash, Krawetz 2013, in both directions). Scaling, another compression and another brightness leave it nearly as it was.

use std::collections::BTreeMap;

use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};

/// Bits in which the fingerprints of two pictures that look the same may differ, of 128.
const NEAR: u32 = 7;

/// Bits of a band. Two fingerprints with at most seven different bits have one of eight bands in common, so only those that do are
/// compared.
const BAND: usize = 16;

/// Pictures with a common band that are compared each with each, at most: of a hundred thousand drawings on white paper most share a
/// blank corner, and that would take hours.
const MOST_COMPARED: usize = 2000;

/// Levels by which a grey must be lighter to count: below, it is noise of a compression.
const STEP: i16 = 3;

/// Where a picture gets lighter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of RGB8 pixels, `[size, size, 3]`.
    pub fn of(pixels: &[u8], size: usize) -> Self {
        let Some(picture) = RgbImage::from_raw(size as u32, size as u32, pixels.to_vec()) else { return Self(0) };
        let grey: GrayImage = imageops::resize(&imageops::grayscale(&picture), 9, 9, FilterType::Triangle);
        let level = |x: u32, y: u32| i16::from(grey.get_pixel(x, y).0[0]);
        let mut bits = 0;
        for (x, y) in (0..8).flat_map(|y| (0..8).map(move |x| (x, y))) {
            for (right, down) in [(1, 0), (0, 1)] {
                bits = bits << 1 | u128::from(level(x + right, y + down) - level(x, y) >= STEP);
            }
        }
        Self(bits)
    }

    fn is_near(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= NEAR
    }

    fn band(self, band: usize) -> u16 {
        (self.0 >> (band * BAND)) as u16
    }
}

/// Groups of at least two numbers with the same key, in the order of their first members.
pub fn same<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (number, key) in keys.enumerate() {
        groups.entry(key).or_default().push(number);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    groups
}

/// Groups of at least two numbers whose fingerprints are near, directly or through others; and how often too many shared a band to be
/// compared.
pub fn near(fingerprints: &[Fingerprint]) -> (Vec<Vec<usize>>, usize) {
    let mut passed = 0;
    let mut leader: Vec<usize> = (0..fingerprints.len()).collect();
    for band in 0..128 / BAND {
        for bucket in same(fingerprints.iter().map(|fingerprint| fingerprint.band(band))) {
            if bucket.len() > MOST_COMPARED {
                passed += 1;
                continue;
            }
            for (index, one) in bucket.iter().enumerate() {
                for other in &bucket[index + 1..] {
                    if fingerprints[*one].is_near(fingerprints[*other]) {
                        join(&mut leader, *one, *other);
                    }
                }
            }
        }
    }
    let leaders: Vec<usize> = (0..leader.len()).map(|number| lead(&mut leader, number)).collect();
    (same(leaders.into_iter()), passed)
}

fn lead(leader: &mut [usize], number: usize) -> usize {
    let mut at = number;
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

fn join(leader: &mut [usize], one: usize, other: usize) {
    let (one, other) = (lead(leader, one), lead(leader, other));
    leader[one.max(other)] = one.min(other);
}
