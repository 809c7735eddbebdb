import assert from "node:assert/strict";
import test from "node:test";

import { Selection } from "../../../../static/slideshow/sheet/selection.js";

const ALL = [..."abcdef"];

/** @param {Selection<string>} selection */
const show = (selection) => selection.list(ALL).join("");

test("A photo is selected by one tap, and no longer by the next", () => {
  /** @type {Selection<string>} */
  const selection = new Selection();
  ["d", "b", "d", "a"].forEach((photo) => selection.toggle(photo));
  assert.equal(show(selection), "ab");
  assert.equal(selection.size, 2);
  assert.ok(selection.has("b"));
});

test("A range goes from the last selected photo to another, whichever comes first", () => {
  /** @type {Selection<string>} */
  const selection = new Selection();
  selection.extend(ALL, "c");
  assert.equal(show(selection), "c");
  selection.extend(ALL, "e");
  assert.equal(show(selection), "cde");
  selection.extend(ALL, "b");
  assert.equal(show(selection), "bcde");
});

test("Of photos that are gone, none stays selected, and no range begins there", () => {
  /** @type {Selection<string>} */
  const selection = new Selection();
  ["a", "e"].forEach((photo) => selection.toggle(photo));
  selection.keep([..."abcd"]);
  assert.equal(show(selection), "a");
  selection.extend([..."abcd"], "c");
  assert.equal(show(selection), "ac");
});
