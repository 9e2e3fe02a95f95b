/** What the shipped model must be, as it was when the page was built: a part of the same build as the scripts. While developing there is none. */
import { BRIEF_MS, fetchPatiently } from "../patience.js";

const ADDRESS = new URL("../models/manifest.json", import.meta.url);

/** @returns {Promise<import("../emblem.js").ManifestEntry[] | undefined>} */
export async function fetchManifest() {
  try {
    const response = await fetchPatiently(ADDRESS, { patience: BRIEF_MS });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
