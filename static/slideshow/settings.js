// The settings of a slideshow, as the API has them.

import { leaveOpen, readDelivery } from "../delivery.js";
import { findInput } from "../elements.js";

/**
 * Return what the fields of the form say.
 * @param {HTMLFormElement} form
 */
export function readSettings(form) {
  const data = new FormData(form);
  return leaveOpen({
    ...readDelivery(data),
    duration: data.has("duration") ? Number(data.get("duration")) : undefined, // it is disabled
    transition: data.get("transition"),
    transition_duration: Number(data.get("transition_duration")), // 0 while it is disabled
    resolution: data.get("resolution"),
    fit: data.get("fit"),
    background: data.get("background"),
    motion: data.get("motion"),
    fps: Number(data.get("fps")),
    on_bad_photo: data.get("on_bad_photo") ?? "fail",
    fit_to_music: data.has("fit_to_music"),
    volume: Number(data.get("volume") ?? 1), // missing while it is disabled
    caption_style: {
      position: data.get("caption_position"),
      size: data.get("caption_size"),
      backing: data.get("caption_backing"),
    },
    ...readTitles(data, findInput(form, "card_duration").valueAsNumber),
  });
}

/**
 * Return how narration is spoken and shown; nothing where no photo has any.
 * @param {FormData} data
 * @param {{narration?: string}[]} choices of the photos
 * @returns {{voice?: object, captions?: "narration"}}
 */
export function readNarration(data, choices) {
  if (!choices.some(({ narration }) => narration?.trim())) return {};
  const language = data.get("voice_language");
  return {
    ...(language ? { voice: { language } } : {}),
    ...(data.has("narration_captions") ? { captions: "narration" } : {}),
  };
}

/**
 * Return the title cards of which anything is written; the server says what one lacks.
 * @param {FormData} data
 * @param {number} duration of each, in seconds
 * @returns {{title?: object, end_title?: object}}
 */
export function readTitles(data, duration) {
  const read = (/** @type {string} */ name) => String(data.get(name)).trim();
  const names = ["title", "end_title"].filter((name) => read(name) || read(`${name}_subtitle`));
  const isPlain = data.get("card_backdrop") === "color";
  const look = { duration, ...(isPlain ? { background: data.get("card_background") } : {}) };
  return Object.fromEntries(
    names.map((name) => [name, { text: read(name), subtitle: read(`${name}_subtitle`), ...look }]),
  );
}
