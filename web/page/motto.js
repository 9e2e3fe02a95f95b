/**
 * The motto's text box: it grows with its text, says which words the model reads as others, marks those that it does not know where
 * they stand, and offers the nearest ones that it does.
 */
import { say } from "./text.js";

/** Nobody wants to hear of a word that they are still writing. */
const REST_MS = 400;
/** Words and suggestions offered at a time. */
const [MOST_WORDS, MOST_NEAR] = [3, 3];
const WORD = /[\p{L}\p{N}'\u2019]+/gu;

export class Motto {
  #box;
  #marks;
  #offers;
  #understood = [];
  #unknown = [];
  #told;
  #timer;

  /**
   * @param {{box: HTMLTextAreaElement, marks: HTMLElement, offers: HTMLElement}} parts
   * @param {() => void} told called when the text has changed
   */
  constructor({ box, marks, offers }, told) {
    this.#box = box;
    this.#marks = marks;
    this.#offers = offers;
    this.#told = told;
    box.oninput = () => {
      this.#mark();
      told();
    };
    box.onkeydown = (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      told();
    };
  }

  /** What is written, without the space around it. */
  get text() {
    return this.#box.value.trim();
  }

  set text(text) {
    this.#box.value = text;
    this.#mark();
  }

  /** Writes a text as the visitor would. */
  write(text) {
    this.text = text;
    this.#told();
  }

  /**
   * How the motto is read, told once the writing rests.
   * @param {{word: string, readAs: string[], others: string[]}[]} understood words that are read as others
   * @param {{word: string, nearest: string[]}[]} unknown words to be marked, and others offered for them
   */
  tell(understood, unknown) {
    const show = () => {
      this.#understood = understood;
      this.#unknown = unknown;
      this.#mark();
      this.#offer();
    };
    clearTimeout(this.#timer);
    if (understood.length + unknown.length === 0) show();
    else this.#timer = setTimeout(show, REST_MS);
  }

  /** Says the offers again, in another language. */
  repeat() {
    this.#offer();
  }

  /** The marks lie under the text, in the same letters, and give the box its height. */
  #mark() {
    const unknown = new Set(this.#unknown.map(({ word }) => word));
    const parts = [];
    let end = 0;
    for (const { 0: word, index } of this.#box.value.matchAll(WORD)) {
      if (!unknown.has(plainWord(word))) continue;
      const mark = document.createElement("mark");
      mark.textContent = word;
      parts.push(this.#box.value.slice(end, index), mark);
      end = index + word.length;
    }
    // A last line without a letter has no height unless something stands in it.
    this.#marks.replaceChildren(...parts, `${this.#box.value.slice(end)}\u200b`);
  }

  #offer() {
    this.#offers.replaceChildren(
      ...this.#understood.slice(0, MOST_WORDS).map(({ word, readAs, others }) => {
        const line = document.createElement("p");
        line.className = "understood";
        line.append(`${say("understood", { word, known: readAs.join(" ") })} `);
        const instead = (name) => this.#chip(name, say("understood.take", { name }), () => name);
        if (others.length > 0) line.append(`${say("understood.others")} `, ...others.slice(0, MOST_NEAR).map(instead));
        return line;
      }),
      ...this.#unknown.slice(0, MOST_WORDS).map(({ word, nearest }) => {
        const line = document.createElement("p");
        line.append(`${say("unknown", { word })} `);
        const replaced = (known) => () => this.#box.value.replace(WORD, (found) => (plainWord(found) === word ? known : found));
        const instead = (known) => this.#chip(known, say("unknown.replace", { known, word }), replaced(known));
        if (nearest.length > 0) line.append(`${say("unknown.near")} `, ...nearest.slice(0, MOST_NEAR).map(instead));
        return line;
      }),
    );
  }

  /** An offer to write another motto. @param {() => string} motto */
  #chip(text, label, motto) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chip";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.onclick = () => {
      this.write(motto());
      // The button is about to go; whoever pressed it by keyboard must not be left nowhere.
      this.#box.focus();
    };
    return button;
  }
}

/** A word as the model reads it: lower case, apostrophes dropped. */
const plainWord = (text) => text.toLowerCase().replace(/['\u2019]/g, "");
