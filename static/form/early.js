// What was chosen in a form before its scripts came.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

export class EarlyChoices {
  /** @type {{field: Field, value: string}[]} */
  #changed;

  /**
   * Take what was chosen, and leave the form as the server sent it.
   * @param {HTMLFormElement} form
   */
  constructor(form) {
    const fields = [...form.querySelectorAll("input, select, textarea")].filter(isField);
    /** @type {File[]} */
    this.files = fields.flatMap((field) => ("files" in field ? [...(field.files ?? [])] : []));
    this.#changed = fields.filter(isChanged).map((field) => ({ field, value: field.value }));
    form.reset();
    for (const field of fields) {
      if (isSwitch(field)) field.checked = field.defaultChecked; // also of what is in no form
    }
  }

  /** Fill it in again, as if it were done now. */
  fill() {
    for (const { field, value } of this.#changed) {
      if (isSwitch(field)) field.checked = !field.defaultChecked;
      else field.value = value;
      for (const type of ["input", "change"]) {
        field.dispatchEvent(new Event(type, { bubbles: true }));
      }
    }
  }
}

/**
 * @param {Element} element
 * @returns {element is Field}
 */
function isField(element) {
  const kinds = [HTMLInputElement, HTMLSelectElement, HTMLTextAreaElement];
  return kinds.some((kind) => element instanceof kind);
}

/**
 * @param {Field} field
 * @returns {field is HTMLInputElement}
 */
function isSwitch(field) {
  return field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type);
}

/**
 * Whether a field says something else than the server sent; of radio buttons, the one that is on.
 * @param {Field} field
 */
function isChanged(field) {
  if (field.type === "file") return false;
  if (isSwitch(field)) {
    return field.checked !== field.defaultChecked && (field.checked || field.type === "checkbox");
  }
  if (!(field instanceof HTMLSelectElement)) return field.value !== field.defaultValue;
  const options = [...field.options];
  const usual = options.find((option) => option.defaultSelected) ?? options[0];
  return field.value !== usual?.value;
}
