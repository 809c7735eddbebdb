import assert from "node:assert/strict";
import test from "node:test";

import { findFault, orderCues, selectCues } from "../../../static/clip/cues.js";

/** @import { Cue } from "../../../static/clip/cues.js" */

/** @type {[number, number, string][]} */
const FAULTS = [
  [0, 0.1, ""],
  [1, 1, "The end must be after the start."],
  [2, 1, "The end must be after the start."],
  [-1, 1, "The start must be 0 or later."],
  [NaN, 1, "Type a start and an end, in seconds."],
  [0, NaN, "Type a start and an end, in seconds."],
];
for (const [start, end, sentence] of FAULTS) {
  test(`A caption from ${start} to ${end} has ${sentence ? `the fault: ${sentence}` : "no fault"}`, () => {
    assert.equal(findFault({ start, end }), sentence);
  });
}

/** @type {[string, Cue, boolean][]} */
const CUES = [
  ["within the cut", { start: 3, end: 4, text: "a" }, true],
  ["over the start", { start: 1, end: 2.5, text: "a" }, true],
  ["over the end", { start: 4.5, end: 9, text: "a" }, true],
  ["over all of it", { start: 0, end: 99, text: "a" }, true],
  ["that ends as the cut starts", { start: 1, end: 2, text: "a" }, false],
  ["that starts as the cut ends", { start: 5, end: 6, text: "a" }, false],
];
for (const [name, cue, isSeen] of CUES) {
  test(`A caption ${name} is ${isSeen ? "seen" : "left out"}`, () => {
    assert.deepEqual(selectCues([cue], [{ start: 2, end: 5 }]), isSeen ? [cue] : []);
  });
}

test("A caption is seen in any of several parts", () => {
  const parts = [
    { start: 0, end: 1 },
    { start: 4, end: 5 },
  ];
  const cues = [
    { start: 0.5, end: 2, text: "a" },
    { start: 2, end: 3, text: "b" },
    { start: 3, end: 4.5, text: "c" },
  ];
  assert.deepEqual(selectCues(cues, parts), [cues[0], cues[2]]);
});

test("Captions keep their language, or are kept as a whole until there are lines", () => {
  const cues = [{ start: 1, end: 2, text: "Hallo" }];
  const parts = [{ start: 0, end: 4 }];
  const whole = { id: "a-file", times: "clip" };
  assert.equal(orderCues([], parts, null, {}), null);
  assert.equal(orderCues([], parts, null, { whole }), whole);
  assert.equal(orderCues(cues, [{ start: 2, end: 4 }], null, { whole }), null);
  assert.deepEqual(orderCues(cues, parts, null, { whole }), { cues, times: "source" });
  const german = { language: "de", cues, times: "source" };
  assert.deepEqual(orderCues(cues, parts, null, { language: "de" }), german);
  const english = { language: "en", segments: cues };
  assert.deepEqual(orderCues(cues, parts, { language: "en" }, {}), english);
});
