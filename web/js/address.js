/** The page's address as its saved state: `?caption=…&style=…&device=…&model=…`. What it says is data and is never put into markup. */

const DEFAULT_MODEL = "models/emblem.safetensors";
/** Browsers refuse a page that rewrites its address at every key stroke. */
const REST_MS = 400;

/** @returns {{caption: string | null, style: string | null, device: string, model: URL | null}} model is null where the address names one elsewhere */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  return {
    caption: query.get("caption"),
    style: query.get("style"),
    device: query.get("device") ?? "auto",
    model: modelHere(query.get("model") ?? DEFAULT_MODEL),
  };
}

/** A link must not make a visitor's browser fetch from, or show the work of, a third party. */
function modelHere(text) {
  try {
    const url = new URL(text, document.baseURI);
    return url.origin === location.origin ? url : null;
  } catch {
    return null;
  }
}

let rest;

/** Keeps the address in step, once the writing rests. @param {{caption: string, style: string | null}} state a null style is a lent one */
export function writeAddress({ caption, style }) {
  clearTimeout(rest);
  rest = setTimeout(() => {
    const url = new URL(location.href);
    url.searchParams.set("caption", caption);
    if (style === null) url.searchParams.delete("style");
    else url.searchParams.set("style", style);
    history.replaceState(null, "", url);
  }, REST_MS);
}
