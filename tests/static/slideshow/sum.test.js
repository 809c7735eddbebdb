import assert from "node:assert/strict";
import test from "node:test";

import { describeSum, measureVideos } from "../../../static/slideshow/sum.js";

/** @import { Parts, Slide } from "../../../static/slideshow/sum.js" */

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
  ["videos", { videos: [4, 2.5] }, "2 photos × 3 s + 2 videos = 0:12.5"],
  ["a video alone", { lengths: [], videos: [4] }, "1 video = 0:04"],
  [
    "a video beside the music",
    { lengths: [undefined], videos: [4], music: 9 },
    "1 photo + 1 video = 0:09",
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

/** @type {[string, Slide[], number[]][]} */
const VIDEOS = [
  ["first", [{ seconds: 8, isVideo: true, fade: 1 }], [8]],
  [
    "after a photo",
    [
      { seconds: 3, isVideo: false, fade: 1 },
      { seconds: 8, isVideo: true, fade: 1 },
    ],
    [7],
  ],
  [
    "that is short",
    [
      { seconds: 3, isVideo: false, fade: 2 },
      { seconds: 1, isVideo: true, fade: 0 },
      { seconds: 5, isVideo: true, fade: 0 },
    ],
    [0.5, 5],
  ],
  [
    "after a photo that is shorter than its transition",
    [
      { seconds: 0.5, isVideo: false, fade: 2 },
      { seconds: 8, isVideo: true, fade: 0 },
    ],
    [7.5],
  ],
  [
    "after a photo whose time the music says",
    [
      { isVideo: false, fade: 2 },
      { seconds: 8, isVideo: true, fade: 0 },
    ],
    [6],
  ],
];
for (const [name, slides, expected] of VIDEOS) {
  test(`A video ${name} adds its time without the transition to it`, () => {
    assert.deepEqual(measureVideos(slides), expected);
  });
}
