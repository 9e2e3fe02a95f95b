//! Do the codes come apart? The style that E reads off a picture against the one that it was drawn with, and the content against the
//! caption's.
//!
//! A correlation over few features is large by accident, and an encoder may answer all styles alike: so each correlation has the
//! same with somebody else's code beside it, and z must be found again among others.

use rand::seq::index;

use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::DataError;
use crate::report::figures::{By, Figure, mean, percent};

/// rho(z, h_s(G)), whether z is found again, and rho(h_tc, h_c(G)).
///
/// # Errors
/// [`DataError`] where pictures cannot be drawn.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let protocol = subject.protocol;
    let mut random = draws(protocol.seed, Draws::Recovery);
    let (split, known) = subject.unseen_contents(&mut random);
    if known.is_empty() {
        return Ok((vec![], vec!["recovery of z: no caption has a word that the model knows".to_owned()]));
    }
    let contents: Vec<usize> = (0..protocol.recovery).map(|i| known[i % known.len()]).collect();
    let styles = subject.random_styles(contents.len(), &mut random);
    let (content, style) = subject.encode(&subject.draw_contents(&contents, &styles)?);
    let noise: Vec<Vec<f32>> = styles.iter().map(|style| style.values().to_vec()).collect();
    let captions = subject.content_codes(&contents);
    let against = protocol.against.min(contents.len() - 1);
    let found: Vec<bool> = (0..contents.len())
        .map(|i| {
            let others = index::sample(&mut random, contents.len() - 1, against).into_iter();
            is_nearest(&noise, i, others.map(|other| if other == i { contents.len() - 1 } else { other }), &style[i])
        })
        .collect();
    let n = contents.len();
    let figure = |name: &str, value: f64, chance: f64| Figure::new(name, value, By::Encoder, n, split).beside("chance", chance);
    let from = format!("random styles over {} captions", known.len());
    let z_found = percent(found.iter().filter(|found| **found).count(), n);
    let mut figures = vec![
        figure("rho(z, h_s(G))", correlation(&noise, &style, 0), correlation(&noise, &style, 1))
            .from(format!("{from}; chance: with the next one's z")),
        figure("z found again (%)", z_found, 100.0 / (against + 1) as f64)
            .from(format!("{from}; own z against {against} others by rho")),
    ];
    let mut left_out = vec![];
    match known.len() {
        // With one caption the next one's is its own.
        1 => left_out.push("rho(h_tc, h_c(G)): there is one caption only, so no chance level".to_owned()),
        _ => figures.push(
            figure("rho(h_tc, h_c(G))", correlation(&captions, &content, 0), correlation(&captions, &content, 1))
                .from(format!("{from}; chance: with the next one's caption")),
        ),
    }
    Ok((figures, left_out))
}

/// Whether code `own` is nearer to what was read than the others are.
fn is_nearest(codes: &[Vec<f32>], own: usize, others: impl Iterator<Item = usize>, read: &[f32]) -> bool {
    let best = others.map(|other| pearson(&codes[other], read)).reduce(f64::max);
    best.is_some_and(|best| pearson(&codes[own], read) > best)
}

/// Mean correlation of each code with the one `shift` places on.
fn correlation(codes: &[Vec<f32>], read: &[Vec<f32>], shift: usize) -> f64 {
    let each: Vec<f64> = (0..read.len()).map(|i| pearson(&codes[(i + shift) % codes.len()], &read[i])).collect();
    mean(&each)
}

/// Pearson correlation; 0 where either is constant.
pub fn pearson(a: &[f32], b: &[f32]) -> f64 {
    let centred = |x: &[f32]| {
        let x: Vec<f64> = x.iter().map(|value| f64::from(*value)).collect();
        let mean = mean(&x);
        x.into_iter().map(|value| value - mean).collect::<Vec<f64>>()
    };
    let (a, b) = (centred(a), centred(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (dot(&a, &a) * dot(&b, &b)).sqrt();
    if lengths > 0.0 { dot(&a, &b) / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy.corrcoef([1, 2, 4, 3], [2, 1, 5, 5])[0, 1].
    #[test]
    fn pearson_agrees_with_numpy() {
        assert!((pearson(&[1.0, 2.0, 4.0, 3.0], &[2.0, 1.0, 5.0, 5.0]) - CORRELATION).abs() < 1e-9);
        assert_eq!(pearson(&[1.0, 1.0], &[2.0, 3.0]), 0.0);
    }

    const CORRELATION: f64 = 0.814_091_578_410_694_3;

    #[test]
    fn an_encoder_that_reads_exactly_finds_every_code() {
        let codes = vec![vec![1.0, 0.0, -1.0], vec![0.0, 1.0, -1.0], vec![-1.0, 0.5, 0.5]];
        assert!((0..3).all(|i| is_nearest(&codes, i, (0..3).filter(|other| *other != i), &codes[i])));
        assert!(!is_nearest(&codes, 0, 1..3, &codes[1]));
        // One that says the same of every picture finds none but by accident.
        assert!(!is_nearest(&codes, 0, 1..3, &[0.0; 3]));
        assert!((correlation(&codes, &codes, 0) - 1.0).abs() < 1e-9);
        assert!(correlation(&codes, &codes, 1) < 0.9);
    }
}
