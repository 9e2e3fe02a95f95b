//! GenEval's rules (Ghosh, Hajishirzi and Schmidt 2023) of when a picture is right, on what was found in it.

use shared::scene::{Hue, RelationKind};

use super::prompts::{Included, Prompt};

/// Boxes' centres must be apart by more than this share of their summed sides.
const APART: f32 = 0.1;
/// How much of the way between two things must be along an axis.
const ALONG: f32 = 0.5;

/// A thing that was found: where, of what colour, and which of a prompt's things it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Left, top, right, bottom.
    pub edges: [f32; 4],
    pub colour: Option<Hue>,
    /// For each of the prompt's things, whether it is one.
    pub is: Vec<bool>,
}

/// Whether a picture shows what its prompt says: enough of each thing, where a number is said not more, in its colour and its place.
pub fn is_right(prompt: &Prompt, seen: &[Seen]) -> bool {
    let of = |included: usize| seen.iter().filter(move |one| one.is.get(included) == Some(&true));
    let fits = |(at, Included { count, colour, position, .. }): (usize, &Included)| {
        let enough = of(at).count() >= *count;
        let exact = !prompt.counts || of(at).count() == *count;
        let coloured = colour.is_none_or(|colour| of(at).filter(|one| one.colour == Some(colour)).count() >= *count);
        let placed = position.is_none_or(|(kind, other)| {
            of(at)
                .take(*count)
                .all(|one| of(other).take(prompt.included[other].count).all(|other| stands(kind, one.edges, other.edges)))
        });
        enough && exact && coloured && placed
    };
    prompt.included.iter().enumerate().all(fits)
}

/// Whether the first box is so to the second.
fn stands(kind: RelationKind, a: [f32; 4], b: [f32; 4]) -> bool {
    let centre = |of: [f32; 4]| [(of[0] + of[2]) / 2.0, (of[1] + of[3]) / 2.0];
    let sides = |of: [f32; 4]| [of[2] - of[0], of[3] - of[1]];
    let offset: [f32; 2] = std::array::from_fn(|axis| centre(a)[axis] - centre(b)[axis]);
    let beyond: [f32; 2] = std::array::from_fn(|axis| {
        (offset[axis].abs() - APART * (sides(a)[axis] + sides(b)[axis])).max(0.0) * offset[axis].signum()
    });
    let length = offset[0].hypot(offset[1]);
    if beyond.iter().all(|way| way.abs() < 1e-3) {
        return false;
    }
    let [right, down] = beyond.map(|way| way / length);
    match kind {
        RelationKind::LeftOf => right < -ALONG,
        RelationKind::RightOf => right > ALONG,
        RelationKind::Above => down < -ALONG,
        RelationKind::Below => down > ALONG,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::prompts::Skill;
    use super::*;

    /// Count, colour and position.
    type Wanted = (usize, Option<Hue>, Option<(RelationKind, usize)>);

    fn prompt(counts: bool, included: &[Wanted]) -> Prompt {
        let one = |(count, colour, position): &Wanted| Included {
            class: "it".to_owned(),
            contents: vec![0],
            count: *count,
            colour: *colour,
            position: *position,
        };
        Prompt { skill: Skill::Single, caption: String::new(), counts, included: included.iter().map(one).collect() }
    }

    fn seen(left: f32, top: f32, colour: Hue, is: &[bool]) -> Seen {
        Seen { edges: [left, top, left + 10.0, top + 10.0], colour: Some(colour), is: is.to_vec() }
    }

    #[test]
    fn enough_are_right_and_too_many_only_where_no_number_is_said() {
        let two = |count| (0..count).map(|at| seen(20.0 * at as f32, 0.0, Hue::Red, &[true])).collect::<Vec<_>>();
        for (counts, found, right) in [(true, 1, false), (true, 2, true), (true, 3, false), (false, 3, true), (false, 1, false)] {
            assert_eq!(is_right(&prompt(counts, &[(2, None, None)]), &two(found)), right, "{counts} {found}");
        }
        assert!(!is_right(&prompt(false, &[(1, None, None)]), &[seen(0.0, 0.0, Hue::Red, &[false])]));
    }

    #[test]
    fn each_thing_has_its_own_colour() {
        let wanted = prompt(false, &[(1, Some(Hue::Red), None), (1, Some(Hue::Blue), None)]);
        let pair = |a, b| [seen(0.0, 0.0, a, &[true, false]), seen(20.0, 0.0, b, &[false, true])];
        assert!(is_right(&wanted, &pair(Hue::Red, Hue::Blue)));
        assert!(!is_right(&wanted, &pair(Hue::Blue, Hue::Red)));
    }

    #[test]
    fn places_are_as_genevals() {
        use RelationKind::{Above, Below, LeftOf, RightOf};
        for (kind, x, y, right) in [
            (LeftOf, -20.0, 0.0, true),
            (LeftOf, -1.0, 0.0, false),
            (LeftOf, 20.0, 0.0, false),
            (RightOf, 20.0, 10.0, true),
            (Above, 0.0, -20.0, true),
            (Above, 30.0, -5.0, false),
            (Below, 3.0, 20.0, true),
        ] {
            let wanted = prompt(false, &[(1, None, None), (1, None, Some((kind, 0)))]);
            let found = [seen(50.0, 50.0, Hue::Red, &[true, false]), seen(50.0 + x, 50.0 + y, Hue::Red, &[false, true])];
            assert_eq!(is_right(&wanted, &found), right, "{kind:?} {x} {y}");
        }
    }
}
