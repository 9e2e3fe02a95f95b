/** The easel: the visitor's own picture, drawn as they write. The newest wish wins; a style that is taken is walked to, not jumped to. */
import { Glass } from "./glass.js";
import { Compass, optionsOf, seedOf } from "./style.js";

/** The walk from one style to another. */
const WALK_MS = 420;
/** Slower than this and a walk would be a stumble. */
const WALKING_PACE_MS = 60;
/** A tab that is not seen gets no frames; its walk must end all the same. */
const NO_FRAME_MS = 100;
/** Sides of drawn pictures in pixels: a plate that is not laid out yet has none, and beyond the largest nobody sees a difference. */
const [SMALLEST, LARGEST] = [128, 1024];
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Easel {
  #canvas;
  #glass;
  #told;
  #live = null;
  #walking = false;
  /** Counts what was asked for, so that what is overtaken while its style is worked out is dropped. */
  #asked = 0;
  #wanted = null;
  /** @type {import("../emblem.js").Picture | null} the last that was not a step of a walk */
  #last = null;

  /** @type {import("../emblem.js").Painter | null} */
  painter = null;
  /** @type {Compass | null} */
  compass = null;

  /**
   * @param {HTMLCanvasElement} canvas takes the model's own pixels
   * @param {HTMLCanvasElement} glass shows them to the visitor
   * @param {{settled: (picture: import("../emblem.js").Picture, style: import("./style.js").Style) => void, failed: (error: Error) => void}} told
   */
  constructor(canvas, glass, told) {
    this.#canvas = canvas;
    this.#glass = new Glass(glass);
    this.#told = told;
  }

  /** Draws with this painter from now on; with none, not at all. @param {import("../emblem.js").Painter | null} painter */
  use(painter) {
    this.#asked += 1;
    this.#live?.stop();
    this.#last = null;
    this.#walking = false;
    this.painter = painter;
    this.compass = painter && new Compass(painter);
    this.#live = painter?.live((picture) => this.#show(picture), { onError: (error) => this.#fail(error) }) ?? null;
  }

  /** How large a picture is to be drawn: as large as it is seen, where the model draws any size. @returns {{size?: number}} */
  get #extent() {
    if (!this.painter?.info.layers) return {};
    return { size: Math.min(Math.max(this.#glass.side, SMALLEST), LARGEST) };
  }

  /** Whether something is being drawn. */
  get busy() {
    return this.#walking || (this.#live?.busy ?? false);
  }

  /** Shows pixels. @param {ImageData | null} picture null shows bare paper */
  put(picture) {
    const context = this.#canvas.getContext("2d");
    if (!picture) context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    else {
      if (this.#canvas.width !== picture.width) this.#canvas.width = this.#canvas.height = picture.width;
      context.putImageData(picture, 0, 0);
    }
    this.#glass.show(picture);
  }

  /**
   * @param {string} caption
   * @param {import("./style.js").Style} style
   * @param {{walk?: boolean}} [how] whether to pass through the styles between the last one and this
   */
  async draw(caption, style, { walk = false } = {}) {
    const ask = ++this.#asked;
    this.#walking = false;
    const seed = seedOf(style);
    try {
      if (walk && this.#mayWalk(caption)) {
        const to = await Promise.all([this.compass.codeOf(style), this.compass.lookOf(style)]);
        if (ask === this.#asked) await this.#walk(caption, to, ask);
      }
      const code = seed === null ? await this.compass.codeOf(style) : undefined;
      // A seed brings its own.
      const look = seed === null ? await this.compass.lookOf(style) : (style.look ?? style.home.look);
      if (ask !== this.#asked) return;
      this.#wanted = style;
      this.#live.update({ caption, ...this.#extent, ...optionsOf({ seed: seed ?? undefined, code, look }, this.painter) });
    } catch (error) {
      if (ask === this.#asked) this.#told.failed(error);
    }
  }

  #mayWalk(caption) {
    return this.#last?.caption === caption && this.#last.ms < WALKING_PACE_MS && !STILL.matches && !document.hidden;
  }

  async #walk(caption, [to, toLook], ask) {
    this.#walking = true;
    const { style: from, look: fromLook } = this.#last;
    const begun = performance.now();
    for (let way = 0; way < 1 && ask === this.#asked; way = (performance.now() - begun) / WALK_MS) {
      const t = way * way * (3 - 2 * way);
      const look = fromLook && toLook ? { look: { from: fromLook, to: toLook, t } } : {};
      if (!this.#live.busy) this.#live.update({ caption, ...this.#extent, style: { from, to, t }, ...look });
      await frame();
    }
    if (ask === this.#asked) this.#walking = false;
  }

  #show(picture) {
    try {
      this.put(picture.imageData);
      if (this.busy) return;
      this.#last = picture;
      this.#told.settled(picture, this.#wanted);
    } catch (error) {
      // A picture that is drawn and cannot be shown.
      this.#told.failed(error);
    }
  }

  #fail(error) {
    if (!this.busy) this.#told.failed(error);
  }
}

const frame = () =>
  new Promise((resolve) => {
    const late = setTimeout(resolve, NO_FRAME_MS);
    requestAnimationFrame(() => {
      clearTimeout(late);
      resolve();
    });
  });
