// The look of a clip: its fades, light, colours, noise and titles.

import { readNumber, readText } from "../fields.js";

/** @typedef {{text: string, subtitle?: string, duration?: number}} Card */

const FACTORS = ["brightness", "contrast", "saturation"];
const FADES = ["fade_in", "fade_out"];
const TITLES = ["title", "end_title"];
const CARD_SECONDS = 3;

/**
 * Return what the fields of the form say, as the API has it; what is left as it was is left out.
 * @param {FormData} data
 * @returns {Record<string, number | string | Card>}
 */
export function readLook(data) {
  /** @type {Record<string, number | string | Card>} */
  const look = {};
  for (const name of [...FADES, ...FACTORS]) {
    const plain = FACTORS.includes(name) ? 1 : 0;
    const value = readNumber(data, name, plain);
    if (value !== plain) look[name] = value;
  }
  const denoise = readText(data, "denoise");
  if (denoise && denoise !== "none") look.denoise = denoise;
  for (const name of TITLES) {
    const isWritten = readText(data, name) || readText(data, `${name}_subtitle`);
    if (isWritten) look[name] = readCard(data, name); // the server says what it lacks
  }
  return look;
}

/**
 * @param {FormData} data
 * @param {string} name
 * @returns {Card}
 */
function readCard(data, name) {
  const subtitle = readText(data, `${name}_subtitle`);
  const duration = readNumber(data, "card_duration", CARD_SECONDS);
  return {
    text: readText(data, name),
    ...(subtitle ? { subtitle } : {}),
    ...(duration === CARD_SECONDS ? {} : { duration }),
  };
}
