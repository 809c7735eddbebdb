// What an earlier order of a clip says and the form has no fields for: kept with a draft, and sent
// again.

import { keepLines } from "../drafts/title_lines.js";

/** @typedef {Record<string, any>} Order as the API has it */

/**
 * Settings in the API's words. What the form can say in part only is kept until that is changed.
 * @typedef {object} Rest
 * @property {boolean} [animation]
 * @property {number} [loudness] in LUFS: the form has one
 * @property {number} [music_volume] between the steps of the form's slider
 * @property {Card} [title]
 * @property {Card} [end_title]
 */
/** @typedef {{text: string, subtitle?: string, duration?: number, background?: string}} Card */

const CARDS = /** @type {const} */ (["title", "end_title"]);
const VOLUME_STEP = 0.05;

/**
 * Return what the form has no fields for.
 * @param {Order} order
 * @returns {Rest}
 */
export function toRest({ animation, audio, music_volume, title, end_title }) {
  const rest = { animation, loudness: audio?.loudness, music_volume, title, end_title };
  return dropUndefined(rest);
}

/**
 * Return an order with the rest of an earlier one.
 * @template {Order} Chosen
 * @param {Chosen} order by the fields of the form
 * @param {Rest} rest
 * @returns {Chosen}
 */
export function addRest(order, rest) {
  const { animation, loudness, music_volume: volume = NaN } = rest;
  const isSame = Math.abs(order.music_volume - volume) < VOLUME_STEP / 2 + 1e-9;
  const shown = rest.title ?? rest.end_title; // which the form has the time of both from
  const cards = CARDS.flatMap((name) => {
    const { [name]: card } = order;
    return card && rest[name] ? [[name, keepCard(card, rest[name], shown?.duration)]] : [];
  });
  return {
    ...(animation ? { animation } : {}),
    ...order,
    ...(loudness && order.audio?.loudness ? { audio: { ...order.audio, loudness } } : {}),
    ...(isSame ? { music_volume: volume } : {}),
    ...Object.fromEntries(cards),
  };
}

/**
 * Return a title card with the background and the line breaks that it had, and its own time unless
 * the one of both was changed.
 * @param {Card} card by the form
 * @param {Card} earlier
 * @param {number | undefined} shown seconds of both, as the form had them first
 * @returns {Card}
 */
function keepCard(card, earlier, shown) {
  return dropUndefined({
    ...card,
    duration: card.duration === shown ? earlier.duration : card.duration,
    background: earlier.background,
    ...keepLines(card, earlier),
  });
}

/**
 * @template {object} Values
 * @param {Values} values
 * @returns {Values}
 */
function dropUndefined(values) {
  return /** @type {Values} */ (
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  );
}
