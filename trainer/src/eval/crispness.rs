//! Are training pictures drawn as they are, and as crisply? What is drawn of a training pair at its set's own place among the styles,
//! against the true picture: at the training size by its pixels and its alpha, and at 512 px by how wide its edges are and how much of it
//! is plain colour.
//!
//! At 512 px the true art is the drawing itself, so only vector art is looked at there. Beside each figure stands the true art's own and
//! that of a table of pictures, which has them at the training size and enlarges them.

mod edges;
pub(super) mod flatness;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use shared::style::StyleCode;

use super::drawing::{Picture, enlarged};
use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::emoji::TrueArt;
use crate::data::{DataError, Dataset, Split, WHITE, on_paper};
use crate::report::figures::{By, Figure, mean, percent};
use crate::train::regions::Regions;
use edges::Plane;
use flatness::flat_share;

/// The side at which pictures are looked at closely.
const LARGE: usize = 512;
/// Places looked at on a picture's edges, at most.
const CONTOURS: usize = 32;
/// Pictures in hand at a time: large ones take 3 MB each.
const CHUNK: usize = 32;
/// Alpha from which a pixel of the true picture is visible.
const VISIBLE: u8 = 128;
const SPLIT: &str = "training pictures";

/// # Errors
/// [`DataError`] where real pictures cannot be read or drawn.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let dataset = subject.dataset;
    let Some(regions) = Regions::of(dataset, subject.model.style_size) else {
        return Ok((
            vec![],
            vec!["training pictures as they are: the data has no style labels, so no style is a picture's".to_owned()],
        ));
    };
    let mut random = draws(subject.protocol.seed, Draws::Crispness);
    let mut samples = dataset.of_split(Split::Train);
    samples.retain(|sample| !subject.numbers(dataset.samples[*sample].content).is_empty());
    samples.shuffle(&mut random);
    samples.truncate(subject.protocol.crispness);
    let (mut small, mut large) = (Small::default(), vec![]);
    for chunk in samples.chunks(CHUNK) {
        let numbers: Vec<Vec<u32>> = chunk.iter().map(|sample| subject.numbers(dataset.samples[*sample].content)).collect();
        let codes: Vec<StyleCode> = chunk.iter().map(|sample| regions.centre_code(dataset.samples[*sample].style)).collect();
        for (sample, drawn) in chunk.iter().zip(subject.drawer.draw(&numbers, &codes, dataset.image_size)?) {
            small.add(&dataset.rgba(*sample)?, drawn);
        }
        if let Some(art) = subject.art {
            let drawn = subject.drawer.draw(&numbers, &codes, LARGE)?;
            let seed = subject.protocol.seed;
            let looked = chunk.par_iter().zip(drawn).map(|(sample, drawn)| Large::of(dataset, art, *sample, drawn, seed));
            large.extend(looked.collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
        }
    }
    Ok(all(&small, &large, subject.art.is_some(), dataset.image_size))
}

/// What pictures at the training size are off by.
#[derive(Debug, Default)]
struct Small {
    /// Mean absolute difference on white, of 1, one a picture.
    l1: Vec<f64>,
    /// The same of alpha, where what is drawn has any.
    alpha: Vec<f64>,
}

impl Small {
    /// `truth` is RGBA.
    fn add(&mut self, truth: &[u8], drawn: Picture) {
        if let Some(alpha) = drawn.alpha() {
            self.alpha.push(apart(alpha, truth.iter().skip(3).step_by(4).copied()));
        }
        self.l1.push(apart(drawn.into_white().into_iter(), on_paper(truth, WHITE).into_iter()));
    }
}

