// The controls of a form by their names, and what people call them.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * Return the control of a name, of several the one that is checked; null where there is none.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {Control | null}
 */
export function findControl(form, name) {
  const found = [...form.elements].filter(isControl).filter((control) => control.name === name);
  const checked = found.find((control) => control instanceof HTMLInputElement && control.checked);
  return checked ?? found[0] ?? null;
}

/**
 * Return the first control whose value is outside its limits, or at which a fault is shown.
 * @param {HTMLFormElement} form
 * @returns {Control | null}
 */
export function findWrong(form) {
  const wrong = [...form.elements].filter(isControl).find(({ validity }) => !validity.valid);
  if (wrong) return wrong;
  const fault = form.querySelector(".song .fault:not([hidden])");
  const field = fault?.parentElement?.querySelector(".field"); // before it are sliders without a name
  return field?.querySelector("input") ?? null;
}

/**
 * @param {Control} control
 * @returns {control is HTMLSelectElement}
 */
export function isList(control) {
  return control instanceof HTMLSelectElement;
}

/**
 * @param {Control} control
 * @returns {control is HTMLInputElement}
 */
export function isBox(control) {
  return control instanceof HTMLInputElement && control.type === "checkbox";
}

/**
 * Whether a control changes by a letter, of which more may come at once.
 * @param {Event} event
 */
export const isTyped = (event) => event instanceof InputEvent;

/**
 * Return what the page calls a control.
 * @param {Control} control
 */
export function nameControl(control) {
  const isChoice = control instanceof HTMLInputElement && control.type === "radio";
  const title = isChoice ? control.closest("fieldset")?.querySelector("legend") : null;
  const [label] = control.labels ?? [];
  const texts = [...(title ?? label ?? control).childNodes].map(({ textContent }) =>
    (textContent ?? "").trim(),
  );
  return texts.find(Boolean) ?? control.name;
}

/**
 * @param {Element} element
 * @returns {element is Control}
 */
function isControl(element) {
  const kinds = [HTMLInputElement, HTMLSelectElement, HTMLTextAreaElement];
  return kinds.some((kind) => element instanceof kind) && !element.matches(":disabled");
}
