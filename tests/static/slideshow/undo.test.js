import assert from "node:assert/strict";
import test from "node:test";

import { takeBack, Undo } from "../../../static/slideshow/undo.js";

/** @type {[string, string, string, string, string][]} */
const STEPS = [
  ["a move", "abcd", "bcda", "bcda", "abcd"],
  ["a removal", "abcd", "ad", "ad", "abcd"],
  ["the removal of all", "abcd", "", "", "abcd"],
  ["a removal, with photos that came since", "abc", "ac", "acxy", "abcxy"],
  ["a move, without a photo that was refused since", "abcd", "dabc", "dac", "acd"],
  ["the removal of all, with photos that came since", "ab", "", "x", "abx"],
];
for (const [name, before, after, now, expected] of STEPS) {
  test(`Taking back ${name}: of ${now || "nothing"}, ${expected}`, () => {
    assert.equal(takeBack([...before], [...after], [...now]).join(""), expected);
  });
}

test("Changes are taken back from the last to the first", () => {
  /** @type {Undo<string>} */
  const undo = new Undo();
  undo.note([..."abc"], [..."cab"], "moved");
  undo.note([..."cab"], [..."cb"], "removed");
  const one = undo.pop([..."cb"]);
  assert.deepEqual(one, { photos: [..."cab"], sentence: "removed" });
  assert.deepEqual(undo.pop([..."cab"]), { photos: [..."abc"], sentence: "moved" });
  assert.equal(undo.pop([..."abc"]), null);
});

test("Fifty changes can be taken back", () => {
  /** @type {Undo<number>} */
  const undo = new Undo();
  for (let number = 0; number < 60; number++) undo.note([number], [], String(number));
  let count = 0;
  let last = "";
  for (let step = undo.pop([]); step; step = undo.pop([])) {
    count += 1;
    last = step.sentence;
  }
  assert.equal(count, 50);
  assert.equal(last, "10");
});
