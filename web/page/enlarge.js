/**
 * Enlarging a picture. What browsers do by themselves, to mix the four nearest pixels, makes edges soft and diamonds of dots; this is
 * Catmull and Rom's cubic, the same in all browsers: sixteen pixels, edges as sharp as the picture has them.
 */

/** Pixels that count along each axis. */
const TAPS = 4;
/** So large, a picture has no edge any more that browsers could spoil, and enlarging it takes a few milliseconds. */
const SMOOTH = 512;

/**
 * The picture on a canvas, to be drawn at this size.
 * @param {ImageData} picture
 * @param {number} side in pixels
 */
export function toBeDrawnAt(picture, side) {
  const large = isOpaque(picture) ? enlarged(picture, Math.max(Math.min(side, SMOOTH), picture.width)) : picture;
  const canvas = new OffscreenCanvas(large.width, large.height);
  canvas.getContext("2d").putImageData(large, 0, 0);
  return canvas;
}

/** What shows through is of a model that draws any size, and is drawn as large as it is wanted. @param {ImageData} picture */
function isOpaque({ data }) {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return false;
  return true;
}

/**
 * @param {ImageData} picture square and opaque
 * @param {number} side in pixels, not less than the picture's
 * @returns {ImageData}
 */
export function enlarged({ width: from, data }, side) {
  const { first, weights } = taps(from, side);
  const line = 3 * side;
  // Across first, where there are fewer rows to go through.
  const wide = new Float32Array(from * line);
  for (let y = 0; y < from; y += 1) {
    for (let x = 0, to = y * line; x < side; x += 1, to += 3) {
      for (let tap = 0; tap < TAPS; tap += 1) {
        const weight = weights[TAPS * x + tap];
        const at = 4 * (y * from + first[TAPS * x + tap]);
        wide[to] += weight * data[at];
        wide[to + 1] += weight * data[at + 1];
        wide[to + 2] += weight * data[at + 2];
      }
    }
  }
  const large = new ImageData(side, side);
  for (let y = 0; y < side; y += 1) mixRows(wide, line, first, weights, TAPS * y, large.data);
  return large;
}

/** One row of the enlarged picture, of four rows of the wide one. */
function mixRows(wide, line, first, weights, at, out) {
  const [a, b, c, d] = weights.subarray(at, at + TAPS);
  let [p, q, r, s] = first.subarray(at, at + TAPS).map((row) => row * line);
  let to = (4 * line * at) / TAPS / 3;
  for (const end = p + line; p < end; p += 3, q += 3, r += 3, s += 3, to += 4) {
    out[to] = a * wide[p] + b * wide[q] + c * wide[r] + d * wide[s];
    out[to + 1] = a * wide[p + 1] + b * wide[q + 1] + c * wide[r + 1] + d * wide[s + 1];
    out[to + 2] = a * wide[p + 2] + b * wide[q + 2] + c * wide[r + 2] + d * wide[s + 2];
    out[to + 3] = 255;
  }
}

/** For each place along the enlarged side which four of the pixels count, and how much. */
function taps(from, side) {
  const [first, weights] = [new Int32Array(TAPS * side), new Float32Array(TAPS * side)];
  for (let place = 0; place < side; place += 1) {
    const centre = ((place + 0.5) * from) / side - 0.5;
    const [pixel, t] = [Math.floor(centre), centre - Math.floor(centre)];
    const cubic = [((2 - t) * t - 1) * t, (3 * t - 5) * t * t + 2, ((4 - 3 * t) * t + 1) * t, (t - 1) * t * t];
    cubic.forEach((weight, tap) => {
      // What lies beyond the edge is as the edge is.
      first[TAPS * place + tap] = Math.min(Math.max(pixel + tap - 1, 0), from - 1);
      weights[TAPS * place + tap] = weight / 2;
    });
  }
  return { first, weights };
}
