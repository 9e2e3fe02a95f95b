//! Connected parts of what is marked in a square.

/// The places of each connected part, by edges and corners; parts in the order of their first place.
pub fn regions(marked: &[bool], side: usize) -> Vec<Vec<usize>> {
    let mut left = marked.to_vec();
    let mut parts = vec![];
    for first in 0..left.len() {
        if !std::mem::take(&mut left[first]) {
            continue;
        }
        let (mut part, mut next) = (vec![first], 0);
        while let Some(place) = part.get(next).copied() {
            next += 1;
            let (x, y) = (place % side, place / side);
            for (x, y) in (y.saturating_sub(1)..=y + 1).flat_map(|y| (x.saturating_sub(1)..=x + 1).map(move |x| (x, y))) {
                let inside = x < side && y * side + x < left.len();
                if inside && std::mem::take(&mut left[y * side + x]) {
                    part.push(y * side + x);
                }
            }
        }
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_touch_by_corners_and_not_across_borders() {
        let drawn = [
            "#..#", //
            ".#.#", //
            "....", //
            "#..#",
        ];
        let marked: Vec<bool> = drawn.concat().chars().map(|c| c == '#').collect();
        let parts: Vec<usize> = regions(&marked, 4).iter().map(Vec::len).collect();
        assert_eq!(parts, [2, 2, 1, 1]);
        assert!(regions(&[], 4).is_empty() && regions(&[false; 16], 4).is_empty());
        let all = regions(&[true; 16], 4);
        assert_eq!((all.len(), all[0].len()), (1, 16));
    }
}
