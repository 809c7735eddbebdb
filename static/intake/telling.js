// What is said while one file is sent.

import { formatSending } from "../format.js";
import { say } from "../language.js";
import { Pace } from "./pace.js";

/** @import { Pause } from "./retry.js" */

const NEWS = {
  music: {
    checking: say("Checking the music."),
    isLost: (/** @type {string} */ reason) =>
      say("{reason} The music did not get through yet; trying again.", { reason }),
  },
  video: {
    checking: say("Checking the video."),
    isLost: (/** @type {string} */ reason) =>
      say("{reason} The video did not get through yet; trying again.", { reason }),
  },
};

/**
 * Return what tells of a file that is being sent.
 * @param {keyof typeof NEWS} noun what the file is
 * @param {(line: string, isLost: boolean) => void} tell `isLost` while it waits to be sent again
 */
export function tellSending(noun, tell) {
  const pace = new Pace();
  return {
    onProgress: (/** @type {number} */ sent, /** @type {number} */ total) => {
      const line = formatSending(sent, total) + pace.describe(sent, total);
      tell(sent < total ? line : NEWS[noun].checking, false);
    },
    onPause: (/** @type {Pause} */ { sentence }) => tell(NEWS[noun].isLost(sentence), true),
  };
}
