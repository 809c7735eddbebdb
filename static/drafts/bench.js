// What version 0.1 kept of a slideshow for a reload of its tab.

import { sayPhotos } from "../slideshow/counts.js";

/** @import { Draft } from "./drafts.js" */

const KEY = "reelqueue.bench";

/**
 * Return it as a draft, and forget it; null where there is none.
 * @returns {Draft | null}
 */
export function takeOverBench() {
  try {
    const { session, photos, songs = [] } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    sessionStorage.removeItem(KEY);
    if (!session || !photos.length) return null;
    const content = { photos, songs, form: {} };
    const [summary, picture] = [sayPhotos(photos.length), photos[0].thumbnail ?? null];
    const times = { revision: 0, changed: 0 };
    return { id: "", kind: "slideshow", ...times, session, summary, picture, content };
  } catch {
    return null; // storage is switched off, or holds something else
  }
}
