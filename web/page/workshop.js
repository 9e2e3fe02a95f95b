/** The workshop: which model is at work, on which device and why, and the visitor's choice of both. */
import { detect } from "../emblem.js";
import { language, say } from "./text.js";

const $ = (id) => document.getElementById(id);
const SHOWN_DIGITS = 16;

/**
 * @param {{device: string, choose: (choice: {device?: string, model?: File | null}) => void}} wishes `model: null` is the shipped one
 */
export function openWorkshop({ device, choose }) {
  $("device").value = device;
  $("device").onchange = () => choose({ device: $("device").value });
  $("own-model").onchange = () => {
    const [model] = $("own-model").files;
    if (model) choose({ model });
    $("own-model").value = "";
  };
  $("shipped").onclick = () => choose({ model: null });
}

/** @param {import("../emblem.js").Painter | null} painter null while none is open @param {boolean} own whether the model is the visitor's */
export async function showWorkshop(painter, own) {
  $("shipped").hidden = !own;
  $("device-summary").textContent = painter ? say("device.drawing", { device: say(`device.name.${painter.device}`) }) : say("device.waiting");
  document.documentElement.dataset.device = painter?.device ?? "";
  $("model").replaceChildren(...(painter ? facts(painter) : []).flatMap(([term, words]) => [element("dt", term), element("dd", words)]));
  $("why-cpu").hidden = painter?.device !== "cpu";
  if (painter?.device === "cpu") $("why-cpu").textContent = await whyCpu(painter);
}

/** @returns {[string, string][]} */
function facts({ info, model }) {
  const training = Object.entries(info.training).map(([key, value]) => `${key} ${value}`);
  const all = [
    ["model.name", info.name],
    ["model.picture", say("model.pixels", { size: info.imageSize })],
    ["model.bytes", say("model.megabytes", { megabytes: (model.bytes / 1e6).toFixed(1) })],
    ["model.hash", model.sha256 && `${model.sha256.slice(0, SHOWN_DIGITS)}…`],
    ["model.licence", info.licence],
    ["model.credits", info.credits],
    ["model.training", training.join(", ")],
  ];
  return all.filter(([, words]) => words).map(([key, words]) => [say(key), words]);
}

/** Why the processor draws, and how this very browser would come to WebGPU. */
async function whyCpu({ fallback }) {
  if (!fallback) return say("device.asked");
  const { webgpu, advice } = await detect();
  const key = `webgpu.${webgpu}`;
  const how = language === "en" || say(key) === key ? advice : say(key);
  return [language === "en" ? `${fallback.message}.` : "", how ?? ""].join(" ").trim();
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
