/** The glass over the picture: it shows the same enlarged, in as many pixels as the screen has there. */
import { toBeDrawnAt } from "./enlarge.js";

/** No screen has more pixels in a plate of this page's size. */
const MOST = 2048;

export class Glass {
  #canvas;
  #side = 0;
  /** @type {ImageData | null} */
  #picture = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    const watch = new ResizeObserver(([entry]) => {
      const exact = entry.devicePixelContentBoxSize?.[0].inlineSize;
      this.#side = Math.min(Math.round(exact ?? entry.contentRect.width * devicePixelRatio), MOST);
      this.#draw();
    });
    try {
      watch.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      // Safari knows no such box.
      watch.observe(canvas);
    }
  }

  /** @param {ImageData | null} picture null clears it */
  show(picture) {
    this.#picture = picture;
    this.#draw();
  }

  #draw() {
    const [side, context] = [this.#side, this.#canvas.getContext("2d")];
    if (side === 0) return;
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    if (!this.#picture) return context.clearRect(0, 0, side, side);
    context.imageSmoothingQuality = "high";
    context.drawImage(toBeDrawnAt(this.#picture, side), 0, 0, side, side);
  }
}
