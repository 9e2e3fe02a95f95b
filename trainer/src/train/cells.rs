//! True pictures as a field's cells see them: what the layers of each cell are assigned by.

use rayon::prelude::*;

/// Numbers of a cell: red, green and blue from 0 to 1, alpha, and how much it counts: a cell that an edge runs through does not.
pub const CELL: usize = 5;

/// Levels of 255 between the pixels of a cell from which it counts no more.
const EDGE: f32 = 24.0;

/// Pictures with straight alpha, `size * size * 4` bytes each, as cells: `[pictures, CELL, side, side]`.
pub fn cells(rgba: &[u8], size: usize, side: usize) -> Vec<f32> {
    let times = size / side;
    let mut cells = vec![0.0; rgba.len() / (size * size * 4) * CELL * side * side];
    cells.par_chunks_exact_mut(CELL * side * side).zip(rgba.par_chunks_exact(size * size * 4)).for_each(|(cells, picture)| {
        let pixels = picture.as_chunks::<4>().0;
        for (index, (y, x)) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))).enumerate() {
            let (mut sum, mut least, mut most) = ([0.0; 4], [255.0_f32; 4], [0.0_f32; 4]);
            for row in y * times..(y + 1) * times {
                for pixel in &pixels[row * size + x * times..][..times] {
                    // Colours that cannot be seen do not differ.
                    let alpha = f32::from(pixel[3]) / 255.0;
                    for channel in 0..4 {
                        let value = f32::from(pixel[channel]) * if channel < 3 { alpha } else { 1.0 };
                        sum[channel] += value;
                        (least[channel], most[channel]) = (least[channel].min(value), most[channel].max(value));
                    }
                }
            }
            let range = (0..4).map(|channel| most[channel] - least[channel]).fold(0.0, f32::max);
            let values = [sum[0] / sum[3].max(1.0), sum[1] / sum[3].max(1.0), sum[2] / sum[3].max(1.0)];
            let alpha = sum[3] / 255.0 / (times * times) as f32;
            let counts = (1.0 - range / EDGE).max(0.0);
            for (number, value) in [values[0], values[1], values[2], alpha, counts].into_iter().enumerate() {
                cells[number * side * side + index] = value;
            }
        }
    });
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_means_of_their_pixels_and_edges_do_not_count() {
        let (red, faint, nothing) = ([200, 100, 0, 255], [200, 100, 0, 51], [9, 9, 9, 0]);
        // Flat, flat and half transparent, empty, and an edge.
        let rows = [
            [red, red, faint, faint],
            [red, red, faint, faint],
            [nothing, nothing, red, nothing],
            [nothing, nothing, red, nothing],
        ];
        let found = cells(rows.concat().as_flattened(), 4, 2);
        let cell = |index: usize| -> Vec<f32> { (0..CELL).map(|number| found[number * 4 + index]).collect() };
        let close = |found: Vec<f32>, expected: [f32; CELL]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} instead of {expected:?}");
        };
        let (r, g) = (200.0 / 255.0, 100.0 / 255.0);
        close(cell(0), [r, g, 0.0, 1.0, 1.0]);
        close(cell(1), [r, g, 0.0, 0.2, 1.0]);
        close(cell(2), [0.0, 0.0, 0.0, 0.0, 1.0]);
        close(cell(3), [r, g, 0.0, 0.5, 0.0]);
    }
}
