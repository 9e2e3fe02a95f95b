/** Zip files, by fflate, and names in them that every system takes. */
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from "./vendor/fflate.js";

/** What Windows does not take as a file's name, whatever its ending. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
const LONGEST_NAME = 60;

/** A zip file that grows by one file after the other. */
export class Archive {
  #parts = [];
  #zip;
  /** @type {Promise<void>} */
  #whole;

  constructor() {
    this.#whole = new Promise((resolve, reject) => {
      this.#zip = new Zip((error, part, last) => {
        if (error) reject(error);
        else this.#parts.push(part);
        if (last) resolve();
      });
    });
  }

  /** @param {string} name @param {Blob | string} content pictures are packed already, text is not */
  async add(name, content) {
    const packed = typeof content !== "string";
    const file = packed ? new ZipPassThrough(name) : new ZipDeflate(name, { level: 6 });
    this.#zip.add(file);
    file.push(packed ? new Uint8Array(await content.arrayBuffer()) : strToU8(content), true);
  }

  /** @returns {Promise<Blob>} */
  async close() {
    this.#zip.end();
    await this.#whole;
    return new Blob(this.#parts, { type: "application/zip" });
  }
}

/** Names for captions, in their order, without an ending: safe on every system, and no two alike. @param {string[]} captions */
export function fileNames(captions) {
  const taken = new Set();
  return captions.map((caption) => {
    const letters = caption.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
    const short = [...letters].slice(0, LONGEST_NAME).join("") || "picture";
    const name = RESERVED.test(short) ? `${short}-` : short;
    let free = name;
    for (let count = 2; taken.has(free); count += 1) free = `${name}-${count}`;
    taken.add(free);
    return free;
  });
}
