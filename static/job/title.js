// What the browser's tab says: how far a video is, or that it is ready.

const NAME = "Reelqueue";

/** Of the place that is seen. */
let place = "";
/** Until the page is looked at. */
let news = "";

function draw() {
  const text = news || place;
  document.title = text ? `${text} · ${NAME}` : NAME;
}

/**
 * Show a text before the page's name; without one, the name alone.
 * @param {string} text
 */
export function showTitle(text) {
  place = text;
  draw();
}

/**
 * Show a text until the page is looked at, if it is not.
 * @param {string} text
 */
export function showNews(text) {
  if (document.visibilityState === "hidden") news = text;
  draw();
}

addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return;
  news = "";
  draw();
});
