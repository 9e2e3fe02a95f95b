//! The finish that a seed stands for.
//!
//! A person calls it a style where one to three things are far from the usual and all else is near it; numbers that are all drawn alike
//! would make one muddle of every seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::parameter::{Finish, Parameter};
use Parameter::{
    Contrast, Fill, Grain, Halftone, Hatching, Hue, Outline, Paper, Pixels, Rim, Saturation, Shading, Slant, Tone, Wobble,
};

/// What a seed's random numbers begin with, so that they are others than those of the hand.
const STREAM: u64 = 0x0066_696e_6973_6800;

/// What can be far out, and how likely it is drawn against the others.
const TRAITS: [(Trait, u32); 13] = [
    (Trait::Outlined, 5),
    (Trait::Hollow, 2),
    (Trait::Flat, 3),
    (Trait::Shaded, 3),
    (Trait::Muted, 2),
    (Trait::Vivid, 3),
    (Trait::LightPaper, 3),
    (Trait::DarkPaper, 3),
    (Trait::Rimmed, 4),
    (Trait::Shadowed, 3),
    (Trait::Textured, 4),
    (Trait::Pixelated, 1),
    (Trait::Shaky, 3),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trait {
    Outlined,
    Hollow,
    Flat,
    Shaded,
    Muted,
    Vivid,
    LightPaper,
    DarkPaper,
    Rimmed,
    Shadowed,
    Textured,
    Pixelated,
    Shaky,
}

impl Finish {
    /// The finish of a seed: one to three traits, and a little of what does no harm. One in eight seeds is nearly plain.
    pub fn from_seed(seed: u64) -> Self {
        let mut random = Random(ChaCha8Rng::seed_from_u64(seed ^ STREAM));
        let mut finish = Self::default()
            .with(Saturation, random.between(-0.12, 0.2))
            .with(Contrast, random.between(-0.15, 0.15))
            .with(Shading, random.between(-0.3, 0.3))
            .with(Slant, random.between(-0.12, 0.12))
            .with(Tone, random.between(-1.0, 0.2))
            .with(Hue, random.between(0.0, 1.0));
        let wanted = [0, 1, 1, 2, 2, 2, 3, 3][random.below(8) as usize];
        let mut left = TRAITS.to_vec();
        for _ in 0..wanted {
            let mut choice = random.below(left.iter().map(|(_, weight)| weight).sum());
            let index = left.iter().position(|(_, weight)| {
                let here = choice < *weight;
                choice = choice.wrapping_sub(*weight);
                here
            });
            let (chosen, _) = left.remove(index.unwrap_or(0));
            left.retain(|(other, _)| !chosen.excludes(*other));
            finish = chosen.put_on(finish, &mut random);
        }
        finish
    }
}

impl Trait {
    /// Whether two of them make no sense together.
    fn excludes(self, other: Self) -> bool {
        const GROUPS: [&[Trait]; 5] = [
            &[Trait::Flat, Trait::Shaded],
            &[Trait::Muted, Trait::Vivid],
            &[Trait::LightPaper, Trait::DarkPaper],
            &[Trait::Rimmed, Trait::Shadowed],
            &[Trait::Pixelated, Trait::Textured, Trait::Shaky],
        ];
        GROUPS.iter().any(|group| group.contains(&self) && group.contains(&other))
    }

    fn put_on(self, finish: Finish, random: &mut Random) -> Finish {
        let far = random.between(0.55, 1.0);
        match self {
            Self::Outlined => finish.with(Outline, 0.25 + 0.7 * far * random.between(0.3, 1.0)),
            // Lines alone must be seen.
            Self::Hollow => finish.with(Fill, 0.45 - 0.45 * far).with(Outline, finish.get(Outline).max(0.4)),
            Self::Flat => finish.with(Shading, -1.0),
            Self::Shaded => finish.with(Shading, far),
            // Not to grey: what a caption calls red stays red.
            Self::Muted => finish.with(Saturation, -0.55 * far).with(Contrast, -0.7 * far),
            Self::Vivid => finish.with(Saturation, far).with(Contrast, 0.4 * far),
            Self::LightPaper => finish.with(Paper, random.between(0.3, 0.9)),
            // Dark things on dark paper need a light edge.
            Self::DarkPaper => {
                let rim = if finish.get(Rim) == 0.0 { 0.15 } else { finish.get(Rim).abs() };
                finish.with(Paper, random.between(-0.9, -0.35)).with(Rim, rim)
            }
            Self::Rimmed => finish.with(Rim, 0.35 + 0.6 * far * random.between(0.3, 1.0)),
            Self::Shadowed if finish.get(Paper) < 0.0 => finish.with(Rim, 0.3),
            Self::Shadowed => finish.with(Rim, -far),
            Self::Textured => finish.with([Halftone, Hatching, Grain][random.below(3) as usize], far),
            Self::Pixelated => finish.with(Pixels, far),
            Self::Shaky => match random.below(2) {
                0 => finish.with(Wobble, far),
                _ => finish.with(Slant, if random.below(2) == 0 { far } else { -far }),
            },
        }
    }
}

struct Random(ChaCha8Rng);

impl Random {
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * ((self.0.next_u64() >> 40) as f32 / (1_u64 << 24) as f32)
    }

    fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(end)) >> 32) as u32
    }
}
