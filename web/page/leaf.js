/**
 * What is saved: the emblem as a leaf (frame, picture, motto and imprint on paper, as on the page but at a size for print), and the
 * board as a sheet.
 */
import { toBeDrawnAt } from "./enlarge.js";

const WIDTH = 1200;
const MARGIN = 72;
/** From the frame to the picture. */
const PADDING = 60;
const CORNER = 48;
const LINE = 84;
const MOST_LINES = 5;
/** The sheet's: a picture's place with the gap around the picture, and the column of mottoes. */
const [CELL, GAP, NAMES] = [168, 10, 300];

/**
 * @param {ImageData} picture as the model drew it
 * @param {{motto: string, imprint: string}} words
 * @returns {Promise<Blob>} a PNG
 */
export function leaf(picture, { motto, imprint }) {
  const { paper, ink, rule, faded, serif } = colours();
  const side = WIDTH - 2 * MARGIN;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const mottoFont = `68px ${serif}`;
  context.font = mottoFont;
  const lines = wrapped(motto, side, (text) => context.measureText(text).width);
  // Setting a canvas's size clears its state, so it comes after measuring and before all else.
  [canvas.width, canvas.height] = [WIDTH, MARGIN + side + (lines.length + 2.25) * LINE];

  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = rule;
  for (const [inset, thickness] of [[0, 2], [14, 2], [20, 2]]) scooped(context, MARGIN + inset, side - 2 * inset, thickness);
  context.globalCompositeOperation = "multiply";
  context.imageSmoothingQuality = "high";
  const inner = side - 2 * PADDING;
  context.drawImage(toBeDrawnAt(picture, inner), MARGIN + PADDING, MARGIN + PADDING, inner, inner);
  context.globalCompositeOperation = "source-over";

  context.textAlign = "center";
  context.fillStyle = ink;
  context.font = mottoFont;
  lines.forEach((line, index) => context.fillText(line, WIDTH / 2, MARGIN + side + (index + 1.2) * LINE));
  context.fillStyle = faded;
  context.font = `italic 30px ${serif}`;
  context.fillText(imprint, WIDTH / 2, canvas.height - MARGIN);
  return asPng(canvas);
}

/**
 * @param {(ImageData | null)[][]} pictures rows are captions, columns are styles; null is left blank
 * @param {{captions: string[], styles: string[], undrawn: string, imprint: string}} words `undrawn` stands in a row without pictures
 * @returns {Promise<Blob>} a PNG
 */
export function sheet(pictures, { captions, styles, undrawn, imprint }) {
  const { paper, ink, faded, serif } = colours();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * MARGIN + NAMES + styles.length * CELL, 2 * MARGIN + LINE + (captions.length + 0.5) * CELL];
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = "multiply";
  context.imageSmoothingQuality = "high";
  const [left, top] = [MARGIN + NAMES, MARGIN + LINE];
  const inner = CELL - 2 * GAP;
  pictures.forEach((row, y) =>
    row.forEach((picture, x) => picture && context.drawImage(toBeDrawnAt(picture, inner), left + x * CELL + GAP, top + y * CELL + GAP, inner, inner)),
  );
  context.globalCompositeOperation = "source-over";
  const measure = (text) => context.measureText(text).width;
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.font = `32px ${serif}`;
  captions.forEach((caption, y) => context.fillText(shortened(caption, NAMES - 2 * GAP, measure), MARGIN, top + (y + 0.5) * CELL));
  context.fillStyle = faded;
  context.font = `italic 28px ${serif}`;
  pictures.forEach((row, y) => row.some(Boolean) || context.fillText(undrawn, left + GAP, top + (y + 0.5) * CELL));
  context.textAlign = "center";
  context.font = `italic 24px ${serif}`;
  styles.forEach((style, x) => context.fillText(shortened(style, CELL - GAP, measure), left + (x + 0.5) * CELL, top - LINE / 2));
  context.fillText(imprint, canvas.width / 2, canvas.height - MARGIN);
  return asPng(canvas);
}

/** The plate's colours and letters, as the style sheet has them. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["paper", "ink", "rule", "faded", "serif"].map((name) => [name, style.getPropertyValue(`--${name}`)]));
}

const asPng = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));

/** A square frame whose corners are cut out round. */
function scooped(context, at, side, thickness) {
  const [near, far, quarter] = [at, at + side, Math.PI / 2];
  context.lineWidth = thickness;
  context.beginPath();
  for (const [x, y, turn] of [[near, near, 1], [far, near, 2], [far, far, 3], [near, far, 4]]) {
    context.arc(x, y, CORNER, turn * quarter, (turn - 1) * quarter, true);
  }
  context.closePath();
  context.stroke();
}

/** Breaks a text into lines no wider than `width`; what does not fit into the last line ends in an ellipsis. */
function wrapped(text, width, measure) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (measure(longer) <= width || lines.at(-1) === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const kept = lines.slice(0, MOST_LINES).map((line) => shortened(line, width, measure));
  if (lines.length > MOST_LINES) kept[MOST_LINES - 1] += "…";
  return kept;
}

/** A word may be wider than the leaf. */
function shortened(line, width, measure) {
  if (measure(line) <= width) return line;
  const letters = [...line].slice(0, 200);
  while (letters.length > 1 && measure(`${letters.join("")}…`) > width) letters.pop();
  return `${letters.join("")}…`;
}
