//! Are drawn pictures like real ones, as a whole? FID, KID, precision and recall, density and coverage, in the judge's features.
//!
//! Held-out real pictures are halved at random. One half is compared with the other: the floor, which no model can be under but by
//! accident; and with pictures drawn for the other half's captions in random styles. So both comparisons are of as many pictures and of
//! the same contents, and what few pictures do to these figures they do to both.

use rand::seq::SliceRandom;

use super::distances::{frechet, kernel, neighbourhoods};
use super::matrix::Matrix;
use super::subject::Subject;
use super::table::{By, Figure, mean};
use super::{Draws, draws};
use crate::data::{DataError, Split};

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
    let drawn = subject.draw_contents(&contents, &subject.random_styles(contents.len(), &mut random));
    let look = |pictures: &[Vec<u8>]| subject.judge.look(pictures, subject.device).features;
    let (real, drawn) = (look(&subject.dataset.pictures(&real)?), look(&drawn));

    let (mut measured, mut floor) = (vec![], vec![]);
    let mut order: Vec<usize> = (0..real.rows()).collect();
    for _ in 0..protocol.halvings {
        order.shuffle(&mut random);
        let (one, other) = (real.select(&order[..half]), &order[half..2 * half]);
        measured.push(all(&one, &drawn.select(other), protocol.neighbours));
        floor.push(all(&one, &real.select(other), protocol.neighbours));
    }
    let figure = |(index, name): (usize, &&str)| {
        let of = |values: &[[f64; 6]]| values.iter().map(|values| values[index]).collect::<Vec<f64>>();
        Figure::repeated(name, &of(&measured), By::Judge, half, "held-out combinations and test contents")
            .beside("real against real", mean(&of(&floor)))
            .from(format!("random styles, {} halvings, {} nearest neighbours", protocol.halvings, protocol.neighbours))
    };
    let mut figures: Vec<Figure> = NAMES.iter().enumerate().map(figure).collect();
    for figure in &mut figures[..2] {
        figure.from = format!("random styles, {} halvings, {} features", protocol.halvings, real.columns());
    }
    Ok((figures, vec![]))
}

/// The six, in the order of their names.
fn all(real: &Matrix, drawn: &Matrix, k: usize) -> [f64; 6] {
    let shares = neighbourhoods(real, drawn, k);
    let percent = [shares.precision, shares.recall, shares.density, shares.coverage].map(|share| 100.0 * share);
    [frechet(real, drawn), kernel(real, drawn), percent[0], percent[1], percent[2], percent[3]]
}
