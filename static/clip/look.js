// The look of a clip: its fades, light, colours, noise and titles.

const FACTORS = ["brightness", "contrast", "saturation"];
const FADES = ["fade_in", "fade_out"];
const TITLES = ["title", "end_title"];

/**
 * Return what the fields of the form say, as the API has it; what is left as it was is left out.
 * @param {FormData} data
 * @returns {Record<string, number | string | {text: string}>}
 */
export function readLook(data) {
  const read = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  /** @type {Record<string, number | string | {text: string}>} */
  const look = {};
  for (const name of [...FADES, ...FACTORS]) {
    const plain = FACTORS.includes(name) ? 1 : 0;
    const value = read(name) === "" ? plain : Number(read(name));
    if (value !== plain) look[name] = value;
  }
  if (read("denoise") && read("denoise") !== "none") look.denoise = read("denoise");
  for (const name of TITLES) {
    if (read(name)) look[name] = { text: read(name) };
  }
  return look;
}
