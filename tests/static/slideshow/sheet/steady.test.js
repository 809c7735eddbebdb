import assert from "node:assert/strict";
import { test } from "node:test";

import { findRising, findSteady } from "../../../../static/slideshow/sheet/steady.js";

test("longest rising run is found among all", () => {
  const numbers = [6, 0, 4, 2, 5, 1, 3, 7];
  const lengths = Array.from({ length: 2 ** numbers.length }, (_, bits) => {
    const run = numbers.filter((_number, index) => bits & (1 << index));
    return run.every((number, index) => !index || run[index - 1] < number) ? run.length : 0;
  });
  const rising = [...findRising(numbers)].sort((one, other) => one - other);
  const run = rising.map((index) => numbers[index]);
  assert.equal(run.length, Math.max(...lengths));
  assert.deepEqual(
    run,
    [...run].sort((one, other) => one - other),
  );
});

test("photos that are carried are moved, and no others", () => {
  assert.deepEqual(findSteady([..."abcdef"], [..."bcdeaf"]), new Set("bcdef"));
  assert.deepEqual(findSteady([..."abcdef"], [..."aefbcd"]), new Set("abcd"));
  assert.deepEqual(findSteady([..."abc"], [..."acd"]), new Set("ac"));
  assert.deepEqual(findSteady([], [..."ab"]), new Set());
});
