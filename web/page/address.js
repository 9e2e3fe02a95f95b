/**
 * The page's address as its saved state and as the link that is shared: caption, style, and the model that drew it. What it says is
 * data: it is checked here and never put into markup.
 */

const DEFAULT_MODEL = "models/emblem.safetensors";
/** Browsers refuse a page that rewrites its address at every key stroke. */
const REST_MS = 400;
/** As much of the model's hash as tells models apart. */
const HASH_DIGITS = 12;
/** No model of ours has a style near this length, and no style a number near this size. */
const [MOST_NUMBERS, LARGEST_NUMBER] = [256, 1000];
/** A look with all its numbers is shorter. */
const LONGEST_LOOK = 400;
/** Decimals of a style's numbers in a link: no eye sees the rest. */
export const DECIMALS = 4;
const DEVICES = ["auto", "webgpu", "cpu"];

/**
 * @typedef {object} Address
 * @property {string | null} caption
 * @property {string | null} seed `style=`, a number or a word
 * @property {number[] | null} code `z=`, a style that no seed stands for
 * @property {string | null} look `look=`, the look that was chosen, or that a code was drawn in
 * @property {string | null} by `by=`, the first digits of the hash of the model that drew it
 * @property {"auto" | "webgpu" | "cpu"} device
 * @property {URL | null} model null where the address names one elsewhere
 */

/** @returns {Address} */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  const by = query.get("by") ?? "";
  const device = query.get("device") ?? "auto";
  return {
    caption: query.get("caption"),
    seed: query.get("style"),
    code: codeIn(query.get("z")),
    look: query.get("look")?.slice(0, LONGEST_LOOK) || null,
    by: /^[0-9a-f]+$/.test(by) ? by.slice(0, HASH_DIGITS) : null,
    device: DEVICES.includes(device) ? device : "auto",
    model: modelHere(query.get("model") ?? DEFAULT_MODEL),
  };
}

/** Which model this is, as `by=` has it. @param {string | null} sha256 */
export const signature = (sha256) => sha256?.slice(0, HASH_DIGITS) ?? null;

function codeIn(text) {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const fine = numbers.length <= MOST_NUMBERS && numbers.every((number) => Math.abs(number) <= LARGEST_NUMBER);
  return fine ? numbers : null;
}

/**
 * A link must not make a visitor's browser fetch from, or show the work of, a third party. The site is where this script comes from: a
 * page in a frame without an address has none of its own.
 */
function modelHere(text) {
  try {
    const url = new URL(text, document.baseURI);
    return url.origin === new URL(import.meta.url).origin ? url : null;
  } catch {
    return null;
  }
}

/** The model that the page comes with. */
export const shippedModel = () => new URL(DEFAULT_MODEL, document.baseURI);

/** @param {URL | File | null} source */
export const isShipped = (source) => source instanceof URL && source.href === shippedModel().href;

/** Leaves out which model the address named: another draws now. */
export function forgetModel() {
  const url = new URL(location.href);
  url.searchParams.delete("model");
  rewrite(url);
}

/**
 * The link to a picture, for others: on what it is to be drawn is theirs to say.
 * @param {Pictured} picture
 */
export function linkTo(picture) {
  const url = addressOf(picture);
  url.searchParams.delete("device");
  return readable(url);
}

/**
 * What an address says of a picture.
 * @typedef {{caption: string, seed: string | null, code: number[] | null, look: string | null, by: string | null}} Pictured
 *
 * @param {Pictured} picture
 */
function addressOf({ caption, seed, code, look, by }) {
  const url = new URL(location.href);
  const set = (name, value) => (value === null ? url.searchParams.delete(name) : url.searchParams.set(name, value));
  set("caption", caption);
  set("style", seed);
  set("z", seed === null && code ? code.map((number) => Number(number.toFixed(DECIMALS))).join(",") : null);
  set("look", look);
  set("by", by);
  return readable(url);
}

/** A comma needs no escape, and a link is read by people, too. */
function readable(url) {
  url.search = url.search.replaceAll("%2C", ",").replaceAll("%3D", "=");
  return url;
}

let rest;

/** Keeps the address in step, once the writing rests. */
export function writeAddress(picture) {
  clearTimeout(rest);
  rest = setTimeout(() => rewrite(addressOf(picture)), REST_MS);
}

function rewrite(url) {
  try {
    history.replaceState(null, "", url);
  } catch {
    // A page in a frame may have no address to keep anything in.
  }
}
