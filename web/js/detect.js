/** What this browser can draw on, and how to get WebGPU where it is missing. For pages (`detect`) and for the worker (`gpuTried`). */
import { bordered } from "./errors.js";
import { offered } from "./offered.js";

/** Why there is no WebGPU, by state. @type {Record<string, string>} */
const REASONS = {
  insecure: "WebGPU needs an https address",
  "no-api": "This browser has no WebGPU",
  "no-adapter": "This browser offers no graphics adapter to WebGPU",
  // The compute runtime takes its timings with them and panics without.
  "no-timestamps": "The graphics adapter lacks timestamp queries",
  refused: "WebGPU refused to start: the graphics adapter gives no device",
  // It draws rightly, and several times slower than the engine does on the same processor.
  software: "The only graphics adapter is one that the processor imitates, and the processor by itself draws quicker",
};
/** What adapters that the processor imitates call themselves, where the browser does not say which they are. */
const IMITATIONS = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;
/** A browser that has not answered after this long is not going to. */
const ANSWER_MS = 10_000;

/** @type {() => Promise<import("./emblem.js").Capabilities>} */
export const detect = bordered(async () => {
  const webgpu = stateOf(await adapterOffered());
  return { device: webgpu === "ok" ? "webgpu" : "cpu", webgpu, advice: webgpu === "ok" ? null : gpuAdvice(webgpu) };
});

/**
 * What WebGPU is good for to somebody who is about to draw with `device`: "refused" where its adapter gives no device. The engine asks
 * for a device of its own and would wait for an answer for ever.
 * @param {"auto" | "webgpu"} device
 */
export async function gpuTried(device) {
  const adapter = await adapterOffered();
  const state = stateOf(adapter);
  if (state !== "ok" && !(device === "webgpu" && state === "software")) return { state, usable: false };
  const trial = await answered(() => adapter.requestDevice());
  trial?.destroy();
  return trial ? { state, usable: true } : { state: "refused", usable: false };
}

/** The adapter; null where there is none, undefined where there is no WebGPU at all. */
async function adapterOffered() {
  const gpu = offered("navigator", "gpu");
  return gpu ? answered(() => gpu.requestAdapter()) : undefined;
}

/** @returns {import("./emblem.js").Capabilities["webgpu"]} */
function stateOf(adapter) {
  if (adapter === undefined) return offered("isSecureContext") === false ? "insecure" : "no-api";
  if (adapter === null) return "no-adapter";
  if (!adapter.features.has("timestamp-query")) return "no-timestamps";
  return isImitated(adapter) ? "software" : "ok";
}

/** The answer; null where the browser refuses or does not answer. */
function answered(ask) {
  const late = new Promise((resolve) => setTimeout(resolve, ANSWER_MS, null));
  const answer = (async () => ask())().catch(() => null);
  return Promise.race([answer, late]);
}

/** The browser's word for it stood on the adapter itself until 2025. */
function isImitated({ info, isFallbackAdapter }) {
  const names = [info?.vendor, info?.architecture, info?.device, info?.description];
  return Boolean(info?.isFallbackAdapter ?? isFallbackAdapter) || IMITATIONS.test(names.join(" "));
}

/** The state as a fault that survives postMessage. */
export function gpuFault(state) {
  return { code: `device.${state}`, message: REASONS[state], advice: gpuAdvice(state) };
}

/** What to do about a state in this very browser, as a sentence. */
function gpuAdvice(state) {
  if (state === "insecure") return "Open the page over https, or on localhost.";
  if (state === "refused") return "Close other pages that use the graphics card, restart the browser, or let the CPU draw.";
  if (state === "no-timestamps") return "Update the browser and the graphics driver; until then the CPU draws.";
  const advice = ADVICE[browser()];
  if (state === "no-api") return advice.missing;
  return state === "software" ? `${advice.slow ?? advice.blocked} On a machine without a graphics card there is nothing to do.` : advice.blocked;
}

/**
 * For each browser what to do where it has no WebGPU (`missing`), where it has but offers no adapter (`blocked`), and where it offers
 * one that is none (`slow`, if that is something else).
 */
const ADVICE = {
  chromium: {
    missing: "Update the browser: Chrome, Edge and their relatives have WebGPU from version 113 on.",
    blocked: "Switch on graphics acceleration in the browser's settings, under System, and restart it; chrome://gpu says what is blocked.",
  },
  chromiumOnLinux: {
    missing: "Update the browser, open chrome://flags/#enable-unsafe-webgpu, enable it and restart.",
    blocked: "Open chrome://flags/#enable-unsafe-webgpu, enable it and restart; chrome://gpu says what is blocked.",
    slow: "Switch on graphics acceleration in the browser's settings, under System, install the graphics card's Vulkan driver and restart; chrome://gpu says what is blocked.",
  },
  firefox: {
    missing: "Update Firefox: it has WebGPU from version 141 on Windows and from 145 on Macs; elsewhere set dom.webgpu.enabled to true in about:config.",
    blocked: "Switch on hardware acceleration in Firefox's settings, under Performance, and restart it; about:support says what is blocked.",
  },
  safari: {
    missing: "Update the system: Safari has WebGPU from version 26 on.",
    blocked: "Switch off Lockdown Mode for this page, or restart the browser.",
  },
  other: {
    missing: "Use a current Chrome, Edge, Safari or Firefox.",
    blocked: "Switch on hardware acceleration in the browser's settings and restart it.",
  },
};

/** @returns {keyof typeof ADVICE} */
function browser() {
  const agent = offered("navigator", "userAgent") ?? "";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return /Linux/.test(agent) && !/Android/.test(agent) ? "chromiumOnLinux" : "chromium";
  // Every browser on iOS is Safari's engine under another name.
  return /Safari\/|iPhone|iPad/.test(agent) ? "safari" : "other";
}
