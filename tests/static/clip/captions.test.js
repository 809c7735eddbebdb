import assert from "node:assert/strict";
import test from "node:test";

import { joinTerms, splitTerms } from "../../../static/clip/caption_source.js";
import { readCaptionStyle } from "../../../static/clip/caption_style.js";

/** @param {Record<string, string>} fields */
function fill(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(`caption_${name}`, value);
  return data;
}

const PLAIN = {
  preset: "phrase",
  position: "bottom",
  size: "medium",
  backing: "outline",
  color: "#ffffff",
  highlight: "#ffd60a",
};

test("Captions that look as usual have only their preset in the order", () => {
  assert.deepEqual(readCaptionStyle(fill(PLAIN)), { preset: "phrase" });
});

test("What captions have of their own is in the order", () => {
  const own = { position: "top", backing: "box", color: "#00ff00" };
  assert.deepEqual(readCaptionStyle(fill({ ...PLAIN, ...own, uppercase: "on" })), {
    preset: "phrase",
    ...own,
    uppercase: true,
  });
});

test("Names keep their own commas and quotes in the field", () => {
  const terms = ["Ada", "Smith, John", '"Buzz"', 'the "Eagle", landed', '5" disk'];
  assert.equal(joinTerms(["Ada", "Smith, John"]), 'Ada, "Smith, John"');
  assert.deepEqual(splitTerms(joinTerms(terms)), terms);
});

test("Names have commas between them", () => {
  assert.deepEqual(splitTerms(" Siobhán, New York,, "), ["Siobhán", "New York"]);
  assert.deepEqual(splitTerms(" "), []);
  assert.deepEqual(splitTerms('5" disk, "Hi" there, "open'), ['5" disk', '"Hi" there', '"open']);
});
