// What is chosen in a form, by the names of its fields: read for a draft, and filled in again.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */
/** @typedef {Record<string, string | boolean>} Values */

/**
 * Return the fields that have a name and a value to keep.
 * @param {HTMLFormElement} form
 * @param {string[]} except names
 * @returns {Field[]}
 */
function listFields(form, except) {
  const fields = [...form.elements].filter(
    (element) =>
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement,
  );
  return fields.filter(({ name, type }) => name && type !== "file" && !except.includes(name));
}

/**
 * Return the values of all fields, also of those that are disabled.
 * @param {HTMLFormElement} form
 * @param {string[]} [except] names
 * @returns {Values}
 */
export function readForm(form, except = []) {
  /** @type {Values} */
  const values = {};
  for (const field of listFields(form, except)) {
    if (field.type === "checkbox") values[field.name] = isChecked(field);
    else if (field.type !== "radio") values[field.name] = field.value;
    else if (isChecked(field)) values[field.name] = field.value;
  }
  return values;
}

/**
 * Return values as a form has them; what is undefined is left out.
 * @param {Record<string, unknown>} chosen
 * @returns {Values}
 */
export function toValues(chosen) {
  const given = Object.entries(chosen).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === "boolean" ? value : String(value)]),
  );
}

/**
 * Fill in values as if they had been typed; fields that have none stay as they are.
 * @param {HTMLFormElement} form
 * @param {Values} values
 */
export function fillForm(form, values) {
  for (const field of listFields(form, [])) {
    const value = values[field.name];
    if (value !== undefined && setField(field, value)) {
      for (const type of ["input", "change"]) {
        field.dispatchEvent(new Event(type, { bubbles: true }));
      }
    }
  }
}

/**
 * Set one field, and tell whether that changed it; a choice that is no longer offered does not.
 * @param {Field} field
 * @param {string | boolean} value
 */
function setField(field, value) {
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
    const isOn = field.type === "radio" ? field.value === value : value === true;
    const isNew = field.checked !== isOn;
    if (isOn || field.type === "checkbox") field.checked = isOn;
    return isNew && (isOn || field.type === "checkbox");
  }
  const before = field.value;
  field.value = String(value);
  if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = before;
  return field.value !== before;
}

/** @param {Field} field */
const isChecked = (field) => field instanceof HTMLInputElement && field.checked;
