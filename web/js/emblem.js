/**
 * Emblem for JavaScript: a caption in, a picture out, drawn on this machine.
 *
 *     import { Painter } from "./emblem.js";
 *     const painter = await Painter.load("models/emblem.safetensors");
 *     const picture = await painter.paint("a red apple", { styleSeed: 7 });
 *     context.putImageData(picture.imageData, 0, 0);
 *
 * The caption says what is drawn, the style says how; the same caption, style and model draw the same picture on every device.
 * All work happens in a worker. Everything that fails rejects with an `EmblemError`, which has a `code` and an `advice`.
 */
import { download } from "./download.js";
import { abortable, aborted, EmblemError } from "./errors.js";
import { fitted } from "./lend.js";
import { Link } from "./link.js";

export { EmblemError };

/**
 * @typedef {object} LoadOptions
 * @property {"auto" | "webgpu" | "cpu"} [device] "auto" (the default) takes WebGPU where it draws correctly, else the CPU
 * @property {(progress: Progress) => void} [onProgress]
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Progress
 * @property {"download" | "start" | "check"} stage fetching the model; starting the device; drawing the model's golden pictures on it
 * @property {number} [loaded] bytes so far, while downloading
 * @property {number} [total] bytes in all, only where the server told
 *
 * @typedef {object} PaintOptions at most one of the first three; without any, a random seed is drawn and reported in the picture
 * @property {number | string} [styleSeed] 0 to 2^53 - 1, or any text
 * @property {ArrayLike<number>} [style] a style code, as found in `picture.style`
 * @property {LendingPicture} [styleFrom] a picture that lends its style
 * @property {AbortSignal} [signal]
 *
 * @typedef {Blob | ImageData | HTMLImageElement | ImageBitmap} LendingPicture
 *
 * @typedef {object} Picture
 * @property {ImageData} imageData as large as the model draws
 * @property {string} caption
 * @property {number[]} style the style code that was used
 * @property {number | string | null} styleSeed the seed that was used, null where the style was no seed's
 * @property {"webgpu" | "cpu"} device
 * @property {number} ms drawing time in milliseconds
 * @property {{word: string, nearest: string[]}[]} unknownWords words that the model does not know, each with the nearest ones it does
 * @property {boolean} truncated whether the caption was longer than the model reads
 */

/** A model on a device. Made by `Painter.load`; as many as memory allows may live side by side. */
export class Painter {
  /** @type {Blob} kept for a second start, should the device fail */
  #model;
  /** @type {Link} */
  #link;
  #mayFallBack;
  #queue = Promise.resolve();

  /** The device that draws. @type {"webgpu" | "cpu"} */
  device;
  /** What the model file says of itself: name, licence, credits, examples, imageSize and more. @type {object} */
  info;
  /** Why "auto" did not take WebGPU, or left it; null where it draws. @type {EmblemError | null} */
  fallback = null;

  /**
   * @param {string | URL | Blob | BufferSource} source the model file's address, or the file
   * @param {LoadOptions} [options]
   * @returns {Promise<Painter>}
   */
  static async load(source, { device = "auto", onProgress, signal } = {}) {
    if (!["auto", "webgpu", "cpu"].includes(device)) {
      throw new EmblemError("option.device", `There is no device "${device}"`, 'use "auto", "webgpu" or "cpu"');
    }
    const painter = new Painter();
    painter.#mayFallBack = device === "auto";
    const loading = async () => {
      painter.#model = await download(source, { signal, onProgress });
      if (signal?.aborted) throw aborted();
      await painter.#withFallback(() => painter.#open(device, onProgress), () => painter.#open("cpu", onProgress));
      return painter;
    };
    try {
      return await abortable(loading(), signal);
    } catch (error) {
      painter.dispose();
      throw error;
    }
  }

  /**
   * Draws one picture. Calls are served in their order.
   * @param {string} caption
   * @param {PaintOptions} [options]
   * @returns {Promise<Picture>}
   */
  async paint(caption, { styleSeed, style, styleFrom, signal } = {}) {
    if (typeof caption !== "string") throw new EmblemError("caption.type", "The caption is not a text", "pass a string");
    if ([styleSeed, style, styleFrom].filter((given) => given !== undefined && given !== null).length > 1) {
      throw new EmblemError("option.style", "More than one style was given", "give one of styleSeed, style and styleFrom");
    }
    const seed = style || styleFrom ? null : checkedSeed(styleSeed ?? randomSeed());
    const wanted = await this.#wanted({ seed, style, styleFrom });
    const painted = await this.#ask("paint", { caption, style: wanted }, signal);
    return {
      imageData: painted.imageData,
      caption,
      style: painted.style,
      styleSeed: seed,
      device: this.device,
      ms: painted.ms,
      unknownWords: painted.reading.unknown,
      truncated: painted.reading.truncated,
    };
  }

  /**
   * The style in which a picture is drawn, for `paint(..., { style })`.
   * @param {LendingPicture} picture fitted on white at the model's size
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<number[]>}
   */
  async styleFrom(picture, { signal } = {}) {
    if (!picture) throw new EmblemError("style.unreadable", "No picture was given", "give a Blob, an ImageData, an image element or an ImageBitmap");
    return this.#ask("style", { style: await this.#wanted({ styleFrom: picture }) }, signal);
  }

  /** Stops the worker and frees all memory. Whatever is still being drawn rejects, as does every later call. */
  dispose() {
    this.#mayFallBack = false;
    this.#link?.end(new EmblemError("disposed", "The painter was disposed of", "load another one"));
  }

  async #wanted({ seed, style, styleFrom }) {
    if (styleFrom) return { picture: await fitted(styleFrom, this.info.imageSize) };
    return style ? { values: Array.from(style, Number) } : { seed: String(seed) };
  }

  /** Waits for its turn, so that work whose caller gave up before its turn is never done. */
  #ask(verb, args, signal) {
    const call = () => this.#link.call(verb, args);
    const turn = this.#queue.then(() => {
      if (signal?.aborted) throw aborted();
      return this.#withFallback(call, () => this.#open("cpu").then(call));
    });
    this.#queue = turn.catch(() => {});
    return abortable(turn, signal);
  }

  /** Does `first`; if the GPU is to blame and the choice was ours, remembers why and does `onCpu` from then on. */
  async #withFallback(first, onCpu) {
    try {
      return await first();
    } catch (error) {
      if (!this.#mayFallBack || !error.blamesDevice || this.device === "cpu") throw error;
      this.fallback = error;
      return onCpu();
    }
  }

  async #open(device, onProgress) {
    this.#link?.end(this.fallback);
    this.#link = new Link((stage) => onProgress?.({ stage }));
    const choice = await this.#link.call("choose", { device });
    this.device = choice.device;
    if (choice.fallback) this.fallback = EmblemError.from(choice.fallback);
    this.info = await this.#link.call("open", { model: this.#model, device: this.device });
  }
}

/** Seeds are whole numbers that JavaScript holds exactly, or any text. */
function checkedSeed(seed) {
  const fine = typeof seed === "string" ? seed.trim() !== "" : Number.isSafeInteger(seed) && seed >= 0;
  if (!fine) throw new EmblemError("style.seed", "The style seed cannot be used", "use a whole number from 0 to 9007199254740991, or a text");
  return seed;
}

/** Thirty-two bits: plenty of styles, and short enough to be read aloud. */
function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
