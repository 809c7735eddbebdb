import assert from "node:assert/strict";
import test from "node:test";

import { stripPath } from "../../static/fields.js";

test("A refusal is shown without its path", () => {
  const sentence = "photos.1.caption: no font here has ᚠ (U+16A0).";
  assert.equal(stripPath(sentence, "photos.1.caption"), "No font here has ᚠ (U+16A0).");
  assert.equal(stripPath("Try again later.", "photos"), "Try again later.");
  assert.equal(stripPath("Try again later.", ""), "Try again later.");
});
