/**
 * The page: it turns what the visitor writes into `Painter` calls and shows what comes back. All drawing is the painter's.
 *
 * For programs, `window.emblem` has the API and a promise of the page's own painter, `<html data-state>` is one of loading, ready,
 * drawing and error, and `<canvas id="picture">` holds the model's pixels, with the caption and the style that they were drawn for.
 */
import { readAddress, writeAddress } from "./address.js";
import { latestWins } from "./easel.js";
import { EmblemError, Painter } from "./emblem.js";
import { leaf } from "./leaf.js";
import { fitted } from "./lend.js";

const FIRST = { caption: "a cat face", style: "1" };
/** The other hands in which a caption is shown: fixed, so that one learns to know them. */
const HANDS = ["1", "2", "3", "4", "5", "6"];
/** Slower than this and the other hands would keep the visitor's own picture waiting. */
const FAST_MS = 150;
/** Waits out the rest of a word; short enough to seem immediate. */
const TYPING_MS = 90;

const root = document.documentElement;
const $ = (id) => document.getElementById(id);
const address = readAddress();

/** @type {Painter} */
let painter;
/** The style code that a picture lent, or null where the style box rules. @type {number[] | null} */
let lent = null;

// ---- loading -------------------------------------------------------------------------------------------------------

const STAGES = { start: "Waking the machine", check: "Checking its hand" };

function showProgress({ stage, loaded, total }) {
  const bar = $("progress");
  if (total) [bar.max, bar.value] = [total, loaded];
  else bar.removeAttribute("value");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const size = total ? `${megabytes(loaded)} of ${megabytes(total)} MB` : `${megabytes(loaded ?? 0)} MB`;
  $("stage").textContent = STAGES[stage] ?? `Fetching the model, ${size}`;
}

async function load() {
  if (!address.model) throw new EmblemError("option.model", "The address names a model on another site", "use a model of this site, or load it with the JavaScript API");
  painter = await Painter.load(address.model, { device: address.device, onProgress: showProgress });
  return painter;
}

function start() {
  root.dataset.state = "loading";
  $("error").hidden = true;
  painter?.dispose();
  painter = undefined;
  window.emblem = { Painter, EmblemError, ready: load() };
  window.emblem.ready.then(begin).catch(showError);
}

function begin() {
  const { name, licence, credits, examples, imageSize } = painter.info;
  $("picture").width = $("picture").height = imageSize;
  $("model").textContent = `The model: ${[name, licence, credits].filter(Boolean).join("; ")}.`;
  $("hands").querySelector("ul").replaceChildren(...HANDS.map((seed) => item(hand(seed))));
  $("examples").hidden = examples.length === 0;
  $("examples").querySelector("ul").replaceChildren(...examples.map((caption) => item(chip(caption, () => write(caption)))));
  showDevice();
  draw();
}

/** The device can change while the page is open, from a GPU that failed to the CPU. */
function showDevice() {
  if (root.dataset.device === painter.device) return;
  root.dataset.device = painter.device;
  $("cpu").hidden = painter.device !== "cpu";
  $("why-cpu").textContent = painter.fallback ? `${painter.fallback.message}.` : "The address asks for it.";
}

// ---- drawing -------------------------------------------------------------------------------------------------------

const ask = latestWins(async ({ caption, style, options }, overtaken) => {
  root.dataset.state = "drawing";
  try {
    const picture = await painter.paint(caption, options);
    showDevice();
    show(picture, style);
    root.dataset.state = overtaken() ? "drawing" : "ready";
    if (picture.ms < FAST_MS) await showHands(caption, overtaken);
  } catch (error) {
    showError(error);
  }
});

/** Asks for what the page now says. */
function draw() {
  if (!painter) return;
  const caption = $("caption").value.trim();
  const style = lent ? null : $("style").value.trim() || FIRST.style;
  writeAddress({ caption, style });
  ask({ caption, style, options: lent ? { style: lent } : { styleSeed: style } });
}

function show(picture, style) {
  const canvas = $("picture");
  canvas.getContext("2d").putImageData(picture.imageData, 0, 0);
  canvas.dataset.caption = picture.caption;
  canvas.dataset.style = style ?? "lent";
  canvas.setAttribute("aria-label", `${picture.caption}, ${style === null ? "in a lent style" : `style ${style}`}`);
  $("imprint").textContent = style === null ? "style lent" : `style ${style}`;
  const device = picture.device === "webgpu" ? "WebGPU" : "the CPU";
  const ms = picture.ms < 10 ? picture.ms.toFixed(1) : Math.round(picture.ms);
  $("status").textContent = `drawn ${picture.truncated ? "from its first words " : ""}on ${device} in ${ms} ms`;
  $("error").hidden = true;
  $("save").disabled = $("copy").disabled = false;
  showUnknown(picture.unknownWords);
}

