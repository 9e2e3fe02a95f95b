/** Drawing that follows its input, latest wins: one picture is being drawn, at most one wish waits, and a newer one takes its place. */
import { listener, report } from "./errors.js";

export class Live {
  #paint;
  #onPicture;
  #onError;
  /** @type {import("./emblem.js").Wish | null} */
  #waiting = null;
  #running = false;
  #drawing = false;
  #stop = new AbortController();

  /**
   * @param {(caption: string, options: import("./emblem.js").PaintOptions) => Promise<import("./emblem.js").Picture>} paint
   * @param {(picture: import("./emblem.js").Picture) => void} onPicture
   * @param {import("./emblem.js").LiveOptions} options
   */
  constructor(paint, onPicture, { onError = report } = {}) {
    this.#paint = paint;
    this.#onPicture = listener(onPicture);
    this.#onError = listener(onError);
  }

  /** @param {import("./emblem.js").Wish} wish */
  update(wish) {
    if (this.#stop.signal.aborted) return;
    this.#waiting = wish;
    if (!this.#running) this.#run();
  }

  get busy() {
    return this.#drawing || this.#waiting !== null;
  }

  stop() {
    this.#waiting = null;
    this.#stop.abort();
  }

  async #run() {
    this.#running = true;
    while (this.#waiting) {
      const { caption, ...options } = this.#waiting;
      this.#waiting = null;
      this.#drawing = true;
      const painted = this.#paint(caption, { ...options, signal: this.#stop.signal });
      const told = await painted.then((picture) => ({ picture }), (error) => ({ error }));
      this.#drawing = false;
      if (!this.#stop.signal.aborted) this.#tell(told);
    }
    this.#running = false;
  }

  #tell({ error, picture }) {
    if (error) this.#onError(error);
    else this.#onPicture(picture);
  }
}
