/**
 * The album: pictures that were looked at for a while, kept in this browser (IndexedDB) with all that is needed to draw them again.
 * Where the browser keeps nothing, the album lasts as long as the page.
 */

const [DATABASE, STORE] = ["emblem", "album"];
/** A megabyte or two; the oldest go first. */
const MOST = 96;

/**
 * @typedef {object} Page
 * @property {string} key the same for the same picture, which is kept once
 * @property {number} when
 * @property {string} caption
 * @property {import("./style.js").Hand} hand
 * @property {string} name what the style was called
 * @property {string | null} by which model drew it
 * @property {ImageData} picture
 */

export class Album {
  /** @type {IDBDatabase | null} null where the browser keeps nothing */
  #database = null;
  /** @type {Map<string, Page>} the newest last */
  #pages = new Map();

  /** Whether it will be there on the next visit. */
  get lasts() {
    return this.#database !== null;
  }

  /** @returns {Promise<Album>} */
  static async open() {
    const album = new Album();
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
      album.#database = await settled(request);
      const pages = await settled(album.#store("readonly").getAll());
      for (const page of pages.sort((a, b) => a.when - b.when)) album.#pages.set(page.key, page);
    } catch (error) {
      console.warn("the album is not kept:", error.message);
      album.#database = null;
    }
    return album;
  }

  /** The pages, the newest first. @returns {Page[]} */
  get pages() {
    return [...this.#pages.values()].reverse();
  }

  /** @param {Omit<Page, "key" | "when">} page */
  add(page) {
    const { seed, code, look } = page.hand;
    const key = JSON.stringify([page.caption, seed ?? code, page.by, ...(look ? [look] : [])]);
    const whole = { ...page, key, when: Date.now() };
    this.#pages.delete(key);
    this.#pages.set(key, whole);
    this.#write((store) => store.put(whole));
    while (this.#pages.size > MOST) this.remove(this.#pages.keys().next().value);
  }

  remove(key) {
    this.#pages.delete(key);
    this.#write((store) => store.delete(key));
  }

  clear() {
    this.#pages.clear();
    this.#write((store) => store.clear());
  }

  /** A write that fails (a full disk) costs the page its keeping and nothing else. */
  #write(change) {
    if (!this.#database) return;
    try {
      const request = change(this.#store("readwrite"));
      request.onerror = (event) => event.preventDefault();
    } catch (error) {
      console.warn("the album is not kept:", error.message);
      this.#database = null;
    }
  }

  #store(mode) {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another tab holds an older album open"));
  });
}
