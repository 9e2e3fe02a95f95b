/** Rows of small pictures to choose from: the same hand's other mottoes, and the same motto in other hands. */
import { handName, keyOf, lookName, shortName } from "./style.js";
import { say } from "./text.js";

const PINNED = "emblem.hands";
/** Pinned ones and the others together. */
export const MOST_HANDS = 15;

/** A picture on a button. */
export function tile(label, name, act) {
  const button = document.createElement("button");
  const canvas = document.createElement("canvas");
  const caption = document.createElement("span");
  canvas.width = canvas.height = 64;
  canvas.setAttribute("aria-hidden", "true");
  button.type = "button";
  button.className = "tile";
  button.setAttribute("aria-label", label);
  caption.textContent = name;
  button.append(canvas, caption);
  button.onclick = act;
  return { button, canvas };
}

/** A small button that takes something away. */
export function remover(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "remove";
  button.textContent = "×";
  button.setAttribute("aria-label", label);
  button.onclick = act;
  return button;
}

/** @param {string} key tells it apart from the others of its list */
export function item(key, ...content) {
  const element = document.createElement("li");
  element.dataset.key = key;
  element.append(...content);
  return element;
}

/**
 * Lays a list anew. Whoever is in it by keyboard stays at the same thing; where that is gone, at what stands in its place.
 * @param {HTMLElement} list
 * @param {HTMLLIElement[]} items
 */
export function relay(list, items) {
  const held = document.activeElement;
  const place = [...list.children].findIndex((element) => element.contains(held));
  const key = list.children[place]?.dataset.key;
  list.replaceChildren(...items);
  if (place < 0) return;
  const next = items.find((element) => element.dataset.key === key) ?? items[Math.min(place, items.length - 1)];
  const button = (held.classList.contains("remove") && next?.querySelector(".remove")) || next?.querySelector("button");
  button?.focus({ preventScroll: true });
}

/** The example captions, all in the present style. */
export class Mottoes {
  #list;
  #thumbs;
  #take;
  /** @type {string[]} */
  #captions = [];
  #tiles = [];

  /** @param {(caption: string) => void} onTake */
  constructor(list, thumbs, onTake) {
    this.#list = list;
    this.#thumbs = thumbs;
    this.#take = onTake;
  }

  /** @param {string[]} captions */
  fill(captions) {
    this.#captions = captions;
    this.repeat();
  }

