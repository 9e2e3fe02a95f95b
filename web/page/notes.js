/** What the page has to say about what went wrong, and in passing. Errors speak English; where the page speaks otherwise, their codes are looked up. */
import { canSay, filled, say } from "./text.js";

const $ = (id) => document.getElementById(id);
/** A remark is read and then gone. */
const REMARK_MS = 6000;

let timer;

/**
 * What the page itself finds wrong. Its words stand by its code in en.js and zh.js, with places for the values.
 * @typedef {{code: string, values: Record<string, string | number>}} PageFault
 *
 * @returns {PageFault}
 */
export const pageFault = (code, values) => ({ code, values });

/** A line in passing: saved, copied, pinned. */
export function remark(text) {
  clearTimeout(timer);
  $("remark").textContent = text;
  $("remark").hidden = false;
  timer = setTimeout(() => {
    $("remark").hidden = true;
  }, REMARK_MS);
}

/**
 * What is wrong and what to do.
 * @param {Error | PageFault} error an EmblemError, what the page finds wrong, or a mistake of the page's own
 * @param {boolean} offer whether the shipped model is offered instead
 */
export function showFault(error, offer) {
  const panel = $("error");
  const { code, message, advice } = inWords(error);
  panel.dataset.code = code;
  $("retry").hidden = /^(caption|style|file)/.test(code);
  $("shipped-instead").hidden = !offer;
  panel.querySelector("h2").textContent = message;
  panel.querySelector(".advice").textContent = advice;
  panel.querySelector(".code").textContent = code;
  panel.hidden = false;
}

export function hideFault() {
  $("error").hidden = true;
}

/** @returns {{code: string, message: string, advice: string}} in the visitor's language */
export function inWords(error) {
  // A browser's own errors have numbers for codes.
  if (typeof error?.code !== "string") return { code: "page", message: `${say("error.page")} (${error?.message ?? error})`, advice: sentence(say("error.page.advice")) };
  const key = `fault.${error.code}`;
  const [message, advice] = canSay(key) ? say(key).split("|").map((words) => filled(words, error.values ?? {})) : [error.message, error.advice];
  return { code: error.code, message, advice: sentence(advice) };
}

/** A text with a capital letter and a full stop. @param {string} text */
export const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.。]$/.test(text) ? "" : /\p{Script=Han}/u.test(text) ? "。" : "."}`;
