/**
 * Files that come in by choosing, dropping or pasting: a model, a saved emblem to open again, or a picture that lends its style; and
 * words, which become the motto. Whatever it is, the page says what becomes of it.
 */
import { MOST_ROWS } from "./board.js";
import { pageFault } from "./notes.js";
import { inscription } from "./png.js";
import { MOST_PICTURES } from "./set.js";
import { MOST_HANDS } from "./shelf.js";

const root = document.documentElement;
/** No caption, style or hash of ours is longer. */
const [LONGEST_TEXT, MOST_NUMBERS] = [400, 256];
const MODEL = /\.safetensors$/i;
/** What is meant as a picture, though a system may know no type for it and this browser may not read it. */
const PICTURE = /\.(a?png|avif|bmp|gif|hei[cf]|ico|jfif|jpe|jpe?g|jxl|svg|tiff?|webp)$/i;
const SET = /\.json$/i;
/** Five hundred captions with a hand each are shorter. */
const LARGEST_SET = 2_000_000;
/** What is larger is not tried as a picture. */
const LARGEST_PICTURE = 100_000_000;
/** How a safetensors file begins: with the length of its header, and then JSON. */
const [HEADER_AT, BRACE] = [8, 0x7b];

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
 * @param {(name: string, count: number) => void} takers.coming told first, of which file of how many it is about
 * @param {(file: File) => void} takers.model
 * @param {(saved: Saved) => void} takers.saved
 * @param {(board: SavedBoard) => void} takers.board
 * @param {(set: import("./set.js").SavedSet & {model: string | null}) => void} takers.set
 * @param {(picture: File) => void} takers.lender
 * @param {(text: string) => void} takers.words
 * @param {(fault: import("./notes.js").PageFault | Error) => void} takers.nothing told of what cannot be used, and why
 */
export function takeFiles(takers) {
  const takeOne = async (file, isFolder) => {
    if (isFolder) throw pageFault("file.folder", { name: file.name });
    if (MODEL.test(file.name)) return takers.model(file);
    if (SET.test(file.name)) {
      const set = checkedSet(file.size <= LARGEST_SET ? await parsed(file) : null);
      if (set) return takers.set(set);
      throw pageFault("file.set", { name: file.name });
    }
    const looksLikePicture = file.type.startsWith("image/") || PICTURE.test(file.name);
    const said = looksLikePicture ? await inscription(file) : null;
    const [saved, board] = [checked(said), checkedBoard(said)];
    if (saved) return takers.saved(saved);
    if (board) return takers.board(board);
    if (looksLikePicture) return takers.lender(file);
    if (await beginsAsModel(file)) return takers.model(file);
    if (await isPicture(file)) return takers.lender(file);
    throw pageFault("file.kind", { name: file.name });
  };
  const take = async (files, folders = []) => {
    const isUsable = ({ type, name }) => type.startsWith("image/") || PICTURE.test(name) || MODEL.test(name) || SET.test(name);
    const at = Math.max(0, files.findIndex((file, i) => isUsable(file) && !folders[i]));
    takers.coming(files[at].name, files.length);
    try {
      await takeOne(files[at], folders[at]);
    } catch (error) {
      // So the browser says that it cannot read a file.
      takers.nothing(error instanceof DOMException ? pageFault("file.unreadable", { name: files[at].name }) : error);
    }
  };
  const chooser = document.getElementById("lend");
  chooser.onchange = () => {
    const files = [...chooser.files];
    // Or the same file could not be chosen twice.
    chooser.value = "";
    if (files.length > 0) take(files);
  };
  document.onpaste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  };
  document.ondragover = (event) => {
    if (isForTextBox(event)) return;
    event.preventDefault();
    root.classList.add("offered");
  };
  document.ondragleave = () => root.classList.remove("offered");
  document.ondrop = (event) => {
    root.classList.remove("offered");
    if (isForTextBox(event)) return;
    event.preventDefault();
    const { dataTransfer: transfer } = event;
    const files = [...(transfer?.files ?? [])];
    // Both are there for as long as the event lasts.
    const [link, text] = ["text/uri-list", "text/plain"].map((type) => transfer?.getData(type).trim());
    if (files.length > 0) take(files, foldersAmong(transfer));
    else if (link) takers.nothing(pageFault("file.link", {}));
    else if (text) takers.words(text.slice(0, LONGEST_TEXT));
    else takers.nothing(pageFault("file.none", {}));
  };
}

/** Whether it is text over a box to write in, where the browser itself puts it. @param {DragEvent} event */
const isForTextBox = ({ target, dataTransfer }) => Boolean(target?.closest?.("textarea, input[type=text]")) && !dataTransfer?.types.includes("Files");

/** For each file that is dropped whether it is a folder, which browsers hand over as a file that cannot be read. @param {DataTransfer} transfer */
const foldersAmong = ({ items }) => [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.()?.isDirectory ?? false);

/** @param {Blob} file */
async function isPicture(file) {
  try {
    if (file.size > LARGEST_PICTURE) return false;
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}

/** @param {Blob} file rejects where it cannot be read */
async function beginsAsModel(file) {
  return new Uint8Array(await file.slice(0, HEADER_AT + 1).arrayBuffer())[HEADER_AT] === BRACE;
}

/** A file is anyone's to write: what it says is believed only as far as it has the right form. @returns {Saved | null} */
function checked(said) {
  const { caption, seed, style, look, model } = said ?? {};
  return isCaption(caption) && isCode(style) ? { caption, seed: short(seed), code: style, look: short(look) ?? undefined, model: short(model) } : null;
}

/** @param {File} file */
async function parsed(file) {
  const text = await file.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function checkedSet(said) {
  const { emblem, captions, hand, own, model } = said ?? {};
  const first = checkedHand(hand);
  if (emblem !== "set" || !first || !isList(captions, MOST_PICTURES) || !captions.every(isCaption)) return null;
  const hands = Object.entries(own ?? {}).map(([place, hand]) => [Number(place), checkedHand(hand)]);
  const fine = hands.filter(([place, hand]) => Number.isSafeInteger(place) && hand);
  return { captions: captions.map((caption) => caption.replaceAll("\n", " ")), hand: first, own: Object.fromEntries(fine), model: short(model) };
}

/** @returns {import("./style.js").Hand | null} */
function checkedHand(hand) {
  const { seed, code, name, look } = hand ?? {};
  const dressed = short(look) === null ? {} : { look: short(look) };
  if (short(seed) !== null) return { seed: short(seed), ...dressed };
  return isCode(code) ? { code, name: short(name), ...dressed } : null;
}

/** @returns {SavedBoard | null} */
function checkedBoard(said) {
  const { captions, styles, model } = said ?? {};
  const fine = isList(captions, MOST_ROWS + 1) && captions.every(isCaption) && isList(styles, MOST_HANDS) && styles.every((style) => isCode(style?.style));
  if (!fine) return null;
  const dressed = (look) => (short(look) === null ? {} : { look: short(look) });
  const hands = styles.map(({ seed, style, name, look }) => (short(seed) === null ? { code: style, name: short(name), ...dressed(look) } : { seed: short(seed), ...dressed(look) }));
  return { captions: [...new Set(captions)], hands, model: short(model) };
}

const isCaption = (text) => typeof text === "string" && text.length <= LONGEST_TEXT;
const isCode = (code) => isList(code, MOST_NUMBERS) && code.every(Number.isFinite);
const isList = (list, most) => Array.isArray(list) && list.length > 0 && list.length <= most;
const short = (text) => (["string", "number"].includes(typeof text) && String(text).trim() !== "" && String(text).length <= LONGEST_TEXT ? String(text) : null);
