import assert from "node:assert/strict";
import test from "node:test";

import {
  describePart,
  describeSum,
  findFaults,
  findGrip,
  findNeighbours,
  findRoom,
  findShown,
  measureLongestFade,
  sortCuts,
  toOrder,
} from "../../../static/clip/segments.js";

/** @import { Cut } from "../../../static/clip/cut.js" */
/** @import { Pace } from "../../../static/clip/segments.js" */

/** @param {[number, number][]} times */
const toCuts = (...times) => times.map(([start, end]) => ({ start, end }));

/** @type {Pace} */
const PLAIN = { fade: 0, speed: 1, cutsSilences: false };

const WHOLE = { duration: 10, isCropped: false };

test("Parts are in the order of the video; one without a start comes last", () => {
  const [none, late, early] = toCuts([NaN, 3], [5, 6], [1, 2]);
  assert.deepEqual(sortCuts([none, late, early]), [early, late, none]);
});

test("Parts may meet, but not overlap", () => {
  assert.deepEqual(findFaults(toCuts([0, 2], [2, 4]), 10), ["", ""]);
  assert.deepEqual(findFaults(toCuts([0, 2], [1.5, 4], [3.9, 5]), 10), [
    "",
    "This part begins before part 1 ends.",
    "This part begins before part 2 ends.",
  ]);
});

test("A part with wrong times is told of these", () => {
  assert.deepEqual(findFaults(toCuts([0, 2], [1, 99], [NaN, 5]), 10), [
    "",
    "The video ends at 10 s.",
    "Type a start and an end, in seconds.",
  ]);
  assert.deepEqual(findFaults(toCuts([5, 4], [1, 2]), 0), ["", ""]); // its length is not known yet
});

/** @type {[string, Cut[], number, number, Cut | null][]} */
const ROOMS = [
  ["begins where the player stands", toCuts([0, 2]), 6, 20, { start: 6, end: 11 }],
  ["ends before the next one", toCuts([0, 2], [7, 9]), 6, 20, { start: 6, end: 7 }],
  ["is in the longest gap", toCuts([0, 2], [5, 9]), 6, 12, { start: 2, end: 5 }],
  ["may be the first one", toCuts([4, 12]), 5, 12, { start: 0, end: 4 }],
  ["ends with the video", toCuts([0, 2]), 11, 12.345, { start: 11, end: 12.34 }],
  [
    "never begins within another, also rounded",
    toCuts([0, 2.004]),
    2.004,
    8,
    { start: 2.01, end: 7.01 },
  ],
  ["has no room in a whole video", toCuts([0, 12]), 3, 12, null],
  ["has no room in a moment", toCuts([0, 6], [6.05, 12]), 6.02, 12, null],
];
for (const [name, cuts, time, duration, expected] of ROOMS) {
  test(`A new part ${name}`, () => {
    assert.deepEqual(findRoom(cuts, time, duration), expected);
  });
}

test("A crossfade lasts at most half of the shortest part as it is played, and 5 seconds", () => {
  assert.equal(measureLongestFade(toCuts([0, 4], [5, 6.2]), 1), 0.6);
  assert.equal(measureLongestFade(toCuts([0, 4], [5, 6.2]), 2), 0.3);
  assert.equal(measureLongestFade(toCuts([0, 40], [50, 100]), 1), 5);
});

/** @type {[Cut[], Partial<Pace>, string][]} */
const SUMS = [
  [toCuts([2, 4.5]), {}, "0:02 to 0:04.5 = 2.5\u00a0s"],
  [toCuts([2, 4.5]), { speed: 2 }, "0:02 to 0:04.5 at 2 × = 1.25\u00a0s"],
  [toCuts([2, 4.5]), { cutsSilences: true }, "0:02 to 0:04.5 = at most 2.5\u00a0s"],
  [toCuts([0, 4], [6, 8]), {}, "2 parts = 6\u00a0s"],
  [toCuts([0, 4], [6, 8]), { fade: 0.5 }, "2 parts = 5.5\u00a0s"],
  [toCuts([0, 4], [6, 8], [8, 9]), { fade: 0.25, speed: 0.5 }, "3 parts = 13.5\u00a0s"],
];
for (const [cuts, pace, sentence] of SUMS) {
  test(`Parts add up to: ${sentence}`, () => {
    assert.equal(describeSum(cuts, { ...PLAIN, ...pace }), sentence);
  });
}