function showUnknown(words) {
  $("unknown").hidden = words.length === 0;
  $("unknown").replaceChildren(
    ...words.slice(0, 3).map(({ word, nearest }) => {
      const line = document.createElement("p");
      line.append(`“${word}” is not a word I know. `);
      if (nearest.length > 0) line.append("Near it: ", ...nearest.slice(0, 3).map((known) => chip(known, () => replaceWord(word, known))));
      return line;
    }),
  );
}

/** Replaces whole words only, read as the model reads them: lower case, apostrophes dropped. */
function replaceWord(word, known) {
  const plain = (text) => text.toLowerCase().replace(/['\u2019]/g, "");
  write($("caption").value.replace(/[\p{L}\p{N}'\u2019]+/gu, (found) => (plain(found) === word ? known : found)));
}

function showError(error) {
  const panel = $("error");
  const { code = "page", message, advice = "reload the page" } = error;
  root.dataset.state = "error";
  panel.dataset.code = code;
  $("retry").hidden = /^(caption|style)/.test(code);
  panel.querySelector("h2").textContent = message;
  panel.querySelector(".advice").textContent = `${advice[0].toUpperCase()}${advice.slice(1)}.`;
  panel.querySelector(".code").textContent = code;
  panel.hidden = false;
  showUnknown(error.unknownWords ?? []);
}

// ---- other hands ---------------------------------------------------------------------------------------------------

function hand(seed) {
  const button = document.createElement("button");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = painter.info.imageSize;
  button.type = "button";
  button.dataset.seed = seed;
  button.setAttribute("aria-label", `Draw in style ${seed}`);
  button.append(canvas, seed);
  button.onclick = () => restyle(seed);
  return button;
}

async function showHands(caption, overtaken) {
  $("hands").hidden = false;
  for (const button of $("hands").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(!lent && button.dataset.seed === $("style").value.trim()));
    if (button.dataset.caption === caption) continue;
    if (overtaken()) return;
    const { imageData } = await painter.paint(caption, { styleSeed: button.dataset.seed });
    button.querySelector("canvas").getContext("2d").putImageData(imageData, 0, 0);
    button.dataset.caption = caption;
  }
}

// ---- what the visitor does -----------------------------------------------------------------------------------------

let typing;
const drawSoon = () => {
  clearTimeout(typing);
  typing = setTimeout(draw, TYPING_MS);
};

function write(caption) {
  $("caption").value = caption;
  fitCaption();
  draw();
}

function restyle(seed) {
  giveBack();
  $("style").value = seed;
  draw();
}

/** The motto grows with its text; browsers with `field-sizing` do it by themselves. */
function fitCaption() {
  const box = $("caption");
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function chip(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = text;
  button.onclick = act;
  return button;
}

function item(content) {
  const element = document.createElement("li");
  element.append(content);
  return element;
}

async function borrow(picture) {
  if (!painter || !picture) return;
  try {
    lent = await painter.styleFrom(picture);
    const preview = $("lent").querySelector("canvas");
    const thumbnail = await fitted(picture, preview.width);
    preview.getContext("2d").putImageData(thumbnail, 0, 0);
    $("lent").querySelector("span").textContent = `Drawn in the style of ${picture.name ?? "your picture"}`;
    $("lent").hidden = false;
    draw();
  } catch (error) {
    showError(error);
  }
}

function giveBack() {
  lent = null;
  $("lent").hidden = true;
  $("lend").value = "";
}

async function save() {
  const motto = $("picture").dataset.caption;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await leaf($("picture"), { motto, imprint: `Emblem, ${$("imprint").textContent}` }));
  link.download = `${motto.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    $("status").textContent = "The link is copied.";
  } catch {
    $("status").textContent = "The browser did not allow copying; the link is in the address bar.";
  }
}

const pictureIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));

$("caption").value = address.caption ?? FIRST.caption;
$("style").value = address.style ?? FIRST.style;
fitCaption();
$("caption").oninput = () => {
  fitCaption();
  drawSoon();
};
$("caption").onkeydown = (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  draw();
};
$("style").oninput = () => {
  giveBack();
  drawSoon();
};
$("dice").onclick = () => restyle(String(crypto.getRandomValues(new Uint16Array(1))[0]));
$("give-back").onclick = () => restyle($("style").value);
$("lend").onchange = () => borrow($("lend").files[0]);
$("save").onclick = save;
$("copy").onclick = copyLink;
$("retry").onclick = start;
document.onpaste = (event) => borrow(pictureIn(event.clipboardData));
document.ondragover = (event) => {
  event.preventDefault();
  root.classList.add("offered");
};
document.ondragleave = () => root.classList.remove("offered");
document.ondrop = (event) => {
  event.preventDefault();
  root.classList.remove("offered");
  borrow(pictureIn(event.dataTransfer));
};

start();
