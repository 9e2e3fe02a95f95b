/**
 * A set: many captions in one style, drawn into a grid while they are written, and saved together as a zip file. No large picture is kept:
 * the grid has small ones, and what is saved is drawn once more.
 */
import { Archive, fileNames } from "./archive.js";
import { relay, item, remover, tile } from "./shelf.js";
import { handName, keyOf, optionsOf } from "./style.js";
import { say } from "./text.js";

export const MOST_PICTURES = 500;
/** Sides in pixels of pictures in the grid and in a sprite sheet. */
const [SHOWN, SPRITE] = [96, 128];
/** Waits out the rest of a line. */
const TYPING_MS = 300;

/**
 * One picture of a set.
 * @typedef {object} Entry
 * @property {string} caption
 * @property {import("./style.js").Hand | null} hand its own, where it was drawn anew; else the set's
 * @property {string | null} drawn the key of the hand that it is drawn in
 * @property {boolean} failed
 * @property {HTMLLIElement} element
 * @property {HTMLCanvasElement} canvas
 *
 * @typedef {object} SavedSet what a saved set says of itself
 * @property {string[]} captions
 * @property {import("./style.js").Hand} hand
 * @property {Record<string, import("./style.js").Hand>} own hands of those that have one, by their place
 */

export class PictureSet {
  #section;
  #told;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {import("./style.js").Hand | null} */
  #hand = null;
  /** @type {import("../emblem.js").Painter | null} */
  #painter = null;
  #typing;
  /** Counts runs, so that an overtaken one ends. */
  #run = 0;
  #stopped = false;

