/**
 * The style that the page draws in: a hand, perhaps blended with another, perhaps wandered off from.
 *
 * Style codes lie near a sphere, so wandering turns the code along great circles: east towards the style of the seed "east", north
 * towards that of "north". So the map around a style is the same for everyone, whatever the model.
 */
import { DECIMALS } from "./address.js";
import { say } from "./text.js";

/**
 * Whose style it is: a seed, which has a look of its own, or a code with a name for it (a lender's file, a learnt hand; null where nobody
 * knows) and perhaps the look that it was kept with. Of models that draw pixels there are no looks.
 * @typedef {{seed: string, look?: string} | {code: number[], name: string | null, learnt?: boolean, look?: string}} Hand
 *
 * @typedef {object} Style
 * @property {Hand} home
 * @property {Hand | null} toward the hand it is blended with
 * @property {number} share how much of that, 0 to 1
 * @property {number} east how far it wandered off, -1 to 1; a turn of a right angle at 1
 * @property {number} north
 * @property {string | null} look the look that was chosen; null for the one that comes with the hands
 */

const COMPASS = { east: "east", north: "north" };
/** Seeds whose looks lie on the way, and how much of them is seen at the map's border. */
const [LOOKS, LOOKED] = [{ east: ["west", "east"], north: ["south", "north"] }, 0.6];

/** A hand's style, just so. @param {Hand} home @returns {Style} */
export const plain = (home, look = null) => ({ home, toward: null, share: 0, east: 0, north: 0, look });

/** @param {Style} style */
export const isBlended = ({ toward, share }) => toward !== null && share > 0;

/** @param {Style} style */
export const isWandered = ({ east, north }) => east !== 0 || north !== 0;

/** The seed that is this very style, or null. @param {Style} style */
export const seedOf = (style) => (isBlended(style) || isWandered(style) ? null : (style.home.seed ?? null));

/** Tells hands apart. @param {Hand} hand */
export const keyOf = ({ seed, code, look }) => `${seed !== undefined ? `seed ${seed}` : `code ${code.join(",")}`}${look ? ` ${look}` : ""}`;

/** What a painter takes for a hand. @param {Hand} hand @param {import("../emblem.js").Painter} painter */
export const optionsOf = ({ seed, code, look }, { info }) => ({
  ...(seed === undefined ? { style: code } : { styleSeed: seed }),
  ...(look && info.looks.length > 0 && { look }),
});

/** The hand and the look that drew a picture, as they are kept. @param {import("../emblem.js").Picture} picture @param {Style} style @returns {Hand} */
export function handOf(picture, style, name = style.home.name ?? null) {
  const seed = seedOf(style);
  const look = seed === null ? picture.look : (style.look ?? style.home.look);
  const dressed = look && (seed !== null || look !== "plain") ? { look } : {};
  return seed === null ? { code: picture.style, name, ...dressed } : { seed, ...dressed };
}

/** Names of the hands that the model learnt, by the seeds that draw most nearly as they do. @type {Map<string, string>} */
let learnt = new Map();

/** @param {Map<string, string>} names by seed */
export function nameSeeds(names) {
  learnt = names;
}

/** @param {Hand} hand */
export function handName({ seed, name }) {
  const known = learnt.get(seed) ?? name;
  if (known) return say("style.lent", { name: known });
  return seed === undefined ? say("style.own") : say("style.seed", { seed });
}

/** What a hand is called where there is little room. @param {Hand} hand */
export const shortName = ({ seed, name }) => learnt.get(seed) ?? seed ?? name ?? "✻";

/** Parts of hands' names that are not written as they are spelt. */
const SPELT = { "3d": "3D", v1: "v1", emojione2: "Emoji One" };

/** A learnt hand's name for people: "fluent-3d" is Fluent 3D. @param {string} name */
export const properName = (name) => name.split("-").map((part) => SPELT[part] ?? `${part[0]?.toUpperCase() ?? ""}${part.slice(1)}`).join(" ");

/** What a look is called: those with a name by that, others as they are written. @param {string | null} look null for the hand's own */
export function lookName(look) {
  const key = `look.${look ?? "own"}`;
  const name = say(key);
  return name === key ? look : name;
}

