/**
 * `<emblem-picture caption="a red fox" styleseed="7" size="96">`: a picture in a page, with no script of one's own.
 *
 *     <script type="module" src="element.js"></script>
 *
 * All elements share one painter for each model, which is loaded when the first of them is about to be seen. What stands inside the element
 * is shown until the picture is there, and where it cannot be drawn. Attributes and events are in `element.d.ts`.
 */
import { EmblemError, Painter } from "./emblem.js";

/** Side in pixels of the page, where `size` says none. */
const SIZE = 128;
/** How far from what is seen a picture is drawn. */
const MARGIN = "200px";

/** By the model's whole address. @type {Map<string, Promise<Painter>>} */
const painters = new Map();

/** @param {string | URL} model @returns {Promise<Painter>} */
function painterOf(model) {
  const { href } = new URL(model, document.baseURI);
  const known = painters.get(href);
  if (known) return known;
  const painter = Painter.load(href);
  painters.set(href, painter);
  // The next that asks tries again.
  painter.catch(() => painters.delete(href));
  return painter;
}

/** Without a document there are no elements; the module can be imported all the same. */
const Base = globalThis.HTMLElement ?? class {
  constructor() {
    throw new EmblemError("browser.refused", "There are no elements here", "use <emblem-picture> in a browser's page");
  }
};

const STYLE = `
  :host { display: inline-block; position: relative; vertical-align: middle; }
  :host([hidden]) { display: none; }
  canvas { display: block; width: 100%; height: 100%; }
  [hidden] { display: none; }
  [part=error] { font: 0.75rem/1.3 system-ui, sans-serif; overflow-wrap: anywhere; }
`;

/** @type {CSSStyleSheet | undefined} of all elements: a page's security policy may forbid styles in the text */
let sheet;

export class EmblemPicture extends Base {
  static observedAttributes = ["caption", "styleseed", "look", "background", "size", "model", "alt", "loading"];

  /** The model of elements that name none. @type {string | URL} */
  static model = new URL("./models/emblem.safetensors", import.meta.url);

  /** What is shown. @type {import("./emblem.js").Picture | null} */
  picture = null;
  /** Why nothing is shown. @type {EmblemError | null} */
  error = null;
  #canvas;
  #told;
  #inside;
  #near;
  #isNear = false;
  #waiting = false;
  #drawing = new AbortController();

  constructor() {
    super();
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#canvas = Object.assign(document.createElement("canvas"), { hidden: true });
    this.#canvas.setAttribute("part", "picture");
    this.#canvas.setAttribute("role", "img");
    this.#inside = document.createElement("slot");
    this.#told = Object.assign(document.createElement("span"), { hidden: true });
    this.#told.setAttribute("part", "error");
    root.append(this.#canvas, this.#inside, this.#told);
    this.#near = new IntersectionObserver((seen) => this.#comesNear(seen.at(-1).isIntersecting), { rootMargin: MARGIN });
  }

  connectedCallback() {
    this.#near.observe(this);
    this.#change();
  }

  disconnectedCallback() {
    this.#near.disconnect();
    this.#isNear = false;
    this.#drawing.abort();
  }

  attributeChangedCallback() {
    this.#change();
  }

  #comesNear(isNear) {
    if (this.#isNear || !isNear) return;
    this.#isNear = true;
    this.#change();
  }

  /** Several attributes are often set at once, and one drawing is enough for them. */
  #change() {
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      if (this.isConnected) this.#show();
    });
  }

  async #show() {
    const size = Number(this.getAttribute("size") ?? SIZE);
    // Until the picture is there as well, so that nothing moves when it comes.
    this.style.width = this.style.height = size > 0 ? `${size}px` : "";
    this.#canvas.setAttribute("aria-label", this.getAttribute("alt") ?? this.getAttribute("caption") ?? "");
    if (!this.#isNear && this.getAttribute("loading") !== "eager") return;
    this.#drawing.abort();
    this.#drawing = new AbortController();
    const { signal } = this.#drawing;
    try {
      const picture = await this.#painted(size, signal);
      if (signal.aborted) return;
      [this.picture, this.error] = [picture, null];
      const { imageData } = picture;
      [this.#canvas.width, this.#canvas.height] = [imageData.width, imageData.height];
      this.#canvas.getContext("2d").putImageData(imageData, 0, 0);
      this.#shows({ canvas: true });
      this.dispatchEvent(new Event("load"));
    } catch (error) {
      if (signal.aborted) return;
      [this.picture, this.error] = [null, error];
      this.#told.textContent = `${error.message}: ${error.advice}`;
      this.#shows({ canvas: false });
      this.dispatchEvent(new CustomEvent("error", { detail: error }));
    }
  }

  /** @returns {Promise<import("./emblem.js").Picture>} */
  async #painted(size, signal) {
    const given = (name) => this.getAttribute(name) ?? undefined;
    const painter = await painterOf(given("model") ?? EmblemPicture.model);
    // In the screen's own pixels; a model that draws pixels has one size.
    const pixels = Math.min(Math.max(Math.round(size * devicePixelRatio), 16), 4096);
    const ofLayers = painter.info.layers > 0 && { size: size > 0 ? pixels : size, background: given("background"), look: given("look") };
    return painter.paint(given("caption") ?? "", { styleSeed: given("styleseed") ?? 0, ...ofLayers, signal });
  }

  /** The picture; or what stands inside the element and, where that is nothing, why there is no picture. */
  #shows({ canvas }) {
    this.#canvas.hidden = !canvas;
    this.#inside.hidden = canvas;
    this.#told.hidden = canvas || this.childNodes.length > 0;
  }
}

if (globalThis.customElements && !customElements.get("emblem-picture")) customElements.define("emblem-picture", EmblemPicture);
