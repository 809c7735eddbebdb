// What is said while one file is sent.

import { formatSending } from "../format.js";
import { say } from "../language.js";
import { Pace } from "./pace.js";

/** @import { Pause } from "./retry.js" */

/** @typedef {"sending" | "checking" | "lost"} Stage it is sent, the server looks at it, or it waits to
 *   be sent again */

const NEWS = {
  music: {
    checking: say("Checking the music."),
    lost: (/** @type {string} */ reason) =>
      say("{reason} The music did not get through yet; trying again.", { reason }),
  },
  video: {
    checking: say("Checking the video."),
    lost: (/** @type {string} */ reason) =>
      say("{reason} The video did not get through yet; trying again.", { reason }),
  },
};

/**
 * Return what tells of a file that is being sent.
 * @param {keyof typeof NEWS} noun what the file is
 * @param {(line: string, stage: Stage) => void} tell
 */
export function tellSending(noun, tell) {
  const pace = new Pace();
  return {
    onProgress: (/** @type {number} */ sent, /** @type {number} */ total) => {
      if (sent === total) tell(NEWS[noun].checking, "checking");
      else tell(formatSending(sent, total) + pace.describe(sent, total), "sending");
    },
    onPause: (/** @type {Pause} */ { sentence }) => tell(NEWS[noun].lost(sentence), "lost"),
  };
}
