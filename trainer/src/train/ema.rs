//! An exponential moving average of a module's weights: what is published, because single steps of adversarial training wobble.

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;

/// Moves `average` towards `current` by `1 - decay`. The two are the same module at different times: weights are paired by identity.
pub fn update<M: Module>(average: M, current: &M, decay: f64) -> M {
    let mut collector = Collector(GradientsParams::new());
    current.visit(&mut collector);
    average.map(&mut Mover { current: collector.0, decay })
}

/// The decay for one step that halves an old weight's share after `half_life` pictures.
pub fn decay(batch: usize, half_life: f64) -> f64 {
    0.5_f64.powf(batch as f64 / half_life)
}

/// burn's container of tensors by parameter, used for the weights themselves.
struct Collector(GradientsParams);

impl ModuleVisitor for Collector {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val().detach().inner());
    }
}

struct Mover {
    current: GradientsParams,
    decay: f64,
}

impl ModuleMapper for Mover {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(current) = self.current.get::<D>(param.id) else { return param };
        param.map(|average| average * self.decay + current * (1.0 - self.decay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use shared::model::parameters::parameters_of;

    #[test]
    fn the_average_halves_its_distance_in_a_half_life() {
        let device = Device::flex().autodiff();
        let start = LinearConfig::new(3, 2).init(&device);
        let end = start.clone().map(&mut Shift);
        let mut average = start.valid();
        for _ in 0..10 {
            average = update(average, &end.valid(), decay(100, 1000.0));
        }
        let (from, to, now) = (parameters_of(&start.valid()), parameters_of(&end.valid()), parameters_of(&average));
        for name in from.keys() {
            for ((a, b), c) in from[name].values.iter().zip(&to[name].values).zip(&now[name].values) {
                assert!(((a + b) / 2.0 - c).abs() < 1e-5, "{a} {b} {c}");
            }
        }
    }

    struct Shift;
    impl ModuleMapper for Shift {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|t| t + 1.0)
        }
    }
}
