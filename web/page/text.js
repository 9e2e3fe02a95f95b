/**
 * What the page says, in the visitor's language. English stands in index.html itself (so the page can be read before any script
 * runs) and, for what only comes about later, in `en.js`; other languages are one file each with all of it.
 */
import { offered } from "../offered.js";
import { en } from "./en.js";
import { zh } from "./zh.js";

const OTHERS = { zh };
const KEPT = "emblem.language";
/** Attributes of the page's own elements that hold words: `data-label="key"` is the aria-label, and so on. */
const ATTRIBUTES = { text: null, label: "aria-label", placeholder: "placeholder" };

/** The page's own English, as it stood in the document. @type {Record<string, string>} */
const written = {};
const listeners = new Set();

/** @type {string} */
export let language = "en";

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] fill the places written {so}
 * @returns {string}
 */
export function say(key, values = {}) {
  return filled(OTHERS[language]?.[key] ?? en[key] ?? written[key] ?? key, values);
}

/** Words of a language that may not be the present one: captions have their own. @param {string} tongue @param {string} key */
export const sayIn = (tongue, key) => OTHERS[tongue]?.[key] ?? en[key] ?? key;

/** @param {string} text @param {Record<string, string | number>} values */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/** Whether there are words for `key` in the present language. */
export const canSay = (key) => key in (OTHERS[language] ?? en);

/** Calls `listener` whenever the language has changed: what is not in the document's own markup must be said again. */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** @param {string} wanted "en" or "zh"; anything else is English */
export function speak(wanted) {
  language = wanted in OTHERS ? wanted : "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    for (const element of document.querySelectorAll(`[data-${name}]`)) {
      const key = element.dataset[name];
      written[key] ??= attribute ? element.getAttribute(attribute) : element.textContent;
      if (attribute) element.setAttribute(attribute, say(key));
      else element.textContent = say(key);
    }
  }
  for (const button of document.querySelectorAll("#languages button")) button.setAttribute("aria-pressed", String(button.lang === language));
  for (const listener of listeners) listener();
}

/** Speaks as the visitor chose before, or as the browser does, and lets them choose. */
export function startSpeaking() {
  for (const button of document.querySelectorAll("#languages button")) {
    button.onclick = () => {
      speak(button.lang);
      remember(button.lang);
    };
  }
  speak(remembered() ?? (offered("navigator", "languages") ?? []).map((tag) => tag.slice(0, 2)).find((tag) => tag === "en" || tag in OTHERS));
}

// Storage may be switched off; then the choice lasts as long as the page.
function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function remember(choice) {
  try {
    localStorage.setItem(KEPT, choice);
  } catch {
    // See above.
  }
}
