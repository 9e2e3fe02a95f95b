/** What `paint` gives: a picture as pixels, and ways to have it otherwise. */
import { EmblemError } from "./errors.js";
import { checkedLook } from "./style.js";

/** The kinds of file that browsers write with alpha. */
const KINDS = ["image/png", "image/webp"];

/** Methods stand in the class and data in the object: copied or sent to a worker, a picture is its data. */
export class Picture {
  /** Asks the painter for the same picture again. @type {(verb: "paint" | "svg", more: object) => Promise<any>} */
  #again;
  #background;

  constructor(data, again, background) {
    Object.assign(this, data);
    this.#again = again;
    this.#background = background;
  }

  async toBlob(type = "image/png", { size, background = this.#background } = {}) {
    if (!KINDS.includes(type)) throw new EmblemError("option.type", `A picture cannot be written as "${type}"`, `use one of ${KINDS.join(", ")}; for SVG call svg()`);
    const rendering = checkedRendering({ size, background });
    const same = size === undefined && background === this.#background;
    const { imageData } = same ? this : await this.#again("paint", rendering);
    const canvas = new OffscreenCanvas(imageData.width, imageData.height);
    canvas.getContext("2d").putImageData(imageData, 0, 0);
    return canvas.convertToBlob({ type });
  }

  async svg({ background = this.#background } = {}) {
    const seed = this.styleSeed === null ? "" : `, style seed ${this.styleSeed}`;
    return this.#again("svg", { ...checkedRendering({ background }), description: `Drawn by Emblem${seed}` });
  }
}

/**
 * Look, size and background as the engine takes them, which checks what they say.
 * @param {{look?: import("./emblem.js").Look | null, size?: number, background?: string | null}} options
 */
export function checkedRendering({ look, size, background }) {
  const given = (option) => option !== undefined && option !== null;
  if (given(size) && !Number.isSafeInteger(size)) throw new EmblemError("option.size", "The size is no whole number", "give a number of pixels from 16 to 4096");
  if (given(size) && !(size >= 16 && size <= 4096)) throw new EmblemError("option.size", `A picture of ${size} pixels cannot be drawn`, "give a size from 16 to 4096 pixels");
  if (given(background) && typeof background !== "string") {
    throw new EmblemError("option.background", "The background is not a text", 'give "none" for a transparent picture, or a colour such as "#ffffff"');
  }
  return { ...(given(look) && { look: checkedLook(look) }), size: size ?? undefined, background: background ?? undefined };
}
