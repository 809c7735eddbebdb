// What an earlier order says and the form has no fields for: kept with a draft, and sent again.

import { keepLines } from "../drafts/title_lines.js";
import { find, findPart } from "../elements.js";

/**
 * Settings in the API's words. Those of the voice and of the title cards also have what the form
 * has fields for, to tell whether these are still as they were.
 * @typedef {Record<string, any>} Rest
 */
/** @typedef {Record<string, any>} Order */

const CARDS = ["title", "end_title"];

/**
 * Return an order with the rest of an earlier one.
 * @template {Order} Chosen
 * @param {Chosen} order by the fields of the form
 * @param {Rest} rest
 * @returns {Chosen}
 */
export function addRest(order, { voice, title, end_title: endTitle, ...others }) {
  const cards = keepCards(order, { title, end_title: endTitle });
  // A voice speaks the language that it was chosen for.
  const isSame = voice && order.voice?.language === voice.language;
  return { ...others, ...order, ...cards, ...(isSame ? { voice } : {}) };
}

/**
 * Return the title cards of the form, with what is spoken then, and with their line breaks.
 * Both have one time and one background in the form; where they had their own, they keep them until
 * these are changed.
 * @param {Order} order
 * @param {Rest} earlier
 */
function keepCards(order, earlier) {
  const shown = earlier.title ?? earlier.end_title; // which the form has taken them from
  const cards = CARDS.filter((name) => order[name]).map((name) => {
    const { [name]: card } = order;
    const { duration, background, ...others } = earlier[name] ?? {};
    const isKept =
      duration !== undefined &&
      card.duration === shown.duration &&
      card.background === shown.background;
    const look = isKept ? { duration, background } : {};
    return [name, { ...others, ...card, ...keepLines(card, others), ...look }];
  });
  return Object.fromEntries(cards);
}

/**
 * Offer a size that the form does not have, as the earlier order had it.
 * @param {HTMLFormElement} form
 * @param {string} size such as `720x900`; empty for none
 */
export function offerSize(form, size) {
  const option = findPart(form, "own-size");
  const sizes = [...form.querySelectorAll("[name=resolution]")];
  const isOffered = sizes.some(
    (input) => input instanceof HTMLInputElement && !option.contains(input) && input.value === size,
  );
  option.hidden = !size || isOffered;
  const input = find(option, "input", HTMLInputElement);
  input.value = option.hidden ? "" : String(size);
  findPart(option, "size").textContent = input.value.replace("x", "\u00d7");
}
