/** One worker and the calls that wait on it. When the worker ends, for whatever reason, every waiting call is told why. */
import { EmblemError } from "./errors.js";
import { patiently, PATIENCE_MS, Spent } from "./patience.js";

/**
 * The engine for each device as the first worker has compiled it. It is code and nothing else, so the page's later workers start with it
 * and fetch and compile nothing.
 * @type {{cpu?: WebAssembly.Module, webgpu?: WebAssembly.Module}}
 */
const compiled = {};

export class Link {
  /** @type {Worker} */
  #worker;
  /** @type {Map<number, {resolve: Function, reject: Function}>} */
  #waiting = new Map();
  #calls = 0;
  /** @type {EmblemError | null} */
  #ended = null;
  /** Called at the worker's first word, and when nobody waits for it any more. */
  #heard;

  /** @param {(news: import("./emblem.js").Progress) => void} onProgress told what the worker is about while it opens */
  constructor(onProgress) {
    try {
      // One literal expression, by which bundlers recognise a worker.
      this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "emblem" });
    } catch (error) {
      throw missing(error.message);
    }
    let spoken = false;
    // A script that never arrives is no error to the browser.
    const firstWord = new Promise((resolve) => (this.#heard = resolve));
    patiently(firstWord, { onSilence: () => onProgress({ stage: "start", silent: true }) }).catch((error) => {
      this.end(error instanceof Spent ? stalled() : missing(error.message));
    });
    this.#worker.onmessage = ({ data }) => {
      spoken = true;
      this.#heard();
      if (data.compiled) Object.assign(compiled, data.compiled);
      else if (data.stage) onProgress(data);
      else if (data.died) this.end(died(data.died));
      else this.#settle(data);
    };
    this.#worker.onmessageerror = () => this.end(died("an answer could not be read"));
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // What fails before the first word is the script itself, or one that it imports.
      this.end(spoken ? died(event.message) : missing(event.message ?? "a script did not load"));
    };
  }

  /** Settles which device the worker draws on, and has it start its engine. @param {string} device */
  choose(device) {
    return this.call("choose", { device, compiled });
  }

  /**
   * @param {string} verb one of the worker's verbs
   * @param {object} [args] copied, never transferred, so that a call can be repeated on another worker
   * @returns {Promise<any>} rejects with an EmblemError
   */
  call(verb, args = {}) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      // What cannot be sent throws, and nobody is to wait for its answer.
      this.#worker.postMessage({ id, verb, args });
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Stops the worker, which frees its memory and its device. @param {EmblemError} reason for every waiting and later call */
  end(reason) {
    if (this.#ended) return;
    this.#ended = reason;
    this.#heard();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #settle({ id, result, fault }) {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (fault) call?.reject(EmblemError.from(fault));
    else call?.resolve(result);
  }
}

function died(reason) {
  return new EmblemError("engine.died", `The drawing engine stopped: ${reason}`, "reload the page; if it happens again, draw on the CPU");
}

function stalled() {
  return new EmblemError("engine.stalled", `Nothing has come of the drawing engine for ${PATIENCE_MS / 1000} seconds`, "check the connection, then try again");
}

function missing(reason) {
  return new EmblemError(
    "engine.missing",
    `The drawing engine could not be loaded (${reason})`,
    "reload the page; if it happens again, use a browser from 2022 or newer that allows WebAssembly, serve the scripts from the page's own site, and give a sandboxed frame allow-same-origin",
  );
}
