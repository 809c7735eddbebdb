// The contact sheet as it lies on the page.

/** @import { Grid } from "./grid.js" */

/** @typedef {Grid & {left: number, top: number}} Layout `left` and `top` in pixels of the page */

/**
 * Measure the cells of a list that has one at least. Transforms do not count.
 * @param {HTMLElement} list
 * @returns {Layout}
 */
export function measure(list) {
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  const [first, second] = items;
  const below = items.findIndex((item) => item.offsetTop > first.offsetTop);
  const columns = below < 0 ? items.length : below;
  const isAlone = columns < 2 || !second;
  const box = list.getBoundingClientRect();
  return {
    count: items.length,
    columns,
    width: isAlone ? first.offsetWidth : Math.abs(second.offsetLeft - first.offsetLeft),
    height: below < 0 ? first.offsetHeight : items[below].offsetTop - first.offsetTop,
    isRtl: getComputedStyle(list).direction === "rtl",
    left: box.left + scrollX,
    top: box.top + scrollY,
  };
}

/**
 * Return the part of the window, in pixels from its top, that no bar covers.
 * @returns {[number, number]}
 */
export function measureWindow() {
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  const toPixels = (/** @type {string} */ text) => Number.parseFloat(text) || 0; // or "auto"
  return [toPixels(scrollPaddingTop), innerHeight - toPixels(scrollPaddingBottom)];
}
