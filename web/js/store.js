/**
 * Models kept for the next visit, in the browser's Cache API under the hash of what they should be.
 *
 * Nothing that comes out is believed: an entry whose bytes have another hash is dropped, and the model is fetched again. Nothing that
 * goes wrong here is fatal: a browser without room, or without storage at all, downloads the model each time.
 */
import { EmblemError } from "./errors.js";
import { offered } from "./offered.js";
import { BRIEF_MS, fetchPatiently } from "./patience.js";

const NAME = "emblem-models";
const HASH = "emblem-sha256";

/** @param {ArrayBuffer} bytes @returns {Promise<string | null>} in hexadecimal; null outside secure contexts, where browsers do not offer to hash */
export async function sha256(bytes) {
  const subtle = offered("crypto", "subtle");
  if (!subtle) return null;
  const digest = await subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {URL} url
 * @param {string} hash
 * @returns {Promise<Blob | null>} the model with this hash; null where it is not kept, or is kept no longer as it was
 */
export async function recall(url, hash) {
  try {
    const cache = await caches.open(NAME);
    const response = await cache.match(key(url, hash));
    const blob = await response?.blob();
    if (!blob || (await sha256(await blob.arrayBuffer())) === hash) return blob ?? null;
    await cache.delete(key(url, hash));
    return null;
  } catch {
    return null;
  }
}

/**
 * Keeps a model, in the place of any other from the same address.
 * @param {URL} url
 * @param {string} hash
 * @param {Blob} blob
 * @returns {Promise<EmblemError | null>} why it could not be kept
 */
export async function keep(url, hash, blob) {
  try {
    const cache = await caches.open(NAME);
    for (const { url: kept } of await cache.keys()) {
      if (isOf(url, new URL(kept))) await cache.delete(kept);
    }
    await cache.put(key(url, hash), new Response(blob));
    return null;
  } catch (error) {
    return error?.name === "QuotaExceededError"
      ? new EmblemError("cache.full", "The browser has no room to keep the model", "free some room in the browser's storage for a quicker start next time")
      : new EmblemError("cache.unavailable", `The browser does not keep the model (${error?.message ?? error})`, "allow this page to store data for a quicker start next time");
  }
}

/**
 * A small file that is fetched anew where there is a network, and remembered for where there is none or none that answers.
 * @param {URL} url
 * @param {{signal?: AbortSignal, onSilence?: () => void}} waiting
 * @returns {Promise<Response | null>} null where there is no such file
 */
export async function fresh(url, waiting) {
  const cache = await opened();
  try {
    const response = await fetchPatiently(url, { ...waiting, patience: BRIEF_MS, cache: "no-cache" });
    if (!response.ok) return null;
    const body = await response.blob();
    await cache?.put(url, new Response(body)).catch(() => {});
    return new Response(body);
  } catch {
    return (await cache?.match(url).catch(() => null)) ?? null;
  }
}

/** Forgets all models and manifests that are kept. */
export async function clear() {
  // Where nothing can be kept, nothing is.
  await offered("caches")?.delete(NAME).catch(() => {});
}

/** @returns {Promise<Cache | null>} null where the browser keeps nothing */
async function opened() {
  try {
    return await caches.open(NAME);
  } catch {
    return null;
  }
}

function key(url, hash) {
  const address = new URL(url);
  address.searchParams.set(HASH, hash);
  return address.href;
}

/** Whether a kept address is `url` under some hash. */
function isOf(url, kept) {
  const hash = kept.searchParams.get(HASH);
  return hash !== null && kept.href === key(url, hash);
}
