/** What a caller may give for a style, checked and in the plain form that the worker takes. The codes themselves are the engine's. */
import { EmblemError } from "./errors.js";
import { fitted } from "./lend.js";

/**
 * Exactly one of them: a seed's text, a code, or two styles to be blended.
 * @typedef {{seed: string} | {values: number[]} | {from: PlainStyle, to: PlainStyle, t: number}} PlainStyle
 */

/**
 * Exactly one of them: a seed's text, a look's, or two to be blended.
 * @typedef {{seed: string} | {look: string} | {from: PlainLook, to: PlainLook, t: number}} PlainLook
 */

/** @param {import("./emblem.js").Look} look @returns {string | PlainLook} */
export function checkedLook(look) {
  if (typeof look === "string") return look;
  if (typeof look !== "object" || look === null || !("t" in look)) {
    throw new EmblemError("option.look", "The look is not a text", 'give a name of info.looks such as "sticker", numbers such as "outline=0.5", or both with a comma between them');
  }
  return blendedLooks(look.from, look.to, look.t);
}

/** @returns {PlainLook} */
export function blendedLooks(from, to, t) {
  if (!(t >= 0 && t <= 1)) throw new EmblemError("style.blend", "The place between two looks cannot be used", "give a number from 0, the first look, to 1, the second");
  const plainLook = (look) => {
    const checked = checkedLook(look);
    return typeof checked === "string" ? { look: checked } : checked;
  };
  return { from: plainLook(from), to: plainLook(to), t };
}

/**
 * The style of a picture to be drawn; a random seed's where none is given. A picture that lends its style is read at once, whenever its
 * turn to be drawn comes.
 * @param {import("./emblem.js").StyleOptions} options
 * @param {number} imageSize
 * @returns {{seed: import("./emblem.js").Seed | null, plain: Promise<PlainStyle | {picture: ImageData}>}}
 */
export function chosen({ styleSeed, style }, imageSize) {
  if (given(styleSeed) && given(style)) throw new EmblemError("option.style", "More than one style was given", "give one of styleSeed and style");
  const wanted = style ?? checkedSeed(styleSeed ?? randomSeed());
  if (typeof wanted !== "object") return { seed: checkedSeed(wanted), plain: Promise.resolve({ seed: String(wanted) }) };
  if (isBlend(wanted)) return { seed: null, plain: Promise.resolve(blended(wanted.from, wanted.to, wanted.t)) };
  return { seed: null, plain: isPicture(wanted) ? lent(wanted, imageSize) : Promise.resolve(coded(wanted)) };
}

function given(option) {
  return option !== undefined && option !== null;
}

/** @returns {Promise<{picture: ImageData}>} */
async function lent(picture, imageSize) {
  return { picture: await fitted(picture, imageSize) };
}

/** What is an object of the browser's own and no list can only be a picture, or a mistake that its reading will tell. */
function isPicture(style) {
  return ![Object.prototype, null].includes(Object.getPrototypeOf(style)) && !("length" in style);
}

/** @returns {PlainStyle} of a seed or a code */
export function plain(style) {
  return typeof style === "object" && style !== null ? coded(style) : { seed: String(checkedSeed(style)) };
}

/** @returns {PlainStyle} */
function blended(from, to, t) {
  if (!(t >= 0 && t <= 1)) throw new EmblemError("style.blend", "The place between two styles cannot be used", "give a number from 0, the first style, to 1, the second");
  return { from: plain(from), to: plain(to), t };
}

function isBlend(style) {
  return typeof style === "object" && "from" in style && "to" in style;
}

/** How long a code is and whether its numbers are finite is the engine's to say. */
function coded(style) {
  if (typeof style !== "object" || !Number.isSafeInteger(style.length)) {
    throw new EmblemError("style.type", "The style is no style code", "give a seed, the numbers in picture.style, a blend of two of these, or a picture");
  }
  return { values: Array.from(style, Number) };
}

/** Seeds are whole numbers that JavaScript holds exactly, or any text. */
function checkedSeed(seed) {
  const fine = typeof seed === "string" ? seed.trim() !== "" : Number.isSafeInteger(seed) && seed >= 0;
  if (!fine) throw new EmblemError("style.seed", "The style seed cannot be used", "use a whole number from 0 to 9007199254740991, or a text");
  return seed;
}

/** Thirty-two bits: plenty of styles, and short enough to be read aloud. */
function randomSeed() {
  return Math.floor(Math.random() * 2 ** 32);
}
