// The frame of a clip: its shape, and how the video fills it.

/**
 * As the API has it.
 * @typedef {object} Frame
 * @property {string} [aspect] such as `9:16`
 * @property {string} [resolution] such as `720x900`, instead of an aspect
 * @property {string} fit
 * @property {number} [rotate] degrees
 * @property {"auto"} [focus] of a crop that follows something
 */

/**
 * Return what the fields of the form say.
 * @param {FormData} data
 * @returns {Frame}
 */
export function readFrame(data) {
  const resolution = String(data.get("resolution") ?? "").trim();
  const rotate = Number(data.get("rotate"));
  const follows = data.get("fit") === "crop" && data.get("focus") === "auto";
  return {
    ...(resolution ? { resolution } : { aspect: String(data.get("aspect")) }),
    fit: String(data.get("fit")),
    ...(rotate ? { rotate } : {}),
    ...(follows ? { focus: "auto" } : {}),
  };
}

/**
 * Return the shares of a picture's width and height, before it is turned, that a crop keeps.
 * @param {Frame} frame
 * @param {number} width of the picture
 * @param {number} height
 * @returns {{width: number, height: number} | null} null for `original`, or an unknown size
 */
export function measureCrop({ aspect, resolution, rotate = 0 }, width, height) {
  const [across, down] = (resolution ?? aspect ?? "").split(/[:x]/).map(Number);
  const isUpright = rotate % 180 === 0;
  const shape = (isUpright ? across / down : down / across) * (height / width);
  if (!Number.isFinite(shape)) return null;
  return { width: Math.min(1, shape), height: Math.min(1, 1 / shape) };
}