/** What a style is called, in the visitor's language. @param {Style} style */
export function styleName(style) {
  const from = handName(style.home);
  const blended = isBlended(style)
    ? say("style.blend", { from, share: Math.round(style.share * 100), to: shortName(style.toward) })
    : from;
  const found = isWandered(style) ? say("style.wandered", { style: blended }) : blended;
  return style.look ? say("style.dressed", { style: found, look: lookName(style.look) }) : found;
}

/** Finds the codes of styles, for one painter. */
export class Compass {
  #painter;
  /** @type {Promise<{east: number[], north: number[]}>} */
  #directions;

  /** @param {import("../emblem.js").Painter} painter */
  constructor(painter) {
    this.#painter = painter;
    this.#directions = Promise.all([painter.styleOf(COMPASS.east), painter.styleOf(COMPASS.north)]).then(([east, north]) => ({ east, north }));
    // Whoever asks for a code is told what went wrong; nobody may ask.
    this.#directions.catch(() => {});
  }

  /** The code of a style before any wandering: what its map is drawn around. @param {Style} style */
  async centre(style) {
    const { home, toward, share } = style;
    const value = (hand) => hand.seed ?? hand.code;
    if (isBlended(style)) return rounded(await this.#painter.styleOf({ from: value(home), to: value(toward), t: share }));
    return home.code ?? this.#painter.styleOf(home.seed);
  }

  /** The code that lies this far east and north of another. @param {number[]} centre */
  async off(centre, east, north) {
    const way = Math.hypot(east, north);
    if (way === 0) return centre;
    const axes = tangents(centre, await this.#directions);
    const [stay, go] = [Math.cos((way * Math.PI) / 2), (Math.sin((way * Math.PI) / 2) * length(centre)) / way];
    return rounded(centre.map((number, i) => number * stay + (east * axes.east[i] + north * axes.north[i]) * go));
  }

  /** @param {Style} style @returns {Promise<number[]>} */
  async codeOf(style) {
    return this.off(await this.centre(style), style.east, style.north);
  }

  /** The look of a style before any wandering; null where the model knows none. @param {Style} style @returns {Promise<string | null>} */
  async lookOfCentre({ home, toward, share, look }) {
    if (this.#painter.info.looks.length === 0) return null;
    if (look) return look;
    const own = (hand) => hand.look ?? (hand.seed === undefined ? "plain" : this.#painter.lookOf(hand.seed));
    return toward !== null && share > 0 ? this.#painter.blendLooks(await own(home), await own(toward), share) : own(home);
  }

  /** The look that lies this far east and north of another; one that was chosen stays. @param {string | null} centre @param {Style} style */
  async lookOff(centre, { look }, east, north) {
    if (centre === null || look) return centre;
    let found = centre;
    for (const [way, [less, more]] of [[east, LOOKS.east], [north, LOOKS.north]]) {
      if (way !== 0) found = await this.#painter.blendLooks(found, await this.#painter.lookOf(way < 0 ? less : more), LOOKED * Math.abs(way));
    }
    return found;
  }

  /** @param {Style} style @returns {Promise<string | null>} */
  async lookOf(style) {
    return this.lookOff(await this.lookOfCentre(style), style, style.east, style.north);
  }
}

/** Two directions at right angles to the code and to each other, a unit long. */
function tangents(centre, directions) {
  const up = scaled(centre, 1 / length(centre));
  const east = unit(without(directions.east, up));
  const north = unit(without(without(directions.north, up), east));
  return { east, north };
}

const dot = (a, b) => a.reduce((sum, number, i) => sum + number * b[i], 0);
const length = (a) => Math.max(Math.hypot(...a), Number.EPSILON);
const scaled = (a, by) => a.map((number) => number * by);
const unit = (a) => scaled(a, 1 / length(a));
const without = (a, direction) => a.map((number, i) => number - dot(a, direction) * direction[i]);
/** As a link carries it, so that what is drawn is what the link draws. */
export const rounded = (code) => Array.from(code, (number) => Number(number.toFixed(DECIMALS)));
