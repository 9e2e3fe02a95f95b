//! The fullest step of swap supervision, in which E learns to read beside G; on fixed random inputs, so that another framework can take
//! the same step.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use burn::module::{ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::{Distribution, Gradients};
use safetensors::tensor::Dtype;
use shared::checksummed::{self, Stored};
use shared::model::generator::Generator;
use shared::model::image_encoder::ImageEncoder;
use shared::model::parameters::{Parameter, Parameters, parameters_of};
use shared::model::text_encoder::TextEncoder;

use super::answer::answer;
use crate::config::{Group, LossWeights, TrainConfig};
use crate::io::device::{self, DeviceChoice};
use crate::io::files;
use crate::train::adam::{Adam, EPSILON};
use crate::train::disentangling::{GeneratorSide, Placed, Reading, SET_SHARPNESS};
use crate::train::losses::{edge_loss, swap_loss};
use crate::train::regions::Regions;

/// As many as there are of emoji.
const SETS: usize = 9;
const SEED: u64 = 1;

/// All that the step moves.
#[derive(Module, Debug)]
struct Learner {
    side: GeneratorSide,
    encoder: ImageEncoder,
}

/// What a step sees.
struct Inputs {
    real: Tensor<4>,
    placed: Placed,
    sentence: Tensor<2>,
}

/// Writes `file`, then takes steps.
///
/// # Errors
/// Where the shape is none, the device is not there or the file cannot be written.
pub fn contest(file: &Path, image_size: usize, batch: usize, device: DeviceChoice) -> Result<()> {
    let config = sized(image_size, batch);
    config.shape.validate()?;
    let device = device::open(device)?.device.autodiff();
    device.seed(SEED);
    let (learner, inputs) = (Learner::new(&config, &device), Inputs::new(&config, &device));
    write(file, &learner, &inputs, &config)?;
    let mut optimiser = Adam::new(config.optimiser.beta1 as f32, 0.99, EPSILON).init();
    // Handed over whole from step to step: weights that two hold are copied before they are changed.
    let mut learner = Some(learner);
    answer(|| {
        learner = learner.take().map(|learner| {
            let losses = learner.losses(&inputs, config.losses.style_gradient_scale);
            let swap = losses[0].clone();
            let gradients = GradientsParams::from_grads(total(losses, &config.losses).backward(), &learner);
            let learner = optimiser.step(config.optimiser.generator_rate, learner, gradients);
            // Whoever trains looks at a loss, and the work is done by then.
            swap.into_scalar::<f32>();
            learner
        });
        Ok(())
    })
}

/// The default settings at another size.
fn sized(image_size: usize, batch: usize) -> TrainConfig {
    TrainConfig::default().with(|config| {
        config.shape.image_size = image_size;
        config.optimiser.batch = batch;
    })
}

impl Learner {
    fn new(config: &TrainConfig, device: &Device) -> Self {
        let shape = config.model();
        Self {
            side: GeneratorSide { text: TextEncoder::new(&shape, device), generator: Generator::new(&shape, device) },
            encoder: ImageEncoder::new(&shape, device),
        }
    }

    /// Swap, edge, set and style loss, as in `disentangling`.
    fn losses(&self, inputs: &Inputs, style_share: f64) -> [Tensor<1>; 4] {
        let drawn = self.side.draw(inputs.sentence.clone(), inputs.placed.codes.clone());
        let Reading { set, style, .. } = inputs.placed.read(&self.encoder, inputs.real.clone(), drawn.clone(), style_share);
        [swap_loss(drawn.clone(), inputs.real.clone()), edge_loss(drawn, inputs.real.clone()), set, style]
    }
}

fn total([swap, edge, set, style]: [Tensor<1>; 4], weights: &LossWeights) -> Tensor<1> {
    swap * weights.lambda_swap + edge * weights.lambda_edge + set * weights.lambda_style_class + style * weights.lambda_style
}

impl Inputs {
    #[expect(clippy::disallowed_methods, reason = "no test: the file that is written has the numbers")]
    fn new(config: &TrainConfig, device: &Device) -> Self {
        let (batch, side) = (config.optimiser.batch, config.shape.image_size);
        let codes = |size: usize| Tensor::random([batch, size], Distribution::Normal(0.0, 1.0), device);
        let sets: Vec<usize> = (0..batch).map(|i| i % SETS).collect();
        let regions = Regions::new(SETS, config.shape.style_size);
        let centres: Vec<f32> = (0..SETS).flat_map(|set| regions.centre(set)).copied().collect();
        let placed = Placed {
            codes: codes(config.shape.style_size),
            sets: crate::train::batches::one_hot(&sets, SETS, device),
            centres: Tensor::from_data(TensorData::new(centres, [SETS, config.shape.style_size]), device),
        };
        Self {
            real: Tensor::random([batch, 3, side, side], Distribution::Uniform(-1.0, 1.0), device),
            placed,
            sentence: codes(config.model().sentence_size) * 0.3,
        }
    }
}

