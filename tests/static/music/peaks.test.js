import assert from "node:assert/strict";
import { test } from "node:test";

import { findPeaks } from "../../../static/music/peaks.js";

test("Peaks are the loudest moments of equal parts, and the loudest of all is 1", () => {
  const samples = Float32Array.of(0, 0.1, -0.4, 0.2, 0.1, 0, 0, 0);
  assert.deepEqual(
    findPeaks(samples, 4).map((peak) => Math.round(peak * 100) / 100),
    [0.25, 1, 0.25, 0],
  );
});

test("Silence and sound shorter than the waveform have peaks too", () => {
  assert.deepEqual(findPeaks(new Float32Array(8), 2), [0, 0]);
  assert.equal(findPeaks(Float32Array.of(0.5), 3).length, 3);
});
