//! A thing in another colour: its main colours take the hue, and their order of lightness stays.
//!
//! Worked out in OkLCh (Ottosson 2020), where a hue looks alike at any lightness. Main colours are those that cover most of the thing.
//! Outlines, which are nearly black, and highlights, which are nearly white, stay, unless they are what the thing is made of.

use palette::{FromColor, IntoColor, Oklch, Srgb};

use super::{COLOUR, Layers};

/// A colour to take: OkLCh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tint {
    /// Lightness, from 0 to 1.
    pub lightness: f32,
    /// Chroma, from 0 (grey) to about 0.3.
    pub chroma: f32,
    /// In degrees.
    pub hue: f32,
}

/// Colours darker than this, and of little chroma, are outlines.
const DARK: f32 = 0.32;
/// Colours lighter than this, and of little chroma, are highlights.
const LIGHT: f32 = 0.93;
/// Chroma below which a colour has no hue.
const GREY: f32 = 0.045;
/// Degrees by which shades of one colour differ at most.
const SHADES: f32 = 45.0;
/// Main colours cover this share of what takes a colour.
const MOST: f32 = 0.6;
/// What covers less of a thing than this is no body, only an outline or a highlight.
const BODY: f32 = 0.25;

/// How one colour of a thing changes: as much lighter or darker than the new colour as it was than the mean of its group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recolouring {
    tint: Tint,
    /// Lightness and chroma.
    means: [f32; 2],
}

impl Recolouring {
    /// The new colour for one, both sRGB from 0 to 1.
    pub fn apply(&self, rgb: [f32; 3]) -> [f32; 3] {
        to_rgb(self.tint.taken_by(to_oklch(rgb), self.means))
    }
}

/// An entry of the palette.
#[derive(Debug, Clone, Copy)]
struct Entry {
    place: usize,
    colour: Oklch,
    /// Share of the visible field that it covers.
    share: f32,
}

impl Entry {
    fn is_dark(&self) -> bool {
        self.colour.l < DARK && self.colour.chroma < 0.07
    }

    fn is_light(&self) -> bool {
        self.colour.l > LIGHT && self.colour.chroma < GREY
    }

    fn is_shade_of(&self, other: &Self) -> bool {
        let grey = |entry: &Self| entry.colour.chroma < GREY;
        let apart = (self.colour.hue - other.colour.hue).into_degrees().abs();
        if grey(self) || grey(other) { grey(self) == grey(other) } else { apart <= SHADES }
    }
}

/// How each of a thing's colours (sRGB, with the share of what is visible that it covers) changes where the thing takes these tints, two at
/// most: its main colours take the first and what is left of it the second. `None` stays as it is.
pub fn recolourings(colours: &[([f32; 3], f32)], tints: &[Tint]) -> Vec<Option<Recolouring>> {
    let entry = |(place, (rgb, share)): (usize, &([f32; 3], f32))| Entry { place, colour: to_oklch(*rgb), share: *share };
    let mut entries: Vec<Entry> = colours.iter().enumerate().map(entry).filter(|entry| entry.share > 0.0).collect();
    entries.sort_by(|a, b| b.share.total_cmp(&a.share));
    let mut changes = vec![None; colours.len()];
    for (tint, group) in tints.iter().zip(groups(entries, tints.len())) {
        let all: f32 = group.iter().map(|entry| entry.share).sum();
        let mean = |of: fn(&Entry) -> f32| group.iter().map(|entry| of(entry) * entry.share).sum::<f32>() / all.max(1e-6);
        let means = [mean(|entry| entry.colour.l), mean(|entry| entry.colour.chroma)];
        group.iter().for_each(|entry| changes[entry.place] = Some(Recolouring { tint: *tint, means }));
    }
    changes
}

impl Layers {
    /// The same thing in these colours, as [`recolourings`] has them.
    pub fn recoloured(&self, tints: &[Tint]) -> Self {
        let mut colours = self.colours.clone();
        for (layer, change) in recolourings(&self.shares(), tints).into_iter().enumerate() {
            if let Some(change) = change {
                recolour(&mut colours[layer * COLOUR..][..COLOUR], |rgb| change.apply(rgb));
            }
        }
        Self { colours, ..self.clone() }
    }

