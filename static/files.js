// Files before they are sent.

import { formatBytes } from "./format.js";

const VIDEO_NAME = /\.(mp4|m4v|mov|webm|mkv)$/i; // browsers do not know the type of all

/**
 * Whether a chosen file is a video, as far as can be told before it is sent.
 * @param {{name: string, type: string}} file
 */
export function isVideo({ name, type }) {
  return type.startsWith("video/") || (!type && VIDEO_NAME.test(name));
}

/**
 * Say what is wrong with a chosen file; an empty sentence when nothing is.
 * @param {{size: number}} file
 * @param {number} maxBytes that the server takes
 */
export function findFault(file, maxBytes) {
  if (!file.size) return "This file is empty.";
  if (file.size <= maxBytes) return "";
  return `This file is too large: a file may have at most ${formatBytes(maxBytes)}.`;
}
