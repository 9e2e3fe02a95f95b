/**
 * The pad: a map of the styles around the present one, and a lens to wander over it with pointer or keys. What the map shows is the
 * visitor's own motto, so one sees where one is going; between its pictures the styles pass smoothly into each other.
 */
import { say } from "./text.js";

/** Pictures across and down: odd, so that the style itself is in the middle. */
const ACROSS = 5;
/** One arrow key's way; with Shift four times as far. */
const STEP = 0.05;
/** This near the middle the pointer means the middle. */
const CATCH = 0.06;
/** CSS pixels that a finger may stray without meaning anything. */
const SLOP = 6;
const KEYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Pad {
  #element;
  #lens;
  #thumbs;
  #cells = [];
  #at = { east: 0, north: 0 };
  #onMove;
  /** Where a finger came down that may yet scroll the page; the browser then takes it away. @type {PointerEvent | null} */
  #finger = null;
  /** Counts the maps asked for: their codes are worked out while the next may be asked for already. */
  #asked = 0;

  /**
   * @param {HTMLElement} element
   * @param {import("./thumbs.js").Thumbs} thumbs
   * @param {(at: {east: number, north: number}) => void} onMove -1 to 1 each
   */
  constructor(element, thumbs, onMove) {
    this.#element = element;
    this.#lens = element.querySelector(".lens");
    this.#thumbs = thumbs;
    this.#onMove = onMove;
    this.#lay(element.querySelector(".map"));
    element.onkeydown = (event) => this.#key(event);
    element.onpointerdown = (event) => {
      element.setPointerCapture(event.pointerId);
      this.#finger = event.pointerType === "touch" ? event : null;
      if (!this.#finger) this.#point(event);
    };
    element.onpointermove = (event) => {
      if (!element.hasPointerCapture(event.pointerId) || this.#mayScroll(event)) return;
      this.#finger = null;
      this.#point(event);
    };
    element.onpointerup = (event) => {
      if (this.#finger) this.#point(event);
      this.#finger = null;
    };
    element.onpointercancel = () => {
      this.#finger = null;
    };
  }

  /** Puts the lens somewhere without telling anyone. */
  set at({ east, north }) {
    this.#at = { east, north };
    this.#lens.style.left = `${(east + 1) * 50}%`;
    this.#lens.style.top = `${(1 - north) * 50}%`;
    const percent = { east: Math.round(east * 100), north: Math.round(north * 100) };
    this.#element.setAttribute("aria-valuenow", String(percent.east));
    this.#element.setAttribute("aria-valuetext", east === 0 && north === 0 ? say("pad.home") : say("pad.at", percent));
  }

  /**
   * Draws the map around a style.
   * @param {string} caption
   * @param {import("./style.js").Compass} compass
   * @param {import("./style.js").Style} style
   */
  async show(caption, compass, style) {
    const asked = ++this.#asked;
    const [centre, look] = await Promise.all([compass.centre(style), compass.lookOfCentre(style)]);
    const handAt = async ({ east, north }) => ({ code: await compass.off(centre, east, north), name: null, look: (await compass.lookOff(look, style, east, north)) ?? undefined });
    const hands = await Promise.all(this.#cells.map(handAt));
    if (asked !== this.#asked) return;
    this.#cells.forEach(({ canvas }, i) => this.#thumbs.want(canvas, caption, hands[i]));
  }

  /** From the middle outwards, which is the order they are drawn in. */
  #lay(map) {
    const places = Array.from({ length: ACROSS * ACROSS }, (_, i) => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 64;
      map.append(canvas);
      const along = (index) => ((index + 0.5) / ACROSS) * 2 - 1;
      return { canvas, east: along(i % ACROSS), north: -along(Math.floor(i / ACROSS)) };
    });
    this.#cells = places.sort((a, b) => Math.hypot(a.east, a.north) - Math.hypot(b.east, b.north));
  }

  #mayScroll({ clientX, clientY }) {
    if (!this.#finger) return false;
    const [across, along] = [Math.abs(clientX - this.#finger.clientX), Math.abs(clientY - this.#finger.clientY)];
    return across <= along || across < SLOP;
  }

  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    const [east, north] = [((clientX - left) / width) * 2 - 1, 1 - ((clientY - top) / height) * 2];
    this.#move(Math.hypot(east, north) < CATCH ? [0, 0] : [east, north]);
  }

  #key(event) {
    const far = event.shiftKey ? 4 * STEP : STEP;
    const way = KEYS[event.key];
    if (!way && event.key !== "Home") return;
    event.preventDefault();
    this.#move(way ? [this.#at.east + way[0] * far, this.#at.north + way[1] * far] : [0, 0]);
  }

  #move(to) {
    const [east, north] = to.map((number) => Math.round(Math.min(Math.max(number, -1), 1) * 100) / 100);
    this.at = { east, north };
    this.#onMove({ east, north });
  }
}
