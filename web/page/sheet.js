/**
 * Pictures that were drawn beforehand, by the shipped model: the page has something to show before the model arrives. They lie in
 * one file, captions down and styles across; `sheet.json` names both. See shared/examples/sheet.rs.
 */
import { BRIEF_MS, fetchPatiently } from "../patience.js";

/** Where they are: with the scripts, as a part of the same build. */
const FOLDER = new URL("../models/", import.meta.url);

/**
 * @typedef {object} Sheet
 * @property {string} model SHA-256 of the model that drew it
 * @property {number} size side of a picture in pixels
 * @property {string[]} captions
 * @property {string[]} styles seeds
 * @property {string[]} names of the hands that they stand for; none where the model knows no hands
 * @property {(caption: string, seed: string) => ImageData | null} picture
 */

/** What the page falls back to where the sheet cannot be had: nothing is drawn beforehand then, and all else goes on. */
const NONE = { model: "", size: 64, captions: [], styles: ["1", "2", "3", "4", "5", "6"], names: [], picture: () => null };

/** @returns {Promise<Sheet>} */
export async function fetchSheet() {
  try {
    const ask = async (name) => {
      const response = await fetchPatiently(new URL(name, FOLDER), { patience: BRIEF_MS });
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return response;
    };
    const [note, image] = await Promise.all([
      ask("sheet.json").then((response) => response.json()),
      ask("sheet.jpg").then((response) => response.blob()).then((blob) => createImageBitmap(blob)),
    ]);
    return { ...NONE, ...note, picture: cutter(note, image) };
  } catch (error) {
    console.warn("nothing is shown before the model arrives:", error.message);
    return NONE;
  }
}

function cutter({ size, captions, styles }, image) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  image.close();
  return (caption, seed) => {
    const [row, column] = [captions.indexOf(caption), styles.indexOf(seed)];
    return row < 0 || column < 0 ? null : context.getImageData(column * size, row * size, size, size);
  };
}
