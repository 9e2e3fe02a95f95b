/**
 * The first script that runs: from here on nothing that goes wrong while the page starts goes unsaid. Before it, while no script has
 * come at all, the document itself says what is needed (`#late` in index.html).
 */
import { showFault } from "./notes.js";

document.getElementById("late").remove();
addEventListener("error", alarm);
addEventListener("unhandledrejection", alarm);

/** @param {ErrorEvent | PromiseRejectionEvent} event */
function alarm({ error, reason }) {
  // Browsers also report what is no error, such as an observer that was not told in time.
  if (!(error ?? reason)) return;
  document.documentElement.dataset.state = "error";
  document.getElementById("retry").onclick ??= () => location.reload();
  showFault(error ?? reason, false);
}

/** The page has started: what goes wrong now, its parts tell by themselves. */
export function started() {
  removeEventListener("error", alarm);
  removeEventListener("unhandledrejection", alarm);
}
