import assert from "node:assert/strict";
import test from "node:test";

import {
  findCell,
  findSeen,
  followKey,
  locateCell,
  shiftIndex,
} from "../../../../static/slideshow/sheet/grid.js";

// 0 1 2
// 3 4 5
// 6 7
const GRID = { count: 8, columns: 3, width: 100, height: 80, isRtl: false };
const MIRRORED = { ...GRID, isRtl: true };

/** @type {[number, number, number, number][]} */
const POINTS = [
  [0, 0, 0, 2],
  [299, 79, 2, 0],
  [150, 90, 4, 4],
  [-40, -40, 0, 2],
  [900, 30, 2, 0],
  [50, 165, 6, 7],
  [250, 165, 7, 6],
  [50, 5000, 7, 7],
];
for (const [x, y, expected, mirrored] of POINTS) {
  test(`At ${x}, ${y} is cell ${expected}; from right to left, cell ${mirrored}`, () => {
    assert.equal(findCell(GRID, { x, y }), expected);
    assert.equal(findCell(MIRRORED, { x, y }), mirrored);
  });
}

test("Each cell is found at its own middle", () => {
  for (const grid of [GRID, MIRRORED]) {
    for (let index = 0; index < grid.count; index++) {
      const { x, y } = locateCell(grid, index);
      assert.equal(findCell(grid, { x: x + 50, y: y + 40 }), index);
    }
  }
});

test("What is carried leaves its place to the others, and they make room for it", () => {
  const show = (/** @type {number} */ from, /** @type {number} */ to) => {
    /** @type {string[]} */
    const shown = [];
    [..."abcdef"].forEach((name, index) => (shown[shiftIndex(index, from, to)] = name));
    return shown.join("");
  };
  assert.equal(show(1, 4), "acdebf");
  assert.equal(show(4, 1), "aebcdf");
  assert.equal(show(0, 5), "bcdefa");
  assert.equal(show(2, 2), "abcdef");
});

/** @type {[number, number, [number, number]][]} */
const WINDOWS = [
  [-200, 40, [0, 2]],
  [0, 79, [0, 2]],
  [79, 81, [0, 5]],
  [100, 500, [3, 7]],
  [900, 1000, [7, 7]],
];
for (const [top, bottom, expected] of WINDOWS) {
  test(`Between ${top} and ${bottom}, cells ${expected} are seen`, () => {
    assert.deepEqual(findSeen(GRID, top, bottom), expected);
  });
}

/** @type {[string, number, number | null][]} */
const KEYS = [
  ["ArrowRight", 2, 3],
  ["ArrowRight", 7, 7],
  ["ArrowLeft", 3, 2],
  ["ArrowLeft", 0, 0],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 5, 7],
  ["ArrowDown", 6, 6],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 1, 1],
  ["Home", 5, 0],
  ["End", 1, 7],
  ["PageDown", 0, 6],
  ["PageDown", 2, 7],
  ["PageUp", 7, 1],
  ["PageUp", 4, 1],
  ["a", 4, null],
];
for (const [key, index, expected] of KEYS) {
  test(`${key} leads from ${index} to ${expected}`, () => {
    assert.equal(followKey(GRID, index, key, 2), expected);
  });
}

test("From right to left, the arrows lead where they point", () => {
  assert.equal(followKey(MIRRORED, 4, "ArrowLeft", 2), 5);
  assert.equal(followKey(MIRRORED, 4, "ArrowRight", 2), 3);
  assert.equal(followKey(MIRRORED, 4, "ArrowDown", 2), 7);
});
