import assert from "node:assert/strict";
import test from "node:test";

import { findFrame, listWords } from "../../../../static/clip/screen/captions.js";

/** @import { Plan } from "../../../../static/clip/screen/captions.js" */

const WHITE = { letters: "#ffffff", edges: "#101010" };
const YELLOW = { letters: "#ffd60a", edges: "#101010" };
const GREY = { letters: "#888888", edges: "#101010" };

/** @type {Plan} two segments with a crossfade of ten frames, the second at twice the speed */
const PLAN = {
  width: 1080,
  height: 1920,
  fps: 25,
  timeline: {
    cuts: [
      { start: 0, end: 50, video_start: 4, speed: 1 },
      { start: 40, end: 90, video_start: 8, speed: 2 },
    ],
    captions: [
      {
        ...{ start: 10, end: 30, box: [0.1, 0.6, 0.8, 0.1], size: 0.04 },
        runs: [
          { text: "Look", left: 0.3, width: 0.2, baseline: 0.66, start: 12, end: 18 },
          { text: "there", left: 0.52, width: 0.2, baseline: 0.66, start: 20, end: 30 },
        ],
      },
    ],
    colors: { rest: WHITE, spoken: YELLOW, coming: GREY, behind: "#0c0c10a8", backing: "outline" },
  },
};

/** @type {[number, number | null][]} */
const TIMES = [
  [3.99, null],
  [4, 0],
  [4.02, 1],
  [4.04, 1],
  [5.999, 49],
  [6.01, null],
  [8, 40],
  [8.08, 41],
  [12.1, null],
];
for (const [time, frame] of TIMES) {
  test(`Second ${time} of the video is ${frame === null ? "not in the clip" : `frame ${frame}`}`, () => {
    assert.equal(findFrame(PLAN, time), frame);
  });
}

/** @type {[number, string[]][]} */
const INKS = [
  [9, []],
  [10, ["#888888", "#888888"]],
  [12, ["#ffd60a", "#888888"]],
  [19, ["#ffffff", "#888888"]],
  [25, ["#ffffff", "#ffd60a"]],
  [30, []],
];
for (const [frame, expected] of INKS) {
  test(`In frame ${frame} the words are ${expected.join(" and ") || "gone"}`, () => {
    const words = listWords(PLAN, frame);
    const inks = words.flatMap(({ lines }) => lines.map(({ ink }) => ink?.letters));
    assert.deepEqual(inks, expected);
  });
}

test("A caption is shown from the very moment at which it begins", () => {
  const { timeline } = PLAN;
  const captions = timeline.captions.map((caption) => ({ ...caption, start: 13 }));
  const plan = { ...PLAN, timeline: { ...timeline, captions } };
  assert.equal(listWords(plan, findFrame(plan, 4.5)).length, 1); // the middle of frame 12
  assert.deepEqual(listWords(plan, findFrame(plan, 4.48)), []);
});

test("Outside of the clip nothing is written", () => {
  assert.deepEqual(listWords(PLAN, null), []);
});

test("A box is around the spoken word alone, and in its colour", () => {
  const spoken = { letters: "#101010", box: "#ffd60a" };
  const colors = { ...PLAN.timeline.colors, spoken, coming: WHITE, backing: "box" };
  const words = listWords({ ...PLAN, timeline: { ...PLAN.timeline, colors } }, 25);
  assert.deepEqual(
    words.map(({ backing, behind }) => [backing, behind]),
    [
      ["box", "#ffd60a"],
      ["none", "#0c0c10a8"],
    ],
  );
  const [left, top, width, height] = words[0].box;
  const across = (0.16 * 0.04 * 1920) / 1080;
  assert.ok(Math.abs(left - (0.52 - across)) < 1e-9);
  assert.ok(Math.abs(width - (0.2 + 2 * across)) < 1e-9);
  assert.ok(top < 0.66 - 0.03 && top + height > 0.66);
});

test("A box behind all words reaches around them", () => {
  const colors = { ...PLAN.timeline.colors, backing: "box" };
  const words = listWords({ ...PLAN, timeline: { ...PLAN.timeline, colors } }, 25);
  assert.equal(words.length, 1);
  const [left, , width] = words[0].box;
  assert.ok(left < 0.3 && left + width > 0.72);
});
