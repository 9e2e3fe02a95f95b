//! A generator's weights in a larger generator, which at first draws what the smaller one drew.
//!
//! Three things can grow without a picture changing. A longer condition, more units before it ([`ModelConfig::mapping_size`],
//! [`ModelConfig::mapping_hidden`]) or more channels after it ([`ModelConfig::generator_channels`]) are units that nobody listens to yet:
//! their own weights are random, those of whatever reads them are zero. Larger tiles ([`ModelConfig::tile`]) repeat each pixel's filter, so
//! the same picture comes out at a larger size. Where layers take the place of pixels, what is drawn changes: the last layer is new, and all
//! before it goes on. Detail ([`ModelConfig::detail_channels`]) is drawn over the picture, and begins as nothing.
//! So what was learnt with little is carried on with more (Chen et al. 2016, Net2Net), and no time is spent twice.

use std::ops::Range;

use shared::ModelConfig;
use shared::model::generator::Generator;
use shared::model::parameters::{Parameter, ParameterError, Parameters, parameters_of, with_parameters};

/// Puts the weights of a generator with the shape `from` into a `fresh` one with the shape `to`.
///
/// # Errors
/// [`ParameterError::Shape`] where it would have to grow in another way, or shrink; [`ParameterError::Missing`] or
/// [`ParameterError::Unexpected`] where one has a layer that the other has not.
pub fn grow(fresh: Generator, known: &Parameters, from: &ModelConfig, to: &ModelConfig) -> Result<Generator, ParameterError> {
    let mut grown = parameters_of(&fresh);
    // Layers of another number, or instead of pixels, want a last layer of their own.
    let last = |name: &str| ["output.", "colours.", "detail."].iter().any(|part| name.starts_with(part));
    let other_head = from.layers != to.layers;
    let known: Parameters =
        known.iter().filter(|(name, _)| !(other_head && last(name))).map(|(n, p)| (n.clone(), p.clone())).collect();
    if let Some(name) = known.keys().find(|name| !grown.contains_key(*name)) {
        return Err(ParameterError::Unexpected(name.clone()));
    }
    // Detail that a generator has not drawn yet, and an ink that it does not mix, change nothing at first.
    let new = |name: &str| {
        (name.starts_with("ink.") || name.starts_with("detail.") || (other_head && last(name))) && !known.contains_key(name)
    };
    for (name, parameter) in grown.iter_mut().filter(|(name, _)| !new(name)) {
        let known = known.get(name).ok_or_else(|| ParameterError::Missing(name.clone()))?;
        // The first layer reads two codes side by side: were one longer, the other's inputs would not be where they were.
        let may_read_more = name != "mapping.0.weight" || known.shape.first() == parameter.shape.first();
        let tiled = match name.split_once('.') {
            Some(("output", _)) if to.layers == 0 => with_larger_tiles(known, from.tile, to.tile),
            // It draws in tiles of half the side.
            Some(("detail", rest)) if rest.starts_with("output.") => with_larger_tiles(known, from.tile / 2, to.tile / 2),
            _ => Some(known.clone()),
        };
        let halves = if name.contains("affine") { 2 } else { 1 };
        let fits = tiled.filter(|_| may_read_more).and_then(|known| with_more_units(&known, parameter, halves));
        let shape =
            || ParameterError::Shape { name: name.clone(), expected: parameter.shape.clone(), found: known.shape.clone() };
        *parameter = fits.ok_or_else(shape)?;
    }
    with_parameters(fresh, grown)
}

/// What a layer's weight or bias connects.
#[derive(Clone, Copy)]
struct Connections {
    inputs: usize,
    outputs: usize,
    /// Weights of one input in one output.
    taps: usize,
    outputs_first: bool,
}

