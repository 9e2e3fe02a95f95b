//! Which device to train on, and why.

use burn::prelude::*;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

#[cfg(all(feature = "wgpu", feature = "cuda"))]
compile_error!("CUDA and wgpu are builds of their own: choose CUDA with `--no-default-features --features cuda`");

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// A GPU where there is one, else the CPU.
    Auto,
    /// The GPU, through Vulkan, Metal or DirectX 12.
    Gpu,
    /// An NVIDIA GPU through CUDA (built with `--no-default-features --features cuda`).
    Cuda,
    /// The CPU.
    Cpu,
}

/// A device to train or draw on.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// For plain tensors; call `.autodiff()` on it to train.
    pub device: Device,
    /// Which device it is and why, in a sentence.
    pub reason: String,
    /// Whether it is a GPU.
    pub is_gpu: bool,
}

/// A device that was asked for and is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    #[cfg_attr(not(feature = "wgpu"), expect(dead_code, reason = "only a build with wgpu looks for a GPU"))]
    #[error("no GPU can be used: {0}. Install its driver (Vulkan, Metal or DirectX 12), or train with --device cpu")]
    NoGpu(String),
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "only a build with cuda looks for such a GPU"))]
    #[error(
        "no NVIDIA GPU with a driver for CUDA was found. Install NVIDIA's driver, or train with --device gpu or --device cpu"
    )]
    NoCuda,
    #[error("this trainer was built without {0}; build it with `--no-default-features --features {0}`")]
    NotBuilt(&'static str),
}

/// Opens the device.
///
/// # Errors
/// [`DeviceError`] where a device was asked for by name and cannot be had; `auto` falls back to the CPU.
pub fn open(choice: DeviceChoice) -> Result<Chosen, DeviceError> {
    match choice {
        DeviceChoice::Cpu => Ok(cpu("as asked")),
        DeviceChoice::Gpu => gpu(),
        DeviceChoice::Cuda => cuda(),
        DeviceChoice::Auto => Ok(cuda().or_else(|_| gpu()).unwrap_or_else(|error| match error {
            DeviceError::NoGpu(why) => cpu(&format!("no GPU found: {why}")),
            _ => cpu("no GPU found of a kind that this trainer was built for"),
        })),
    }
}

fn cpu(why: &str) -> Chosen {
    let threads = rayon::current_num_threads();
    Chosen { device: Device::flex(), reason: format!("CPU, {threads} threads ({why})"), is_gpu: false }
}

#[cfg(feature = "wgpu")]
fn gpu() -> Result<Chosen, DeviceError> {
    use burn::tensor::DeviceKind;
    // Kinds in the order of likely speed. A software rasteriser calls itself a CPU and is slower than the CPU backend, so it is
    // never taken.
    let mut why = "no adapter".to_owned();
    for (kind, name) in [
        (DeviceKind::DiscreteGpu(0), "discrete GPU"),
        (DeviceKind::IntegratedGpu(0), "integrated GPU"),
        (DeviceKind::VirtualGpu(0), "virtual GPU"),
    ] {
        match Device::wgpu_options().device_kind(kind).init() {
            Ok(device) => return Ok(Chosen { device, reason: format!("{name} through wgpu"), is_gpu: true }),
            Err(error) => why = error.to_string(),
        }
    }
    Err(DeviceError::NoGpu(why))
}

#[cfg(not(feature = "wgpu"))]
fn gpu() -> Result<Chosen, DeviceError> {
    Err(DeviceError::NotBuilt("wgpu"))
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Chosen, DeviceError> {
    use burn::tensor::DeviceType;
    // Opening a device without a driver would panic; listing them looks for the driver first.
    let device = Device::enumerate(DeviceType::Cuda).into_iter().next().ok_or(DeviceError::NoCuda)?;
    Ok(Chosen { device, reason: "NVIDIA GPU through CUDA".to_owned(), is_gpu: true })
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Chosen, DeviceError> {
    Err(DeviceError::NotBuilt("cuda"))
}
