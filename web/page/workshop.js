/** The workshop: which model is at work, on which device and why, and the visitor's choice of both. */
import { inWords, sentence } from "./notes.js";
import { canSay, say } from "./text.js";

const $ = (id) => document.getElementById(id);
const SHOWN_DIGITS = 16;

/** @param {string} device to begin with @param {(choice: Partial<import("./opening.js").Choice>) => void} choose */
export function openWorkshop(device, choose) {
  $("device").value = device;
  $("device").onchange = () => choose({ device: $("device").value });
  $("own-model").onchange = () => {
    const [source] = $("own-model").files;
    if (source) choose({ source });
    $("own-model").value = "";
  };
}

/** @param {import("../emblem.js").Painter | null} painter null while none is open @param {boolean} other whether the model is not the shipped one */
export function showWorkshop(painter, other) {
  $("shipped").hidden = !painter || !other;
  $("device-summary").textContent = painter ? say("device.drawing", { device: say(`device.name.${painter.device}`) }) : say("device.waiting");
  document.documentElement.dataset.device = painter?.device ?? "";
  $("model").replaceChildren(...(painter ? facts(painter) : []).flatMap(([term, words]) => [element("dt", term), element("dd", words)]));
  $("why-cpu").hidden = painter?.device !== "cpu";
  if (painter?.device === "cpu") $("why-cpu").textContent = whyCpu(painter);
}

/** @returns {[string, string][]} */
function facts({ info, model }) {
  const all = [
    ["model.name", info.name],
    ["model.picture", say("model.pixels", { size: info.imageSize })],
    ["model.bytes", say("model.megabytes", { megabytes: (model.bytes / 1e6).toFixed(1) })],
    ["model.hash", model.sha256 && `${model.sha256.slice(0, SHOWN_DIGITS)}…`],
    ["model.licence", info.licence],
    ["model.credits", info.credits],
    ["model.training", training(info)],
  ];
  return all.filter(([, words]) => words).map(([key, words]) => [say(key), words]);
}

/** How it was trained: over all its stages, or as far as an older file says. */
function training({ lineage, training }) {
  if (!lineage.length) return Object.entries(training).map(([key, value]) => `${key} ${value}`).join(", ");
  const sum = (of) => Math.round(lineage.reduce((total, stage) => total + stage[of], 0)).toLocaleString(document.documentElement.lang);
  return say("model.trained", { pictures: sum("pictures"), minutes: sum("minutes"), stage: lineage.at(-1).name });
}

/** Why the processor draws, and what would help: in English what the browser's own settings are called, too. */
function whyCpu({ fallback }) {
  if (!fallback) return say("device.asked");
  const key = fallback.code.replace("device.", "webgpu.");
  if (canSay(key)) return say(key);
  const { message, advice } = inWords(fallback);
  return `${sentence(message)} ${advice}`;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