  /**
   * @param {HTMLElement} section
   * @param {{take: (caption: string, hand: import("./style.js").Hand) => void, save: (blob: Blob, title: string) => void, failed: (error: Error) => void}} told
   */
  constructor(section, told) {
    this.#section = section;
    this.#told = told;
    this.#$("textarea").oninput = () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#read(), TYPING_MS);
    };
    this.#$("#stop-set").onclick = () => {
      this.#stopped = !this.#stopped;
      if (this.#stopped) this.#run += 1;
      else this.#draw();
      this.#tell();
    };
    this.#$("#save-set").onclick = () => this.#save().catch((error) => this.#told.failed(error));
  }

  #$(selector) {
    return this.#section.querySelector(selector);
  }

  /** Draws with this painter from now on. @param {import("../emblem.js").Painter | null} painter */
  use(painter) {
    this.#painter = painter;
    for (const entry of this.#entries) [entry.drawn, entry.failed] = [null, false];
    this.#section.classList.toggle("layers", (painter?.info.layers ?? 0) > 0);
    this.#draw();
  }

  /** Draws in this hand from now on. @param {import("./style.js").Hand | null} hand */
  show(hand) {
    if (!hand || (this.#hand && keyOf(hand) === keyOf(this.#hand))) return;
    this.#hand = hand;
    this.#draw();
  }

  /** Opens a set as it was saved. @param {SavedSet} saved */
  open({ captions, own }) {
    this.#$("textarea").value = captions.join("\n");
    this.#read();
    for (const [place, hand] of Object.entries(own)) if (this.#entries[place]) this.#entries[place].hand = hand;
    this.#section.scrollIntoView();
  }

  /** Says again what is said in words. */
  repeat() {
    this.#lay();
    this.#tell();
  }

  /** Lines become entries; one that was there stays as it is. */
  #read() {
    const lines = this.#$("textarea").value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    const known = new Map();
    for (const entry of this.#entries) known.set(entry.caption, [...(known.get(entry.caption) ?? []), entry]);
    this.#entries = lines.slice(0, MOST_PICTURES).map((caption) => known.get(caption)?.shift() ?? { caption, hand: null, drawn: null, failed: false });
    this.#$("#set-full").hidden = lines.length <= MOST_PICTURES;
    this.#lay();
    this.#draw();
  }

  #lay() {
    for (const entry of this.#entries) {
      const { canvas: before } = entry;
      const { button, canvas } = tile(say("motto.take", { caption: entry.caption }), entry.caption, () => this.#told.take(entry.caption, entry.hand ?? this.#hand));
      canvas.width = canvas.height = before?.width ?? SHOWN;
      if (before) canvas.getContext("2d").drawImage(before, 0, 0);
      const anew = document.createElement("button");
      Object.assign(anew, { type: "button", className: "anew", textContent: "↻", onclick: () => this.#anew(entry) });
      anew.setAttribute("aria-label", say("set.anew", { caption: entry.caption }));
      const remove = remover(say("set.remove", { caption: entry.caption }), () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
        this.#$("textarea").value = this.#entries.map(({ caption }) => caption).join("\n");
        this.#lay();
        this.#tell();
      });
      entry.canvas = canvas;
      entry.element = item(String(this.#entries.indexOf(entry)), button, anew, remove);
      entry.element.classList.toggle("undrawn", entry.failed);
    }
    relay(this.#$("ul"), this.#entries.map(({ element }) => element));
    this.#section.classList.toggle("filled", this.#entries.length > 0);
  }

  /** The same in a hand of its own. @param {Entry} entry */
  #anew(entry) {
    const look = this.#hand?.look;
    entry.hand = { seed: String(Math.floor(Math.random() * 2 ** 16)), ...(look && { look }) };
    entry.failed = false;
    this.#draw();
  }

  #handOf = (entry) => entry.hand ?? this.#hand;
  #isDue = (entry) => !entry.failed && entry.drawn !== keyOf(this.#handOf(entry));

  /** Draws what is not drawn yet, one after the other. */
  async #draw() {
    const run = ++this.#run;
    const painter = this.#painter;
    if (!painter || !this.#hand || this.#stopped) return this.#tell();
    const [begun, due] = [performance.now(), this.#entries.filter(this.#isDue).length];
    for (let done = 0, entry; run === this.#run && (entry = this.#entries.find(this.#isDue)); done += 1) {
      const hand = this.#handOf(entry);
      try {
        const { imageData } = await painter.paint(entry.caption, { ...optionsOf(hand, painter), ...extent(painter, SHOWN) });
        if (run !== this.#run) return;
        entry.drawn = keyOf(hand);
        entry.canvas.width = entry.canvas.height = imageData.width;
        entry.canvas.getContext("2d").putImageData(imageData, 0, 0);
      } catch (error) {
        if (run !== this.#run) return;
        fail(entry, error);
      }
      const seconds = (performance.now() - begun) / 1000;
      this.#tell({ rate: (done + 1) / seconds, left: ((due - done - 1) * seconds) / (done + 1) });
    }
    if (run === this.#run) this.#tell();
  }

  /** @param {{rate: number, left: number} | null} [pace] while it draws */
  #tell(pace = null) {
    const all = this.#entries.length;
    const failed = this.#entries.filter((entry) => entry.failed).length;
    const due = this.#hand && this.#painter ? this.#entries.filter(this.#isDue).length : all;
    const drawing = pace !== null && due > 0;
    const [bar, words] = [this.#$("progress"), this.#$("#set-said")];
    [bar.max, bar.value, bar.hidden] = [Math.max(all, 1), all - due, !drawing];
    this.#$("#stop-set").hidden = due === 0;
    this.#$("#stop-set").textContent = say(this.#stopped ? "set.go" : "set.stop");
    this.#$("#save-set").disabled = !this.#painter || all === failed;
    const numbers = { done: all - due - failed, all, rate: Math.round(pace?.rate ?? 0), left: Math.ceil(pace?.left ?? 0), failed };
    words.textContent = all === 0 ? "" : `${say(drawing ? "set.drawing" : "set.drawn", numbers)}${failed ? ` ${say("set.failed", numbers)}` : ""}`;
  }

  /** What is wished for in the zip file. */
  #wishes() {
    const checked = (name) => this.#$(`[name=${name}]`).checked;
    return { svg: checked("svg") && this.#painter.info.layers > 0, png: checked("png"), webp: checked("webp"), sprites: checked("sprites"), size: Number(this.#$("select").value) };
  }

  /** @param {Entry} entry @returns {Promise<import("../emblem.js").Picture | null>} null where the model knows no word of it */
  async #painted(entry, painter, size) {
    try {
      return await painter.paint(entry.caption, { ...optionsOf(this.#handOf(entry), painter), ...size });
    } catch (error) {
      if (!/^caption\./.test(error.code)) throw error;
      fail(entry, error);
      return null;
    }
  }

  async #save() {
    const [painter, wishes, hand] = [this.#painter, this.#wishes(), this.#hand];
    const entries = this.#entries.filter((entry) => !entry.failed);
    const names = fileNames(entries.map(({ caption }) => caption));
    const archive = new Archive();
    const sprites = wishes.sprites ? new Sprites(entries.length) : null;
    const button = this.#$("#save-set");
    button.disabled = true;
    try {
      for (const [at, entry] of entries.entries()) {
        button.textContent = say("set.saving", { done: at, all: entries.length });
        const size = extent(painter, wishes.size);
        const picture = await this.#painted(entry, painter, size);
        if (!picture) continue;
        if (wishes.svg) await archive.add(`${names[at]}.svg`, await picture.svg());
        if (wishes.png) await archive.add(`${names[at]}.png`, await picture.toBlob("image/png"));
        if (wishes.webp) await archive.add(`${names[at]}.webp`, await picture.toBlob("image/webp"));
        await sprites?.add(names[at], picture.imageData);
      }
      if (sprites) {
        await archive.add("sprites.png", await sprites.blob());
        await archive.add("sprites.json", JSON.stringify(sprites.places, null, 1));
      }
      const saved = entries.filter((entry) => !entry.failed);
      const own = Object.fromEntries(saved.flatMap((entry, at) => (entry.hand ? [[at, entry.hand]] : [])));
      const said = { emblem: "set", captions: saved.map(({ caption }) => caption), hand, own, model: painter.model.sha256 };
      await archive.add("set.json", JSON.stringify(said, null, 1));
      this.#told.save(await archive.close(), `emblems ${handName(hand)}`);
    } finally {
      button.textContent = say("set.save");
      this.#tell();
    }
  }
}

/** Nothing can be drawn of it. @param {Entry} entry @param {Error} error */
function fail(entry, error) {
  entry.failed = true;
  entry.element.classList.add("undrawn");
  entry.element.title = error.message;
}

/** A size to draw at, where the model draws any. */
const extent = ({ info }, size) => (info.layers > 0 ? { size } : {});

/** All pictures on one, with a note of where each is. */
class Sprites {
  #context;
  #columns;
  #count = 0;
  places = { size: SPRITE, pictures: {} };

  /** @param {number} count */
  constructor(count) {
    this.#columns = Math.ceil(Math.sqrt(count));
    const rows = Math.ceil(count / this.#columns);
    this.#context = new OffscreenCanvas(this.#columns * SPRITE, rows * SPRITE).getContext("2d");
    this.#context.imageSmoothingQuality = "high";
  }

  /** @param {string} name @param {ImageData} picture */
  async add(name, picture) {
    const [x, y] = [(this.#count % this.#columns) * SPRITE, Math.floor(this.#count / this.#columns) * SPRITE];
    const bitmap = await createImageBitmap(picture);
    this.#context.drawImage(bitmap, x, y, SPRITE, SPRITE);
    bitmap.close();
    this.places.pictures[name] = [x, y];
    this.#count += 1;
  }

  /** @returns {Promise<Blob>} */
  blob() {
    return this.#context.canvas.convertToBlob({ type: "image/png" });
  }
}
