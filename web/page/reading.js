/**
 * How the motto was read, as chips: each thing's count, colour and name, and how things stand to each other. What is chosen in one is written
 * into the motto, so that links, the album and the board keep it. A motto is read again before it is written: one that would be read
 * otherwise than it was chosen is none.
 */
import { remark } from "./notes.js";
import { say, sayIn } from "./text.js";

const COLOURS = ["black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "gold", "silver"];
const KINDS = ["left-of", "right-of", "above", "below", "on", "in-front-of", "behind", "next-to", "in", "holding", "wearing", "riding", "eating"];
const MOST = 12;
const HAN = /\p{Script=Han}/u;
/** Before a Chinese noun: a number with its measure word. */
const COUNTED = /^(?:[\d一二两三四五六七八九十百几]+|一些|很多)(\p{Script=Han})/u;
/** Behind a thing: that it is at a side of another. */
const SIDE = /^的?[左右上下前后里旁中之][边面方间侧]?/u;

export class ReadingChips {
  #place;
  #read;
  #write;
  #shown = null;
  #caption = "";

  /**
   * @param {HTMLElement} place
   * @param {(caption: string) => Promise<import("../emblem.js").Scene>} read
   * @param {(caption: string) => void} write takes another motto
   */
  constructor(place, read, write) {
    this.#place = place;
    this.#read = read;
    this.#write = write;
  }

  /** @param {string} caption @param {import("../emblem.js").Scene | null} scene null where there is nothing to choose */
  show(caption, scene) {
    this.#caption = caption;
    if (JSON.stringify(scene) !== JSON.stringify(this.#shown)) this.#fill(scene);
  }

  /** Says it again, in another language. */
  repeat() {
    this.#fill(this.#shown);
  }

  #fill(scene) {
    this.#shown = scene;
    const held = this.#place.contains(document.activeElement) ? document.activeElement.dataset.chip : null;
    const { things, relations } = scene ?? { things: [], relations: [] };
    const called = ({ name, noun }) => name ?? noun;
    const left = scene && leftOver(scene);
    this.#place.replaceChildren(
      ...things.map((thing, at) => row(called(thing), ...(thing.name ? [this.#count(thing, at), this.#colour(thing, at)] : []), this.#name(thing, at))),
      ...relations.map(({ kind, of, to }, at) => {
        const names = [of, to].map((thing) => called(things[thing]));
        const kinds = KINDS.includes(kind) ? KINDS : [kind, ...KINDS];
        const label = say("reading.relation", { of: names[0], to: names[1] });
        const chosen = (other) => this.#take({ ...scene, relations: relations.with(at, { kind: other, of, to }) }, related(this.#caption, scene, of, to, other));
        return row(label, names[0], chip(`${at}.kind`, label, kind, kinds.map((one) => [one, say(`kind.${one}`)]), chosen), names[1]);
      }),
      ...(left ? [row(left, left)] : []),
    );
    this.#place.hidden = things.length === 0 && !left;
    if (held) this.#place.querySelector(`[data-chip="${held}"]`)?.focus();
  }

  #count(thing, at) {
    const numbers = Array.from({ length: MOST }, (_, i) => [String(i + 1), `${i + 1} ×`]);
    return chip(`${at}.count`, say("reading.count"), String(thing.count), numbers, (count) => this.#change(at, { count: Number(count) }));
  }

  #colour(thing, at) {
    const own = [thing.colour, thing.accent].filter(Boolean).join("+");
    const colours = ["", ...(own === "" || COLOURS.includes(own) ? [] : [own]), ...COLOURS];
    const said = (value) => value.split("+").map((colour) => colourIn(undefined, colour)).join(" + ");
    const words = colours.map((value) => [value, value ? said(value) : say("reading.own")]);
    return chip(`${at}.colour`, say("reading.colour"), own, words, (value) => {
      const [colour = null, accent = null] = value ? value.split("+") : [];
      this.#change(at, { colour, accent });
    });
  }

  #name({ name, others, noun }, at) {
    const names = [...(name ? [[name, name]] : [["", say("reading.nothing", { noun })]]), ...others.map((other) => [other, other])];
    return chip(`${at}.name`, say("reading.name"), name ?? "", names, (other) => this.#change(at, { name: other, noun: other }));
  }

  #change(at, change) {
    const { things } = this.#shown;
    const span = spans(this.#caption, things)[at];
    const wanted = { ...things[at], ...change };
    const caption = span && `${this.#caption.slice(0, span.start)}${phrase(wanted, things[at], this.#caption)}${this.#caption.slice(span.end)}`;
    return this.#take({ ...this.#shown, things: things.with(at, wanted) }, caption);
  }

  /** Writes a caption if it is read as the scene that is wanted. */
  async #take(wanted, caption) {
    const before = this.#caption;
    const found = caption && (await this.#read(caption));
    if (this.#caption !== before) return;
    if (found && gist(found) === gist(wanted)) return this.#write(caption);
    remark(say("reading.unsayable"));
    this.#fill(this.#shown);
  }
}

/** What of a scene is drawn, as a text to compare. */
const gist = ({ things, relations, background }) =>
  JSON.stringify([things.map(({ name, count, colour, accent, size }) => [name, count, colour, accent, size]), relations.map(({ kind, of, to }) => [kind, of, to]), background]);

/** What of the motto is not drawn, as a sentence; empty where all is. @param {import("../emblem.js").Scene} scene */
export function leftOver({ unread, leftOut, unseen }) {
  const words = [...unread, ...leftOut, ...unseen];
  return words.length > 0 ? say("reading.left", { words: words.join(", ") }) : "";
}

/** Where the things stand in a caption. */
function spans(caption, things) {
  const taken = [];
  return things.map(({ text }) => {
    let start = caption.indexOf(text);
    while (start >= 0 && taken.some((other) => start < other.end && other.start < start + text.length)) start = caption.indexOf(text, start + 1);
    if (start < 0) return null;
    const span = { start, end: start + text.length };
    taken.push(span);
    return span;
  });
}

/** A caption in which one thing stands otherwise to another. */
function related(caption, { things }, of, to, kind) {
  const places = spans(caption, things);
  const [a, b] = [places[of], places[to]];
  if (!a || !b) return null;
  const han = HAN.test(caption);
  const words = sayIn(han ? "zh" : "en", `kind.${kind}`);
  const [first, second] = [things[of].text, things[to].text];
  const stands = words.includes("…") ? words.replace("…", second) : `${words}${han ? "" : " "}${second}`;
  const rest = caption.slice(Math.max(a.end, b.end)).replace(SIDE, "");
  return `${caption.slice(0, Math.min(a.start, b.start))}${first}${han ? "" : " "}${stands}${rest}`;
}

/** A thing as the caption's language says it. */
function phrase({ noun, count, colour, accent, size }, before, caption) {
  const tongue = HAN.test(caption) ? "zh" : "en";
  const colours = [colour, accent].filter(Boolean).map((one) => colourIn(tongue, one));
  const counts = count !== before.count || (before.counting !== "stated" && count > 1);
  if (tongue === "zh") {
    const [number, measure] = COUNTED.exec(before.text) ?? ["", "个"];
    const one = count === 1 && number === "" ? "" : counts ? `${count}${measure}` : number;
    return `${one}${size ? sayIn("zh", `size.${size}`) : ""}${colours.length > 0 ? `${colours.join("和")}的` : ""}${noun}`;
  }
  const many = count > 1 && (noun !== before.noun || before.count === 1);
  const single = count === 1 && before.count > 1 && noun === before.noun;
  const words = [size, colours.join(" and "), many ? plural(noun) : single ? singular(noun) : noun].filter(Boolean).join(" ");
  if (count > 1) return `${count} ${words}`;
  if (before.count === 1 && !/^an? /i.test(before.text)) return words;
  return `${/^[aeiou]/i.test(words) ? "an" : "a"} ${words}`;
}

const plural = (noun) => (/(?:s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`);
const singular = (noun) => noun.replace(/ies$/, "y").replace(/(s|x|z|ch|sh)es$/, "$1").replace(/([^s])s$/, "$1");

/** "light blue", in a language. */
function colourIn(tongue, colour) {
  const parts = colour.split(" ").map((word) => (tongue ? sayIn(tongue, `colour.${word}`) : say(`colour.${word}`)));
  return parts.join(HAN.test(parts.join("")) ? "" : " ");
}

/** What belongs together, for those who see it and those who hear it. */
function row(label, ...parts) {
  const line = document.createElement("span");
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", label);
  line.append(...parts);
  return line;
}

/** @param {[value: string, words: string][]} choices @param {(value: string) => void} chosen */
function chip(key, label, value, choices, chosen) {
  const select = document.createElement("select");
  select.className = "chip";
  select.dataset.chip = key;
  select.setAttribute("aria-label", label);
  select.append(...choices.map(([one, words]) => new Option(words, one, false, one === value)));
  select.onchange = () => chosen(select.value);
  return select;
}
