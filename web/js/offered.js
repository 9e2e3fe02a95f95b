/**
 * What the browser offers, looked up by its path from the global object: `offered("crypto", "subtle")`. In a sandboxed frame, and under
 * some settings and extensions, the very question throws; nothing is offered then.
 * @param {...string} path
 * @returns {any} undefined where there is no such thing
 */
export function offered(...path) {
  try {
    return path.reduce((found, name) => found?.[name], globalThis);
  } catch {
    return undefined;
  }
}
