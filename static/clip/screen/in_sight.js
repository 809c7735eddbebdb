// Whether the screen has been scrolled out of sight: then a small window has a small one at its top.

const SMALL = "-22%"; // of the window's height, as in the styles

/**
 * Mark the place of the screen for as long as it lies above what is seen.
 * @param {HTMLElement} slot
 */
export function keepInSight(slot) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { boundingClientRect: box, rootBounds, isIntersecting } of entries) {
        const isAbove = box.height > 0 && box.bottom <= (rootBounds?.top ?? 0);
        slot.classList.toggle("passed", !isIntersecting && isAbove);
      }
    },
    { rootMargin: `${SMALL} 0px 0px` },
  );
  observer.observe(slot);
}
