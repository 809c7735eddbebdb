// Frames that change places glide there.

const GLIDE_MS = 160;

/**
 * Return where the frames in the window are.
 * @param {HTMLElement} list
 * @returns {Map<HTMLElement, DOMRect>}
 */
export function locate(list) {
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  const boxes = new Map(items.map((item) => [item, item.getBoundingClientRect()]));
  for (const [item, { bottom, top }] of boxes) {
    if (bottom < 0 || top > innerHeight) boxes.delete(item);
  }
  return boxes;
}

/**
 * Let items glide from where they were to where they are, where people like that.
 * @param {Map<HTMLElement, DOMRect>} before
 */
export function glide(before) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [item, from] of before) {
    const to = item.getBoundingClientRect();
    const [x, y] = [from.left - to.left, from.top - to.top];
    if (!item.isConnected || (Math.abs(x) < 1 && Math.abs(y) < 1)) continue;
    item.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration: GLIDE_MS,
      easing: "ease-out",
    });
  }
}
