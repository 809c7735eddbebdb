import assert from "node:assert/strict";
import test from "node:test";

import { chooseBatch, matchAnswers, shareBytes } from "../../../static/slideshow/batch.js";

/** @type {[number[], number, number][]} */
const BATCHES = [
  [[], 100e6, 0],
  [[1e6], 100e6, 1],
  [Array(20).fill(1e6), 100e6, 16],
  [[20e6, 4e6, 1], 100e6, 2],
  [[20e6, 4e6 + 1], 100e6, 1],
  [[90e6, 1], 100e6, 1],
  [[6e6, 3.5e6, 1], 10e6, 2],
  [[6e6, 3.6e6], 10e6, 1],
  [[10e6], 10e6, 1],
];
for (const [sizes, maxBytes, count] of BATCHES) {
  test(`Of files of ${sizes} bytes, ${count} go together where ${maxBytes} are taken`, () => {
    const photos = sizes.map((size) => ({ size }));
    assert.deepEqual(chooseBatch(photos, maxBytes), photos.slice(0, count));
  });
}

/** @type {[number, number[]][]} */
const SHARES = [
  [0, [0, 0, 0]],
  [50, [0, 0, 0]],
  [90, [40, 0, 0]],
  [150, [100, 0, 0]],
  [351, [100, 200, 1]],
  [400, [100, 200, 50]],
];
for (const [sent, expected] of SHARES) {
  test(`When ${sent} of 400 bytes have left, with 50 of a form before the files: ${expected}`, () => {
    assert.deepEqual(shareBytes([100, 200, 50], sent, 400), expected);
  });
}

/** @param {string} filename */
const accept = (filename) => ({ id: `id of ${filename}`, filename, thumbnail_url: "/thumbnail" });
/** @param {string} filename */
const refuse = (filename) => ({ filename, error: `${filename} is no picture.` });

/**
 * Answer for a form as the server does: `+name` is accepted, `-name` is refused.
 * @param {string[]} files
 */
function answer(files) {
  const find = (/** @type {string} */ sign) =>
    files.filter((file) => file[0] === sign).map((file) => file.slice(1));
  return { images: find("+").map(accept), rejected: find("-").map(refuse) };
}

for (const files of [
  ["+a.jpg", "+b.jpg"],
  ["-a.jpg", "-b.jpg"],
  ["+a.jpg", "-b.jpg", "+c.jpg"],
  ["-a.jpg", "+b.jpg", "-c.jpg", "-d.jpg"],
  ["+a.jpg", "+a.jpg", "-b.jpg", "-b.jpg"],
  ["+a.jpg", "-a.jpg"],
]) {
  test(`Each of the files ${files} gets its own answer`, () => {
    const names = files.map((file) => file.slice(1));
    const expected = files.map((file) => (file[0] === "+" ? accept : refuse)(file.slice(1)));
    assert.deepEqual(matchAnswers(names, answer(files)), expected);
  });
}

test("A file of which the server says nothing has no answer", () => {
  assert.deepEqual(matchAnswers(["a.jpg"], { images: [], rejected: [] }), [undefined]);
});
