// What a press on the label of a file field does: the field has the focus then, and the page does
// not scroll to it, as it lies unseen at the foot of the label.

import { findAround } from "../elements.js";

export function watchPresses() {
  addEventListener("click", (event) => {
    const control = findAround(event, "label")?.querySelector("input[type=file]");
    if (!(control instanceof HTMLInputElement) || control === event.target) return;
    event.preventDefault();
    control.focus({ preventScroll: true });
    control.click();
  });
}
