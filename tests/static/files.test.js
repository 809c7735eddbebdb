import assert from "node:assert/strict";
import test from "node:test";

import { findFault } from "../../static/files.js";

test("A file that has bytes, and no more than may be sent, has no fault", () => {
  assert.equal(findFault({ size: 1 }, 100e6), "");
  assert.equal(findFault({ size: 100e6 }, 100e6), "");
});

test("An empty file is named as that", () => {
  assert.equal(findFault({ size: 0 }, 100e6), "This file is empty.");
});

/** @type {[number, string][]} */
const LIMITS = [
  [200e6, "This file is too large: a file may have at most 200 MB."],
  [2_500_000, "This file is too large: a file may have at most 2.5 MB."],
  [500_000, "This file is too large: a file may have at most 500 kB."],
];
for (const [maxBytes, sentence] of LIMITS) {
  test(`A file over ${maxBytes} bytes is refused with that limit`, () => {
    assert.equal(findFault({ size: maxBytes + 1 }, maxBytes), sentence);
  });
}
