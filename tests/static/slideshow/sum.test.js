import assert from "node:assert/strict";
import test from "node:test";

import { describeSum } from "../../../static/slideshow/sum.js";

/** @import { Parts } from "../../../static/slideshow/sum.js" */

/** @type {Parts} */
const PLAIN = { lengths: [3, 3], titles: 0, titleSeconds: NaN, music: null };

/** @type {[string, Partial<Parts>, string][]} */
const SUMS = [
  ["photos that last alike", {}, "2 photos × 3 s = 0:06"],
  ["one photo", { lengths: [2.5] }, "1 photo × 2.5 s = 0:02.5"],
  ["photos of different lengths", { lengths: [1, 2.5, 1] }, "3 photos = 0:04.5"],
  ["titles", { titles: 2, titleSeconds: 1.5 }, "2 photos × 3 s + 2 titles = 0:09"],
  ["one title", { titles: 1, titleSeconds: 3 }, "2 photos × 3 s + 1 title = 0:09"],
  [
    "a title and a photo of its own",
    { lengths: [1, 2], titles: 1, titleSeconds: 3 },
    "2 photos + 1 title = 0:06",
  ],
  ["the music", { lengths: [undefined, undefined], music: 5 }, "2 photos × 2.5 s = 0:05"],
  ["the music with a photo of its own", { lengths: [undefined, 9], music: 5 }, "2 photos = 0:05"],
  [
    "the music and a title",
    { lengths: [undefined], titles: 1, titleSeconds: 3, music: 90 },
    "1 photo + 1 title = 1:30",
  ],
];
for (const [name, parts, sentence] of SUMS) {
  test(`The sum with ${name} reads: ${sentence}`, () => {
    assert.equal(describeSum({ ...PLAIN, ...parts }).replaceAll("\u00a0", " "), sentence);
  });
}
