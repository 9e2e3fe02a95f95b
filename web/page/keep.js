/** Keeping and sharing: the leaf and the sheet as PNG files that can be opened again, the clipboard, and the album's shelf. */
import { signature } from "./address.js";
import { Album } from "./album.js";
import { leaf, sheet } from "./leaf.js";
import { inscribed } from "./png.js";
import { item, relay, remover, tile } from "./shelf.js";
import { handOf, optionsOf, shortName, styleName } from "./style.js";
import { say } from "./text.js";

/** Looked at for this long, a picture goes into the album. */
const LOOKED_AT_MS = 1500;
const SOFTWARE = "Emblem";
/** Side in pixels of a picture of layers that is saved. */
const SAVED_SIZE = 1024;
/** Side in pixels of what the album keeps. */
const KEPT_SIZE = 128;
/** By then a download has been read, or will never be. */
const READ_MS = 60_000;

/**
 * What is kept of a picture.
 * @typedef {object} Kept
 * @property {import("../emblem.js").Picture} picture
 * @property {import("./style.js").Style} style
 * @property {string | null} sha256 the model that drew it
 * @property {boolean} layers whether that model draws layers
 */

/**
 * The picture as a file that can be opened again, with its caption, style and model in it: of layers transparent and by itself, of pixels
 * on a leaf. @param {Kept} kept
 */
export async function fileOf({ picture, style, sha256, layers }) {
  const { caption, imageData } = picture;
  const png = layers
    ? await picture.toBlob("image/png", { size: SAVED_SIZE })
    : await leaf(imageData, { motto: caption, imprint: `${SOFTWARE} · ${styleName(style)}` });
  return inscribed(png, { Title: caption, Software: SOFTWARE, Description: say("picture.label", { caption, style: styleName(style) }) }, {
    caption,
    seed: picture.styleSeed,
    style: picture.style,
    look: handOf(picture, style).look,
    model: sha256,
  });
}

/**
 * The board, drawn afresh so that it is whole, but for what cannot be drawn.
 * @param {import("../emblem.js").Painter} painter
 * @param {{captions: string[], hands: import("./style.js").Hand[]}} contents
 * @param {string | null} look that was chosen, for hands without one of their own
 */
export async function sheetOf(painter, { captions, hands: columns }, look) {
  const hands = look ? columns.map((hand) => ({ look, ...hand })) : columns;
  const rows = [];
  for (const caption of captions) {
    rows.push([]);
    for (const hand of hands) rows.at(-1).push(await pictureOf(painter, caption, hand));
  }
  const png = await sheet(rows, { captions, styles: hands.map(shortName), undrawn: say("board.undrawn"), imprint: SOFTWARE });
  const styleOf = async ({ seed = null, code, name = null, look }) => ({ seed, style: code ?? (await painter.styleOf(seed)), name, look });
  return inscribed(png, { Title: captions.join(", "), Software: SOFTWARE }, {
    captions,
    styles: await Promise.all(hands.map(styleOf)),
    model: painter.model.sha256,
  });
}

/** @returns {Promise<ImageData | null>} null where the caption says nothing to the model, or the style is another model's */
async function pictureOf(painter, caption, hand) {
  try {
    return (await painter.paint(caption, optionsOf(hand, painter))).imageData;
  } catch (error) {
    if (/^(caption|style)\./.test(error.code)) return null;
    throw error;
  }
}

/** The picture as an SVG document; of models that draw layers. @param {Kept} kept */
export async function svgOf({ picture }) {
  return new Blob([await picture.svg()], { type: "image/svg+xml" });
}

/** Hands a file to the browser's downloads. @param {Blob} blob @param {string} title becomes its name @param {string} [ending] */
export function saveAs(blob, title, ending = "png") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}.${ending}`;
  link.click();
  // The browser may only now begin to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}

/** What takes little room on a shelf. @param {ImageData} picture @returns {ImageData} */
function small(picture) {
  if (picture.width <= KEPT_SIZE) return picture;
  const whole = new OffscreenCanvas(picture.width, picture.height);
  whole.getContext("2d").putImageData(picture, 0, 0);
  const context = new OffscreenCanvas(KEPT_SIZE, KEPT_SIZE).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, KEPT_SIZE, KEPT_SIZE);
  return context.getImageData(0, 0, KEPT_SIZE, KEPT_SIZE);
}

/** The album on the page. */
export class AlbumShelf {
  #section;
  #take;
  /** @type {Album | null} */
  #album = null;
  #timer;

  /** @param {HTMLElement} section @param {(page: import("./album.js").Page) => void} onTake */
  constructor(section, onTake) {
    this.#section = section;
    this.#take = onTake;
    Album.open().then((album) => {
      this.#album = album;
      this.repeat();
    });
    section.querySelector("#clear-album").onclick = () => {
      this.#album.clear();
      this.repeat();
      section.querySelector("h2").focus();
    };
  }

  /** A picture is being looked at: unless another comes soon, it is kept. @param {Kept} kept */
  look({ picture, style, sha256 }) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#album?.add({ caption: picture.caption, hand: handOf(picture, style), name: styleName(style), by: signature(sha256), picture: small(picture.imageData) });
      this.repeat();
    }, LOOKED_AT_MS);
  }

  /** Nothing is looked at any more. */
  lookAway() {
    clearTimeout(this.#timer);
  }

  /** Shows the album as it is now. */
  repeat() {
    if (!this.#album) return;
    const { pages, lasts } = this.#album;
    const $ = (selector) => this.#section.querySelector(selector);
    relay($(".thumbs"), pages.map((page) => this.#page(page)));
    $("#clear-album").hidden = pages.length === 0;
    $("#album-empty").hidden = pages.length > 0 && lasts;
    $("#album-empty").textContent = say(lasts ? "album.empty" : "album.away");
  }

  #page(page) {
    const { caption, name: style, picture } = page;
    const { button, canvas } = tile(say("album.take", { caption, style }), caption, () => this.#take(page));
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d").putImageData(picture, 0, 0);
    const remove = remover(say("album.remove", { caption, style }), () => {
      this.#album.remove(page.key);
      this.repeat();
      if (this.#album.pages.length === 0) this.#section.querySelector("h2").focus();
    });
    return item(page.key, button, remove);
  }
}
