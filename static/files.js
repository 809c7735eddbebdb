// Files before they are sent.

import { formatBytes } from "./format.js";

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
