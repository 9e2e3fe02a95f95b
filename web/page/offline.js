/** The page without a network: the service worker (../offline.js) keeps all of it, and the engine for WebGPU where that is what draws. */

const FOR_WEBGPU = ["../webgpu.js", "../webgpu_bg.wasm"].map((name) => new URL(name, import.meta.url).href);

/**
 * In a sandboxed frame the very question throws.
 * @param {Promise<import("../emblem.js").Painter>} opened
 */
export async function workOffline(opened) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  await serviceWorker.register("offline.js");
  const [{ active }, painter] = await Promise.all([serviceWorker.ready, opened.catch(() => null)]);
  if (painter?.device === "webgpu") active.postMessage(FOR_WEBGPU);
}
