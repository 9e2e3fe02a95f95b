//! The browser's graphics card as a device.

use burn::prelude::Device;
use burn_wgpu::WgpuInitError;

use crate::Fault;

/// Kernels that are queued before they are handed to the browser: twice the runtime's default, because a picture is many small
/// kernels and handing over costs more than such a kernel does.
const TASKS_MAX: usize = 64;

/// Opens it, which can be done once in a module's life.
///
/// # Errors
/// `device.refused`.
pub async fn device() -> Result<Device, Fault> {
    Ok(Device::wgpu_options().tasks_max(TASKS_MAX).init_async().await?)
}

impl From<WgpuInitError> for Fault {
    fn from(error: WgpuInitError) -> Self {
        Self {
            code: "device.refused",
            message: format!("WebGPU refused to start ({error})"),
            advice: "close other pages that use the graphics card, or draw on the CPU".into(),
            unknown_words: vec![],
        }
    }
}
