import assert from "node:assert/strict";
import test from "node:test";

import { Pace } from "../../../static/intake/pace.js";

test("A pace is that of the last seconds", () => {
  const pace = new Pace();
  for (let second = 0; second <= 20; second++) pace.note(second * 1e6, second * 1000);
  assert.equal(pace.rate, 1e6);
  for (let second = 21; second <= 40; second++) {
    pace.note(20e6 + (second - 20) * 3e6, second * 1000);
  }
  assert.equal(pace.rate, 3e6);
});

test("A pace is not told before it is known", () => {
  const pace = new Pace();
  assert.equal(pace.rate, 0);
  pace.note(0, 0);
  pace.note(5e6, 1000);
  assert.equal(pace.rate, 0);
});

test("A pace starts again when there is less to send", () => {
  const pace = new Pace();
  pace.note(10e6, 0);
  pace.note(20e6, 5000);
  pace.note(5e6, 6000);
  assert.equal(pace.rate, 0);
});

test("A pace says how long the rest takes", () => {
  const pace = new Pace();
  const now = Date.now();
  pace.note(0, now - 4000);
  assert.match(pace.describe(8e6, 20e6), /^, (2\.0|1\.9) MB\/s, 6\u00a0s left$/);
});
