//! Reads a picture's style off statistics of all that the image encoder has seen of it.
//!
//! h_s as the patent has it is the mean of a last map, which by then mostly says what is shown. But where in its hand's region a style
//! lies is a matter of ink, how deep and how warm, and that is seen in the pixels and the first maps, beside what the content's colours
//! mostly are. So means and deviations of all maps and the content code are read together, by a small perceptron whose word is added to
//! that mean. It is taught after everything else (`emblem-lab fit-styles`), in minutes, and nothing else changes with it.

use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;

use crate::model::blocks::{after_rectifier, leaky_relu, scaled, spatial_mean};
use crate::model::config::{ENCODER_END, ModelConfig};

/// What a map that does not vary counts as: a root has no slope at nothing, and rounding may leave less.
const LEAST_VARIANCE: f64 = 1e-8;

/// What is added to the style code.
#[derive(Module, Debug)]
pub struct StyleReader {
    first: Linear,
    second: Linear,
    last: Linear,
}

impl StyleReader {
    /// A new reader, which says nearly nothing yet.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let units = config.style_reader;
        let layer = |from, to, initial| LinearConfig::new(from, to).with_initializer(initial).init(device);
        Self {
            first: layer(Self::statistics(config), units, scaled(1.0)),
            second: layer(units, units, after_rectifier()),
            last: layer(units, config.style_size, scaled(0.01)),
        }
    }

    /// How many statistics it reads.
    pub fn statistics(config: &ModelConfig) -> usize {
        let map = config.largest_map();
        let halvings = (map / ENCODER_END).ilog2();
        let maps: usize = (0..=halvings).map(|halving| config.encoder_channels_at(map >> halving)).sum();
        config.content_size + 2 * (3 + config.encoder_channels_at(map) / 2 + maps)
    }

    /// # Shapes
    /// `[batch, statistics]` to `[batch, style_size]`
    pub fn forward(&self, statistics: Tensor<2>) -> Tensor<2> {
        let seen = leaky_relu(self.first.forward(statistics));
        self.last.forward(leaky_relu(self.second.forward(seen)))
    }

    /// A reader of standardised statistics as one of statistics as they are: `[statistics]` each, the deviations above zero.
    pub fn of_unscaled(self, mean: Tensor<1>, deviation: Tensor<1>) -> Self {
        let Linear { weight, bias } = self.first;
        let (id, weight, mapper) = weight.consume();
        let scaled = weight / deviation.unsqueeze_dim::<2>(1);
        let shift = (scaled.clone() * mean.unsqueeze_dim::<2>(1)).sum_dim(0).squeeze_dim::<1>(0);
        let bias = bias.map(|bias| bias.map(|bias| (bias - shift).detach()));
        let weight = burn::module::Param::from_mapped_value(id, scaled.detach(), mapper);
        Self { first: Linear { weight, bias }, ..self }
    }
}

/// Content code, then means, then deviations of the maps.
///
/// # Shapes
/// - content: `[batch, content_size]`
/// - maps: `[batch, channels, height, width]` each, with their own channels and sides
/// - statistics: `[batch, content_size + 2 * channels of all maps]`
pub(crate) fn statistics_of(content: Tensor<2>, maps: &[Tensor<4>]) -> Tensor<2> {
    let means: Vec<Tensor<2>> = maps.iter().map(|map| spatial_mean(map.clone())).collect();
    let deviation = |(map, mean): (&Tensor<4>, &Tensor<2>)| {
        let variance = spatial_mean(map.clone().square()) - mean.clone().square();
        variance.clamp_min(LEAST_VARIANCE).sqrt()
    };
    let deviations: Vec<Tensor<2>> = maps.iter().zip(&means).map(deviation).collect();
    Tensor::cat([vec![content], means, deviations].concat(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image_encoder::ImageEncoder;
    use burn::tensor::Tolerance;
    use testing::noise;

    fn config() -> ModelConfig {
        ModelConfig { image_size: 32, encoder_channels: 8, content_size: 6, style_reader: 7, ..ModelConfig::default() }
    }

    /// numpy's mean and std of [1, 2, 3, 6] are 3 and 1.8708287, of a constant 5 and 0.
    #[test]
    fn statistics_are_means_and_deviations() {
        let device = Device::flex();
        let maps = [Tensor::<4>::from_data([[[[1.0, 2.0], [3.0, 6.0]], [[5.0, 5.0], [5.0, 5.0]]]], &device)];
        let found = statistics_of(Tensor::from_data([[9.0]], &device), &maps);
        let expected = TensorData::from([[9.0f32, 3.0, 5.0, 1.8708287, 1e-4]]);
        found.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
    }

    #[test]
    fn a_reader_counts_what_the_encoder_gives_it() {
        let device = Device::flex();
        for (image_size, tile) in [(32, 4), (128, 4), (128, 8)] {
            let config = ModelConfig { image_size, tile, ..config() };
            let encoder = ImageEncoder::new(&config, &device);
            let (_, statistics) = encoder.style_and_statistics(Tensor::zeros([1, 3, image_size, image_size], &device));
            assert_eq!(statistics.dims(), [1, StyleReader::statistics(&config)]);
        }
    }

    #[test]
    fn its_word_is_added_to_the_encoders_own() {
        let device = Device::flex();
        let reader = StyleReader::new(&config(), &device);
        let encoder = ImageEncoder::new(&ModelConfig { style_reader: 0, ..config() }, &device);
        let picture = Tensor::from_data(noise([2, 3, 32, 32], 1), &device);
        let (own, statistics) = encoder.style_and_statistics(picture.clone());
        own.clone().into_data().assert_approx_eq::<f32>(&encoder.style(picture.clone()).into_data(), Tolerance::default());
        let expected = own + reader.forward(statistics);
        let encoder = encoder.with_reader(reader);
        for found in [encoder.style(picture.clone()), encoder.forward(picture).style()] {
            found.into_data().assert_approx_eq::<f32>(&expected.to_data(), Tolerance::default());
        }
    }

    #[test]
    fn scales_can_be_worked_into_the_weights() {
        let device = Device::flex();
        let reader = StyleReader::new(&config(), &device);
        let size = StyleReader::statistics(&config());
        let random = |seed| Tensor::<1>::from_data(noise([size], seed), &device);
        let (mean, deviation) = (random(1), random(2).abs() + 0.1);
        let statistics = random(3).unsqueeze::<2>();
        let standardised = (statistics.clone() - mean.clone().unsqueeze::<2>()) / deviation.clone().unsqueeze::<2>();
        let expected = reader.forward(standardised);
        let found = reader.of_unscaled(mean, deviation).forward(statistics);
        found.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::rel_abs(1e-3, 1e-5));
    }
}