  /** Lays them out again, in another language. */
  repeat() {
    for (const { canvas } of this.#tiles) this.#thumbs.forget(canvas);
    this.#tiles = this.#captions.map((caption) => ({ caption, ...tile(say("motto.take", { caption }), caption, () => this.#take(caption)) }));
    relay(this.#list, this.#tiles.map(({ caption, button }) => item(caption, button)));
  }

  /** @param {string} caption the present one @param {import("./style.js").Hand} hand the style to show them in */
  show(caption, hand) {
    for (const { caption: own, button, canvas } of this.#tiles) {
      button.setAttribute("aria-pressed", String(own === caption));
      this.#thumbs.want(canvas, own, hand);
    }
  }
}

/** The looks: the motto in the present hand, finished in each. There are none where the model draws pixels. */
export class Looks {
  #part;
  #thumbs;
  #take;
  /** The hand's own look first. @type {(string | null)[]} */
  #looks = [];
  #tiles = [];

  /** @param {HTMLElement} part with the list in it, hidden where there is nothing to choose @param {(look: string | null) => void} onTake */
  constructor(part, thumbs, onTake) {
    this.#part = part;
    this.#thumbs = thumbs;
    this.#take = onTake;
  }

  /** Whether there are any. */
  get known() {
    return this.#looks.length > 0;
  }

  /** @param {string[]} looks those that the model knows */
  fill(looks) {
    this.#looks = looks.length > 0 ? [null, ...looks] : [];
    this.#part.hidden = looks.length === 0;
    this.repeat();
  }

  /** Lays them out again, in another language. */
  repeat() {
    for (const { canvas } of this.#tiles) this.#thumbs.forget(canvas);
    this.#tiles = this.#looks.map((look) => {
      const name = lookName(look);
      return { look, ...tile(say("look.take", { look: name }), name, () => this.#take(look)) };
    });
    relay(this.#part.querySelector("ul"), this.#tiles.map(({ look, button }) => item(look ?? "", button)));
  }

  /** @param {string} caption @param {import("./style.js").Hand} hand the present one @param {string | null} chosen the present look */
  show(caption, { look: own, ...hand }, chosen) {
    for (const { look, button, canvas } of this.#tiles) {
      button.setAttribute("aria-pressed", String(look === chosen));
      this.#thumbs.want(canvas, caption, { ...hand, look: look ?? own ?? (hand.seed === undefined ? "plain" : undefined) });
    }
  }
}

/** The hands: those that the page came with, and those that the visitor pinned. */
export class Hands {
  #list;
  #thumbs;
  #told;
  /** @type {import("./style.js").Hand[]} */
  #given = [];
  /** @type {import("./style.js").Hand[]} */
  #pinned = [];
  /** Pins that give way to others for this visit. @type {import("./style.js").Hand[]} */
  #aside = [];
  #tiles = [];

  /** @param {{take: (hand: import("./style.js").Hand) => void, changed: () => void}} told */
  constructor(list, thumbs, told) {
    this.#list = list;
    this.#thumbs = thumbs;
    this.#told = told;
    this.#pinned = readPinned();
  }

  /** @param {import("./style.js").Hand[]} hands those that the model learnt */
  fill(hands) {
    this.#given = hands.slice(0, MOST_HANDS);
    // There may have been more room for pins.
    this.#aside.push(...this.#pinned.splice(MOST_HANDS - this.#given.length));
    this.repeat();
  }

  /** Shows just these for this visit; what was pinned is there again on the next. @param {import("./style.js").Hand[]} hands */
  open(hands) {
    this.#aside.push(...this.#pinned);
    this.#pinned = [];
    this.#given = hands;
    this.repeat();
  }

  /** @returns {import("./style.js").Hand[]} */
  get all() {
    return [...this.#given, ...this.#pinned];
  }

  /** Puts a hand among them. @returns {"pinned" | "pinned.full"} */
  pin(hand) {
    if (!this.all.some((other) => keyOf(other) === keyOf(hand))) {
      if (this.all.length >= MOST_HANDS) return "pinned.full";
      this.#pinned.push(hand);
      this.#changed();
    }
    return "pinned";
  }

  /** @param {string} caption @param {import("./style.js").Hand | null} present the hand that is drawn in, if it is one of them */
  show(caption, present) {
    for (const { hand, button, canvas } of this.#tiles) {
      button.setAttribute("aria-pressed", String(present !== null && keyOf(hand) === keyOf(present)));
      this.#thumbs.want(canvas, caption, hand);
    }
  }

  #changed() {
    try {
      localStorage.setItem(PINNED, JSON.stringify([...this.#pinned, ...this.#aside]));
    } catch {
      // Storage may be switched off or full; the pins then last as long as the page.
    }
    this.repeat();
    this.#told.changed();
  }

  /** Lays them out again, in another language. */
  repeat() {
    for (const { canvas } of this.#tiles) this.#thumbs.forget(canvas);
    this.#tiles = this.all.map((hand) => {
      const label = say("hand.take", { style: handName(hand) });
      const made = { hand, ...tile(label, shortName(hand), () => this.#told.take(hand)) };
      if (hand.seed !== undefined) [made.button.dataset.seed, made.button.title] = [hand.seed, say("style.seed", { seed: hand.seed })];
      return made;
    });
    relay(
      this.#list,
      this.#tiles.map(({ hand, button }) => {
        if (!this.#pinned.includes(hand)) return item(keyOf(hand), button);
        const remove = remover(say("hand.remove", { style: handName(hand) }), () => {
          this.#pinned = this.#pinned.filter((other) => other !== hand);
          this.#changed();
        });
        return item(keyOf(hand), button, remove);
      }),
    );
  }
}

/** What was pinned on an earlier visit; storage is anyone's to write, so it is checked. */
function readPinned() {
  try {
    const fine = (hand) => (hand.look === undefined || typeof hand.look === "string") && isHand(hand);
    const isHand = (hand) =>
      (typeof hand.seed === "string" && hand.seed.trim() !== "" && hand.seed.length <= 60) ||
      (Array.isArray(hand.code) && hand.code.every(Number.isFinite) && (hand.name === null || typeof hand.name === "string"));
    return JSON.parse(localStorage.getItem(PINNED) ?? "[]").filter(fine).slice(0, MOST_HANDS);
  } catch {
    return [];
  }
}
