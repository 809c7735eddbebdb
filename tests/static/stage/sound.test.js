import assert from "node:assert/strict";
import { test } from "node:test";

import { listHeard } from "../../../static/stage/sound.js";

const PARTS = [
  { track: 0, at: 0, start: 5, duration: 10, fade_in: 0.005, fade_out: 2 },
  { track: 1, at: 8, start: 0, duration: 10, fade_in: 2, fade_out: 0.005 },
];
const WHOLE = { duration: 16, fadeOut: 2 };

/** @param {number} seconds */
const hear = (seconds) => listHeard(PARTS, seconds, WHOLE);

test("A part is heard from its start in the file on", () => {
  assert.deepEqual(hear(3), [{ index: 0, track: 0, at: 8, gain: 1 }]);
  assert.deepEqual(hear(20), []);
});

test("Two parts fade at constant power", () => {
  for (const seconds of [8.2, 9, 9.7]) {
    const [old, next] = hear(seconds);
    assert.deepEqual([old.track, next.track], [0, 1]);
    assert(Math.abs(old.gain ** 2 + next.gain ** 2 - 1) < 1e-9);
  }
});

test("All music fades out at the end", () => {
  const [early, late] = [hear(14)[0].gain, hear(15.5)[0].gain];
  assert.deepEqual([early, late], [1, 0.25]);
});