impl Connections {
    /// Of a bias `[outputs]`, a dense layer's weight `[inputs, outputs]` or a convolution's `[outputs, inputs, height, width]`.
    fn of(shape: &[usize]) -> Option<Self> {
        Some(match *shape {
            [outputs] => Self { inputs: 1, outputs, taps: 1, outputs_first: false },
            [inputs, outputs] => Self { inputs, outputs, taps: 1, outputs_first: false },
            [outputs, inputs, height, width] => Self { inputs, outputs, taps: height * width, outputs_first: true },
            _ => return None,
        })
    }

    /// Where the weights of one input in one output lie.
    fn at(self, input: usize, output: usize) -> Range<usize> {
        let Self { inputs, outputs, taps, outputs_first } = self;
        let first = taps * if outputs_first { output * inputs + input } else { input * outputs + output };
        first..first + taps
    }
}

/// A layer's weight or bias among those of a larger layer: what was an output hears no new input, and what is a new output is as in the
/// larger layer. The outputs are `halves` lists one after another, each of which has grown.
fn with_more_units(known: &Parameter, larger: &Parameter, halves: usize) -> Option<Parameter> {
    let (few, many) = (Connections::of(&known.shape)?, Connections::of(&larger.shape)?);
    if few.inputs > many.inputs || few.outputs > many.outputs || few.taps != many.taps || known.shape.len() != larger.shape.len()
    {
        return None;
    }
    let (half, larger_half) = (few.outputs / halves, many.outputs / halves);
    let mut grown = larger.clone();
    for output in 0..few.outputs {
        let place = output / half * larger_half + output % half;
        for input in 0..many.inputs {
            let weights = &mut grown.values[many.at(input, place)];
            match input < few.inputs {
                true => weights.copy_from_slice(&known.values[few.at(input, output)]),
                false => weights.fill(0.0),
            }
        }
    }
    Some(grown)
}

