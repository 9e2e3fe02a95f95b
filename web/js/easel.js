/** Latest wins: one job runs, one may wait, and a newer one takes the place of the one that waits. */

/**
 * @template J
 * @param {(job: J, overtaken: () => boolean) => Promise<void>} work must not reject; may stop early once it is overtaken
 * @returns {(job: J) => Promise<void>}
 */
export function latestWins(work) {
  let running = false;
  let waiting = null;
  return async (job) => {
    waiting = { job };
    if (running) return;
    running = true;
    while (waiting) {
      const next = waiting.job;
      waiting = null;
      await work(next, () => waiting !== null);
    }
    running = false;
  };
}