/// Weights, inputs, losses and gradients, as safetensors; the metadata has the settings.
fn write(file: &Path, learner: &Learner, inputs: &Inputs, config: &TrainConfig) -> Result<()> {
    let losses = learner.losses(inputs, config.losses.style_gradient_scale);
    let values: Vec<f32> = losses.iter().map(|loss| loss.clone().into_scalar::<f32>()).collect();
    let mut gradients = Reader { path: vec![], gradients: total(losses, &config.losses).backward(), found: BTreeMap::new() };
    learner.visit(&mut gradients);
    let of = |prefix: &str, parameters: Parameters| {
        parameters.into_iter().map(|(name, value)| (format!("{prefix}.{name}"), value)).collect::<Vec<_>>()
    };
    let mut all = of("weight", parameters_of(learner));
    all.extend(of("gradient", gradients.found));
    all.push(("losses".to_owned(), Parameter { shape: vec![values.len()], values }));
    all.push(("input.real".to_owned(), parameter(&inputs.real)));
    let Placed { codes, sets, centres } = &inputs.placed;
    for (name, input) in [("codes", codes), ("sets", sets), ("centres", centres), ("sentence", &inputs.sentence)] {
        all.push((format!("input.{name}"), parameter(input)));
    }
    let stored = |(name, Parameter { shape, values }): (String, Parameter)| Stored {
        name,
        dtype: Dtype::F32,
        shape,
        bytes: values.into_iter().flat_map(f32::to_le_bytes).collect(),
    };
    let tensors: Vec<Stored> = all.into_iter().map(stored).collect();
    let settings = serde_json::json!({
        "lambda": [config.losses.lambda_swap, config.losses.lambda_edge, config.losses.lambda_style_class, config.losses.lambda_style],
        "rate": config.optimiser.generator_rate, "beta1": config.optimiser.beta1, "constrained": config.model().constrained, "tile": config.shape.tile,
        "sharpness": SET_SHARPNESS, "held": 1.0 - config.losses.style_gradient_scale,
    });
    let metadata = [("settings".to_owned(), settings.to_string())].into_iter().collect();
    let unwritten =
        |e: safetensors::SafeTensorError| files::FileError { path: file.to_owned(), source: std::io::Error::other(e) };
    let bytes = checksummed::write(&tensors, metadata).map_err(unwritten)?;
    Ok(files::replace(file, |file| file.write_all(&bytes))?)
}

fn parameter<const D: usize>(tensor: &Tensor<D>) -> Parameter {
    Parameter { shape: tensor.dims().to_vec(), values: tensor.to_data().iter::<f32>().collect() }
}

/// Gradients by the names of what they are of.
struct Reader {
    path: Vec<String>,
    gradients: Gradients,
    found: Parameters,
}

impl ModuleVisitor for Reader {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(&self.gradients) {
            self.found.insert(self.path.join("."), parameter(&gradient));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_all_that_another_needs_to_take_the_step() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("step.safetensors");
        let config = sized(32, 2);
        let device = Device::flex().autodiff();
        let learner = Learner::new(&config, &device);
        write(&path, &learner, &Inputs::new(&config, &device), &config).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let (metadata, tensors) = checksummed::open(&bytes).unwrap();
        assert!(checksummed::is_whole(&bytes, &metadata) && metadata["settings"].contains("lambda"));
        for name in parameters_of(&learner).keys() {
            let weight = tensors.tensor(&format!("weight.{name}")).unwrap();
            // Content is not asked for in such a step.
            match tensors.tensor(&format!("gradient.{name}")) {
                Ok(gradient) => assert_eq!(gradient.shape(), weight.shape()),
                Err(_) => assert!(name.starts_with("encoder.content"), "{name} has no gradient"),
            }
        }
        assert_eq!(tensors.tensor("losses").unwrap().shape(), [4]);
        assert_eq!(tensors.tensor("input.real").unwrap().shape(), [2, 3, 32, 32]);
    }
}
