/**
 * Files as the places take them that pictures are made for, of models that draw layers. The rules were read on two pages each on
 * 2026-12-01 and stand beside what follows them; where two places differ in one file, it keeps to the stricter.
 *
 * A picture is drawn at the size at which what is visible of it just fits, so nothing is enlarged.
 */
import { EmblemError } from "../emblem.js";
import { Archive } from "./archive.js";
import { pageFault } from "./notes.js";

/** A look's rim goes from 0 to 1, which is 6 % of the picture's side. */
const WIDEST_RIM = 0.06;
/** Side in pixels of the picture that is looked at for what is visible. */
const LOOKED_AT = 128;
/** Alpha below this cannot be seen. */
const FAINT = 8;
/** What is tried for a file that is too large: without loss first. */
const QUALITIES = [1, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5];
/** Of icons that must not be transparent. */
const PAPER = "#ffffff";

/**
 * @typedef {object} Work
 * @property {import("../emblem.js").Painter} painter
 * @property {import("../emblem.js").Picture} picture
 *
 * @type {Record<string, (work: Work) => Promise<{file: Blob, ending: string}>>}
 */
export const PLACES = {
  /**
   * Custom emoji: a square of 128 pixels with alpha; Slack takes 128 KB at most (makeemoji.com, animgifmoji.com), Discord 256 (fastedit.net,
   * emoteresizer.app). So many pixels have 64 KB before they are packed.
   */
  async chat(work) {
    return { file: await (await fitted(work, { side: 128, margin: 2 })).convertToBlob({ type: "image/png" }), ending: "png" };
  },

  /** A sticker: WebP or PNG, one side of exactly 512 pixels and the other of no more, 512 KB at most (core.telegram.org/stickers, e926.net). */
  async telegram(work) {
    return packed(await fitted(work, { side: 512, margin: 0, cropped: true }), { largest: 512_000, instead: "png" });
  },

  /**
   * A sticker: WebP of 512 x 512 pixels, less than 100 KB, with a white rim of 8 pixels (the readme of WhatsApp/stickers) and 16 pixels free on
   * each side (the same, tyntec.com).
   */
  async whatsapp(work) {
    return packed(await fitted(work, { side: 512, margin: 16, rim: 8 }), { largest: 99_999 });
  },

  /**
   * The icons of a site in a zip file, with the lines for its head (evilmartians.com, utilitykit.tools): ICO and SVG for browsers, 180 pixels on
   * paper for Apple, 192 and 512 and a maskable one for a manifest. Of a maskable icon the middle circle of four fifths is safe (web.dev).
   */
  async favicon(work) {
    const zip = new Archive();
    const png = async (options) => (await fitted(work, options)).convertToBlob({ type: "image/png" });
    const ico = await Promise.all([16, 32, 48].map(async (side) => ({ side, png: await png({ side, margin: 0 }) })));
    await zip.add("favicon.ico", await icon(ico));
    await zip.add("icon.svg", await work.picture.svg({ background: "none" }));
    await zip.add("apple-touch-icon.png", await png({ side: 180, margin: 18, paper: PAPER }));
    for (const side of [192, 512]) await zip.add(`icon-${side}.png`, await png({ side, margin: 0 }));
    // A square within that circle.
    await zip.add("icon-maskable-512.png", await png({ side: 512, margin: Math.ceil((512 * (1 - 0.8 / Math.SQRT2)) / 2), paper: PAPER }));
    await zip.add("manifest.webmanifest", `${JSON.stringify(manifest(work.picture.caption), null, 2)}\n`);
    await zip.add("head.html", HEAD);
    return { file: await zip.close(), ending: "zip" };
  },
};

const HEAD = `<link rel="icon" href="/favicon.ico" sizes="32x32">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/apple-touch-icon.png">
<link rel="manifest" href="/manifest.webmanifest">
`;

