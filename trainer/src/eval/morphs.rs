//! Do blends stay whole? Between two hands a picture must change little by little: where a layer swapped its meaning half way, one frame
//! would differ from the next far more than the others do.

use rand::Rng;
use shared::style::StyleCode;

use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::{ContentSplit, DataError};
use crate::report::figures::{By, Figure, mean};
use crate::train::regions::Regions;

/// Frames of a blend: a walk between two styles on the page has about as many.
const FRAMES: usize = 25;

/// The largest step of a blend over its mean step.
///
/// # Errors
/// [`DataError`] where pictures cannot be drawn.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let mut random = draws(subject.protocol.seed, Draws::Morphs);
    let contents = subject.some_contents(ContentSplit::Train, subject.protocol.morphs, &mut random);
    let Some(regions) = Regions::of(subject.dataset, subject.model.style_size).filter(|_| !contents.is_empty()) else {
        return Ok((vec![], vec!["blends of two hands: the data has no style labels, so no hands".to_owned()]));
    };
    let sets = subject.dataset.styles.len();
    let mut jumps = vec![];
    for content in contents {
        let from = random.random_range(0..sets);
        let to = (from + random.random_range(1..sets)) % sets;
        let (from, to) = (regions.centre_code(from), regions.centre_code(to));
        let styles: Vec<StyleCode> =
            (0..FRAMES).filter_map(|frame| from.blend(&to, frame as f32 / (FRAMES - 1) as f32).ok()).collect();
        let drawn = subject.draw_contents(&vec![content; styles.len()], &styles)?;
        jumps.extend(largest_over_mean(&drawn));
    }
    jumps.sort_by(f64::total_cmp);
    let Some(median) = jumps.get(jumps.len() / 2) else {
        return Ok((vec![], vec!["blends of two hands: no picture changes on the way".to_owned()]));
    };
    let figure = |name: &str, value: f64| {
        let figure = Figure::new(name, value, By::Pixels, jumps.len(), "training captions");
        figure.from(format!("{FRAMES} frames from one hand's centre to another's; mean absolute difference of neighbours"))
    };
    let largest = jumps.last().copied().unwrap_or_default();
    Ok((
        vec![
            figure("largest step of a blend over its mean step, median", *median),
            figure("largest step of a blend over its mean step, largest", largest),
        ],
        vec![],
    ))
}

/// `None` where all frames are the same.
fn largest_over_mean(frames: &[Vec<u8>]) -> Option<f64> {
    let apart = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
    let steps: Vec<f64> = frames.windows(2).map(|pair| apart(&pair[0], &pair[1])).collect();
    let usual = mean(&steps);
    (usual > 0.0).then(|| steps.into_iter().fold(0.0, f64::max) / usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_seen_and_even_steps_are_one() {
        let frames = |values: &[u8]| values.iter().map(|value| vec![*value; 12]).collect::<Vec<_>>();
        assert_eq!(largest_over_mean(&frames(&[0, 10, 20, 30])), Some(1.0));
        assert_eq!(largest_over_mean(&frames(&[0, 0, 30, 30])), Some(3.0));
        assert_eq!(largest_over_mean(&frames(&[7, 7, 7])), None);
        assert_eq!(largest_over_mean(&[]), None);
    }
}
