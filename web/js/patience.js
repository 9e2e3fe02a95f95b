/**
 * Patience with networks. A server may accept a request and say nothing, or stop half way, and no browser calls that an error. Here
 * every such wait ends: first whoever waits is told that nothing comes, then it is given up.
 */

/** After this long without a byte whoever waits is told. */
const SILENCE_MS = 4000;
/** After this long nothing will come: a tunnel is shorter, and a visitor's patience, too. */
export const PATIENCE_MS = 30_000;
/** The patience with what one can do without. */
export const BRIEF_MS = 5000;

/** What a wait that was given up rejects with; whoever knows what was waited for makes an EmblemError of it. */
export class Spent extends Error {}

/**
 * @template T
 * @param {Promise<T>} work
 * @param {{onSilence?: () => void, patience?: number}} [limits]
 * @returns {Promise<T>} rejects with `Spent`
 */
export async function patiently(work, { onSilence, patience = PATIENCE_MS } = {}) {
  let timers = [];
  const spent = new Promise((_, reject) => {
    timers = [setTimeout(() => onSilence?.(), SILENCE_MS), setTimeout(() => reject(new Spent("nothing came")), patience)];
  });
  try {
    return await Promise.race([work, spent]);
  } finally {
    timers.forEach(clearTimeout);
  }
}

/**
 * `fetch`, where the answer and each part of its body are waited for patiently; how long all of it takes does not matter.
 * @param {RequestInfo | URL} url
 * @param {RequestInit & {onSilence?: () => void, onSpent?: () => void, patience?: number}} [options] `onSpent` is for readers of the
 *   body that keep its error to themselves
 * @returns {Promise<Response>} rejects with `Spent`, as does its body
 */
export async function fetchPatiently(url, { signal, onSilence, onSpent, patience, ...how } = {}) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const settle = () => signal?.removeEventListener("abort", abort);
  const wait = async (work) => {
    try {
      return await patiently(work, { onSilence, patience });
    } catch (error) {
      if (error instanceof Spent) onSpent?.();
      settle();
      abort();
      throw error;
    }
  };
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  const response = await wait(fetch(url, { ...how, signal: stop.signal }));
  const reader = response.body?.getReader();
  const body = reader && {
    async pull(controller) {
      const { done, value } = await wait(reader.read());
      if (!done) return controller.enqueue(value);
      settle();
      controller.close();
    },
    cancel(reason) {
      settle();
      return reader.cancel(reason);
    },
  };
  return body ? new Response(new ReadableStream(body), response) : response;
}
