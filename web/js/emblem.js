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
 * Types and what each option means are in `emblem.d.ts`.
 */
import { detect } from "./detect.js";
import { obtain } from "./download.js";
import { abortable, aborted, bordered, coded, disposed, EmblemError, listener } from "./errors.js";
import { Link } from "./link.js";
import { Live } from "./live.js";
import { checkedRendering, Picture } from "./picture.js";
import { clear } from "./store.js";
import { blendedLooks, chosen, plain } from "./style.js";

export { detect, EmblemError };

/** A model on a device. Made by `Painter.load`; as many as memory allows may live side by side. */
export class Painter {
  /** @type {{model: Blob, proven: boolean}} kept for another start, should the device fail */
  #file;
  /** @type {Link} */
  #link;
  #mayFallBack;
  #restarted = false;
  #disposed = false;
  #queue = Promise.resolve();

  device;
  info;
  model;
  fallback = null;
  notKept = null;

  static async clearCache() {
    await clear();
  }

  static async load(source, { device = "auto", onProgress, signal, cache = true, integrity, manifest } = {}) {
    // As other libraries call it.
    if (device === "wasm") device = "cpu";
    if (!["auto", "webgpu", "cpu"].includes(device)) {
      throw new EmblemError("option.device", `There is no device "${device}"`, 'use "auto", "webgpu" or "cpu"');
    }
    const progress = measured(listener(onProgress));
    const painter = new Painter();
    painter.#mayFallBack = device === "auto";
    const loading = async () => {
      // The engine starts while the model is on its way, and is heard of when that has come: progress tells of one thing at a time.
      let [last, tell] = [null, (news) => (last = news)];
      const begun = painter.#choose(device, (news) => tell(news));
      begun.catch(() => {});
      const { blob, sha256, proven, kept } = await obtain(source, { signal, onProgress: progress, cache, integrity, manifest });
      tell = progress;
      if (last) tell(last);
      painter.#file = { model: blob, proven };
      painter.model = { bytes: blob.size, sha256 };
      await painter.#open(device, progress, begun).catch((error) => painter.#fallBack(error, progress));
      painter.notKept = await kept;
      return painter;
    };
    try {
      if (signal?.aborted) throw aborted();
      return await abortable(loading(), signal);
    } catch (error) {
      painter.dispose();
      throw error;
    }
  }

  async paint(caption, { signal, ...options } = {}) {
    if (typeof caption !== "string") throw new EmblemError("caption.type", "The caption is not a text", "pass a string");
    const rendering = checkedRendering(options);
    const { seed, plain: style } = chosen(options, this.info.imageSize);
    const { imageData, style: code, look, ms, reading } = await this.#ask("paint", style, { caption, ...rendering }, signal);
    const drawn = { imageData, caption, style: code, styleSeed: seed, look, device: this.device, ms };
    const read = { understoodWords: reading.understood, unknownWords: reading.unknown, truncated: reading.truncated, reading: reading.scene };
    const again = (verb, more) => this.#ask(verb, plain(code), { caption, look: look ?? undefined, ...more });
    return new Picture({ ...drawn, ...read }, again, rendering.background);
  }

  async read(caption, { signal } = {}) {
    if (typeof caption !== "string") throw new EmblemError("caption.type", "The caption is not a text", "pass a string");
    return this.#ask("read", undefined, { caption }, signal);
  }

  live(onPicture, options) {
    try {
      return new Live((caption, style) => this.paint(caption, style), onPicture, options);
    } catch (error) {
      throw coded(error);
    }
  }

