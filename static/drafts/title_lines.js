// Lines of titles: an order may have several where the form has a field of one line.

/** @typedef {{text?: string, subtitle?: string}} Texts of a title card */

/**
 * Return a text as a field of one line shows it.
 * @template {string | undefined} Text
 * @param {Text} text
 */
export const toLine = (text) => text?.replaceAll(/\s*\n\s*/g, " ").trim();

/**
 * Return the texts of an earlier title card that are unchanged, with their line breaks.
 * @param {Texts} card by the form
 * @param {Texts} earlier
 * @returns {Texts}
 */
export function keepLines(card, earlier) {
  const names = /** @type {const} */ (["text", "subtitle"]).filter(
    (name) => earlier[name] !== undefined && toLine(earlier[name]) === card[name],
  );
  return Object.fromEntries(names.map((name) => [name, earlier[name]]));
}
