/** Fetching a model file, with honest progress and the failures that fetching has. What is inside is the engine's to judge. */
import { EmblemError, aborted } from "./errors.js";

/** No model of ours comes near this; a larger answer is a mistake or an attack on the visitor's memory. */
const LARGEST_MODEL = 512 * 1024 * 1024;

/**
 * @param {string | URL | Blob | BufferSource} source where the model is, or its bytes
 * @param {{signal?: AbortSignal, onProgress?: (p: {stage: "download", loaded: number, total?: number}) => void}} options
 * @returns {Promise<Blob>} a blob rather than a buffer: the browser may keep it off the heap, and every worker can be handed the same one
 */
export async function download(source, { signal, onProgress }) {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return new Blob([source]);
  const where = String(source);
  try {
    const response = await fetch(source, { signal });
    if (!response.ok) throw refusal(where, response.status);
    return await collect(response, onProgress);
  } catch (error) {
    if (error instanceof EmblemError) throw error;
    if (signal?.aborted) throw aborted();
    throw new EmblemError("model.network", `The model at ${where} could not be fetched (${error.message})`, "check the connection and the address, then try again");
  }
}

function refusal(where, status) {
  return status === 404 || status === 410
    ? new EmblemError("model.not-found", `There is no model at ${where}`, "check the address; a page built by trunk serves it from models/")
    : new EmblemError("model.refused", `The server answered ${status} for ${where}`, "try again later, or use another address");
}

/** Reads the body to its end. The total is told only where the server states the size of exactly these bytes. */
async function collect(response, onProgress) {
  const stated = response.headers.has("Content-Encoding") ? Number.NaN : Number.parseInt(response.headers.get("Content-Length") ?? "", 10);
  const total = stated > 0 ? stated : undefined;
  const chunks = [];
  let loaded = 0;
  for (const reader = response.body.getReader(); ; ) {
    onProgress?.({ stage: "download", loaded, total: total >= loaded ? total : undefined });
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    loaded += value.byteLength;
    if (Math.max(loaded, total ?? 0) > LARGEST_MODEL) {
      await reader.cancel();
      throw new EmblemError("model.too-large", "The model is larger than 512 MiB", "use a model that was exported for the page");
    }
    chunks.push(value);
  }
}
