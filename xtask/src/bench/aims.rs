//! What Emblem wants of each contest, and where it does not get it, why: found by profiling, to be said again where that changes.

use super::table::Aim;

pub const DRAW: Aim = Aim {
    whom: "",
    times: 1.0,
    between: "By `perf` on one thread, products of 8-bit matrices are 26 % of the time, those of the convolutions 26 %, the transforms around \
              them 16 %; the rest is many passes over small maps, which a second thread does not share. Next: affine, rectifier and \
              transform as one pass.",
};

/// On the CPU (`wasm`) or `webgpu`.
pub fn draw_in_browser(device: &str) -> Aim {
    if device == "wasm" { DRAW_IN_WASM } else { DRAW_ON_WEBGPU }
}

const DRAW_IN_WASM: Aim = Aim {
    whom: "onnxruntime-web",
    times: 1.5,
    between: "Profiled in Node with the functions' names, loading included: 35 % are products of the convolutions, in vectors of four values \
              where natively there are sixteen; 12 % products of 8-bit matrices, 5 % the transforms around the former, 5 % constructors that \
              the linker has run again at every call into the engine; the rest is small passes. Next: relaxed SIMD (a product and a sum at \
              once) where the browser has it, and constructors run once.",
};

const DRAW_ON_WEBGPU: Aim = Aim {
    whom: "onnxruntime-web",
    times: 3.0,
    between: "Counted in Chromium: a picture is 217 dispatches in 5 submissions, and 97 % of its time the worker waits for them, that is for \
              SwiftShader; a graphics card has not been measured. Next: affine, rectifier and convolution as one kernel each, and painting to \
              the canvas without reading back.",
};

pub const CODE: Aim = Aim {
    whom: "onnxruntime-web",
    times: 2.0,
    between: "burn's WebGPU backend, compiler of kernels included, is most of its engine; who draws on the CPU fetches another without it.",
};

pub const FIRST_PICTURE: Aim = Aim {
    whom: "onnxruntime-web",
    times: 2.0,
    between: "In Node, of the time from compiled engine to first picture, opening the model (its weights laid out) is 61 %, the self-test 19, \
              the first picture 11, starting the engine 8; the peer's runtime is there already and tests nothing. Next: weights laid out \
              while the worker starts, and the self-test beside the first picture.",
};

pub const STEP: Aim = Aim {
    whom: "PyTorch",
    times: 1.0,
    between: "By `perf` at 128 px, the matrix products are two fifths of the time and laying out their operands a thirtieth; the rest passes \
              over whole maps for every elementwise operation, forwards and backwards. Next: modulation and rectifier as one operation \
              with one gradient.",
};

pub const STEP_ON_GPU: Aim = Aim {
    whom: "PyTorch",
    times: 1.0,
    between: "Timed with and without waiting for the card (docs/lab-notes.md), which is idle half of the time: a great many small kernels are \
              asked for one by one. Next: the optimiser as one kernel, then a step recorded and replayed.",
};

pub const LOAD: Aim = Aim {
    whom: super::table::APPETITE,
    times: 5.0,
    between: "Training waits for its pictures: profile `emblem-lab contest load`.",
};
