/**
 * Small pictures, drawn while nothing else is. Each canvas says what it wants to show; the drawing goes through those in view and
 * draws one at a time, so that nothing queues, a changed wish costs nothing, and the visitor's own picture never waits for more
 * than one of them.
 */
import { keyOf, optionsOf } from "./style.js";

/** After a picture that took longer than the first, the device rests as long again; after the second it draws no more small ones. */
const [QUICK_MS, HOPELESS_MS] = [60, 1000];
/** Pictures remembered: a board, a map and the shelves, a few times over; 16 KB each at 64 pixels. */
const REMEMBERED = 500;

export class Thumbs {
  /** @type {Map<HTMLCanvasElement, {caption: string, hand: import("./style.js").Hand, key: string}>} */
  #wants = new Map();
  /** @type {Map<string, ImageData>} the oldest first */
  #drawn = new Map();
  #inView = new Set();
  #running = false;
  #ready;
  /** The look that was chosen, for all hands without one of their own. @type {string | null} */
  look = null;
  /** What was drawn beforehand, once it is there. @type {import("./sheet.js").Sheet | null} */
  sheet = null;
  /** @type {import("../emblem.js").Painter | null} */
  #painter = null;
  #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.#inView[isIntersecting ? "add" : "delete"](target);
    this.#run();
  }, { rootMargin: "25%" });

  /** @param {() => boolean} ready whether nothing more important is being drawn */
  constructor(ready) {
    this.#ready = ready;
  }

  /** Draws with this painter from now on; what another model drew is forgotten. @param {import("../emblem.js").Painter} painter */
  use(painter) {
    this.#drawn.clear();
    this.#painter = painter;
    for (const [canvas, want] of this.#wants) {
      delete canvas.dataset.key;
      this.#show(canvas, want);
    }
    this.#run();
  }

  /** Says what a canvas is to show. @param {HTMLCanvasElement} canvas @param {string} caption @param {import("./style.js").Hand} asked */
  want(canvas, caption, asked) {
    const look = asked.look ?? this.look;
    const hand = look ? { ...asked, look } : asked;
    const key = `${caption}\n${keyOf(hand)}`;
    if (!this.#wants.has(canvas)) this.#observer.observe(canvas);
    if (this.#wants.get(canvas)?.key === key) return;
    this.#wants.set(canvas, { caption, hand, key });
    canvas.classList.toggle("stale", !this.#show(canvas, this.#wants.get(canvas)));
    this.#run();
  }

  /** @param {HTMLCanvasElement} canvas about to leave the page */
  forget(canvas) {
    this.#observer.unobserve(canvas);
    this.#wants.delete(canvas);
    this.#inView.delete(canvas);
  }

  /** Goes on drawing; call it when the more important picture is done. */
  resume() {
    this.#run();
  }

  /** The picture that was drawn for a wish, if it is remembered. */
  known(caption, hand) {
    const key = `${caption}\n${keyOf(hand)}`;
    const ready = this.#drawn.get(key);
    if (ready || !this.#sheetServes || hand.seed === undefined || hand.look) return ready ?? null;
    return this.sheet.picture(caption, hand.seed);
  }

  /** Until a model is there, and after that for the one that drew it. */
  get #sheetServes() {
    return this.sheet !== null && (this.#painter === null || this.#painter.model.sha256 === this.sheet.model);
  }

  #show(canvas, { caption, hand, key }) {
    const picture = this.known(caption, hand);
    if (!picture) return false;
    if (canvas.width !== picture.width) canvas.width = canvas.height = picture.width;
    canvas.getContext("2d").putImageData(picture, 0, 0);
    canvas.dataset.key = key;
    canvas.classList.remove("stale");
    return true;
  }

  #next() {
    for (const [canvas, want] of this.#wants) {
      if (canvas.dataset.key !== want.key && this.#inView.has(canvas)) return { canvas, want };
    }
    return null;
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (let next; this.#painter && this.#ready() && (next = this.#next()); ) {
      const ms = await this.#draw(next.canvas, next.want);
      if (ms > HOPELESS_MS) break;
      if (ms > QUICK_MS) await new Promise((rested) => setTimeout(rested, ms));
    }
    this.#running = false;
  }

  /** @returns {Promise<number>} how long it took, in milliseconds */
  async #draw(canvas, want) {
    const painter = this.#painter;
    const { caption, hand, key } = want;
    try {
      const { imageData, ms } = await painter.paint(caption, optionsOf(hand, painter));
      if (painter !== this.#painter) return 0;
      this.#drawn.set(key, imageData);
      if (this.#drawn.size > REMEMBERED) this.#drawn.delete(this.#drawn.keys().next().value);
      if (this.#wants.get(canvas) === want) this.#show(canvas, want);
      return ms;
    } catch {
      // The same fault meets the visitor's own picture, which tells of it; here the place stays empty.
      canvas.dataset.key = key;
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      return 0;
    }
  }
}