/// Mean absolute difference, of 1.
fn apart(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> f64 {
    let (sum, count) = a.zip(b).fold((0_u64, 0_u64), |(sum, count), (a, b)| (sum + u64::from(a.abs_diff(b)), count + 1));
    sum as f64 / 255.0 / count.max(1) as f64
}

/// A picture looked at closely, and its true ones: as it is drawn, the true art, and a table's.
#[derive(Debug, Clone, Default)]
struct Large {
    /// The widths of edges, one a place, and how many places there are.
    widths: [Vec<f64>; 3],
    places: usize,
    /// Shares of plain colour.
    flat: [f64; 3],
}

impl Large {
    /// `None` of what is no vector art.
    fn of(dataset: &Dataset, art: &TrueArt, sample: usize, drawn: Picture, seed: u64) -> Result<Option<Self>, DataError> {
        let of = dataset.samples[sample];
        let (key, set) = (&dataset.contents[of.content].key, &dataset.styles[of.style]);
        let Some(truth) = art.draw(key, set, LARGE)?.filter(|_| art.is_vector(key, set)) else { return Ok(None) };
        let table = enlarged(dataset.pixels(sample)?, dataset.image_size, LARGE);
        // A picture's places depend on the seed and on nothing that was drawn before.
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ sample as u64;
        Ok(Some(Self::compared(&truth, [drawn.into_white(), on_paper(&truth, WHITE), table], LARGE, seed)))
    }

    /// `truth` is RGBA, the others are RGB on white, the second the true one.
    fn compared(truth: &[u8], pictures: [Vec<u8>; 3], size: usize, seed: u64) -> Self {
        let planes = pictures.each_ref().map(|picture| Plane::new(picture, size));
        let contours = edges::contours(planes[1], CONTOURS, &mut ChaCha8Rng::seed_from_u64(seed));
        let widths = |plane: Plane| contours.iter().filter_map(|at| edges::width(plane, at)).map(f64::from).collect();
        let visible = |rgb: &Vec<u8>| {
            let pixels = rgb.as_chunks::<3>().0.iter().zip(truth.as_chunks::<4>().0);
            flat_share(pixels.filter(|(_, truth)| truth[3] >= VISIBLE).map(|(colour, _)| *colour)).unwrap_or(1.0)
        };
        Self { widths: planes.map(widths), places: contours.len(), flat: pictures.each_ref().map(visible) }
    }
}

fn all(small: &Small, large: &[Large], has_art: bool, size: usize) -> (Vec<Figure>, Vec<String>) {
    let (mut figures, mut left_out) = (vec![], vec![]);
    let place = "each drawn at its set's centre";
    let l1 = Figure::new(
        &format!("L1 of training pictures at {size} px, on white"),
        mean(&small.l1),
        By::Pixels,
        small.l1.len(),
        SPLIT,
    );
    figures.push(l1.beside("table of pictures", 0.0).from(format!("mean absolute difference, of 1; {place}")));
    if small.alpha.is_empty() {
        left_out.push("alpha error: what is drawn has no alpha".to_owned());
    } else {
        let alpha = Figure::new("alpha error", mean(&small.alpha), By::Pixels, small.alpha.len(), SPLIT);
        figures
            .push(alpha.beside("table of pictures", 0.0).from(format!("mean absolute difference, of 1, at {size} px; {place}")));
    }
    let widths = |of: usize| large.iter().flat_map(|one| one.widths[of].iter().copied()).collect::<Vec<f64>>();
    let places: usize = large.iter().map(|one| one.places).sum();
    let missing = |what: &str, why: &str| format!("{what} at {LARGE} px: {why}");
    match [0, 1, 2].map(|of| median(widths(of))) {
        [Some(drawn), Some(truth), Some(table)] => {
            let found = percent(widths(0).len(), places);
            let name = format!("edge width at {LARGE} px, 10 to 90 %, median (px)");
            let figure = Figure::new(&name, drawn, By::Pixels, large.len(), &format!("{SPLIT}, vector art"));
            figures.push(beside_truth(figure, drawn, truth, table).from(format!(
                "{places} places on the true art's edges between plain areas, at {found:.0} % of which there is one; {place}"
            )));
        }
        _ => left_out.push(missing("edge width", if has_art { "there is no edge" } else { "the data has no vector art" })),
    }
    match large {
        [] => left_out.push(missing("flat share", if has_art { "there is no picture" } else { "the data has no vector art" })),
        _ => {
            let [drawn, truth, table] =
                [0, 1, 2].map(|of| 100.0 * mean(&large.iter().map(|one| one.flat[of]).collect::<Vec<_>>()));
            let name = format!("flat share at {LARGE} px (%)");
            let figure = Figure::new(&name, drawn, By::Pixels, large.len(), &format!("{SPLIT}, vector art"));
            figures.push(beside_truth(figure, drawn, truth, table).from(format!(
                "of what is visible in the true art, within 6 levels of the 8 main colours, each the median of the densest cube of 16 levels \
                 of what is left; {place}"
            )));
        }
    }
    (figures, left_out)
}

fn beside_truth(figure: Figure, drawn: f64, truth: f64, table: f64) -> Figure {
    figure.beside("true art", truth).beside("over the true art's", drawn / truth).beside("table of pictures, enlarged", table)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 96;

    /// A disc of one colour, clear outside, of which so many pixels at the rim are half seen.
    fn disc(rim: f32) -> Vec<u8> {
        let middle = (SIZE - 1) as f32 / 2.0;
        let alpha = |at: usize| {
            let from = ((at % SIZE) as f32 - middle).hypot((at / SIZE) as f32 - middle);
            ((0.5 + (25.0 - from) / rim).clamp(0.0, 1.0) * 255.0).round() as u8
        };
        (0..SIZE * SIZE).flat_map(|at| [200, 30, 60, alpha(at)]).collect()
    }

    #[test]
    fn a_soft_disc_is_softer_and_less_flat_than_its_truth() {
        let (truth, soft) = (disc(1.0), disc(10.0));
        let white = |rgba: &[u8]| on_paper(rgba, WHITE);
        let looked = Large::compared(&truth, [white(&soft), white(&truth), white(&truth)], SIZE, 1);
        assert_eq!(looked.places, CONTOURS);
        let [soft_width, own, table] = looked.widths.clone().map(|widths| median(widths).unwrap());
        assert!((soft_width - 8.0).abs() < 0.8 && own < 1.6 && own == table, "0.8 of 10 px: {soft_width}, {own}");
        assert!(looked.flat[0] < looked.flat[1] && looked.flat[1] > 0.99, "{:?}", looked.flat);

        let mut small = Small::default();
        small.add(&truth, Picture::Clear(truth.clone()));
        small.add(&truth, Picture::Opaque(vec![255; SIZE * SIZE * 3]));
        let of_disc = mean(&truth.iter().skip(3).step_by(4).map(|alpha| f64::from(*alpha) / 255.0).collect::<Vec<_>>());
        let wanted = of_disc * f64::from(55 + 225 + 195) / 255.0 / 3.0;
        assert!(small.l1[0] == 0.0 && (small.l1[1] - wanted).abs() < 1e-3, "{:?}, {wanted}", small.l1);
        assert_eq!(small.alpha, [0.0], "of one that has alpha");
        let (figures, left_out) = all(&small, &[looked], true, SIZE);
        assert!(figures.len() == 4 && left_out.is_empty(), "{left_out:?}");
        assert_eq!(figures[2].beside[1].value, figures[2].value / figures[2].beside[0].value);
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let small = Small { l1: vec![0.5], alpha: vec![] };
        let (figures, left_out) = all(&small, &[], false, 128);
        assert_eq!((figures.len(), left_out.len()), (1, 3), "{left_out:?}");
        assert_eq!(figures[0].value, 0.5);
    }
}
