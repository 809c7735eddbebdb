import assert from "node:assert/strict";
import test from "node:test";

import { describeEstimate } from "../../../static/job/estimate.js";

/** @type {[number, number, string][]} */
const ESTIMATES = [
  [12_300_000, 4.4, "About 12.3 MB, made in about 4\u00a0s"],
  [300, 0.01, "About 1 kB, made in about 1\u00a0s"],
  [2_400_000_000, 5400, "About 2400 MB, made in about 90\u00a0min"],
];
for (const [size, seconds, sentence] of ESTIMATES) {
  test(`An estimate of ${size} bytes in ${seconds} seconds reads: ${sentence}`, () => {
    const estimate = { estimated_file_size: size, estimated_time: seconds };
    assert.equal(describeEstimate(estimate), sentence);
  });
}

test("An estimate tells what will not be as it was ordered", () => {
  const warnings = ["The clip is silent.", "One caption is not shown."];
  const estimate = { estimated_file_size: 2_000_000, estimated_time: 3, warnings };
  assert.match(describeEstimate(estimate), /s\. The clip is silent\. One caption is not shown\.$/);
});
