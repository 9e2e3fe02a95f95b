//! Are drawn pictures like real ones, as a whole? FID, KID, precision and recall, density and coverage, in the judge's features and,
//! where its weights are given, in Inception's.
//!
//! Held-out real pictures are halved at random. One half is compared with the other: the floor, which no model can be under but by
//! accident; and with pictures drawn for the other half's captions in random styles. So both comparisons are of as many pictures and of
//! the same contents, and what few pictures do to these figures they do to both.

use rand::seq::SliceRandom;

use super::distances::{frechet, kernel, neighbourhoods};
use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::{DataError, Split};
use crate::linalg::Matrix;
use crate::report::figures::{By, Figure, mean};

/// Pictures between two words about how far Inception is: each takes about a quarter of a second on one core.
const TELL_EVERY: usize = 200;
const NAMES: [&str; 6] = ["FID", "KID", "precision (%)", "recall (%)", "density (%)", "coverage (%)"];

/// # Errors
/// [`DataError`] where real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let protocol = subject.protocol;
    let mut random = draws(protocol.seed, Draws::Likeness);
    let mut real: Vec<usize> =
        [Split::HeldOutCombination, Split::Test].iter().flat_map(|split| subject.dataset.of_split(*split)).collect();
    real.retain(|sample| !subject.numbers(subject.dataset.samples[*sample].content).is_empty());
    real.shuffle(&mut random);
    real.truncate(2 * protocol.half);
    let half = real.len() / 2;
    if half <= protocol.neighbours + 1 {
        let reason = format!("FID and the like: {} held-out pictures are too few to halve", real.len());
        return Ok((vec![], vec![reason]));
    }
    let contents: Vec<usize> = real.iter().map(|sample| subject.dataset.samples[*sample].content).collect();
    let drawn = subject.draw_contents(&contents, &subject.random_styles(contents.len(), &mut random))?;
    let real = subject.dataset.pictures(&real)?;
    let mut order: Vec<usize> = (0..real.len()).collect();
    let mut halved = || {
        order.shuffle(&mut random);
        (order[..half].to_vec(), order[half..2 * half].to_vec())
    };
    let halvings: Vec<_> = (0..protocol.halvings).map(|_| halved()).collect();
    let look = |pictures: &[Vec<u8>]| subject.judge.look(pictures, subject.device).features;
    let mut figures = compared(By::Judge, &look(&real), &look(&drawn), &halvings, protocol.neighbours);
    if let Some(inception) = subject.inception {
        let look = |pictures: &[Vec<u8>], what: &str| {
            inception.look(pictures, subject.dataset.image_size, subject.device, &|seen| {
                if seen % TELL_EVERY == 0 {
                    tracing::info!("Inception: {seen} of {} {what} pictures", pictures.len());
                }
            })
        };
        let (real, drawn) = (look(&real, "real"), look(&drawn, "drawn"));
        figures.extend(compared(By::Inception, &real, &drawn, &halvings, protocol.neighbours));
    }
    Ok((figures, vec![]))
}

/// The six figures in somebody's features: for each halving, one half of the real pictures against what is drawn for the other half, and
/// against that half.
fn compared(by: By, real: &Matrix, drawn: &Matrix, halvings: &[(Vec<usize>, Vec<usize>)], neighbours: usize) -> Vec<Figure> {
    let against = |other: &Matrix| -> Vec<[f64; 6]> {
        halvings.iter().map(|(one, rest)| all(&real.select(one), &other.select(rest), neighbours)).collect()
    };
    let (measured, floor) = (against(drawn), against(real));
    let half = halvings.first().map_or(0, |(one, _)| one.len());
    let figure = |(index, name): (usize, &&str)| {
        let of = |values: &[[f64; 6]]| values.iter().map(|values| values[index]).collect::<Vec<f64>>();
        let name = if by == By::Inception { format!("Inception {name}") } else { (*name).to_owned() };
        let by_what = if index < 2 { format!("{} features", real.columns()) } else { format!("{neighbours} nearest neighbours") };
        Figure::repeated(&name, &of(&measured), by, half, "held-out combinations and test contents")
            .beside("real against real", mean(&of(&floor)))
            .from(format!("random styles, {} halvings, {by_what}", halvings.len()))
    };
    NAMES.iter().enumerate().map(figure).collect()
}

/// The six, in the order of their names.
fn all(real: &Matrix, drawn: &Matrix, k: usize) -> [f64; 6] {
    let shares = neighbourhoods(real, drawn, k);
    let percent = [shares.precision, shares.recall, shares.density, shares.coverage].map(|share| 100.0 * share);
    [frechet(real, drawn), kernel(real, drawn), percent[0], percent[1], percent[2], percent[3]]
}
