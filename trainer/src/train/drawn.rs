//! What G has drawn, as the losses look at it.

use burn::prelude::*;
use shared::model::generator::{Generator, LayerTensors, on_white};

/// How far layers are held to decide. A pixel that has decided wrongly, at full sharpness, hardly hears of it any more: its softmax is
/// saturated, and a field that took a dot of paper in the first steps keeps it. So a run with new layers begins soft, and sharpens until
/// most fields are where they belong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpening {
    /// From 0 at the beginning to 1.
    pub progress: f64,
}

impl Sharpening {
    /// Sharpness at the beginning, as a share of what pictures are drawn with.
    const FIRST: f64 = 0.25;

    /// At this step, of `warm_up` that it takes or, in a short run, until the middle; `done` is the share of the run that is over.
    pub fn at(step: usize, warm_up: usize, done: f64) -> Self {
        let progress = if step >= warm_up { 1.0 } else { (step as f64 / warm_up as f64).max(2.0 * done) };
        Self { progress: progress.clamp(0.0, 1.0) }
    }

    /// What logits are multiplied by.
    fn sharpness(self) -> f64 {
        Self::FIRST + (1.0 - Self::FIRST) * self.progress
    }
}

/// A batch of drawn pictures, with all that a loss may ask of them.
pub struct Drawn {
    /// As E sees them: `[batch, 3, size, size]`, from -1 to 1.
    pub on_white: Tensor<4>,
    /// As they are compared with true pictures, of the same shape: on paper of any colour, or a white thing on white paper would teach
    /// nothing of where it ends.
    pub on_paper: Tensor<4>,
    /// What their layers come to: `[batch, 5, size, size]`, red, green and blue times alpha, alpha, and how undecided the pixel is between
    /// layers, 1 - sum of p^2. `None` of a generator that draws pixels.
    pub composite: Option<Tensor<4>>,
    pub sharpening: Sharpening,
}

impl Drawn {
    /// Draws, on `paper` besides white if there is one: `[batch, 3, 1, 1]`, from 0 to 1.
    pub fn of(
        generator: &Generator,
        content: Tensor<2>,
        style: Tensor<2>,
        paper: Option<&Tensor<4>>,
        sharpening: Sharpening,
    ) -> Self {
        let layers = paper.and_then(|paper| Some((paper, generator.layers(content.clone(), style.clone())?)));
        let Some((paper, layers)) = layers else {
            let picture = generator.forward(content, style);
            return Self { on_white: picture.clone(), on_paper: picture, composite: None, sharpening };
        };
        let layers = LayerTensors { fields: layers.fields * sharpening.sharpness(), ..layers };
        let drawn = layers.composite(generator.image_size());
        Self {
            on_white: on_white(drawn.clone()),
            on_paper: on_colour(drawn.clone(), paper.clone()),
            composite: Some(drawn),
            sharpening,
        }
    }
}

/// Pictures with alpha, their colours multiplied by it, on paper; from -1 to 1.
///
/// # Shapes
/// - drawn: `[batch, 4 or more, size, size]`, red, green, blue and alpha from 0 to 1
/// - paper: `[batch, 3, 1, 1]`, from 0 to 1
/// - result: `[batch, 3, size, size]`
pub fn on_colour(drawn: Tensor<4>, paper: Tensor<4>) -> Tensor<4> {
    let (rgb, alpha) = (drawn.clone().narrow(1, 0, 3), drawn.narrow(1, 3, 1));
    (rgb + (alpha.neg() + 1.0) * paper) * 2.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_sharpens_in_some_thousand_steps_and_a_short_one_until_its_middle() {
        let at = |step, done| Sharpening::at(step, 4000, done).sharpness();
        assert_eq!([at(0, 0.0), at(50, 0.25), at(100, 0.5), at(200, 1.0)], [0.25, 0.625, 1.0, 1.0]);
        assert_eq!([at(2000, 0.02), at(4000, 0.04), at(50_000, 0.3)], [0.625, 1.0, 1.0]);
        assert_eq!(Sharpening::at(0, 4000, 0.0).progress, 0.0);
        assert_eq!(Sharpening::at(0, 0, 0.0).progress, 1.0);
    }

    #[test]
    fn paper_shows_through_as_far_as_alpha_lets_it() {
        let device = Device::flex();
        let drawn = Tensor::<4>::from_data([[[[0.5]], [[0.0]], [[0.25]], [[0.5]]]], &device);
        let paper = Tensor::<4>::from_data([[[[1.0]], [[0.5]], [[0.0]]]], &device);
        let expected = TensorData::from([[[[1.0]], [[-0.5]], [[-0.5]]]]);
        on_colour(drawn, paper).into_data().assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::default());
    }
}
