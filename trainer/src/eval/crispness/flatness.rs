//! How much of a picture is plain colour.
//!
//! Main colours are found by taking away: of what is left the densest cube of colours, sixteen levels wide, gives its median; all that
//! is near that is taken away; eight times. So the answer depends on the picture alone.

/// Main colours of a picture.
const COLOURS: usize = 8;
/// A pixel is of a main colour where no channel is further from it, in levels.
const NEAR: u8 = 6;
/// Cubes are made of eight cells, so wide.
const CELL: usize = 8;
const CELLS: usize = 256 / CELL;

/// The main colours of a picture, each with its share of the pixels.
pub fn main_colours(colours: impl Iterator<Item = [u8; 3]>) -> Vec<([u8; 3], f64)> {
    let mut left: Vec<[u8; 3]> = colours.collect();
    let all = left.len();
    let mut found = vec![];
    while found.len() < COLOURS
        && let Some(main) = main(&left)
    {
        let before = left.len();
        left.retain(|colour| colour.iter().zip(main).any(|(value, main)| value.abs_diff(main) > NEAR));
        found.push((main, (before - left.len()) as f64 / all as f64));
    }
    found
}

/// The share of the colours within six levels of one of their eight main ones; `None` of nothing.
pub fn flat_share(colours: impl Iterator<Item = [u8; 3]>) -> Option<f64> {
    let mut colours = colours.peekable();
    colours.peek()?;
    Some(main_colours(colours).iter().map(|(_, share)| share).sum())
}

/// The median of the densest cube.
fn main(colours: &[[u8; 3]]) -> Option<[u8; 3]> {
    let mut counts = vec![0_u32; CELLS * CELLS * CELLS];
    let cell = |colour: &[u8; 3]| colour.map(|value| usize::from(value) / CELL);
    let index = |[r, g, b]: [usize; 3]| (r * CELLS + g) * CELLS + b;
    colours.iter().for_each(|colour| counts[index(cell(colour))] += 1);
    // A cube of eight cells from each that has any: counted at all of its corners that the cell may be.
    let corners = || (0..8_usize).map(|corner| [corner & 1, corner >> 1 & 1, corner >> 2]);
    let count = |from: [usize; 3]| -> u32 {
        let cells = corners().map(|corner| [0, 1, 2].map(|axis| from[axis] + corner[axis]));
        cells.filter(|cell| cell.iter().all(|place| *place < CELLS)).map(|cell| counts[index(cell)]).sum()
    };
    let filled = (0..counts.len()).filter(|at| counts[*at] > 0).map(|at| [at / CELLS / CELLS, at / CELLS % CELLS, at % CELLS]);
    let from = |cell: [usize; 3]| corners().map(move |corner| [0, 1, 2].map(|axis| cell[axis].saturating_sub(corner[axis])));
    let densest = filled.flat_map(from).max_by_key(|from| count(*from))?;
    let within = |colour: &&[u8; 3]| cell(colour).iter().zip(densest).all(|(place, from)| (from..=from + 1).contains(place));
    let cube: Vec<[u8; 3]> = colours.iter().filter(within).copied().collect();
    let median = |channel: usize| {
        let mut values: Vec<u8> = cube.iter().map(|colour| colour[channel]).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied()
    };
    Some([median(0)?, median(1)?, median(2)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(colours: &[([u8; 3], usize)]) -> f64 {
        flat_share(colours.iter().flat_map(|(colour, count)| vec![*colour; *count].into_iter())).unwrap()
    }

    #[test]
    fn eight_colours_are_all_flat_and_more_are_not() {
        let colour = |i: usize| [(i * 27) as u8, 255 - (i * 25) as u8, (i * 97 % 256) as u8];
        let few: Vec<_> = (0..8).map(|i| (colour(i), 100)).collect();
        assert_eq!(share(&few), 1.0);
        let more: Vec<_> = (0..10).map(|i| (colour(i), if i < 8 { 100 } else { 50 })).collect();
        assert!((share(&more) - 8.0 / 9.0).abs() < 1e-9, "the two rarest are left: {}", share(&more));
    }

    #[test]
    fn near_is_within_six_levels_of_each_channel() {
        // Of 30 and what lies beside it six levels are near, though in another cell, and seven are not.
        let eight: Vec<([u8; 3], usize)> = (0..8).map(|i| ([30 * i, 0, 0], 100)).collect();
        let apart = [eight.as_slice(), &[([37, 0, 0], 10), ([36, 0, 0], 10)]].concat();
        assert!((share(&apart) - 810.0 / 820.0).abs() < 1e-9, "{}", share(&apart));
    }

    /// A slope over all levels of one channel: eight main colours take thirteen levels each.
    #[test]
    fn a_slope_is_mostly_not_flat() {
        let slope: Vec<([u8; 3], usize)> = (0..=255).map(|level| ([level, 128, 0], 10)).collect();
        let found = share(&slope);
        assert!((7.0 * 13.0 / 256.0..=8.0 * 13.0 / 256.0).contains(&found), "{found}");
        assert_eq!(flat_share(std::iter::empty()), None);
    }
}
