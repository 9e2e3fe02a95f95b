/** The glass over the picture: it shows the same enlarged, in as many pixels as the screen has there. */
import { toBeDrawnAt } from "./enlarge.js";

/** No screen has more pixels in a plate of this page's size. */
const MOST = 2048;

export class Glass {
  #canvas;
  /** In CSS pixels. */
  #width = 0;
  /** @type {ImageData | null} */
  #picture = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width;
      this.#draw();
    }).observe(canvas);
    this.#watchScreen();
  }

  /** The window may be zoomed, or go to another screen. */
  #watchScreen() {
    const changed = () => {
      this.#draw();
      this.#watchScreen();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", changed, { once: true });
  }

  /** Its side in the screen's own pixels. */
  get side() {
    return Math.min(Math.round(this.#width * devicePixelRatio), MOST);
  }

  /** @param {ImageData | null} picture null clears it */
  show(picture) {
    this.#picture = picture;
    this.#draw();
  }

  #draw() {
    const { side } = this;
    const context = this.#canvas.getContext("2d");
    if (side === 0) return;
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    if (!this.#picture) return context.clearRect(0, 0, side, side);
    context.clearRect(0, 0, side, side);
    context.imageSmoothingQuality = "high";
    context.drawImage(toBeDrawnAt(this.#picture, side), 0, 0, side, side);
  }
}
