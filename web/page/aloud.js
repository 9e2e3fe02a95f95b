/** What is said to those who hear the page: with one voice, and once it is worth saying. */

/** A picture that stands for so long is the one that was wanted. */
const SETTLED_MS = 1000;

let timer;
let last = "";

/** Says something that comes about. @param {string} text */
export function sayAloud(text) {
  hush();
  // Said again and again it would be heard again and again.
  if (text !== last) document.getElementById("aloud").textContent = text;
  last = text;
}

/** Says something unless something else comes soon. @param {() => string} text */
export function sayAloudSoon(text) {
  hush();
  timer = setTimeout(() => sayAloud(text()), SETTLED_MS);
}

/** Leaves unsaid what would be said soon. */
export function hush() {
  clearTimeout(timer);
}
