/**
 * The worker: everything heavy happens here, so that the page never stutters. It holds one engine (the wasm module) on one device;
 * a change of device is a new worker, because a GPU that failed or a panic may have left this one unusable.
 */

/** @type {import("./web.js").Engine} */
let engine;

const verbs = {
  /** Settles which device draws ("auto" takes WebGPU where there is one) before anything is started on it. */
  async choose({ device }) {
    const gpuFault = device === "cpu" ? null : await whyNoGpu();
    if (gpuFault && device === "webgpu") throw gpuFault;
    return { device: gpuFault ? "cpu" : device === "auto" ? "webgpu" : device, fallback: gpuFault };
  },

  /** Reads a model onto the device and proves that it draws there what the trainer drew. */
  async open({ model, device }) {
    self.postMessage({ stage: "start" });
    const Engine = await loadEngine();
    engine = await Engine.open(new Uint8Array(await model.arrayBuffer()), device);
    // Shaders that fail to compile give wrong pictures, not errors, so a device is believed only after this. It is the warm-up too.
    self.postMessage({ stage: "check" });
    await engine.selfTest();
    return engine.info();
  },

  async paint({ caption, style }) {
    const code = await styleCode(style);
    const begun = performance.now();
    const imageData = await engine.paint(caption, code);
    const ms = performance.now() - begun;
    return { imageData, style: [...code], ms, reading: engine.read(caption) };
  },

  async style({ style }) {
    return [...(await styleCode(style))];
  },
};

/** @param {{seed?: string, values?: number[], picture?: ImageData}} style exactly one of them is given */
function styleCode({ seed, values, picture }) {
  if (values) return Float32Array.from(values);
  if (picture) return engine.styleOfPicture(picture);
  return engine.styleOfSeed(seed);
}

/** Loaded on demand: a static import that fails would kill the worker without a reason. */
async function loadEngine() {
  try {
    const { default: init, Engine } = await import("./web.js");
    await init();
    return Engine;
  } catch (error) {
    throw {
      code: "engine.missing",
      message: `The drawing engine could not be loaded (${error.message})`,
      advice: "reload the page; if it happens again, use a browser from 2022 or newer that allows WebAssembly",
    };
  }
}

/** @returns {Promise<object | null>} why WebGPU cannot be used, or null where it can */
async function whyNoGpu() {
  const fault = (what, message) => ({ code: `device.${what}`, message, advice: "use a browser with WebGPU, switch on its hardware acceleration, or draw on the CPU" });
  if (!navigator.gpu) return fault("no-webgpu", self.isSecureContext ? "This browser has no WebGPU" : "WebGPU needs an https address");
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  if (!adapter) return fault("no-adapter", "This browser offers no graphics adapter to WebGPU");
  // The compute runtime takes its timings with it and panics without.
  if (!adapter.features.has("timestamp-query")) return fault("no-timestamps", "The graphics adapter lacks timestamp queries");
  return null;
}

/** Whatever was thrown, as an object that survives postMessage. */
function asFault(error) {
  if (error?.code && error?.advice) return error;
  return { code: "engine.died", message: `The drawing engine failed: ${error?.message ?? error}`, advice: "reload the page" };
}

self.onmessage = async ({ data: { id, verb, args } }) => {
  try {
    self.postMessage({ id, result: await verbs[verb](args) });
  } catch (error) {
    self.postMessage({ id, fault: asFault(error) });
  }
};

// A panic inside wasm leaves its promise pending for ever and shows only here; the page must hear of it.
self.onunhandledrejection = (event) => {
  event.preventDefault();
  self.postMessage({ died: String(event.reason?.message ?? event.reason) });
};
