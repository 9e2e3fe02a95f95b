//! A generator's weights in a larger generator, which at first draws what the smaller one drew.
//!
//! Three things can grow without a picture changing. A longer condition, or more units before it ([`ModelConfig::mapping_size`],
//! [`ModelConfig::mapping_hidden`]), are units that nobody listens to yet: their own weights are random, those of whatever reads them
//! are zero. Larger tiles ([`ModelConfig::tile`]) repeat each
//! pixel's filter, so the same picture comes out at a larger size. Detail ([`ModelConfig::detail_channels`]) is drawn over the picture, and
//! begins as nothing. So what was learnt with little is carried on with more (Chen et
//! al. 2016, Net2Net), and no time is spent twice.

use shared::ModelConfig;
use shared::generator::Generator;
use shared::parameters::{Parameter, ParameterError, Parameters, parameters_of, with_parameters};

/// Puts the weights of a generator with the shape `from` into a `fresh` one with the shape `to`.
///
/// # Errors
/// [`ParameterError::Shape`] where it would have to grow in another way, or shrink; [`ParameterError::Missing`] or
/// [`ParameterError::Unexpected`] where one has a layer that the other has not.
pub fn grow(fresh: Generator, known: &Parameters, from: &ModelConfig, to: &ModelConfig) -> Result<Generator, ParameterError> {
    let mut grown = parameters_of(&fresh);
    if let Some(name) = known.keys().find(|name| !grown.contains_key(*name)) {
        return Err(ParameterError::Unexpected(name.clone()));
    }
    // Detail that a generator has not drawn yet, and an ink that it does not mix, change nothing at first.
    let new = |name: &str| (name.starts_with("ink.") || name.starts_with("detail.")) && !known.contains_key(name);
    for (name, parameter) in grown.iter_mut().filter(|(name, _)| !new(name)) {
        let known = known.get(name).ok_or_else(|| ParameterError::Missing(name.clone()))?;
        let layer = name.split_once('.').map_or(name.as_str(), |(layer, _)| layer);
        let same_inputs = known.shape.first() == parameter.shape.first();
        let same_outputs = known.shape.last() == parameter.shape.last();
        let fits = match layer {
            _ if known.shape == parameter.shape => Some(known.clone()),
            "output" => with_larger_tiles(known, from.tile, to.tile),
            // The first layer reads two codes side by side: were one longer, the other's inputs would not be where they were.
            "mapping" if name == "mapping.0.weight" => with_more_units(known, parameter).filter(|_| same_inputs),
            "mapping" => with_more_units(known, parameter),
            _ => with_more_units(known, parameter).filter(|_| same_outputs),
        };
        let shape =
            || ParameterError::Shape { name: name.clone(), expected: parameter.shape.clone(), found: known.shape.clone() };
        *parameter = fits.filter(|fitting| fitting.shape == parameter.shape).ok_or_else(shape)?;
    }
    with_parameters(fresh, grown)
}

/// A layer's weight `[inputs, outputs]` or bias `[outputs]` among those of a larger layer: what was an output hears no new input, and what
/// is a new output is as in the larger layer.
fn with_more_units(known: &Parameter, larger: &Parameter) -> Option<Parameter> {
    let rows_and_columns = |shape: &[usize]| match *shape {
        [outputs] => Some((1, outputs)),
        [inputs, outputs] => Some((inputs, outputs)),
        _ => None,
    };
    let ((inputs, outputs), (more, wider)) = (rows_and_columns(&known.shape)?, rows_and_columns(&larger.shape)?);
    if inputs > more || outputs > wider {
        return None;
    }
    let mut grown = larger.clone();
    for (input, row) in grown.values.chunks_exact_mut(wider).enumerate() {
        match known.values.chunks_exact(outputs).nth(input) {
            Some(known) => row[..outputs].copy_from_slice(known),
            None => row[..outputs].fill(0.0),
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
    use burn::tensor::{Distribution, Tolerance};

    fn shape() -> ModelConfig {
        ModelConfig { image_size: 32, mapping_size: 12, mapping_hidden: 10, generator_channels: 16, ..ModelConfig::default() }
    }

    fn grown(to: &ModelConfig) -> Result<(Tensor<4>, Tensor<4>), ParameterError> {
        let device = Device::flex();
        let [content, style] =
            [to.content_size, to.style_size].map(|size| Tensor::<2>::random([2, size], Distribution::Default, &device));
        let small = Generator::new(&shape(), &device);
        let large = grow(Generator::new(to, &device), &parameters_of(&small), &shape(), to)?;
        Ok((small.forward(content.clone(), style.clone()), large.forward(content, style)))
    }

    #[test]
    fn more_units_change_no_picture() {
        for (mapping_size, mapping_hidden, mixes_ink, detail_channels) in
            [(20, 10, false, 0), (12, 17, true, 4), (20, 17, false, 8)]
        {
            let to = ModelConfig { mapping_size, mapping_hidden, mixes_ink, detail_channels, ..shape() };
            let (before, after) = grown(&to).unwrap();
            after.into_data().assert_approx_eq::<f32>(&before.into_data(), Tolerance::default());
        }
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
            ModelConfig { generator_channels: 32, ..shape() },
            ModelConfig { style_size: 9, ..shape() },
            ModelConfig { mapping_size: 8, ..shape() },
            ModelConfig { image_size: 64, ..shape() },
        ];
        for to in wrong {
            assert!(grown(&to).is_err(), "{to:?}");
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
