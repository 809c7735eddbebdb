import assert from "node:assert/strict";
import { test } from "node:test";

import { blurPixels, makeGrain } from "../../../static/stage/pixels.js";

test("A blur keeps what is even, spreads what is not, and makes it darker", () => {
  const [width, height] = [21, 11];
  const data = new Uint8ClampedArray(4 * width * height).fill(100);
  blurPixels({ data, width, height }, 2, 0.5);
  assert.deepEqual([...data.slice(0, 4)], [50, 50, 50, 255]);
  data[4 * (5 * width + 10)] = 255;
  blurPixels({ data, width, height }, 2, 1);
  const red = (/** @type {number} */ x, /** @type {number} */ y) => data[4 * (y * width + x)];
  assert(red(10, 5) > red(12, 5) && red(12, 5) > 50);
  assert.equal(red(8, 5), red(12, 5));
  assert.equal(red(10, 3), red(12, 5));
  assert.equal(red(0, 0), 50);
});

test("Grain has every level once, and is the same each time", () => {
  const levels = makeGrain(100);
  assert.deepEqual(
    [...levels].sort((one, other) => one - other),
    Array.from({ length: 100 }, (_, index) => (index + 0.5) / 100),
  );
  assert.notEqual(levels[0], 0.005);
  assert.deepEqual(makeGrain(100), levels);
});
