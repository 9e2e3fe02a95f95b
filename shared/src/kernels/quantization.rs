//! Weights in 8 bits: whole steps from -127 to 127 of a scale that each row has for itself.

/// A weight with so many values is stored in 8 bits.
pub(crate) const LARGE: usize = 1 << 16;
/// The largest step to either side.
pub(crate) const STEPS: f32 = 127.0;

/// The step by which a row's largest value is 127 steps from zero, rounded up to eleven binary digits. Then 127 steps are a whole number
/// of the last digit's, so whoever rounds what has been rounded already gets the same.
pub(crate) fn scale(row: &[f32]) -> f32 {
    const BELOW: u32 = (1 << 13) - 1;
    let exact = row.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / STEPS;
    if exact < f32::MIN_POSITIVE {
        return 0.0;
    }
    f32::from_bits((exact.to_bits() + BELOW) & !BELOW)
}