    /// The same thing with this share of another colour (red, green, blue) mixed into all of its own.
    pub fn mixed(&self, rgb: [u8; 3], share: f32) -> Self {
        let mut colours = self.colours.clone();
        for colour in colours.chunks_exact_mut(COLOUR) {
            colour.iter_mut().for_each(|value| *value *= 1.0 - share);
            colour.iter_mut().zip(rgb).for_each(|(value, other)| *value += share * f32::from(other) / 255.0);
        }
        Self { colours, ..self.clone() }
    }

    /// Each layer's colour and the share of what is visible that it covers; of paper none.
    pub(crate) fn shares(&self) -> Vec<([f32; 3], f32)> {
        let cells = self.side * self.side;
        let mut counts = vec![0_usize; self.count()];
        for cell in 0..cells {
            let logit = |layer: &usize| self.fields[layer * cells + cell];
            let most = (0..self.count()).max_by(|a, b| logit(a).total_cmp(&logit(b)));
            counts[most.unwrap_or(0)] += 1;
        }
        let visible = (cells - counts[0]).max(1) as f32;
        counts[0] = 0;
        let rgb = |layer: usize| std::array::from_fn(|channel| self.colours[layer * COLOUR + channel]);
        counts.into_iter().enumerate().map(|(layer, count)| (rgb(layer), count as f32 / visible)).collect()
    }
}

/// Which entries take which of `count` colours.
fn groups(entries: Vec<Entry>, count: usize) -> Vec<Vec<Entry>> {
    let coloured = |entry: &Entry| !entry.is_dark() && !entry.is_light();
    let body: f32 = entries.iter().filter(|entry| coloured(entry)).map(|entry| entry.share).sum();
    let has_body = body >= BODY;
    // A ghost is white and a bat black all over: then these are its main colours.
    let mut left: Vec<Entry> = match has_body {
        true => entries.iter().copied().filter(coloured).collect(),
        false => entries.iter().copied().filter(|entry| entry.share >= BODY / 2.0).collect(),
    };
    let mut groups = Vec::new();
    for number in 0..count {
        // Where more colours follow, one group of shades is enough.
        let last = number + 1 == count;
        let goal = if last { MOST * left.iter().map(|entry| entry.share).sum::<f32>() } else { 0.0 };
        let (mut group, mut share) = (Vec::new(), 0.0);
        while let Some(first) = left.first().copied() {
            let (shades, others): (Vec<Entry>, Vec<Entry>) = left.into_iter().partition(|entry| entry.is_shade_of(&first));
            share += shades.iter().map(|entry| entry.share).sum::<f32>();
            group.extend(shades);
            left = others;
            if share >= goal {
                break;
            }
        }
        groups.push(group);
    }
    // One colour all over, and two are asked for: its darker half takes the second.
    if count == 2 && groups[1].is_empty() && groups[0].len() > 1 {
        groups[0].sort_by(|a, b| b.colour.l.total_cmp(&a.colour.l));
        let half = groups[0].len().div_ceil(2);
        groups[1] = groups[0].split_off(half);
    }
    groups
}

impl Tint {
    /// This colour as a shade: as much lighter or darker than the mean as `colour` was, `means` being lightness and chroma.
    fn taken_by(&self, colour: Oklch, [lightness, chroma]: [f32; 2]) -> Oklch {
        // Near white or black there is less room for shades.
        let room = (1.0 - (2.0 * self.lightness - 1.0).abs().powi(3)).max(0.35);
        let l = (self.lightness + (colour.l - lightness) * room).clamp(0.08, 0.99);
        let strength = if chroma > GREY { (colour.chroma / chroma).clamp(0.7, 1.1) } else { 1.0 };
        within_gamut(Oklch::new(l, self.chroma * strength, self.hue))
    }
}

impl Tint {
    /// A colour that is shown: red, green and blue.
    pub fn of(rgb: [u8; 3]) -> Self {
        let Oklch { l, chroma, hue } = to_oklch(rgb.map(|value| f32::from(value) / 255.0));
        Self { lightness: l, chroma, hue: hue.into_positive_degrees() }
    }

