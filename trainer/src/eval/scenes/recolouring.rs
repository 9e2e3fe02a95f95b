//! Are things recoloured as their true art would be? The model's own picture in a colour, against the SVG whose fills took it by the same rule.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use shared::layers::{Layers, Tint};
use shared::scene::{Colour, Hue};
use shared::style::StyleCode;

use super::prompts::COLOURS;
use super::rows::Rows;
use crate::data::emoji::TrueArt;
use crate::data::{CHANNELS, DataError, Split, captions};
use crate::report::figures::{By, Figure, mean};
use crate::train::regions::Regions;

/// How far colours are from the true ones, one value a picture: in OkLab, over what is visible in both.
#[derive(Debug, Default)]
struct Distances {
    recoloured: Vec<f64>,
    /// As they are, from the true art as it is: what the drawing itself is off by.
    own: Vec<f64>,
    /// As they are, from the true art in the colour: what somebody gets who passes the colour over.
    ignored: Vec<f64>,
}

/// `None` of a model that draws pixels, whose colours cannot be moved.
///
/// # Errors
/// [`DataError`] where the true art cannot be drawn.
pub fn figure(rows: &Rows<'_>, art: &TrueArt, most: usize, random: &mut impl Rng) -> Result<Option<Figure>, DataError> {
    let (dataset, model) = (rows.dataset, rows.model);
    let Some(regions) = Regions::of(dataset, model.style_size) else { return Ok(None) };
    let mut samples = dataset.of_split(Split::Train);
    samples.shuffle(random);
    let mut distances = Distances::default();
    for sample in samples {
        if distances.own.len() == most {
            break;
        }
        let of = dataset.samples[sample];
        let (content, set) = (&dataset.contents[of.content], &dataset.styles[of.style]);
        let numbers = model.vocabulary.read(&captions::canonical(content), model.caption_words).numbers;
        let tint = COLOURS.choose(random).map_or(Hue::Red, |hue| *hue);
        let tints = [Colour { hue: tint, shade: None }.tint()];
        let side = dataset.image_size;
        let Some(truth) = art.recoloured(&content.key, set, side, &tints)?.filter(|_| !numbers.is_empty()) else { continue };
        let style: StyleCode = regions.centre_code(of.style);
        let Some(drawn) = rows.drawer.layers(&[numbers], &[style]).and_then(|mut drawn| drawn.pop()) else { return Ok(None) };
        let render = |layers: &Layers| layers.render(side, None).bytes;
        let own = dataset.rgba(sample)?;
        let (plain, moved) = (render(&drawn), render(&drawn.recoloured(&tints)));
        let apart = [apart(&moved, &truth), apart(&plain, &own), apart(&plain, &truth)];
        if let [Some(recoloured), Some(of_drawing), Some(ignored)] = apart {
            distances.recoloured.push(recoloured);
            distances.own.push(of_drawing);
            distances.ignored.push(ignored);
        }
    }
    if distances.own.is_empty() {
        return Ok(None);
    }
    let n = distances.own.len();
    let figure = Figure::new(
        "colours from the true art in the same colour (OkLab)",
        mean(&distances.recoloured),
        By::Pixels,
        n,
        "training pictures, vector art",
    );
    Ok(Some(
        figure
            .beside("in its own colours, from the true art's own", mean(&distances.own))
            .beside("in its own colours, from the true art in the colour", mean(&distances.ignored))
            .from(format!(
                "the rule on the SVG's fills and on the layers, one of {} colours each, at its set's centre",
                COLOURS.len()
            )),
    ))
}

/// Mean distance of what is visible in both; `None` where nothing is.
fn apart(a: &[u8], b: &[u8]) -> Option<f64> {
    let pairs = a.as_chunks::<CHANNELS>().0.iter().zip(b.as_chunks::<CHANNELS>().0);
    let both = pairs.filter(|(a, b)| a[3] > 127 && b[3] > 127);
    let lab = |[r, g, b, _]: &[u8; CHANNELS]| {
        let Tint { lightness, chroma, hue } = Tint::of([*r, *g, *b]);
        let (sin, cos) = hue.to_radians().sin_cos();
        [lightness, chroma * cos, chroma * sin]
    };
    let distance = |(a, b)| lab(a).into_iter().zip(lab(b)).map(|(a, b)| f64::from((a - b).powi(2))).sum::<f64>().sqrt();
    let all: Vec<f64> = both.map(distance).collect();
    (!all.is_empty()).then(|| mean(&all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_of_what_both_show() {
        let white = [255, 255, 255, 255, 255, 255, 255, 0];
        let black = [0, 0, 0, 255, 0, 0, 0, 255];
        assert!((apart(&white, &black).unwrap() - 1.0).abs() < 1e-3, "OkLab's lightness is from 0 to 1");
        assert_eq!(apart(&white, &white), Some(0.0));
        assert_eq!(apart(&[0; 4], &[0; 4]), None);
    }
}