/// The last layer's filters `[3 * tile * tile, ...]`, each repeated for all pixels that take the place of its own.
fn with_larger_tiles(known: &Parameter, tile: usize, larger: usize) -> Option<Parameter> {
    let filters = *known.shape.first()?;
    if filters == 0 || !larger.is_multiple_of(tile) || !filters.is_multiple_of(tile * tile) {
        return None;
    }
    let (length, times) = (known.values.len() / filters, larger / tile);
    let mut shape = known.shape.clone();
    shape[0] = filters / (tile * tile) * larger * larger;
    let filter = |index: usize| {
        let (channel, y, x) = (index / (larger * larger), index / larger % larger, index % larger);
        let from = (channel * tile + y / times) * tile + x / times;
        &known.values[from * length..(from + 1) * length]
    };
    Some(Parameter { values: (0..shape[0]).flat_map(filter).copied().collect(), shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::prelude::*;
    use burn::tensor::Tolerance;
    use testing::noise;

    fn shape() -> ModelConfig {
        ModelConfig { image_size: 32, mapping_size: 12, mapping_hidden: 10, generator_channels: 16, ..ModelConfig::default() }
    }

    fn grown(to: &ModelConfig) -> Result<(Tensor<4>, Tensor<4>), ParameterError> {
        let device = Device::flex();
        let [content, style] =
            [to.content_size, to.style_size].map(|size| Tensor::<2>::from_data(noise([2, size], size as u64), &device));
        let small = Generator::new(&shape(), &device);
        let large = grow(Generator::new(to, &device), &parameters_of(&small), &shape(), to)?;
        Ok((small.forward(content.clone(), style.clone()), large.forward(content, style)))
    }

    #[test]
    fn more_units_change_no_picture() {
        for (mapping_size, mapping_hidden, generator_channels, mixes_ink, detail_channels) in
            [(20, 10, 16, false, 0), (12, 17, 16, true, 4), (20, 17, 16, false, 8), (12, 10, 24, false, 0), (20, 17, 24, true, 4)]
        {
            let to = ModelConfig { mapping_size, mapping_hidden, generator_channels, mixes_ink, detail_channels, ..shape() };
            let (before, after) = grown(&to).unwrap();
            after.into_data().assert_approx_eq::<f32>(&before.into_data(), Tolerance::default());
        }
    }

    /// With weights of its own, not the zeros that it begins with.
    #[test]
    fn detail_that_is_drawn_stays() {
        let device = Device::flex();
        let from = ModelConfig { detail_channels: 4, ..shape() };
        let mut known = parameters_of(&Generator::new(&from, &device));
        known.values_mut().flat_map(|parameter| &mut parameter.values).enumerate().for_each(|(i, value)| {
            *value += 0.02 * (i as f32).sin();
        });
        let small = with_parameters(Generator::new(&from, &device), known.clone()).unwrap();
        let codes = |size| Tensor::<2>::from_data(noise([2, size], size as u64), &device);
        let (content, style) = (codes(from.content_size), codes(from.style_size));
        let before = small.forward(content.clone(), style.clone());
        let to = ModelConfig { image_size: 64, tile: 8, detail_channels: 6, generator_channels: 24, ..from.clone() };
        let large = grow(Generator::new(&to, &device), &known, &from, &to).unwrap().forward(content, style);
        let larger = before.reshape([2, 3, 32, 1, 32, 1]).expand([2, 3, 32, 2, 32, 2]).reshape([2, 3, 64, 64]);
        large.into_data().assert_approx_eq::<f32>(&larger.into_data(), Tolerance::default());
    }

    #[test]
    fn larger_tiles_draw_the_same_picture_larger() {
        let (before, after) = grown(&ModelConfig { image_size: 64, tile: 8, ..shape() }).unwrap();
        let larger = before.reshape([2, 3, 32, 1, 32, 1]).expand([2, 3, 32, 2, 32, 2]).reshape([2, 3, 64, 64]);
        after.into_data().assert_approx_eq::<f32>(&larger.into_data(), Tolerance::default());
    }

    #[test]
    fn what_cannot_grow_is_named() {
        let wrong = [
            ModelConfig { generator_channels: 8, generator_least: 8, ..shape() },
            ModelConfig { style_size: 9, ..shape() },
            ModelConfig { mapping_size: 8, ..shape() },
            ModelConfig { image_size: 64, ..shape() },
        ];
        for to in wrong {
            assert!(grown(&to).is_err(), "{to:?}");
        }
    }

    /// A last layer of its own, and all before it goes on.
    #[test]
    fn layers_take_the_place_of_pixels_on_the_same_trunk() {
        let device = Device::flex();
        let from = ModelConfig { detail_channels: 4, mixes_ink: true, ..shape() };
        let known = parameters_of(&Generator::new(&from, &device));
        for layers in [5, 8] {
            let to = ModelConfig { layers, ..from.clone() };
            let grown = parameters_of(&grow(Generator::new(&to, &device), &known, &from, &to).unwrap());
            assert!(grown.contains_key("colours.weight") && !grown.contains_key("detail.finer.weight"));
            for (name, parameter) in grown.iter().filter(|(name, _)| known.contains_key(*name) && !name.starts_with("output")) {
                assert_eq!(*parameter, known[name], "{name}");
            }
            // A run of the same layers goes on as it was.
            let again = grow(Generator::new(&to, &device), &grown, &to, &to).unwrap();
            assert_eq!(parameters_of(&again), grown);
        }
    }

    /// Without the layer its pictures would be others.
    #[test]
    fn an_ink_that_would_be_lost_is_named() {
        let device = Device::flex();
        let mixing = ModelConfig { mixes_ink: true, ..shape() };
        let known = parameters_of(&Generator::new(&mixing, &device));
        let error = grow(Generator::new(&shape(), &device), &known, &mixing, &shape()).map(|_| ()).unwrap_err();
        assert!(matches!(&error, ParameterError::Unexpected(name) if name.starts_with("ink.")), "{error}");
    }
}