    /// The colour as it is shown: red, green and blue.
    pub fn rgb(self) -> [u8; 3] {
        to_rgb(within_gamut(Oklch::new(self.lightness, self.chroma, self.hue))).map(|value| (value * 255.0).round() as u8)
    }
}

/// Applies a change of colours to a layer's colour and its slopes.
fn recolour(colour: &mut [f32], changed: impl Fn([f32; 3]) -> [f32; 3]) {
    let middle: [f32; 3] = std::array::from_fn(|channel| colour[channel]);
    let moved = |slope: usize| std::array::from_fn(|channel| middle[channel] + colour[slope + channel]);
    let (at, ends) = (changed(middle), [3, 6].map(|slope| changed(moved(slope))));
    for channel in 0..3 {
        colour[channel] = at[channel];
        colour[3 + channel] = ends[0][channel] - at[channel];
        colour[6 + channel] = ends[1][channel] - at[channel];
    }
}

/// From sRGB, 0 to 1.
pub(crate) fn to_oklch(rgb: [f32; 3]) -> Oklch {
    let [r, g, b] = rgb.map(|value| value.clamp(0.0, 1.0));
    Oklch::from_color(Srgb::new(r, g, b).into_linear())
}

/// As sRGB, 0 to 1; what a screen cannot show is cut off.
pub(crate) fn to_rgb(colour: Oklch) -> [f32; 3] {
    let linear: palette::LinSrgb = colour.into_color();
    let Srgb { red, green, blue, .. } = Srgb::from_linear(linear);
    [red, green, blue].map(|value: f32| value.clamp(0.0, 1.0))
}

