/**
 * The worker: everything heavy happens here, so that the page never stutters. It holds one engine (the wasm module) on one device;
 * a change of device is a new worker, because a GPU that failed or a panic may have left this one unusable.
 */
import { gpuFault, gpuTried } from "./detect.js";
import { fetchPatiently, patiently, PATIENCE_MS, Spent } from "./patience.js";

/** @typedef {import("./web.js").Engine} Engine */

/** @type {Engine} */
let engine;
/** @type {Promise<typeof Engine> | undefined} the wasm module's arrival */
let arrival;

/**
 * The engine for each device: with what drives a graphics card it is four times as large, so only who has one fetches that. Addresses
 * are written out, by which bundlers recognise files.
 */
const engines = {
  cpu: { script: () => import("./web.js"), wasm: new URL("./web_bg.wasm", import.meta.url) },
  webgpu: { script: () => import("./webgpu.js"), wasm: new URL("./webgpu_bg.wasm", import.meta.url) },
};

const verbs = {
  /** Settles which device draws ("auto" takes WebGPU where a graphics card is behind it) before anything is started on it. */
  async choose({ device, compiled }) {
    const { state, usable } = device === "cpu" ? { usable: false } : await gpuTried(device);
    if (device === "webgpu" && !usable) throw gpuFault(state);
    const chosen = usable ? "webgpu" : "cpu";
    arrival = loadEngine(chosen, compiled[chosen]);
    // On its way while the model is on its own; whoever opens hears what became of it.
    arrival.catch(() => {});
    return { device: chosen, fallback: state && !usable ? gpuFault(state) : null };
  },

  /** Reads a model onto the device and proves that it computes there what the trainer computed. */
  async open({ model, proven, device }) {
    const Engine = await arrival;
    engine = await Engine.open(new Uint8Array(await model.arrayBuffer()), device, proven);
    // Shaders that fail to compile give wrong pictures, not errors, so a device is believed only after this. It is the warm-up too.
    self.postMessage({ stage: "check" });
    await engine.selfTest();
    return engine.info();
  },

  async paint({ caption, style, look, size, background }) {
    const code = await styleCode(style);
    const used = look === undefined ? lookOf(style) : asText(look);
    const begun = performance.now();
    const imageData = await engine.paint(caption, code, used, size, background);
    const ms = performance.now() - begun;
    return { imageData, style: [...code], look: used ?? null, ms, reading: engine.reading(caption, code) };
  },

  async read({ caption }) {
    return engine.scene(caption);
  },

  async svg({ caption, style, look, description, background }) {
    return engine.svg(caption, await styleCode(style), asText(look), description, background);
  },

  async look({ look }) {
    return asText(look) ?? null;
  },

  async style({ style }) {
    return [...(await styleCode(style))];
  },
};

/** @param {import("./style.js").PlainStyle | {picture: ImageData}} style @returns {Promise<Float32Array>} */
async function styleCode({ seed, values, picture, from, to, t }) {
  if (seed !== undefined) return engine.styleOfSeed(seed);
  if (values) return Float32Array.from(values);
  if (picture) return engine.styleOfPicture(picture);
  return engine.blend(await styleCode(from), await styleCode(to), t);
}

/** The look that comes with a style; a code and a picture have none of their own. @returns {string | undefined} */
function lookOf({ seed, look, from, to, t }) {
  if (seed !== undefined) return engine.lookOfSeed(seed);
  if (from) return engine.blendLooks(lookOf(from), lookOf(to), t);
  return look;
}

/** @param {string | import("./style.js").PlainLook | undefined} look @returns {string | undefined} */
function asText(look) {
  return typeof look === "object" ? lookOf(look) : look;
}

/** @param {"cpu" | "webgpu"} device @param {WebAssembly.Module} [known] as another worker of this page has compiled it */
async function loadEngine(device, known) {
  let spent = false;
  const onSilence = () => self.postMessage({ stage: "start", silent: true });
  const onSpent = () => (spent = true);
  try {
    const { script, wasm } = engines[device];
    // A script that never comes is no error to the browser.
    const importing = patiently(script(), { onSilence });
    // Heard of below, after the fetch.
    importing.catch(() => {});
    const compiled = known ?? (await compile(await fetchPatiently(wasm, { onSilence, onSpent })));
    const { default: init, Engine } = await importing;
    await init({ module_or_path: compiled });
    if (!known) self.postMessage({ compiled: { [device]: compiled } });
    return Engine;
  } catch (error) {
    if (spent || error instanceof Spent) throw { code: "engine.stalled", message: `Nothing has come of the drawing engine for ${PATIENCE_MS / 1000} seconds`, advice: "check the connection, then try again" };
    throw {
      code: "engine.missing",
      message: `The drawing engine could not be loaded (${error.message})`,
      advice: "reload the page; if it happens again, use a browser from 2022 or newer that allows WebAssembly",
    };
  }
}

/** While it arrives, unless the server does not say what it is. @param {Response} response */
async function compile(response) {
  const typed = response.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
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

// The first word: all scripts have arrived.
self.postMessage({ stage: "start" });
