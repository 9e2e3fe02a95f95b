/**
 * Words inside a PNG: what a saved emblem says of itself, so that it can be opened again. International text chunks (iTXt), put
 * before the picture's end and read back from anyone's file, whose every length is checked.
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** The length of a chunk's length, name and checksum. */
const AROUND = 12;
/** The keyword under which an emblem's own data stand. */
const KEYWORD = "Emblem";
/** More than any emblem says. */
const LARGEST_TEXT = 100_000;

/**
 * @param {Blob} png
 * @param {Record<string, string>} words texts by keyword (Latin letters, at most 79)
 * @param {object} data kept as JSON
 * @returns {Promise<Blob>} the same picture with these words
 */
export async function inscribed(png, words, data) {
  const bytes = new Uint8Array(await png.arrayBuffer());
  const chunks = Object.entries({ ...words, [KEYWORD]: JSON.stringify(data) }).map(([keyword, text]) => textChunk(keyword, text));
  const end = bytes.length - AROUND;
  return new Blob([bytes.subarray(0, end), ...chunks, bytes.subarray(end)], { type: "image/png" });
}

/** What `inscribed` wrote, or null where a file is no emblem. @param {Blob} file @returns {Promise<any>} anything that JSON can say */
export async function inscription(file) {
  const head = new Uint8Array(await file.slice(0, SIGNATURE.length).arrayBuffer());
  if (SIGNATURE.some((byte, i) => head[i] !== byte)) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  for (let at = SIGNATURE.length; at + AROUND <= bytes.length; ) {
    const length = view.getUint32(at);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (data.length < length) return null;
    const text = latin(bytes.subarray(at + 4, at + 8)) === "iTXt" ? ownText(data) : null;
    if (text !== null) return parsed(text);
    at += AROUND + length;
  }
  return null;
}

function textChunk(keyword, text) {
  // After the keyword: not compressed (two bytes), no language, no translated keyword.
  const data = new Uint8Array([...new TextEncoder().encode(keyword), 0, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
  const chunk = new Uint8Array(AROUND + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode("iTXt"), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, checksum(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function ownText(data) {
  const head = `${KEYWORD}\0\0\0\0\0`;
  const own = data.length <= LARGEST_TEXT && latin(data.subarray(0, head.length)) === head;
  return own ? new TextDecoder().decode(data.subarray(head.length)) : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const latin = (bytes) => String.fromCharCode(...bytes);

/** CRC-32 as in the PNG specification, annex D. */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
