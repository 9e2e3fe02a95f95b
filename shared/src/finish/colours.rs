//! Colours of a finish: saturation, contrast, light and shade, and how much of the fills is left. Hues stay.

use palette::Oklch;

use super::parameter::{Finish, Parameter};
use crate::layers::{COLOUR, Layers, to_oklch, to_rgb, within_gamut};

/// Lightness that contrast leaves where it is.
const MIDDLE: f32 = 0.62;
/// Lightness by which light and shade differ from the middle of the picture to its borders, to the right and downwards.
const LIGHT: [f32; 2] = [-0.09, -0.17];
/// Darker colours with little chroma are ink: lines that the hand has drawn, eyes, a bat.
const INK: f32 = 0.36;

/// sRGB from 0 to 1.
pub(super) type Rgb = [f32; 3];

/// Whether lines and texture pass a colour by, since it is of lines itself.
pub(super) fn is_ink(rgb: Rgb) -> bool {
    let colour = to_oklch(rgb);
    colour.l < INK && colour.chroma < 0.08
}

/// How far apart two colours look: the distance in OkLab.
pub(super) fn difference(a: Rgb, b: Rgb) -> f32 {
    let [a, b] = [a, b].map(to_oklch);
    let lab = |c: Oklch| [c.l, c.chroma * c.hue.into_radians().cos(), c.chroma * c.hue.into_radians().sin()];
    lab(a).iter().zip(lab(b)).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

/// The colour of lines: black, a dark shade of the thing's own colour, or white, by the finish's tone.
pub(super) fn ink(finish: &Finish, own: Rgb) -> Rgb {
    let tone = finish.get(Parameter::Tone);
    let own = to_oklch(own);
    let dark = Oklch::new(0.3, own.chroma.min(0.08), own.hue);
    let end = if tone < 0.0 { Oklch::new(0.14, 0.0, own.hue) } else { Oklch::new(0.98, 0.0, own.hue) };
    let t = tone.abs();
    to_rgb(within_gamut(Oklch::new(dark.l + t * (end.l - dark.l), dark.chroma * (1.0 - t), dark.hue)))
}

/// The layers in the finish's colours. `ink` is what its lines have, `ground` what shows where no fill is left.
pub(super) fn coloured(layers: &Layers, finish: &Finish, ink: Rgb, ground: Rgb) -> Layers {
    let left = finish.get(Parameter::Fill);
    let shading = finish.get(Parameter::Shading);
    // Of what is behind, half a fill takes the lightness and not the hue, or it would turn its own.
    let behind = to_oklch(ground);
    let seen = to_rgb(Oklch { chroma: behind.chroma * (1.0 - left).powi(4), ..behind });
    layers.with_colours(|colour| {
        let middle: Rgb = std::array::from_fn(|channel| colour[channel]);
        // Fills go, and what is ink becomes the ink of the lines.
        let becomes = if is_ink(middle) { ink } else { seen };
        let at = |u: f32, v: f32| {
            let slope = 1.0 + shading.min(0.0);
            let rgb = std::array::from_fn(|c| colour[c] + slope * (u * colour[3 + c] + v * colour[6 + c]));
            let light = shading.max(0.0) * (u * LIGHT[0] + v * LIGHT[1]);
            let finished = finished(rgb, finish, light);
            std::array::from_fn::<f32, 3, _>(|c| left * finished[c] + (1.0 - left) * becomes[c])
        };
        let (middle, right, down) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0));
        let mut changed = [0.0; COLOUR];
        for c in 0..3 {
            (changed[c], changed[3 + c], changed[6 + c]) = (middle[c], right[c] - middle[c], down[c] - middle[c]);
        }
        changed
    })
}

fn finished(rgb: Rgb, finish: &Finish, light: f32) -> Rgb {
    let colour = to_oklch(rgb);
    let (saturation, contrast) = (finish.get(Parameter::Saturation), finish.get(Parameter::Contrast));
    let l = match contrast < 0.0 {
        // Pale: towards a light tint, where little is left of black.
        true => colour.l + contrast * 0.6 * (colour.l - 0.9),
        false => MIDDLE + (colour.l - MIDDLE) * (1.0 + 0.6 * contrast),
    };
    let chroma = colour.chroma * if saturation < 0.0 { 1.0 + saturation } else { 1.0 + 0.7 * saturation };
    let chroma = if contrast < 0.0 { chroma * (1.0 + 0.35 * contrast) } else { chroma };
    to_rgb(within_gamut(Oklch::new((l + light).clamp(0.05, 1.0), chroma, colour.hue)))
}

/// The finish's paper: red, green and blue, and how much of it there is, from 0 to 1.
pub(super) fn paper(finish: &Finish) -> ([u8; 3], f32) {
    let paper = finish.get(Parameter::Paper);
    let degrees = 360.0 * finish.get(Parameter::Hue);
    let (lightness, chroma) = match paper < 0.0 {
        true => (0.58 + 0.5 * paper, 0.14 * (1.0 + paper).min(0.8)),
        false => (0.86 + 0.14 * paper, 0.075 * (1.0 - paper)),
    };
    let rgb = to_rgb(within_gamut(Oklch::new(lightness.max(0.12), chroma, degrees)));
    (rgb.map(|value| (value * 255.0).round() as u8), (paper.abs() / 0.2).min(1.0))
}
