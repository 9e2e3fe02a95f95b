// Runs in every tested page before the page's own scripts: notes what nobody caught, and turns results into plain data.
window.probe = {
  uncaught: [],

  /** The address of a part of the page's build (`page/en.js`). */
  part: (name) => new URL(`../${name}`, document.querySelector("script[type=module]").src).href,

  /** `{value}` or `{error}`, within `ms` milliseconds: a promise that never settles is an error too. */
  async attempt(work, ms) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing happened within ${ms} ms`)), ms);
    });
    try {
      return { value: await Promise.race([work(), late]) };
    } catch (error) {
      const { name, message = String(error), code, advice } = error;
      return { error: { name, message, code, advice, typed: error instanceof Error && error.constructor.name === "EmblemError" } };
    } finally {
      clearTimeout(timer);
    }
  },

  /** What `Painter.paint` resolves to, with its pixels as text. */
  plain({ imageData: { width, height, data }, caption, style, styleSeed, device, ms, understoodWords, unknownWords, truncated }) {
    const rgba = Array.from(data, (level) => level.toString(16).padStart(2, "0")).join("");
    return { width, height, rgba, caption, style, styleSeed, device, ms, understoodWords, unknownWords, truncated };
  },
};

addEventListener("error", (event) => window.probe.uncaught.push(`error: ${event.message}`));
addEventListener("unhandledrejection", (event) => window.probe.uncaught.push(`rejection: ${event.reason?.message ?? event.reason}`));
addEventListener("securitypolicyviolation", (event) => window.probe.uncaught.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
