//! What Emblem is compared with, and how it is got: Python packages in an environment of their own below `target/bench`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{command, find_on_path, succeeds};
use crate::root;

/// Pinned, so that a table says what it was made with and can be made again.
const PACKAGES: [&str; 3] = ["onnxruntime==1.32.0", "onnx==1.23.2", "numpy==2.4.6"];

const ORT_WEB: &str = "1.30.0";
/// What a page fetches of it to draw on the CPU.
pub const ORT_WASM: [&str; 3] = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
/// What a page fetches of it to draw on WebGPU.
pub const ORT_WEBGPU: [&str; 3] =
    ["ort.webgpu.min.mjs", "ort-wasm-simd-threaded.asyncify.mjs", "ort-wasm-simd-threaded.asyncify.wasm"];

/// Another runtime that can draw what Emblem draws.
#[derive(Debug)]
pub struct Peer {
    pub name: &'static str,
    /// What `draw.py` calls it.
    runtime: &'static str,
    /// A Python that has it, or why there is none.
    python: Result<PathBuf, &'static str>,
}

impl Peer {
    /// All of them, installed where that can be done without touching anything outside `target`.
    pub fn all(folder: &Path) -> [Self; 2] {
        [
            Self { name: "onnxruntime", runtime: "onnxruntime", python: environment(&folder.join("python")) },
            Self { name: "PyTorch", runtime: "torch", python: with_torch() },
        ]
    }

    /// Its name and why it is not here, where it is not.
    pub fn missing(&self) -> Option<String> {
        self.python.as_ref().err().map(|why| format!("{} ({why})", self.name))
    }

    /// The command that starts it as a contestant in drawing.
    pub fn draw(&self, model: &Path, styles: &Path, threads: usize) -> Option<Command> {
        let mut command = Command::new(self.python.as_ref().ok()?);
        command.arg(root().join("xtask/peers/draw.py")).arg(self.runtime).arg(model).arg(styles).arg(threads.to_string());
        Some(command)
    }
}

/// PyTorch, which can train what Emblem trains.
#[derive(Debug)]
pub struct Torch(Result<PathBuf, &'static str>);

impl Torch {
    pub fn find() -> Self {
        Self(with_torch())
    }

    /// The command that starts it as a contestant in taking steps of training (`step FILE THREADS`) or in loading pictures (`load FILE
    /// FOLDER BATCH`).
    pub fn train(&self) -> Option<Command> {
        let mut command = Command::new(self.0.as_ref().ok()?);
        command.arg(root().join("xtask/peers/train.py"));
        Some(command)
    }
}

/// Gets what a browser needs to draw beside Emblem into `folder`: the model as ONNX, its inputs, and onnxruntime-web below `ort/`.
///
/// # Errors
/// Why there is no contest, in a few words.
pub fn for_browser(folder: &Path, model: &Path, styles: &Path) -> Result<(), &'static str> {
    let python = environment(&folder.join("python"))?;
    let script = root().join("xtask/peers/draw.py");
    if !succeeds(Command::new(python).arg(script).arg("export").arg(model).arg(styles).arg(folder)) {
        return Err("draw.py could not write the model as ONNX");
    }
    let package = folder.join("node_modules/onnxruntime-web");
    if !std::fs::read_to_string(package.join("package.json")).is_ok_and(|text| text.contains(ORT_WEB)) {
        let npm = find_on_path("npm").ok_or("there is no npm")?;
        println!("installing onnxruntime-web {ORT_WEB} into {} (what Emblem is compared with)", folder.display());
        let install = ["install", "--no-save", "--no-audit", "--no-fund", "--silent", "--prefix"];
        if !succeeds(Command::new(npm).args(install).arg(folder).arg(format!("onnxruntime-web@{ORT_WEB}"))) {
            return Err("npm could not install it");
        }
    }
    let ort = folder.join("ort");
    std::fs::create_dir_all(&ort).map_err(|_| "its files could not be copied")?;
    for file in ORT_WASM.iter().chain(&ORT_WEBGPU) {
        std::fs::copy(package.join("dist").join(file), ort.join(file))
            .map_err(|_| "its package has other files than expected")?;
    }
    Ok(())
}

/// A Python with onnxruntime.
fn environment(folder: &Path) -> Result<PathBuf, &'static str> {
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let complete = |python: &Path| succeeds(Command::new(python).args(["-c", "import onnxruntime, onnx, numpy"]));
    if complete(&python) {
        return Ok(python);
    }
    let system = find_on_path("python3").or_else(|| find_on_path("python")).ok_or("there is no Python")?;
    println!("installing {} into {} (what Emblem is compared with)", PACKAGES.join(", "), folder.display());
    if !succeeds(command(&system.to_string_lossy()).args(["-m", "venv"]).arg(folder)) {
        return Err("Python's venv module is missing; on Debian: apt install python3-venv");
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    if !succeeds(Command::new(&python).args(pip).args(PACKAGES)) || !complete(&python) {
        return Err("pip could not install it");
    }
    Ok(python)
}

/// The first Python that has PyTorch already: it is too large to be fetched for a table.
fn with_torch() -> Result<PathBuf, &'static str> {
    let candidates = ["python3", "/usr/bin/python3", "python"];
    let has_it = |python: &&str| succeeds(Command::new(python).args(["-c", "import torch, numpy, PIL"]));
    let found = candidates.iter().find(|python| has_it(python));
    found.map(PathBuf::from).ok_or("no Python here has it with Pillow; on Debian: apt install python3-torch python3-pil")
}
