//! Operations that burn has as well, and that are quicker here on one kind of device. The networks know nothing of it: each operation
//! decides by itself where it runs ([`on_cpu`]), and every one is tested against burn's own.
//!
//! Each file says which version of which dependency makes it deletable.

use burn::prelude::*;

pub(crate) mod convolution;
#[cfg(feature = "cpu")]
pub(crate) mod im2col;
pub(crate) mod leaky_relu;
pub(crate) mod linear;
pub(crate) mod quantization;
#[cfg(feature = "cpu")]
pub(crate) mod winograd;

/// Whether a device is the processor by burn-flex, for which most of these were written.
pub(crate) fn on_cpu(device: &Device) -> bool {
    *device == Device::flex()
}
