// Where on the page a value of an order stands, by its path in the API's JSON.

/**
 * A place: a field of the form, or one of a photo; an empty field means the photo as a whole.
 * @typedef {{photo?: number, field: string}} Place
 */

/** @type {Record<string, string>} */
const FIELDS = {
  "title.text": "title",
  "title.subtitle": "title_subtitle",
  "title.duration": "card_duration",
  "title.background": "card_background",
  "title.narration": "title",
  "end_title.text": "end_title",
  "end_title.subtitle": "end_title_subtitle",
  "end_title.duration": "card_duration",
  "end_title.background": "card_background",
  "end_title.narration": "end_title",
  "voice.language": "voice_language",
  voice: "voice_language",
  captions: "narration_captions",
};

/**
 * Return where the value of a path is chosen; null for the order as a whole.
 * @param {string} path such as `photos.1.caption`
 * @returns {Place | null}
 */
export function findPlace(path) {
  if (!path) return null;
  const [first, second, ...rest] = path.split(".");
  if (first === "photos" && /^\d+$/.test(second ?? "")) {
    const field = rest[0] ?? "";
    return { photo: Number(second), field: field === "id" || field === "focus" ? "" : field };
  }
  if (first === "caption_style" && second) return { field: `caption_${second}` };
  return { field: FIELDS[path] ?? first };
}
