/** Files that come in by choosing, dropping or pasting: a model, a saved emblem to open again, or a picture that lends its style. */
import { MOST_ROWS } from "./board.js";
import { inscription } from "./png.js";
import { MOST_HANDS } from "./shelf.js";

const root = document.documentElement;
/** No caption, style or hash of ours is longer. */
const [LONGEST_TEXT, MOST_NUMBERS] = [400, 256];

/**
 * @typedef {object} Saved what a saved emblem says of itself
 * @property {string} caption
 * @property {string | null} seed
 * @property {number[]} code
 * @property {string | null} model
 *
 * @typedef {object} SavedBoard what a saved sheet says of itself
 * @property {string[]} captions
 * @property {import("./style.js").Hand[]} hands
 * @property {string | null} model
 *
 * @param {object} takers
 * @param {(file: File) => void} takers.model
 * @param {(saved: Saved) => void} takers.saved
 * @param {(board: SavedBoard) => void} takers.board
 * @param {(picture: File) => void} takers.lender
 */
export function takeFiles(takers) {
  const take = async (file) => {
    if (!file) return;
    if (file.name.endsWith(".safetensors")) return takers.model(file);
    const said = file.type === "image/png" ? await inscription(file) : null;
    const [saved, board] = [checked(said), checkedBoard(said)];
    if (saved) takers.saved(saved);
    else if (board) takers.board(board);
    else takers.lender(file);
  };
  const chooser = document.getElementById("lend");
  chooser.onchange = () => take(chooser.files[0]);
  document.onpaste = (event) => take(usable(event.clipboardData));
  document.ondragover = (event) => {
    event.preventDefault();
    root.classList.add("offered");
  };
  document.ondragleave = () => root.classList.remove("offered");
  document.ondrop = (event) => {
    event.preventDefault();
    root.classList.remove("offered");
    take(usable(event.dataTransfer));
  };
}

const usable = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/") || file.name.endsWith(".safetensors"));

/** A file is anyone's to write: what it says is believed only as far as it has the right form. @returns {Saved | null} */
function checked(said) {
  const { caption, seed, style, model } = said ?? {};
  return isCaption(caption) && isCode(style) ? { caption, seed: short(seed), code: style, model: short(model) } : null;
}

/** @returns {SavedBoard | null} */
function checkedBoard(said) {
  const { captions, styles, model } = said ?? {};
  const fine = isList(captions, MOST_ROWS + 1) && captions.every(isCaption) && isList(styles, MOST_HANDS) && styles.every((style) => isCode(style?.style));
  if (!fine) return null;
  const hands = styles.map(({ seed, style, name }) => (short(seed) === null ? { code: style, name: short(name) } : { seed: short(seed) }));
  return { captions: [...new Set(captions)], hands, model: short(model) };
}

const isCaption = (text) => typeof text === "string" && text.length <= LONGEST_TEXT;
const isCode = (code) => isList(code, MOST_NUMBERS) && code.every(Number.isFinite);
const isList = (list, most) => Array.isArray(list) && list.length > 0 && list.length <= most;
const short = (text) => (["string", "number"].includes(typeof text) && String(text).trim() !== "" && String(text).length <= LONGEST_TEXT ? String(text) : null);
