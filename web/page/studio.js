/** The style's controls: seed and dice, the blend, the pad, a lent picture. They hold the present style and agree about it. */
import { fitted } from "../lend.js";
import { plain, rounded } from "./style.js";
import { say } from "./text.js";

/** Waits out the rest of a word in the style's boxes. */
const TYPING_MS = 120;
/** The style that is offered to blend with, and how much of one that is typed in. */
const [PARTNER, HALF] = [{ seed: "ada" }, 0.5];

const $ = (id) => document.getElementById(id);

export class Studio {
  /** @type {import("./style.js").Style} */
  style;
  #pad;
  #draw;
  /** Where an emptied seed box leads. @type {import("./style.js").Hand} */
  #home;
  #typing;

  /**
   * @param {import("./style.js").Style} style to begin with
   * @param {import("./pad.js").Pad} pad
   * @param {(how?: {walk?: boolean}) => void} draw called when the style has changed
   */
  constructor(style, pad, draw) {
    this.#pad = pad;
    this.#draw = draw;
    this.#home = style.home;
    this.#set({ ...style, toward: PARTNER });
    $("style").oninput = () => this.#soon(() => this.#typedSeed());
    $("toward").oninput = () => this.#soon(() => this.#typedToward());
    $("share").oninput = () => this.#blend({ share: Number($("share").value) / 100 });
    $("dice").onclick = () => this.take({ seed: String(Math.floor(Math.random() * 2 ** 16)) });
    $("give-back").onclick = () => this.take(this.#home);
  }

  /** Draws in a hand's style. @param {import("./style.js").Hand} hand */
  take(hand) {
    clearTimeout(this.#typing);
    // A look that was chosen stays, unless the hand has one of its own.
    this.#set({ ...plain(hand, hand.look ? null : this.style.look), toward: this.style.toward });
    this.#draw({ walk: true });
  }

  /** Draws in this look; with null in the hand's own. @param {string | null} look */
  dress(look) {
    const { look: own, ...home } = this.style.home;
    this.style = { ...this.style, look, home: look ? home : this.style.home };
    this.#draw({ walk: true });
  }

  /** A picture's style. @param {File} file @param {number[]} code */
  lend(file, code) {
    this.take({ code: rounded(code), name: file.name || say("lent.yours") });
    this.#preview(file);
  }

  /** @param {{east: number, north: number}} at */
  wander(at) {
    this.style = { ...this.style, ...at };
    this.#draw();
  }

  #soon(act) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(act, TYPING_MS);
  }

  #typedSeed() {
    const seed = $("style").value.trim();
    this.style = { ...plain(seed ? { seed } : this.#home, this.style.look), toward: this.style.toward };
    this.#showOthers();
    this.#draw({ walk: true });
  }

  #typedToward() {
    const seed = $("toward").value.trim();
    this.#blend(seed ? { toward: { seed }, share: this.style.share || HALF } : { toward: null, share: 0 });
    this.#showBlend();
  }

  #blend(change) {
    this.style = { ...this.style, ...change };
    this.#draw();
  }

  /** Takes a style and has every control show it. */
  #set(style) {
    this.style = style;
    $("style").value = style.home.seed ?? "";
    this.#showOthers();
  }

  #showOthers() {
    const { home } = this.style;
    if (home.seed !== undefined) this.#home = home;
    $("lent").hidden = home.seed !== undefined || home.name === null || home.learnt === true;
    if (!$("lent").hidden) $("lent").querySelector("span").textContent = say("lent", { name: home.name });
    $("lend").value = "";
    this.#pad.at = this.style;
    $("toward").value = this.style.toward?.seed ?? "";
    this.#showBlend();
  }

  #showBlend() {
    const { toward, share } = this.style;
    $("share").disabled = toward === null;
    $("share").value = String(Math.round(share * 100));
  }

  async #preview(file) {
    const canvas = $("lent").querySelector("canvas");
    canvas.getContext("2d").putImageData(await fitted(file, canvas.width), 0, 0);
  }

  /** Says again what is said in words. */
  repeat() {
    this.#pad.at = this.style;
    const { name } = this.style.home;
    if (name) $("lent").querySelector("span").textContent = say("lent", { name });
  }
}
