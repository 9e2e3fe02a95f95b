//! Layers made of layers: larger, looked at in other places, in other colours, with one more or some fewer.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::enlarge::{self, Taps};
use super::fields::{COLOUR, Layers};

/// A logit that loses against all others.
const NOWHERE: f32 = -60.0;
/// By so much the logit of paper is above all others where nothing is drawn.
const SURELY: f32 = 5.0;

impl Layers {
    /// Paper and nothing else; a layer more makes it one that is drawn.
    pub(crate) fn empty(side: usize) -> Self {
        Self { side, fields: vec![0.0; side * side], colours: vec![0.0; COLOUR] }
    }

    /// With one more layer: `logits`, `[side, side]`, in this colour.
    pub(crate) fn with_layer(mut self, logits: Vec<f32>, colour: [f32; COLOUR]) -> Self {
        self.fields.extend(logits);
        self.fields.resize((self.colours.len() / COLOUR + 1) * self.side * self.side, NOWHERE);
        self.colours.extend(colour);
        self
    }

    /// Layers of these colours become paper.
    pub(crate) fn without(mut self, gone: impl Fn([f32; 3]) -> bool) -> Self {
        let cells = self.side * self.side;
        let (paper, drawn) = self.fields.split_at_mut(cells);
        for (field, colour) in drawn.chunks_exact_mut(cells).zip(self.colours.chunks_exact(COLOUR).skip(1)) {
            if gone([colour[0], colour[1], colour[2]]) {
                for (paper, logit) in paper.iter_mut().zip(field) {
                    *paper = paper.max(*logit);
                    *logit = NOWHERE;
                }
            }
        }
        self
    }

    /// Each layer's colour changed; paper has none.
    pub(crate) fn with_colours(&self, change: impl Fn(&[f32]) -> [f32; COLOUR]) -> Self {
        let mut changed = self.clone();
        for (to, from) in changed.colours.chunks_exact_mut(COLOUR).zip(self.colours.chunks_exact(COLOUR)).skip(1) {
            to.copy_from_slice(&change(from));
        }
        changed
    }

    /// The same picture with fields of another side. Edges stay as sharp as they are in a picture of the same size.
    pub(crate) fn enlarged(&self, side: usize) -> Self {
        let taps = enlarge::taps(self.side, side);
        let wide = enlarge::rows(&self.fields, self.side, &taps);
        let mut fields = vec![0.0; self.count() * side * side];
        for (field, wide) in fields.chunks_exact_mut(side * side).zip(wide.chunks_exact(self.side * side)) {
            for (row, Taps { at, weights, .. }) in field.chunks_exact_mut(side).zip(&taps) {
                let [a, b, c, d] = at.map(|at| &wide[at * side..][..side]);
                for (x, value) in row.iter_mut().enumerate() {
                    *value = weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + weights[3] * d[x];
                }
            }
        }
        Self { side, fields, colours: self.colours.clone() }
    }

    /// The same picture with each cell taken from another place: x and y from 0 to 1, one pair for each cell from the top left. What lies
    /// outside is paper.
    pub(crate) fn sampled(&self, places: &[[f32; 2]]) -> Self {
        let cells = self.side * self.side;
        let taps = places.iter().map(|place| place.map(|at| enlarge::tap(at * self.side as f32 - 0.5, self.side)));
        let taps: Vec<[Taps; 2]> = taps.collect();
        let mut fields = vec![0.0; self.fields.len()];
        for (to, from) in fields.chunks_exact_mut(cells).zip(self.fields.chunks_exact(cells)) {
            for (value, [across, down]) in to.iter_mut().zip(&taps) {
                let row = |at: usize| {
                    let row = &from[at * self.side..][..self.side];
                    (0..4).map(|tap| across.weights[tap] * row[across.at[tap]]).sum::<f32>()
                };
                *value = (0..4).map(|tap| down.weights[tap] * row(down.at[tap])).sum();
            }
        }
        // A deeper step would overshoot on its other side once it is enlarged, and show as specks.
        let (paper, drawn) = fields.split_at_mut(cells);
        let outside = |[x, y]: [f32; 2]| !((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y));
        for (cell, _) in places.iter().enumerate().filter(|(_, place)| outside(**place)) {
            for layer in drawn.chunks_exact_mut(cells) {
                layer[cell] = layer[cell].min(paper[cell] - SURELY);
            }
        }
        Self { fields, ..self.clone() }
    }
}

/// Noise that turns about `turns` times along a side, from -1 to 1, the same for the same seed: `[side, side]`.
pub(crate) fn smooth_noise(turns: usize, side: usize, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ turns as u64);
    let coarse = (0..turns * turns).map(|_| random.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0).collect();
    Layers { side: turns, fields: coarse, colours: vec![0.0; COLOUR] }.enlarged(side).fields
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_layers;
    use super::*;

    #[test]
    fn larger_fields_are_the_same_picture() {
        let layers = random_layers(4, 32, 1);
        let (small, large) = (layers.render(128, Some([255; 3])), layers.enlarged(128).render(128, Some([255; 3])));
        let off: f64 = small.bytes.iter().zip(&large.bytes).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        let mean = off / small.bytes.len() as f64;
        assert!(mean < 2.0, "{mean}");
    }

    #[test]
    fn cells_are_taken_from_where_they_should() {
        let layers = random_layers(3, 8, 2);
        let at = |shift: f32| -> Vec<[f32; 2]> {
            (0..64).map(|cell| [((cell % 8) as f32 + 0.5) / 8.0 + shift, ((cell / 8) as f32 + 0.5) / 8.0]).collect()
        };
        let same = layers.sampled(&at(0.0));
        assert!(same.largest_difference(&layers) < 1e-5);
        let moved = layers.sampled(&at(0.125));
        for cell in (0..64).filter(|cell| cell % 8 < 7) {
            assert!((moved.fields[64 + cell] - layers.fields[64 + cell + 1]).abs() < 1e-4);
        }
        assert!((1..3).all(|layer| moved.fields[64 * layer + 7] <= moved.fields[7] - SURELY), "nothing from outside");
    }

    #[test]
    fn a_layer_comes_and_goes() {
        let one = Layers::empty(4).with_layer(vec![9.0; 16], [0.5; COLOUR]);
        assert!(one.render(16, None).bytes.iter().skip(3).step_by(4).all(|alpha| *alpha > 250));
        let none = one.without(|rgb| rgb == [0.5; 3]);
        assert!(none.render(16, None).bytes.iter().all(|value| *value == 0));
    }

    #[test]
    fn noise_is_smooth_and_the_same_again() {
        let noise = smooth_noise(6, 64, 3);
        assert_eq!(noise, smooth_noise(6, 64, 3));
        assert_ne!(noise, smooth_noise(6, 64, 4));
        assert!(noise.windows(2).take(63).all(|pair| (pair[0] - pair[1]).abs() < 0.4));
        assert!(noise.iter().any(|v| v.abs() > 0.5) && noise.iter().all(|v| v.abs() < 1.6));
    }
}
