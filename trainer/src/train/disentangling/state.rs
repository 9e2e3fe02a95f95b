//! What changes in the stage: networks, their average, and optimisers.

use burn::optim::ModuleOptimizer;
use burn::prelude::*;
use shared::model::generator::Generator;
use shared::model::heads::Heads;
use shared::model::image_encoder::ImageEncoder;
use shared::model::text_encoder::TextEncoder;

use crate::config::TrainConfig;
use crate::train::adam::{Adam, EPSILON};

/// What total_G moves.
#[derive(Module, Debug)]
pub struct GeneratorSide {
    pub text: TextEncoder,
    pub generator: Generator,
}

impl GeneratorSide {
    /// G(T(e), z).
    pub fn draw(&self, sentence: Tensor<2>, style: Tensor<2>) -> Tensor<4> {
        self.generator.forward(self.text.forward(sentence), style)
    }
}

/// What total_D moves.
#[derive(Module, Debug)]
pub struct DiscriminatorSide {
    pub encoder: ImageEncoder,
    pub heads: Heads,
}

/// All that changes in this stage, and nothing else: what a checkpoint must hold.
pub struct State {
    pub generator: GeneratorSide,
    pub discriminator: DiscriminatorSide,
    /// Moving average of the generator side: what is published.
    pub average: GeneratorSide,
    pub generator_optimiser: ModuleOptimizer,
    pub discriminator_optimiser: ModuleOptimizer,
    /// E's own optimiser for the swap and set losses: its moments must not mix with the adversarial ones.
    pub swap_optimiser: ModuleOptimizer,
    /// Steps taken.
    pub step: usize,
}

impl State {
    /// New networks and optimisers.
    pub fn new(config: &TrainConfig, device: &Device) -> Self {
        let shape = config.model();
        let device = device.clone().autodiff();
        let generator = GeneratorSide { text: TextEncoder::new(&shape, &device), generator: Generator::new(&shape, &device) };
        let discriminator = DiscriminatorSide { encoder: ImageEncoder::new(&shape, &device), heads: Heads::new(&shape, &device) };
        let adam = || Adam::new(config.optimiser.beta1 as f32, 0.99, EPSILON).init();
        Self {
            average: generator.valid(),
            generator,
            discriminator,
            generator_optimiser: adam(),
            discriminator_optimiser: adam(),
            swap_optimiser: adam(),
            step: 0,
        }
    }
}
