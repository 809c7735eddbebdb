import assert from "node:assert/strict";
import test from "node:test";

import { describeLength } from "../../../static/music/length.js";

/** @type {[number, number, number | undefined, string][]} */
const LENGTHS = [
  [90, 48, undefined, "Music 1:30, pictures 0:48: it fades out before its end."],
  [48.04, 48, undefined, "Music 0:48, pictures 0:48: both end together."],
  [48, 48.5, undefined, "Music 0:48, pictures 0:48.5: both end together."],
  [48, 90, 46, "Music 0:48, pictures 1:30: it plays twice, the second time in part."],
  [48, 94, 46, "Music 0:48, pictures 1:34: it plays twice."],
  [48, 94.5, 46, "Music 0:48, pictures 1:34.5: it plays twice."],
  [48, 95, 46, "Music 0:48, pictures 1:35: it plays 3 times, the last time in part."],
  [4, 10, 2, "Music 0:04, pictures 0:10: it plays 4 times."],
];
for (const [music, pictures, again, sentence] of LENGTHS) {
  test(`Beside ${pictures} s of pictures, ${music} s of music read: ${sentence}`, () => {
    assert.equal(describeLength(music, pictures, again), sentence);
  });
}