const manifest = (name) => ({
  name,
  icons: [
    { src: "/icon-192.png", type: "image/png", sizes: "192x192" },
    { src: "/icon-512.png", type: "image/png", sizes: "512x512" },
    { src: "/icon-maskable-512.png", type: "image/png", sizes: "512x512", purpose: "maskable" },
  ],
});

/**
 * The picture so large that what is visible of it fills a square but for a margin; or, cropped, a canvas without margins.
 * @param {Work} work
 * @param {{side: number, margin: number, rim?: number, paper?: string, cropped?: boolean}} wanted in pixels
 * @returns {Promise<OffscreenCanvas>}
 */
async function fitted({ painter, picture }, { side, margin, rim = 0, paper, cropped = false }) {
  const draw = (look, size) => painter.paint(picture.caption, { style: picture.style, look, size, background: "none" });
  // A rim that the look has stays as it is.
  const hasRim = /(^|,)\s*(sticker|rim\s*=\s*0?\.?[1-9])/.test(picture.look);
  const look = rim && !hasRim ? `${picture.look},rim=${(rim / side / WIDEST_RIM).toFixed(3)}` : picture.look;
  const seen = boxOf((await draw(look, LOOKED_AT)).imageData);
  const room = side - 2 * margin;
  const size = Math.min(Math.max(Math.round((room * LOOKED_AT) / Math.max(seen.width, seen.height)), 16), 4096);
  const { imageData } = await draw(look, size);
  const box = boxOf(imageData);
  const scale = room / Math.max(box.width, box.height);
  const [width, height] = [box.width * scale, box.height * scale].map((length) => Math.max(1, Math.round(length)));
  const canvas = cropped ? new OffscreenCanvas(width, height) : new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  if (paper) {
    context.fillStyle = paper;
    context.fillRect(0, 0, side, side);
  }
  const whole = new OffscreenCanvas(size, size);
  whole.getContext("2d").putImageData(imageData, 0, 0);
  context.imageSmoothingQuality = "high";
  const [left, top] = [(canvas.width - width) / 2, (canvas.height - height) / 2].map(Math.floor);
  context.drawImage(whole, box.left, box.top, box.width, box.height, left, top, width, height);
  return canvas;
}

/** What is visible of a picture; all of it where nothing is. @param {ImageData} picture */
function boxOf({ data, width: side }) {
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (data[4 * (y * side + x) + 3] < FAINT) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  return right > left ? { left, top, width: right - left, height: bottom - top } : { left: 0, top: 0, width: side, height: side };
}

/** As WebP, as good as the size allows. @param {OffscreenCanvas} canvas @param {{largest: number, instead?: "png"}} rule what is taken where the browser writes no WebP */
async function packed(canvas, { largest, instead }) {
  for (const quality of QUALITIES) {
    const file = await canvas.convertToBlob({ type: "image/webp", quality });
    if (file.type !== "image/webp" && !instead) {
      throw new EmblemError("option.type", "This browser writes no WebP", "save it in Chrome, Edge or Firefox, or save a PNG and convert it");
    }
    if (file.size <= largest) return { file, ending: file.type === "image/webp" ? "webp" : instead };
  }
  throw pageFault("file.large", { kilobytes: Math.ceil(largest / 1000) });
}

/** An ICO file of PNG pictures. @param {{side: number, png: Blob}[]} pictures @returns {Promise<Blob>} */
async function icon(pictures) {
  const head = new DataView(new ArrayBuffer(6 + 16 * pictures.length));
  head.setUint16(2, 1, true);
  head.setUint16(4, pictures.length, true);
  let offset = head.byteLength;
  for (const [index, { side, png }] of pictures.entries()) {
    const entry = 6 + 16 * index;
    head.setUint8(entry, side);
    head.setUint8(entry + 1, side);
    // One plane of 32 bits a pixel.
    head.setUint16(entry + 4, 1, true);
    head.setUint16(entry + 6, 32, true);
    head.setUint32(entry + 8, png.size, true);
    head.setUint32(entry + 12, offset, true);
    offset += png.size;
  }
  return new Blob([head, ...pictures.map(({ png }) => png)], { type: "image/x-icon" });
}
