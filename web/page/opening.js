/**
 * Opening a model on a device. What is open goes on until the next is: a file that is no model, or a device that does not come, costs
 * nobody the painter that they had.
 */

/**
 * @typedef {object} Choice
 * @property {URL | File | null} source the model; null where the address names one elsewhere
 * @property {"auto" | "webgpu" | "cpu"} device
 *
 * @typedef {Choice & {painter: import("../emblem.js").Painter}} Open
 */

export class Opening {
  /** @type {Choice} */
  wanted;
  /** @type {Open | null} */
  present = null;
  #load;
  #ready;
  #told;
  /** Whether what is wanted turned out not to be had. */
  #refused = false;
  #stop = new AbortController();

  /**
   * @param {Choice} choice to begin with
   * @param {(choice: Choice, signal: AbortSignal) => Promise<import("../emblem.js").Painter>} load
   * @param {Promise<unknown>} ready what a painter has to wait for
   * @param {{opened: (open: Open) => void, refused: (error: Error, present: Open | null) => void}} told
   */
  constructor(choice, load, ready, told) {
    this.wanted = choice;
    this.#load = load;
    this.#ready = ready;
    this.#told = told;
  }

  /** Wants something else, of the model, of the device or of both. @param {Partial<Choice>} change */
  choose(change) {
    const { source, device } = (this.#refused && this.present) || this.wanted;
    this.wanted = { source, device, ...change };
  }

  /** Opens what is wanted, and gives up whatever is still on its way. */
  start() {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#refused = false;
    const loading = this.#load(this.wanted, this.#stop.signal);
    this.#open(this.wanted, loading, this.#stop.signal);
    return loading;
  }

  async #open(choice, loading, signal) {
    let painter;
    try {
      painter = await loading;
      await this.#ready;
    } catch (error) {
      if (signal.aborted) return;
      this.#refused = true;
      return this.#told.refused(error, this.present);
    }
    // Another may have been asked for meanwhile.
    if (signal.aborted) return painter.dispose();
    this.present?.painter.dispose();
    this.present = { ...choice, painter };
    this.#told.opened(this.present);
  }
}
