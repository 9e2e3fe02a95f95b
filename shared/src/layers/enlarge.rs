//! Fields at other sizes: cubic interpolation through four neighbours along each side (Catmull and Rom 1974; Keys 1981 with a = -1/2).

/// What one new value is made of: four neighbours, and their weights. Neighbours outside repeat the border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Taps {
    pub at: [usize; 4],
    pub weights: [f32; 4],
    /// Where the four begin in a row with its [`BORDER`].
    start: usize,
}

/// Times that a row's first and last values are repeated, so that four neighbours always are one piece of it.
const BORDER: usize = 2;

/// One for each of `size` values that `side` values are enlarged to. Both lie between borders: value i at (i + 1/2) / size.
pub(super) fn taps(side: usize, size: usize) -> Vec<Taps> {
    (0..size).map(|index| tap((index as f32 + 0.5) * side as f32 / size as f32 - 0.5, side)).collect()
}

/// For one place among `side` values, the first of which lies at nought.
pub(super) fn tap(place: f32, side: usize) -> Taps {
    let last = side.saturating_sub(1) as f32;
    let (first, t) = (place.floor(), place - place.floor());
    let at = std::array::from_fn(|tap| (first + tap as f32 - 1.0).clamp(0.0, last) as usize);
    // No neighbour is more than the border's two places outside.
    let start = (first + BORDER as f32 - 1.0).max(0.0) as usize;
    Taps { at, weights: weights(t), start }
}

/// Of the neighbours at -1, 0, 1 and 2 for a place between 0 and 1.
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (2.0 * t2 - t3 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (4.0 * t2 - 3.0 * t3 + t), 0.5 * (t3 - t2)]
}

/// Every row of every field enlarged to `size` values: `[layers, side, side]` to `[layers, side, size]`.
#[inline(always)]
pub(super) fn rows(fields: &[f32], side: usize, taps: &[Taps]) -> Vec<f32> {
    let mut enlarged = vec![0.0; fields.len() / side * taps.len()];
    let mut bordered = vec![0.0; side + 2 * BORDER];
    for (row, values) in enlarged.chunks_exact_mut(taps.len()).zip(fields.chunks_exact(side)) {
        bordered[BORDER..][..side].copy_from_slice(values);
        bordered[..BORDER].fill(values[0]);
        bordered[BORDER + side..].fill(values[side - 1]);
        for (value, Taps { start, weights, .. }) in row.iter_mut().zip(taps) {
            if let Some(neighbours) = bordered[*start..].first_chunk::<4>() {
                *value = (0..4).map(|tap| weights[tap] * neighbours[tap]).sum();
            }
        }
    }
    enlarged
}

/// The other way round, for gradients: what each value of [`rows`] came from gets its share. One row, `[size]` to `[side]`.
#[cfg(feature = "training")]
#[inline(always)]
pub(super) fn row_transposed(enlarged: &[f32], taps: &[Taps], values: &mut [f32]) {
    let mut bordered = vec![0.0; values.len() + 2 * BORDER];
    for (value, Taps { start, weights, .. }) in enlarged.iter().zip(taps) {
        if let Some(neighbours) = bordered[*start..].first_chunk_mut::<4>() {
            neighbours.iter_mut().zip(weights).for_each(|(neighbour, weight)| *neighbour += weight * value);
        }
    }
    let (first, rest) = bordered.split_at(BORDER);
    let (middle, last) = rest.split_at(values.len());
    values.copy_from_slice(middle);
    values[0] += first.iter().sum::<f32>();
    values[middle.len() - 1] += last.iter().sum::<f32>();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PIL.Image.resize(BICUBIC) of mode "F", whose cubic is the same; away from the borders, where Pillow leaves neighbours out.
    #[test]
    fn values_are_pillows() {
        let enlarged = rows(&[0.0, 1.0, 4.0, 2.0, -3.0, 5.0, 5.0, 1.0], 8, &taps(8, 24));
        let expected = [2.037_037, 3.296_296, 4.0, 3.814_815, 3.074_074, 2.0, 0.074_074, -2.185_185, -3.0, -1.0, 2.444_444, 5.0];
        for (found, expected) in enlarged[5..].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{enlarged:?}");
        }
    }

    #[test]
    fn a_straight_line_stays_straight_and_a_constant_constant() {
        let values: Vec<f32> = (0..16).map(|i| i as f32).collect();
        for (index, value) in rows(&values, 16, &taps(16, 48)).into_iter().enumerate().take(42).skip(6) {
            assert!((value - ((index as f32 + 0.5) / 3.0 - 0.5)).abs() < 1e-4, "{index}: {value}");
        }
        assert!(rows(&[2.5; 16], 16, &taps(16, 33)).iter().all(|v| (v - 2.5).abs() < 1e-6));
    }
}
