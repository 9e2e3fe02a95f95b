/** Files that come in by choosing, dropping or pasting: a model, a saved emblem to open again, or a picture that lends its style. */
import { inscription } from "./png.js";

const root = document.documentElement;
/** No caption, style or hash of ours is longer. */
const [LONGEST_TEXT, MOST_NUMBERS] = [400, 256];

/**
 * @typedef {object} Saved what a saved emblem says of itself
 * @property {string} caption
 * @property {string | null} seed
 * @property {number[]} code
 * @property {string | null} model
 *
 * @param {{model: (file: File) => void, saved: (saved: Saved) => void, lender: (picture: File) => void}} takers
 */
export function takeFiles(takers) {
  const take = async (file) => {
    if (!file) return;
    if (file.name.endsWith(".safetensors")) return takers.model(file);
    const saved = file.type === "image/png" ? checked(await inscription(file)) : null;
    if (saved) takers.saved(saved);
    else takers.lender(file);
  };
  const chooser = document.getElementById("lend");
  chooser.onchange = () => take(chooser.files[0]);
  document.onpaste = (event) => take(usable(event.clipboardData));
  document.ondragover = (event) => {
    event.preventDefault();
    root.classList.add("offered");
  };
  document.ondragleave = () => root.classList.remove("offered");
  document.ondrop = (event) => {
    event.preventDefault();
    root.classList.remove("offered");
    take(usable(event.dataTransfer));
  };
}

const usable = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/") || file.name.endsWith(".safetensors"));

/** A file is anyone's to write: what it says is believed only as far as it has the right form. */
function checked(data) {
  const { caption, seed, style, model } = data ?? {};
  const code = Array.isArray(style) && style.length <= MOST_NUMBERS && style.every(Number.isFinite) ? style : null;
  if (typeof caption !== "string" || caption.length > LONGEST_TEXT || code === null) return null;
  const short = (text) => (["string", "number"].includes(typeof text) && String(text).length <= LONGEST_TEXT ? String(text) : null);
  return { caption, seed: short(seed), code, model: short(model) };
}
