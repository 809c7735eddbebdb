import assert from "node:assert/strict";
import test from "node:test";

import {
  floor,
  formatBytes,
  formatLength,
  formatNumber,
  formatSending,
  formatSpan,
  formatTime,
  round,
} from "../../static/format.js";

/** @type {[number, string][]} */
const TIMES = [
  [0, "0:00"],
  [0.04, "0:00"],
  [4.5, "0:04.5"],
  [59.94, "0:59.9"],
  [59.96, "1:00"],
  [75.5, "1:15.5"],
  [600, "10:00"],
  [3599.99, "1:00:00"],
  [3661, "1:01:01"],
  [36000.1, "10:00:00.1"],
];
for (const [seconds, text] of TIMES) {
  test(`${seconds} seconds are written as the time ${text}`, () => {
    assert.equal(formatTime(seconds), text);
  });
}

/** @type {[number, string][]} */
const SIZES = [
  [0, "0 kB"],
  [1, "1 kB"],
  [1499, "1 kB"],
  [1500, "2 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [2_540_000, "2.5 MB"],
  [99_949_999, "99.9 MB"],
  [99_950_000, "100 MB"],
  [999_499_999, "999 MB"],
  [1_234_567_890, "1.2 GB"],
  [2_345_678_900_000, "2,346 GB"],
];
for (const [bytes, text] of SIZES) {
  test(`${bytes} bytes are written as ${text}`, () => {
    assert.equal(formatBytes(bytes), text);
  });
}

/** @type {[number, string][]} */
const LENGTHS = [
  [0.1, "0.1\u00a0s"],
  [5.5, "5.5\u00a0s"],
  [59.994, "59.99\u00a0s"],
  [59.996, "1:00"],
  [75.5, "1:15.5"],
];
for (const [seconds, text] of LENGTHS) {
  test(`A length of ${seconds} seconds is written as ${text}`, () => {
    assert.equal(formatLength(seconds), text);
  });
}

/** @type {[number, string][]} */
const SPANS = [
  [0, "1\u00a0s"],
  [0.2, "1\u00a0s"],
  [42.4, "42\u00a0s"],
  [60, "1\u00a0min"],
  [61, "2\u00a0min"],
  [3600, "60\u00a0min"],
];
for (const [seconds, text] of SPANS) {
  test(`A wait of ${seconds} seconds is guessed as ${text}`, () => {
    assert.equal(formatSpan(seconds), text);
  });
}

test("An upload tells its share in whole per cent, and never 100 before its end", () => {
  assert.equal(formatSending(0, 5e6), "Sending: 0 %, 0 kB of 5.0 MB");
  assert.equal(formatSending(4_999_999, 5e6), "Sending: 99 %, 5.0 MB of 5.0 MB");
  assert.equal(formatSending(5e6, 5e6), "Sending: 100 %, 5.0 MB of 5.0 MB");
});

test("A number has two digits after the point at most, and none that is not needed", () => {
  assert.deepEqual([3, 2.5, 23.976, 0.004].map(formatNumber), ["3", "2.5", "23.98", "0"]);
});

test("Rounding and flooring keep the digits that they are told", () => {
  assert.deepEqual([round(1.2345, 3), round(1.2345, 0), round(0.1 + 0.2, 2)], [1.235, 1, 0.3]);
  assert.deepEqual([floor(4.999, 2), floor(4.999, 0), floor(5, 2)], [4.99, 4, 5]);
});