  /** One picture after the other, so that whatever else is asked for meanwhile gets its turn between two of them. */
  async grid(captions, styles, { signal, onPicture } = {}) {
    if (!Array.isArray(captions)) throw new EmblemError("caption.type", "The captions are no list", "pass an array of strings");
    if (!Array.isArray(styles)) throw new EmblemError("style.type", "The styles are no list", "pass an array of seeds and style codes");
    const tell = listener(onPicture);
    const asOptions = await Promise.all(styles.map(async (style) => ({ style: await this.#oneStyle({ style }, signal), signal })));
    const rows = [];
    for (const [row, caption] of captions.entries()) {
      rows.push([]);
      for (const [column, options] of asOptions.entries()) {
        const picture = await this.paint(caption, options);
        rows[row].push(picture);
        tell(picture, row, column);
      }
    }
    return rows;
  }

  async *set(captions, { styleSeed, style, signal, ...rendering } = {}) {
    if (typeof captions?.[Symbol.iterator] !== "function" || typeof captions === "string") {
      throw new EmblemError("caption.type", "The captions are no list", "pass an array of strings");
    }
    const one = await this.#oneStyle({ styleSeed, style }, signal);
    let index = 0;
    for (const caption of captions) {
      const painted = this.paint(caption, { ...rendering, style: one, signal });
      // Of a caption that cannot be drawn the others know nothing.
      yield await painted.then(
        (picture) => ({ index, caption, picture, error: null }),
        (error) => {
          if (!error.code.startsWith("caption.")) throw error;
          return { index, caption, picture: null, error };
        },
      );
      index++;
    }
  }

  /** One style for all: a random seed is drawn once, and a picture is read once. A seed and a blend stay what they are, for their looks. */
  async #oneStyle(options, signal) {
    const { seed, plain } = chosen(options, this.info.imageSize);
    return seed ?? ("from" in options.style ? options.style : this.#ask("style", plain, {}, signal));
  }

  async styleOf(style, { signal } = {}) {
    if (style === undefined || style === null) throw new EmblemError("style.type", "No style was given", "give a seed, the numbers in picture.style, a blend of two of these, or a picture");
    return this.#ask("style", chosen({ style }, this.info.imageSize).plain, {}, signal);
  }

  async lookOf(seed) {
    return this.#ask("look", undefined, { look: plain(seed) });
  }

  async blendLooks(from, to, t) {
    return this.#ask("look", undefined, { look: blendedLooks(from, to, t) });
  }

  dispose() {
    this.#disposed = true;
    this.#link?.end(disposed());
  }

  /** Waits for its turn, so that work whose caller gave up before its turn is never done. */
  #ask(verb, style, args = {}, signal) {
    const ready = Promise.resolve(style);
    const turn = this.#queue.then(async () => {
      if (signal?.aborted) throw aborted();
      return this.#insist(verb, { ...args, style: await ready });
    });
    this.#queue = Promise.allSettled([turn, ready]);
    return abortable(turn, signal);
  }

  /** Calls until it is answered or there is nothing left to start anew. */
  async #insist(verb, args) {
    for (;;) {
      try {
        return await this.#link.call(verb, args);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** After a device that failed: the same device once more, for it may only have been reset; then the CPU. */
  async #recover(error) {
    if (!error.blamesDevice || this.#restarted) return this.#fallBack(error);
    this.#restarted = true;
    return this.#open(this.device).catch((again) => this.#fallBack(again));
  }

  /** If the device is to blame and the choice was ours, remembers why and goes on with the CPU. */
  async #fallBack(error, onProgress) {
    // The engine for WebGPU is a module of its own, and the other may be at hand without a network.
    const another = error.blamesDevice || (this.device === "webgpu" && error.code.startsWith("engine."));
    if (!this.#mayFallBack || !another || this.device === "cpu") throw error;
    this.fallback = error;
    return this.#open("cpu", onProgress);
  }

  /** Starts a worker and settles which device it is to draw on. */
  async #choose(device, onProgress) {
    if (this.#disposed) throw disposed();
    this.#link?.end(disposed());
    this.#link = new Link((news) => onProgress?.(news));
    return this.#link.choose(device);
  }

  async #open(device, onProgress, begun = this.#choose(device, onProgress)) {
    const choice = await begun;
    this.device = choice.device;
    if (choice.fallback) this.fallback = EmblemError.from(choice.fallback);
    this.info = await this.#link.call("open", { ...this.#file, device: this.device });
  }
}

/** How much of a load is its download: the rest is starting the engine and proving that it draws rightly. */
const DOWNLOAD = 0.9;
const CHECK = 0.95;

/** Adds to news how far the load is, which never goes back: a device that fails starts over. */
function measured(tell) {
  let furthest = 0;
  return (news) => {
    const reached = { download: news.total ? (DOWNLOAD * news.loaded) / news.total : 0, start: DOWNLOAD, check: CHECK }[news.stage];
    furthest = Math.max(furthest, reached);
    tell({ ...news, progress: furthest });
  };
}

Painter.load = bordered(Painter.load);
for (const name of ["paint", "read", "grid", "styleOf", "lookOf", "blendLooks"]) Painter.prototype[name] = bordered(Painter.prototype[name]);
