//! Stage 2: the modality-disentangling adversarial training (patent steps 101 to 104).
//!
//! One step, in order: draw x' = G(T(e), z); update E and the heads by total_D with x' held still; update G and T by total_G with E
//! and the heads held still. Swap supervision, where a preset has it, adds its loss to the second update: where the data has sets, z is
//! drawn from the set's region ([`crate::train::regions`]) and the true picture is known. E learns beside it to read z off pictures, true and
//! drawn, long before the other losses join.

mod batch;
mod shards;
mod stage;
mod state;
mod totals;

use burn::optim::GradientsParams;
use burn::prelude::*;

use crate::config::TrainConfig;
use crate::data::DataError;
use crate::train::drawn::Sharpening;
use crate::train::metrics::Metrics;
use crate::train::schedule::{cosine_decay, warm_up};
use crate::train::{batches, ema};

pub use batch::{Placed, Reading, SET_SHARPNESS};
use shards::{Shard, gathered, side_by_side, summed, taken};
pub use stage::Stage;
pub use state::{DiscriminatorSide, GeneratorSide, State};
use totals::Totals;

/// Steps between two updates of the averaged weights: it changes slowly, and an update costs a tenth of a step.
const AVERAGE_EVERY: usize = 4;

impl Stage<'_> {
    /// Takes one step; `done` is the share of the run that is over.
    ///
    /// # Errors
    /// [`DataError`] where its pictures cannot be read any more.
    pub fn step(&self, state: State, done: f64) -> Result<(State, Metrics), DataError> {
        let TrainConfig { start, schedule, optimiser, losses, .. } = self.config;
        let rate = cosine_decay(done) * warm_up(state.step);
        let random = batches::random_for(start.seed, batches::Stream::Disentangling, state.step);
        let lends = self.regions.is_none() || state.step.is_multiple_of(schedule.style_encoder_every);
        let batch = self.batch(random, lends)?;
        let adversarial = done >= schedule.adversarial_start && state.step.is_multiple_of(schedule.adversarial_every);
        let State {
            mut generator,
            mut discriminator,
            average,
            mut generator_optimiser,
            mut discriminator_optimiser,
            mut swap_optimiser,
            ..
        } = state;
        let totals = Totals { config: self.config };
        let shards = Shard::of(batch, self.device);
        let discriminator_rate = optimiser.discriminator_rate * rate;

        // Each total is propagated before the next is worked out: that needs less memory, and burn keeps a little of every graph that
        // was joined from two.
        let (mut metrics, mut for_generator) = (Metrics::new(), vec![]);
        if adversarial {
            let parts = shards.iter().map(|shard| (shard, shard.fork(&generator), shard.fork(&discriminator))).collect();
            let parts = side_by_side(parts, |(shard, generator, discriminator)| {
                let mut metrics = Metrics::new();
                let caption = generator.text.forward(shard.batch.sentence.clone());
                let fake = generator.generator.forward(caption.clone(), shard.batch.noise.clone());
                let still = (caption.clone().detach(), fake.clone().detach());
                let terms = totals.total_d(&discriminator, &shard.batch, still, &mut metrics);
                let gradients = shard.backward(terms, &mut metrics);
                let gradients = gradients.map(|gradients| GradientsParams::from_grads(gradients, &discriminator));
                ((shard, generator, (caption, fake)), (gradients, metrics))
            });
            let (drawn, found): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let gradients = gathered(&discriminator, &shards, found, &mut metrics);
            discriminator = discriminator_optimiser.step(discriminator_rate, discriminator, gradients);

            let parts = drawn.into_iter().map(|drawn| (drawn, discriminator.clone().no_grad())).collect();
            let found = side_by_side(parts, |((shard, generator, drawn), discriminator)| {
                let mut metrics = Metrics::new();
                let terms = totals.total_g(&discriminator, &shard.batch, drawn);
                let gradients = shard.backward(terms, &mut metrics);
                (gradients.map(|gradients| GradientsParams::from_grads(gradients, &generator)), metrics)
            });
            for_generator.push(gathered(&generator, &shards, found, &mut metrics));
        }
        if losses.lambda_swap > 0.0 {
            let sharpening = Sharpening::at(state.step, schedule.sharpness_warm_up, done);
            let parts = shards.iter().map(|shard| (shard, shard.fork(&generator), shard.fork(&discriminator.encoder))).collect();
            let parts = side_by_side(parts, |(shard, generator, encoder)| {
                let mut metrics = Metrics::new();
                let terms = totals.swap(&generator, &encoder, (&shard.batch, sharpening), lends, &mut metrics);
                let gradients = shard.backward(terms, &mut metrics).map(|mut gradients| {
                    let for_generator = GradientsParams::from_module(&mut gradients, &generator);
                    (for_generator, GradientsParams::from_grads(gradients, &encoder))
                });
                let (for_generator, for_encoder) = gradients.unzip();
                (for_encoder, (for_generator, metrics))
            });
            let (for_encoder, found): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            for_generator.push(gathered(&generator, &shards, found, &mut metrics));
            if lends {
                let gradients = summed(&discriminator.encoder, for_encoder.into_iter().flatten());
                discriminator.encoder = swap_optimiser.step(discriminator_rate, discriminator.encoder, gradients);
            }
        }
        let mut gradients = summed(&generator, for_generator);
        let of_head = taken(&generator.generator.head(), &mut gradients);
        generator = generator_optimiser.step(optimiser.generator_rate * rate, generator, of_head);
        if state.step >= optimiser.trunk_start {
            generator = generator_optimiser.step(optimiser.generator_rate * optimiser.trunk_rate * rate, generator, gradients);
        }
        let mut average = average;
        if state.step.is_multiple_of(AVERAGE_EVERY) {
            let decay = ema::decay(optimiser.batch * AVERAGE_EVERY, optimiser.ema_half_life);
            // Early on the average would be mostly random weights, so it starts short.
            let decay = decay.min((state.step as f64 + 1.0) / (state.step as f64 + 10.0));
            average = ema::update(average, &generator.valid(), decay);
        }
        let step = state.step + 1;
        let state =
            State { generator, discriminator, average, generator_optimiser, discriminator_optimiser, swap_optimiser, step };
        Ok((state, metrics))
    }
}

#[cfg(test)]
mod tests;
