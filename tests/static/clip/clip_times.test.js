import assert from "node:assert/strict";
import test from "node:test";

import { moveToSource } from "../../../static/clip/clip_times.js";

const CUTS = [
  { start: 10, end: 14 },
  { start: 20, end: 26 },
];
const PLAIN = { speed: 1, fade: 0, begin: 0 };

/** @type {[string, number[], Partial<typeof PLAIN>, number[]][]} */
const SPANS = [
  ["in the first part", [1, 2], {}, [11, 12]],
  ["in the second part", [5, 6], {}, [21, 22]],
  ["over the join", [3, 5], {}, [13, 21]],
  ["up to the join", [3, 4], {}, [13, 14]],
  ["from the join on", [4, 5], {}, [20, 21]],
  ["after the clip", [11, 12], {}, [27, 28]],
  ["at twice the speed", [1, 4], { speed: 2 }, [12, 24]],
  ["after a title", [3, 4], { begin: 3 }, [10, 11]],
  ["from within a crossfade", [3.5, 5], { fade: 1 }, [20.5, 22]],
  ["until within a crossfade", [2, 3.5], { fade: 1 }, [12, 13.5]],
  ["within a crossfade", [3.25, 3.75], { fade: 1 }, [20.25, 20.75]],
];
for (const [name, [start, end], course, [from, to]] of SPANS) {
  test(`A caption ${name} is seen at the same moments of the video`, () => {
    const cue = { start, end, text: "Hi" };
    const moved = moveToSource(cue, CUTS, { ...PLAIN, ...course });
    assert.deepEqual(moved, { text: "Hi", start: from, end: to });
  });
}

test("Words move with their caption and stay within it", () => {
  const words = [
    { start: 2, end: 3, text: "Hi" },
    { start: 3.25, end: 3.5, text: "there" },
  ];
  const cue = { start: 2, end: 3.5, text: "Hi there", words };
  assert.deepEqual(moveToSource(cue, CUTS, { ...PLAIN, fade: 1 }).words, [
    { start: 12, end: 13, text: "Hi" },
    { start: 13.5, end: 13.5, text: "there" },
  ]);
});
