import assert from "node:assert/strict";
import test from "node:test";

import { describeEstimate } from "../../../static/job/estimate.js";

/** @type {[number, number, string][]} */
const ESTIMATES = [
  [12_300_000, 4.4, "About 12.3 MB, made in about 4\u00a0s"],
  [300, 0.01, "About 1 kB, made in about 1\u00a0s"],
  [2_400_000_000, 5400, "About 2.4 GB, made in about 90\u00a0min"],
];
for (const [size, seconds, sentence] of ESTIMATES) {
  test(`An estimate of ${size} bytes in ${seconds} seconds reads: ${sentence}`, () => {
    const estimate = { estimated_file_size: size, estimated_time: seconds };
    assert.equal(describeEstimate(estimate), sentence);
  });
}

test("An estimate that is vague tells the least and the most", () => {
  /** @type {(range: [number, number]) => string} */
  const describe = (range) =>
    describeEstimate({
      estimated_file_size: 4_000_000,
      estimated_file_size_range: range,
      estimated_time: 3,
    });
  assert.match(describe([3_100_000, 5_200_000]), /^About 4\.0 MB, made/);
  assert.match(describe([2_000_000, 8_100_000]), /^About 2\.0 MB to 8\.1 MB, made/);
});

test("An estimate tells what will not be as it was ordered", () => {
  const warnings = ["The clip is silent.", "One caption is not shown."];
  const estimate = { estimated_file_size: 2_000_000, estimated_time: 3, warnings };
  assert.match(describeEstimate(estimate), /s\. The clip is silent\. One caption is not shown\.$/);
});
