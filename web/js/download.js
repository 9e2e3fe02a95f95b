/**
 * Where a model comes from: the caller's bytes, this browser's cache or the network, with honest progress and the failures that
 * fetching has. What is inside is the engine's to judge.
 *
 * A model whose hash is known beforehand is checked against it and kept under it. The hash is the caller's `integrity`, or stands in
 * the caller's `manifest` or in the `manifest.json` beside the model, which also know the size, however the server compresses or streams.
 */
import { aborted, EmblemError } from "./errors.js";
import { offered } from "./offered.js";
import { fetchPatiently, PATIENCE_MS, Spent } from "./patience.js";
import { fresh, keep, recall, sha256 } from "./store.js";

/** No model of ours comes near this; a larger answer is a mistake or an attack on the visitor's memory. */
const LARGEST_MODEL = 512 * 1024 * 1024;

/**
 * @typedef {object} Model
 * @property {Blob} blob rather than a buffer: the browser may keep it off the heap, and every worker can be handed the same one
 * @property {string | null} sha256 in hexadecimal, in secure contexts
 * @property {boolean} proven whether that is the hash that was stated beforehand
 * @property {Promise<EmblemError | null>} kept settles when the model is kept for the next visit, with the reason where it is not
 *
 * @typedef {import("./emblem.js").ManifestEntry} ManifestEntry
 *
 * @param {string | URL | Blob | BufferSource} source where the model is, or its bytes
 * @param {{signal?: AbortSignal, onProgress: Function, cache: boolean, integrity?: string, manifest?: ManifestEntry[] | Promise<ManifestEntry[] | undefined>}} options
 * @returns {Promise<Model>}
 */
export async function obtain(source, { signal, onProgress, cache, integrity, manifest }) {
  const stated = integrity === undefined ? null : { sha256: fromIntegrity(integrity) };
  if (source instanceof Blob || source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return checked(source instanceof Blob ? source : new Blob([source]), stated, "The file");
  }
  const url = address(source);
  const known = stated ?? entryFor(url, (await manifest) ?? (await manifestBeside(url, { signal, onProgress })));
  const old = cache && known ? await recall(url, known.sha256) : null;
  if (old) {
    onProgress({ stage: "download", loaded: old.size, total: old.size, cached: true });
    return { blob: old, sha256: known.sha256, proven: true, kept: Promise.resolve(null) };
  }
  const model = await checked(await fetched(url, known?.bytes, { signal, onProgress }), known, `What is at ${url}`);
  return cache && known && model.sha256 ? { ...model, kept: keep(url, model.sha256, model.blob) } : model;
}

/** @returns {Promise<Model>} */
async function checked(blob, known, what) {
  const bytes = await blob.arrayBuffer().catch((error) => {
    throw new EmblemError("model.unreadable", `The file cannot be read (${error.message})`, "choose it again; it may have been moved or changed meanwhile");
  });
  const hash = await sha256(bytes);
  if (known && hash && hash !== known.sha256) {
    const size = known.bytes && known.bytes !== blob.size ? `, with ${blob.size} bytes instead of ${known.bytes}` : "";
    throw new EmblemError("model.integrity", `${what} is not the model that was published${size}`, "reload; if it lasts, something on the way alters the file, or the server mixes two versions");
  }
  return { blob, sha256: hash, proven: Boolean(known && hash), kept: Promise.resolve(null) };
}

/**
 * A relative address is the page's, as that of an image is: of its `<base>`, where it has one. In a worker it is the worker's; and a
 * page or worker from a `blob:`, whose address leads nowhere, has that of the site that made it.
 */
function address(source) {
  for (const base of [offered("document", "baseURI"), offered("location", "href"), offered("origin")]) {
    try {
      return new URL(source, base);
    } catch {
      // The next one may do.
    }
  }
  throw new EmblemError("option.source", `"${source}" is no address of a model here`, "give a whole URL (https://…), or the file itself as a Blob or a buffer");
}

/** @returns {string} the hash in hexadecimal */
function fromIntegrity(integrity) {
  const base64 = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(integrity)?.[1];
  if (!base64) throw new EmblemError("option.integrity", `"${integrity}" is no SHA-256`, 'give "sha256-" and the hash in base64');
  if (!offered("crypto", "subtle")) throw new EmblemError("option.integrity", "The browser hashes only on secure pages", "open the page over https, or leave integrity out");
  return Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

/** @returns {Promise<unknown>} what is said in the place where a manifest would be */
async function manifestBeside(url, { signal, onProgress }) {
  if (!/^https?:$/.test(url.protocol)) return null;
  const onSilence = () => onProgress({ stage: "download", loaded: 0, cached: false, silent: true });
  const response = await fresh(new URL("manifest.json", url), { signal, onSilence });
  if (signal?.aborted) throw aborted();
  // A server may answer with a page of its own where there is no manifest.
  return response?.json().catch(() => null);
}

/** @param {unknown} entries @returns {ManifestEntry | null} what a manifest says of a model */
function entryFor(url, entries) {
  const name = unescaped(url.pathname.split("/").at(-1));
  const entry = Array.isArray(entries) ? entries.find((entry) => entry?.file === name) : undefined;
  const usable = /^[0-9a-f]{64}$/.test(entry?.sha256) && Number.isSafeInteger(entry.bytes);
  return usable ? entry : null;
}

/** A name may have a percent sign that escapes nothing. */
function unescaped(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** @returns {Promise<Blob>} */
async function fetched(url, bytes, { signal, onProgress }) {
  const news = { stage: "download", loaded: 0, total: bytes, cached: false };
  const onSilence = () => onProgress({ ...news, silent: true });
  try {
    // The browser's own cache is asked whether the file is still the same; ours is asked by hash, before.
    const response = await fetchPatiently(url, { signal, onSilence, cache: "no-cache" });
    if (!response.ok) throw refusal(url, response.status);
    news.total ??= announced(response);
    return await collected(response, news, onProgress);
  } catch (error) {
    if (error instanceof EmblemError) throw error;
    if (signal?.aborted) throw aborted();
    if (error instanceof Spent) throw new EmblemError("model.stalled", `Nothing has come from ${url} for ${PATIENCE_MS / 1000} seconds`, "check the connection, then try again");
    throw new EmblemError("model.network", `The model at ${url} could not be fetched (${error.message})`, "check the connection and the address, then try again");
  }
}

function refusal(url, status) {
  return status === 404 || status === 410
    ? new EmblemError("model.not-found", `There is no model at ${url}`, "check the address; a page built by trunk serves it from models/")
    : new EmblemError("model.refused", `The server answered ${status} for ${url}`, "try again later, or use another address");
}

/** The size that the server states, where it is the size of exactly these bytes. */
function announced(response) {
  const length = response.headers.has("Content-Encoding") ? Number.NaN : Number.parseInt(response.headers.get("Content-Length") ?? "", 10);
  return length > 0 ? length : undefined;
}

/** Reads the body to its end and keeps the news of it. */
async function collected(response, news, onProgress) {
  const chunks = [];
  for (const reader = response.body.getReader(); ; ) {
    if (!(news.total >= news.loaded)) news.total = undefined;
    onProgress({ ...news });
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    news.loaded += value.byteLength;
    if (Math.max(news.loaded, news.total ?? 0) > LARGEST_MODEL) {
      await reader.cancel();
      throw new EmblemError("model.too-large", "The model is larger than 512 MiB", "use a model that was exported for the page");
    }
    chunks.push(value);
  }
}
