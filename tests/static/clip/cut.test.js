import assert from "node:assert/strict";
import test from "node:test";

import {
  clamp,
  cutPictures,
  describeCut,
  dragEnd,
  dragStart,
  findFault,
} from "../../../static/clip/cut.js";

/** @import { Cut } from "../../../static/clip/cut.js" */

/** @type {[number, number, number, string][]} */
const FAULTS = [
  [0, 10, 10, ""],
  [2, 2.1, 10, ""],
  [9.9, 10, 10, ""],
  [4, 1, 0, ""],
  [NaN, 5, 10, "Type a start and an end, in seconds."],
  [1, NaN, 10, "Type a start and an end, in seconds."],
  [-0.1, 5, 10, "The start must be 0 or later."],
  [0, 10.01, 10, "The video ends at 10 s."],
  [80, 70, 61.125, "The video ends at 61.13 s."],
  [5, 5, 10, "The end must be after the start."],
  [4.5, 1, 10, "The end must be after the start."],
  [2, 2.09, 10, "A clip lasts at least 0.1 s."],
];
for (const [start, end, duration, sentence] of FAULTS) {
  const verdict = sentence ? `has the fault: ${sentence}` : "has no fault";
  test(`A cut from ${start} to ${end} of a video of ${duration} s ${verdict}`, () => {
    assert.equal(findFault({ start, end }, duration), sentence);
  });
}

/** @type {[string, typeof dragStart, number, Cut][]} */
const DRAGS = [
  ["The start is dragged", dragStart, 4, { start: 4, end: 6 }],
  ["The start pushes the end along", dragStart, 8, { start: 8, end: 8.11 }],
  ["The start stops at 0", dragStart, -3, { start: 0, end: 6 }],
  ["The start stops before the end of the video", dragStart, 12, { start: 9.89, end: 10 }],
  ["The end is dragged", dragEnd, 4, { start: 2, end: 4 }],
  ["The end pushes the start along", dragEnd, 1, { start: 0.89, end: 1 }],
  ["The end stops at the end of the video", dragEnd, 12, { start: 2, end: 10 }],
  ["The end stops behind the start of the video", dragEnd, 0, { start: 0, end: 0.11 }],
];
for (const [name, drag, seconds, expected] of DRAGS) {
  test(name, () => {
    const cut = drag({ start: 2, end: 6 }, seconds, { start: 0, end: 10 });
    assert.deepEqual(
      { start: cut.start.toFixed(9), end: cut.end.toFixed(9) },
      {
        start: expected.start.toFixed(9),
        end: expected.end.toFixed(9),
      },
    );
  });
}

test("Every drag within a video leaves a cut without a fault, also after it is rounded", () => {
  for (let seconds = -1; seconds < 12; seconds += 0.037) {
    for (const drag of [dragStart, dragEnd]) {
      const cut = drag({ start: 2, end: 6 }, seconds, { start: 0, end: 10.57 });
      const shown = { start: Number(cut.start.toFixed(2)), end: Number(cut.end.toFixed(2)) };
      assert.equal(findFault(shown, 10.57), "", `${drag.name} to ${seconds}`);
    }
  }
});

test("A video that is shorter than the shortest cut keeps its handles within it", () => {
  assert.deepEqual(dragStart({ start: 0, end: 0.05 }, 0.04, { start: 0, end: 0.05 }), {
    start: 0,
    end: 0.05,
  });
  assert.deepEqual(dragEnd({ start: 0, end: 0.05 }, 0.01, { start: 0, end: 0.05 }), {
    start: 0,
    end: 0.05,
  });
});

test("A number is clamped; the lower limit wins where the limits cross", () => {
  assert.deepEqual(
    [clamp(5, 0, 3), clamp(-5, 0, 3), clamp(1, 0, 3), clamp(1, 0, -3)],
    [3, 0, 1, 0],
  );
});

test("A cut is described by its times and its length", () => {
  assert.equal(describeCut({ start: 2, end: 4.5 }), "0:02 to 0:04.5 = 2.5\u00a0s");
  assert.equal(describeCut({ start: 60, end: 135 }), "1:00 to 2:15 = 1:15");
});

/** @type {[number, number, string[]][]} */
const PICTURES = [
  [0, 10, ["a", "b", "c", "d", "e"]],
  [2, 6, ["b", "c"]],
  [3, 3.1, ["b"]],
  [4.1, 4.2, ["a", "b", "c", "d", "e"]],
];
for (const [start, end, expected] of PICTURES) {
  test(`The cut from ${start} to ${end} s shows the pictures ${expected}`, () => {
    assert.deepEqual(cutPictures(["a", "b", "c", "d", "e"], [{ start, end }], 10), expected);
  });
}

test("Several cuts show the pictures of each", () => {
  const cuts = [
    { start: 0, end: 2 },
    { start: 8, end: 10 },
  ];
  assert.deepEqual(cutPictures(["a", "b", "c", "d", "e"], cuts, 10), ["a", "e"]);
});

test("A video without pictures has none in its cut either", () => {
  assert.deepEqual(cutPictures([], [{ start: 0, end: 5 }], 10), []);
});

test("A drag stops where the room between neighbours ends", () => {
  const room = { start: 3, end: 7 };
  assert.deepEqual(dragStart({ start: 4, end: 6 }, 1, room), { start: 3, end: 6 });
  assert.deepEqual(dragEnd({ start: 4, end: 6 }, 9, room), { start: 4, end: 7 });
});
