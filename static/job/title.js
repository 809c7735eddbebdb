// What the browser's tab says: how far a video is, or that it is ready.

const NAME = "Reelqueue";

/** @type {string} */
let lasting = "";

/**
 * Show a text before the page's name; without one, the name alone.
 * @param {string} text
 */
export function showTitle(text) {
  const shown = text || lasting;
  document.title = shown ? `${shown} · ${NAME}` : NAME;
}

/**
 * Show a text until the page is looked at again.
 * @param {string} text
 */
export function showTitleUntilSeen(text) {
  if (document.visibilityState === "hidden") lasting = text;
  showTitle(text);
}

addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") lasting = "";
});
