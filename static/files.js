// Files before they are sent.

import { formatBytes } from "./format.js";
import { say } from "./language.js";

/**
 * Say what is wrong with a chosen file; an empty sentence when nothing is.
 * @param {{size: number}} file
 * @param {number} maxBytes that the server takes
 */
export function findFault(file, maxBytes) {
  if (!file.size) return say("This file is empty.");
  if (file.size <= maxBytes) return "";
  return say("This file is too large: a file may have at most {size}.", {
    size: formatBytes(maxBytes),
  });
}
