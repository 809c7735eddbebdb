import assert from "node:assert/strict";
import test from "node:test";

import { readFrame, readShape } from "../../../static/clip/frame.js";

/** @import { Frame } from "../../../static/clip/frame.js" */

/** @type {[Partial<Frame>, number | null][]} */
const SHAPES = [
  [{ aspect: "1:1" }, 1],
  [{ aspect: "16:9" }, 16 / 9],
  [{ resolution: "720x900" }, 0.8],
  [{ aspect: "original" }, null],
  [{ resolution: "720x" }, null],
];
for (const [frame, expected] of SHAPES) {
  test(`A clip with ${JSON.stringify(frame)} has the shape ${expected}`, () => {
    assert.equal(readShape({ fit: "crop", ...frame }), expected);
  });
}

/** @type {[Record<string, string>, Frame][]} */
const FORMS = [
  [
    { aspect: "4:5", fit: "blur", resolution: "", rotate: "0" },
    { aspect: "4:5", fit: "blur" },
  ],
  [
    { aspect: "4:5", fit: "pad", resolution: " 720x900 ", rotate: "90" },
    { resolution: "720x900", fit: "pad", rotate: 90 },
  ],
  [
    { aspect: "1:1", fit: "crop", focus: "auto" },
    { aspect: "1:1", fit: "crop", focus: "auto" },
  ],
  [
    { aspect: "1:1", fit: "crop", focus: "" },
    { aspect: "1:1", fit: "crop" },
  ],
  [
    { aspect: "1:1", fit: "crop", focus: "point", focus_x: "25", focus_y: "" },
    { aspect: "1:1", fit: "crop", focus: { x: 0.25, y: 0.5 } },
  ],
  [
    { aspect: "1:1", fit: "blur", focus: "auto" },
    { aspect: "1:1", fit: "blur" },
  ],
];
for (const [fields, expected] of FORMS) {
  test(`The form with ${JSON.stringify(fields)} has the right order`, () => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    assert.deepEqual(readFrame(data), expected);
  });
}
