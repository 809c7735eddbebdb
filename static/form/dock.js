// The bar with the button that makes the video: in a small window it lies over the page's foot.

/** @type {HTMLElement[]} */
const docks = [];
const observer = new ResizeObserver(measure);

/**
 * Tell the styles how high a dock is while it is shown: nothing in focus may lie under it.
 * @param {HTMLElement} dock
 */
export function watchDock(dock) {
  docks.push(dock);
  observer.observe(dock);
}

function measure() {
  const heights = docks.map((dock) => dock.getBoundingClientRect().height); // 0 of a hidden one
  document.documentElement.style.setProperty("--dock", `${Math.ceil(Math.max(...heights))}px`);
}