test("One part is ordered by its start and end, and without an end up to the video's", () => {
  assert.deepEqual(toOrder(toCuts([1, 4]), { ...PLAIN, fade: 0.5 }, WHOLE), { start: 1, end: 4 });
  assert.deepEqual(toOrder(toCuts([1, 10]), PLAIN, WHOLE), { start: 1 });
});

test("Several parts are ordered as segments, with what changes their pace", () => {
  const pace = { fade: 0.5, speed: 1.5, cutsSilences: true };
  assert.deepEqual(toOrder(toCuts([1, 4], [6, 10]), pace, WHOLE), {
    segments: [{ start: 1, end: 4 }, { start: 6 }],
    transition: "fade",
    transition_duration: 0.5,
    speed: 1.5,
    silences: "cut",
  });
  assert.deepEqual(toOrder(toCuts([1, 4], [6, 9]), PLAIN, WHOLE), {
    segments: [
      { start: 1, end: 4 },
      { start: 6, end: 9 },
    ],
  });
});

test("Only a crop is ordered with what it keeps in single parts", () => {
  /** @type {Cut[]} */
  const cuts = [
    { start: 1, end: 4, focus: "auto" },
    { start: 6, end: 10, focus: { x: 0.2, y: 0.5 } },
    { start: 10, end: 12 },
  ];
  const plain = cuts.map(({ start, end }) => ({ start, end }));
  assert.deepEqual(toOrder(cuts, PLAIN, { duration: 20, isCropped: true }), { segments: cuts });
  assert.deepEqual(toOrder(cuts, PLAIN, { duration: 20, isCropped: false }), { segments: plain });
  assert.equal(describePart(cuts[1], 2, true), "Part 2: 0:06 to 0:10, own crop");
  assert.equal(describePart(cuts[1], 2, false), "Part 2: 0:06 to 0:10");
  assert.equal(describePart(cuts[2], 3, true), "Part 3: 0:10 to 0:12");
});

const PARTS = [
  { start: 1, end: 3 },
  { start: 3, end: 5 },
  { start: 8, end: 9 },
];

test("A time shows the part that has it; at an end and in a gap, the one that is edited", () => {
  const [first, second, third] = PARTS;
  assert.equal(findShown(PARTS, third, 2), first);
  assert.equal(findShown(PARTS, third, 4), second);
  assert.equal(findShown(PARTS, third, 3), second);
  assert.equal(findShown(PARTS, first, 3), first);
  assert.equal(findShown(PARTS, first, 7), first);
  assert.equal(findShown(PARTS, second, 7.998), third); // a player may stand a little early
});

test("A part has the room between its neighbours", () => {
  assert.deepEqual(findNeighbours(PARTS, PARTS[0], 10), { start: 0, end: 3 });
  assert.deepEqual(findNeighbours(PARTS, PARTS[1], 10), { start: 3, end: 8 });
  assert.deepEqual(findNeighbours(PARTS, PARTS[2], 10), { start: 5, end: 10 });
  assert.deepEqual(findNeighbours([PARTS[0]], PARTS[0], 10), { start: 0, end: 10 });
});

/** @type {[number, number, number | null, "start" | "end" | null][]} */
const GRIPS = [
  [0.9, 2, 0, "start"],
  [3, 0, 0, "end"],
  [3, 1, 1, "start"],
  [2.9, 2, 0, "end"],
  [3.1, 2, 1, "start"],
  [4, 0, 1, null],
  [6.5, 0, null, null],
  [8.1, 0, 2, "start"],
];
for (const [time, current, index, edge] of GRIPS) {
  const found = index === null ? "nothing" : `${edge ?? "the middle"} of part ${index + 1}`;
  test(`At second ${time}, while part ${current + 1} is edited, lies ${found}`, () => {
    const grip = findGrip(PARTS, PARTS[current], time, 0.3);
    assert.deepEqual(grip, { cut: index === null ? null : PARTS[index], edge });
  });
}
