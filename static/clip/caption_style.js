// How the captions of a clip look.

import { readText } from "../fields.js";

/** @type {Record<string, string>} what the server takes unless it is told */
const PLAIN = {
  position: "bottom",
  size: "medium",
  backing: "outline",
  color: "#ffffff",
  highlight: "#ffd60a",
};

/**
 * Return what the fields of the form say, as the API has it; what is left as it was is left out.
 * @param {FormData} data
 */
export function readCaptionStyle(data) {
  const named = Object.keys(PLAIN).map((name) => [name, readText(data, `caption_${name}`)]);
  const chosen = named.filter(([name, value]) => value && value !== PLAIN[name]);
  return {
    preset: readText(data, "caption_preset"),
    ...Object.fromEntries(chosen),
    ...(data.has("caption_uppercase") ? { uppercase: true } : {}),
  };
}
