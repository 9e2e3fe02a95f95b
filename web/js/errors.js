/**
 * Every failure that reaches a caller is an EmblemError: a stable code for programs, a message for people, and what to do about it.
 * Codes are in two parts, `where.what`: model, cache, engine, device, self-test, caption, style, option, browser; and plain `aborted`
 * and `disposed`.
 */
export class EmblemError extends Error {
  /**
   * @param {string} code stable identifier, such as "model.not-found"
   * @param {string} message what happened
   * @param {string} advice what to do about it
   */
  constructor(code, message, advice) {
    super(message);
    // The web platform's own name for it, which callers of any abortable API look for.
    this.name = code === "aborted" ? "AbortError" : "EmblemError";
    this.code = code;
    this.advice = advice;
  }

  /** Words of the caption that the model does not know, each with the nearest ones it does. @type {{word: string, nearest: string[]}[]} */
  unknownWords = [];

  /** An error that crossed the worker's border as a plain object. */
  static from({ code, message, advice, unknownWords = [] }) {
    return Object.assign(new EmblemError(code, message, advice), { unknownWords });
  }

  /** Whether a fresh start or another device may do better: anything that is neither the model's fault nor the caller's. */
  get blamesDevice() {
    return /^(device\.|self-test|engine\.died)/.test(this.code);
  }
}

/**
 * The library's border: whatever is thrown inside, a caller gets an EmblemError. What is not one already is the browser's own.
 * @template {(...given: any[]) => Promise<any>} Work
 * @param {Work} work
 * @returns {Work}
 */
export function bordered(work) {
  return async function (...given) {
    try {
      return await work.apply(this, given);
    } catch (error) {
      throw coded(error);
    }
  };
}

/** @returns {EmblemError} */
export function coded(error) {
  if (error instanceof EmblemError) return error;
  return new EmblemError(
    "browser.refused",
    `The browser refused something that Emblem needs (${error?.message ?? error})`,
    "open the page in a tab of its own rather than in a frame, without extensions that change pages, or use another browser",
  );
}

/** A caller's listener. Its mistakes are its own: they are reported, and the work goes on. @param {Function} [listen] */
export const listener = (listen) => (...news) => {
  try {
    listen?.(...news);
  } catch (mistake) {
    report(mistake);
  }
};

/** As the browser reports what an event's listener throws. */
export function report(mistake) {
  try {
    reportError(mistake);
  } catch {
    console.error(mistake);
  }
}

/** @returns {EmblemError} */
export const aborted = () => new EmblemError("aborted", "The caller gave up waiting", "call again when the result is wanted");

/** @returns {EmblemError} */
export const disposed = () => new EmblemError("disposed", "The painter was disposed of", "load another one");

/**
 * Rejects as soon as `signal` aborts, whatever becomes of the work.
 * @template T
 * @param {Promise<T>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function abortable(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(aborted());
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