/// The same hue and lightness with as much chroma as a screen can show.
pub(crate) fn within_gamut(colour: Oklch) -> Oklch {
    let shows = |colour: Oklch| {
        let linear: palette::LinSrgb = colour.into_color();
        [linear.red, linear.green, linear.blue].iter().all(|value| (-1e-3..=1.001).contains(value))
    };
    if shows(colour) {
        return colour;
    }
    let (mut shown, mut beyond) = (0.0, colour.chroma);
    for _ in 0..12 {
        let middle = (shown + beyond) / 2.0;
        if shows(Oklch { chroma: middle, ..colour }) { shown = middle } else { beyond = middle }
    }
    Oklch { chroma: shown, ..colour }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLUE: Tint = Tint { lightness: 0.56, chroma: 0.18, hue: 260.0 };
    const YELLOW: Tint = Tint { lightness: 0.88, chroma: 0.17, hue: 92.0 };

    /// Fields of 10 x 10 of which each layer has so many cells, the rest being paper.
    fn layers(of: &[([f32; 3], usize)]) -> Layers {
        let (side, count) = (10, of.len() + 1);
        let mut fields = vec![0.0; count * side * side];
        fields[..side * side].fill(1.0);
        let mut colours = vec![0.0; count * COLOUR];
        let mut next = 0;
        for (index, (rgb, cells)) in of.iter().enumerate() {
            for cell in next..next + cells {
                fields[(index + 1) * side * side + cell] = 5.0;
            }
            next += cells;
            colours[(index + 1) * COLOUR..][..3].copy_from_slice(rgb);
        }
        Layers::new(side, fields, colours).unwrap()
    }

    fn colour(layers: &Layers, layer: usize) -> Oklch {
        to_oklch(std::array::from_fn(|channel| layers.colours()[layer * COLOUR + channel]))
    }

    fn rgb(layers: &Layers, layer: usize) -> [f32; 3] {
        std::array::from_fn(|channel| layers.colours()[layer * COLOUR + channel])
    }

    /// Björn Ottosson's own values for three colours, from his page on Oklab.
    #[test]
    fn the_conversion_is_ottossons() {
        for (rgb, [l, a, b]) in [
            ([1.0, 0.0, 0.0], [0.628, 0.225, 0.126]),
            ([0.0, 1.0, 0.0], [0.866, -0.234, 0.179]),
            ([0.0, 0.0, 1.0], [0.452, -0.032, -0.312]),
        ] {
            let found = to_oklch(rgb);
            let hue = found.hue.into_radians();
            assert!((found.l - l).abs() < 2e-3 && (found.chroma * hue.cos() - a).abs() < 2e-3, "{rgb:?}: {found:?}");
            assert!((found.chroma * hue.sin() - b).abs() < 2e-3, "{rgb:?}: {found:?}");
        }
    }

    /// An apple: two reds, a green leaf, a dark outline and a white gleam.
    #[test]
    fn main_colours_take_the_hue_and_all_else_stays() {
        let apple = layers(&[
            ([0.85, 0.15, 0.2], 40),
            ([0.65, 0.08, 0.15], 15),
            ([0.3, 0.65, 0.25], 6),
            ([0.1, 0.1, 0.1], 10),
            ([1.0, 1.0, 1.0], 4),
        ]);
        let blue = apple.recoloured(&[BLUE]);
        for layer in [1, 2] {
            assert!((colour(&blue, layer).hue.into_positive_degrees() - 260.0).abs() < 3.0, "{:?}", colour(&blue, layer));
        }
        assert!(colour(&blue, 1).l > colour(&blue, 2).l + 0.05, "the order of lightness stays");
        for layer in [3, 4, 5] {
            assert_eq!(rgb(&blue, layer), rgb(&apple, layer));
        }
        assert_eq!(blue.fields(), apple.fields());
    }

    #[test]
    fn a_white_thing_and_a_black_one_are_coloured_all_over() {
        for body in [[0.97, 0.97, 0.97], [0.08, 0.08, 0.08]] {
            let thing = layers(&[(body, 60), ([0.5, 0.5, 0.5], 3)]).recoloured(&[BLUE]);
            let found = colour(&thing, 1);
            assert!((found.hue.into_positive_degrees() - 260.0).abs() < 3.0 && found.chroma > 0.1, "{found:?}");
        }
    }

    #[test]
    fn two_colours_go_to_two_parts() {
        let parrot = layers(&[([0.8, 0.1, 0.1], 40), ([0.1, 0.5, 0.9], 20), ([0.05, 0.05, 0.05], 5)]);
        let found = parrot.recoloured(&[BLUE, YELLOW]);
        assert!((colour(&found, 1).hue.into_positive_degrees() - 260.0).abs() < 3.0);
        assert!((colour(&found, 2).hue.into_positive_degrees() - 92.0).abs() < 3.0);
        // Of one colour in two shades, the darker shade takes the second.
        let plain = layers(&[([0.8, 0.1, 0.1], 40), ([0.5, 0.05, 0.05], 20)]).recoloured(&[BLUE, YELLOW]);
        assert!((colour(&plain, 2).hue.into_positive_degrees() - 92.0).abs() < 3.0);
    }

    #[test]
    fn grey_white_and_black_have_no_hue_and_slopes_go_along() {
        let mut apple = layers(&[([0.85, 0.15, 0.2], 50)]);
        apple.colours[COLOUR + 3..COLOUR + 9].copy_from_slice(&[0.1, 0.05, 0.05, -0.2, -0.05, -0.05]);
        for lightness in [0.2, 0.6, 0.98] {
            let found = apple.recoloured(&[Tint { lightness, chroma: 0.0, hue: 0.0 }]);
            let [r, g, b] = rgb(&found, 1);
            assert!((r - g).abs() < 0.01 && (g - b).abs() < 0.01, "{:?}", rgb(&found, 1));
            assert!((colour(&found, 1).l - lightness).abs() < 0.02);
            let slopes = &found.colours()[COLOUR + 3..2 * COLOUR];
            assert!(slopes[0] >= 0.0 && slopes[3] < 0.0, "lighter to the right, darker below: {slopes:?}");
        }
    }

    #[test]
    fn nothing_and_no_colour_change_nothing() {
        let apple = layers(&[([0.85, 0.15, 0.2], 50)]);
        assert_eq!(apple.recoloured(&[]), apple);
        let nothing = layers(&[([0.85, 0.15, 0.2], 0)]);
        assert_eq!(nothing.recoloured(&[BLUE]), nothing);
    }
}
