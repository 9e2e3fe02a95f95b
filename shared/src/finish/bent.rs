//! Slant and wobble: fields looked at in other places.

use super::parameter::{Finish, Parameter};
use crate::layers::{Layers, smooth_noise};

/// Sideways by so much for all of the height: 20 degrees.
const LEAN: f32 = 0.364;
/// Furthest that a wobbling line goes from its place, as a share of the side, for slow and for quick turns.
const WOBBLE: [(usize, f32); 2] = [(7, 0.02), (17, 0.009)];

/// The same picture leaning and wobbling as the finish says. It shrinks as far as leaning needs room.
pub(super) fn bent(layers: &Layers, finish: &Finish) -> Layers {
    let (slant, wobble) = (LEAN * finish.get(Parameter::Slant), finish.get(Parameter::Wobble));
    if slant == 0.0 && wobble == 0.0 {
        return layers.clone();
    }
    let side = layers.side();
    let shifts = WOBBLE
        .map(|(turns, most)| [0, 1].map(|axis| smooth_noise(turns, side, axis).into_iter().map(move |v| v * most * wobble)));
    let [[slow_x, slow_y], [quick_x, quick_y]] = shifts;
    let shifts = slow_x.zip(slow_y).zip(quick_x.zip(quick_y));
    let smaller = 1.0 + slant.abs() * 0.8;
    let places = shifts.enumerate().map(|(cell, ((slow_x, slow_y), (quick_x, quick_y)))| {
        let centred = |index: usize| ((index as f32 + 0.5) / side as f32 - 0.5) * smaller;
        let (x, y) = (centred(cell % side), centred(cell / side));
        [x + slant * y + slow_x + quick_x + 0.5, y + slow_y + quick_y + 0.5]
    });
    layers.sampled(&places.collect::<Vec<_>>())
}
