/** The board: mottoes down, hands across. Each row keeps what is drawn and each column how, which is what the model is about. */
import { handName, keyOf, shortName } from "./style.js";
import { say } from "./text.js";
import { remover, tile } from "./shelf.js";

/** Rows it begins with, and the most it takes, under the visitor's own. */
const FIRST_ROWS = 5;
export const MOST_ROWS = 12;

export class Board {
  #table;
  #thumbs;
  #take;
  #captions = [];
  #hands = [];
  #present = "";
  /** @type {{caption: string | null, hand: object, canvas: HTMLCanvasElement, button: HTMLButtonElement}[]} */
  #cells = [];

  /** @param {(caption: string, hand: import("./style.js").Hand) => void} onTake */
  constructor(table, thumbs, onTake) {
    this.#table = table;
    this.#thumbs = thumbs;
    this.#take = onTake;
  }

  /** @param {string[]} captions the model's examples @param {import("./style.js").Hand[]} hands */
  fill(captions, hands) {
    this.#captions = captions.slice(0, FIRST_ROWS);
    this.#hands = hands;
    this.repeat();
  }

  /** Lays it as it once was, all of it. @param {string[]} captions @param {import("./style.js").Hand[]} hands */
  open(captions, hands) {
    this.#captions = captions;
    this.#hands = hands;
    this.repeat();
  }

  set hands(hands) {
    this.#hands = hands;
    this.repeat();
  }

  /** Keeps the visitor's motto as a row. @returns {boolean} whether there was room */
  add(caption) {
    if (caption === "" || this.#captions.includes(caption)) return true;
    if (this.#captions.length >= MOST_ROWS) return false;
    this.#captions.unshift(caption);
    this.repeat();
    return true;
  }

  /** @param {string} caption the visitor's, on top */
  show(caption) {
    this.#present = caption;
    // It stands on top already.
    for (const line of this.#table.querySelectorAll("tbody tr")) line.hidden = line.dataset.caption === caption;
    for (const cell of this.#cells) {
      const own = cell.caption ?? caption;
      cell.button.setAttribute("aria-label", say("picture.label", { caption: own, style: handName(cell.hand) }));
      this.#thumbs.want(cell.canvas, own, cell.hand);
    }
  }

  /** What stands on it, for the sheet that is saved. */
  get contents() {
    const captions = [this.#present, ...this.#captions.filter((caption) => caption !== this.#present)];
    return { captions, hands: this.#hands };
  }

  /** Lays it out again, in another language. */
  repeat() {
    for (const { canvas } of this.#cells) this.#thumbs.forget(canvas);
    this.#cells = [];
    const head = row(heading("col", say("board.motto")), ...this.#hands.map(columnHead));
    head.firstChild.className = "corner";
    const rows = [null, ...this.#captions].map((caption) => this.#row(caption));
    const [top, body] = [element("thead", "rowgroup", head), element("tbody", "rowgroup", ...rows)];
    this.#table.style.setProperty("--columns", String(this.#hands.length));
    this.#table.replaceChildren(top, body);
    this.show(this.#present);
  }

  #row(caption) {
    const name = heading("row", caption ?? say("board.yours"));
    if (caption === null) name.className = "yours";
    else {
      const remove = () => {
        this.#captions = this.#captions.filter((other) => other !== caption);
        this.repeat();
        // The button is gone; whoever pressed it by keyboard goes on from the next.
        this.#table.querySelector(".remove, button")?.focus();
      };
      name.append(remover(say("board.remove", { caption }), remove));
    }
    const line = row(name, ...this.#hands.map((hand) => this.#cell(caption, hand)));
    if (caption !== null) line.dataset.caption = caption;
    return line;
  }

  #cell(caption, hand) {
    const { button, canvas } = tile("", "", () => this.#take(caption ?? this.#present, hand));
    button.lastChild.remove();
    button.dataset.hand = keyOf(hand);
    this.#cells.push({ caption, hand, canvas, button });
    return element("td", "cell", button);
  }
}

function heading(scope, text) {
  const words = document.createElement("span");
  words.textContent = text;
  const cell = element("th", `${scope === "col" ? "column" : "row"}header`, words);
  cell.scope = scope;
  return cell;
}

function columnHead(hand) {
  const cell = heading("col", shortName(hand));
  if (hand.seed !== undefined) [cell.dataset.seed, cell.title] = [hand.seed, say("style.seed", { seed: hand.seed })];
  return cell;
}

const row = (...cells) => element("tr", "row", ...cells);

/** With its role spelt out: on a phone the rows are laid out as grids, and browsers then forget that they are a table's. */
function element(name, role, ...content) {
  const made = document.createElement(name);
  made.setAttribute("role", role);
  made.append(...content);
  return made;
}
