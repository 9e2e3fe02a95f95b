//! What colour a thing has: fixed boxes in OkLCh, which know nothing of how Emblem recolours.

use shared::layers::Tint;
use shared::scene::Hue;

/// Least share of the visible pixels that the greys must cover before a thing is called black, white or grey: most things have outlines and
/// highlights.
const PLAIN: f32 = 0.5;
/// Chroma below which a colour is a grey.
const GREY: f32 = 0.05;

/// What people call a colour.
fn name(rgb: [u8; 3]) -> Hue {
    let Tint { lightness, chroma, hue } = Tint::of(rgb);
    if chroma < GREY {
        return match lightness {
            ..0.36 => Hue::Black,
            0.88.. => Hue::White,
            _ => Hue::Grey,
        };
    }
    match hue {
        ..12.0 | 340.0.. if lightness > 0.65 => Hue::Pink,
        12.0..34.0 if lightness > 0.74 => Hue::Pink,
        ..34.0 | 350.0.. => Hue::Red,
        34.0..75.0 if lightness < 0.62 => Hue::Brown,
        75.0..105.0 if lightness < 0.55 => Hue::Brown,
        34.0..75.0 => Hue::Orange,
        75.0..112.0 => Hue::Yellow,
        112.0..190.0 => Hue::Green,
        190.0..285.0 => Hue::Blue,
        _ if lightness > 0.75 && hue > 320.0 => Hue::Pink,
        _ => Hue::Purple,
    }
}

/// The colour that most of what is visible has; `None` of nothing.
pub fn main_colour(pixels: impl Iterator<Item = [u8; 3]>) -> Option<Hue> {
    let (mut counts, mut all): (Vec<(Hue, usize)>, usize) = (vec![], 0);
    for hue in pixels.map(name) {
        all += 1;
        match counts.iter_mut().find(|(known, _)| *known == hue) {
            Some((_, count)) => *count += 1,
            None => counts.push((hue, 1)),
        }
    }
    let is_plain = |hue: Hue| matches!(hue, Hue::Black | Hue::White | Hue::Grey);
    let most = |plain: bool| {
        let of_kind = counts.iter().filter(|(hue, _)| is_plain(*hue) == plain);
        of_kind.max_by_key(|(_, count)| *count).map(|(hue, _)| *hue)
    };
    let plain: usize = counts.iter().filter(|(hue, _)| is_plain(*hue)).map(|(_, count)| count).sum();
    if plain as f32 > PLAIN * all as f32 { most(true) } else { most(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X11's colours of these names, which nobody here chose.
    #[test]
    fn colours_are_called_as_x11_calls_them() {
        for (rgb, hue) in [
            ([255, 0, 0], Hue::Red),
            ([178, 34, 34], Hue::Red),
            ([255, 165, 0], Hue::Orange),
            ([255, 255, 0], Hue::Yellow),
            ([0, 128, 0], Hue::Green),
            ([50, 205, 50], Hue::Green),
            ([0, 0, 255], Hue::Blue),
            ([135, 206, 235], Hue::Blue),
            ([128, 0, 128], Hue::Purple),
            ([138, 43, 226], Hue::Purple),
            ([255, 192, 203], Hue::Pink),
            ([255, 105, 180], Hue::Pink),
            ([139, 69, 19], Hue::Brown),
            ([0, 0, 0], Hue::Black),
            ([255, 255, 255], Hue::White),
            ([128, 128, 128], Hue::Grey),
        ] {
            assert_eq!(name(rgb), hue, "{rgb:?}: {:?}", Tint::of(rgb));
        }
    }

    #[test]
    fn outlines_do_not_make_a_thing_black() {
        let pixels = |of: &[([u8; 3], usize)]| of.iter().flat_map(|(rgb, count)| vec![*rgb; *count]).collect::<Vec<_>>();
        let apple = pixels(&[([0, 0, 0], 30), ([200, 20, 30], 40), ([255, 255, 255], 10), ([0, 128, 0], 10)]);
        assert_eq!(main_colour(apple.into_iter()), Some(Hue::Red));
        let bat = pixels(&[([20, 20, 20], 60), ([200, 20, 30], 20), ([128, 128, 128], 20)]);
        assert_eq!(main_colour(bat.into_iter()), Some(Hue::Black));
        assert_eq!(main_colour(std::iter::empty()), None);
    }
}
