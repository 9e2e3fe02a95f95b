//! How learning rates change over a stage.

/// Half a cosine from 1 to 0.02: what is left of a learning rate when `done` of the training is over.
pub fn cosine_decay(done: f64) -> f64 {
    0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * done.clamp(0.0, 1.0)).cos())
}

/// Steps in which learning rates rise to what they are meant to be. Adam takes its first steps at full length whatever a gradient's
/// size, all units of a wide layer together; a generator that had learnt something would be thrown back by hundreds of steps.
pub const WARM_UP: usize = 300;

/// Share of a learning rate at a step (from 0) of the warm-up; 1 after it.
pub fn warm_up(step: usize) -> f64 {
    ((step + 1) as f64 / WARM_UP as f64).min(1.0)
}
