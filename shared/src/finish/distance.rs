//! How far each cell of a map is from lines in it.

use kurbo::Point;

/// The distance of each cell's middle from the nearest of these pieces of lines, in cells; what is further away than `reach` has `reach`.
/// `[side, side]`
pub(super) fn distances(pieces: &[[Point; 2]], side: usize, reach: f32) -> Vec<f32> {
    let mut nearest = vec![reach * reach; side * side];
    for [from, to] in pieces.iter().map(|piece| piece.map(|point| [point.x as f32, point.y as f32])) {
        let way = [to[0] - from[0], to[1] - from[1]];
        let length = (way[0] * way[0] + way[1] * way[1]).max(1e-12);
        let cells = |axis: usize| {
            let (low, high) = (from[axis].min(to[axis]) - reach - 0.5, from[axis].max(to[axis]) + reach - 0.5);
            low.ceil().max(0.0) as usize..((high.floor() + 1.0).max(0.0) as usize).min(side)
        };
        for y in cells(1) {
            let row = &mut nearest[y * side..][..side];
            for x in cells(0) {
                let at = [x as f32 + 0.5 - from[0], y as f32 + 0.5 - from[1]];
                let t = ((at[0] * way[0] + at[1] * way[1]) / length).clamp(0.0, 1.0);
                let off = [at[0] - t * way[0], at[1] - t * way[1]];
                row[x] = row[x].min(off[0] * off[0] + off[1] * off[1]);
            }
        }
    }
    nearest.into_iter().map(f32::sqrt).collect()
}

/// A closed line as its pieces.
pub(super) fn pieces(points: &[Point]) -> impl Iterator<Item = [Point; 2]> + '_ {
    points.iter().zip(points.iter().cycle().skip(1)).map(|(a, b)| [*a, *b])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_geometry() {
        let square = [(2.0, 2.0), (6.0, 2.0), (6.0, 6.0), (2.0, 6.0)].map(|(x, y)| Point::new(x, y));
        let found = distances(&pieces(&square).collect::<Vec<_>>(), 10, 3.0);
        let at = |x: usize, y: usize| found[y * 10 + x];
        assert!((at(3, 3) - 1.5).abs() < 1e-6 && (at(2, 4) - 0.5).abs() < 1e-6, "{} {}", at(3, 3), at(2, 4));
        assert!((at(0, 0) - 1.5 * 2.0_f32.sqrt()).abs() < 1e-5, "{}", at(0, 0));
        assert_eq!(at(9, 9), 3.0);
        assert!(distances(&[], 4, 2.0).iter().all(|d| *d == 2.0));
    }
}
