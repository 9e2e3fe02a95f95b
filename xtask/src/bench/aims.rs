//! What Emblem wants of each contest, and where it does not get it, why: found by profiling, to be said again where that changes.

use super::table::Aim;

pub const DRAW: Aim = Aim {
    whom: "",
    times: 1.0,
    between: "By `perf`, most of the time goes into laying out operands: the weights are packed anew for every product, and the map is \
              copied once for each position of the kernel. Next: weights packed once when a model is loaded, and a convolution that \
              reads the map where it lies.",
};

/// On the CPU (`wasm`) or `webgpu`.
pub fn draw_in_browser(device: &str) -> Aim {
    if device == "wasm" { DRAW_IN_WASM } else { DRAW_ON_WEBGPU }
}

const DRAW_IN_WASM: Aim = Aim {
    whom: "onnxruntime-web",
    times: 1.5,
    between: "The same work as natively, where weights and maps are laid out anew for every product, and vectors of four values instead of \
              sixteen; not profiled in the browser itself. Next: as natively, weights packed once.",
};

const DRAW_ON_WEBGPU: Aim = Aim {
    whom: "onnxruntime-web",
    times: 3.0,
    between: "Not profiled on a graphics card. Next: the time of each kernel there, and painting to the canvas without reading back.",
};

pub const CODE: Aim = Aim {
    whom: "onnxruntime-web",
    times: 2.0,
    between: "burn's WebGPU backend, compiler of kernels included, is most of the wasm. Next: the CPU and the WebGPU engine as two files, of \
              which a visitor fetches one.",
};

pub const FIRST_PICTURE: Aim = Aim {
    whom: "onnxruntime-web",
    times: 2.0,
    between: "Emblem starts a worker, compiles its wasm in it and draws a golden picture before it draws for anyone, while the peer's \
              runtime is there already. Next: the module compiled once and handed to every worker of a page.",
};

pub const STEP: Aim = Aim {
    whom: "PyTorch",
    times: 1.0,
    between: "By `perf`, the matrix products are about a third of the time; the rest lays out their operands (nine shifted copies of each \
              map for the gradient of a 3 x 3 kernel, weights packed anew) and passes over whole maps for every elementwise operation, \
              forwards and backwards. Next: the gradient of the weights from blocks of copies that stay in the cache.",
};

pub const LOAD: Aim = Aim {
    whom: super::training::APPETITE,
    times: 5.0,
    between: "Training waits for its pictures: profile `trainer contest load`.",
};
