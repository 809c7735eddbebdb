import assert from "node:assert/strict";
import test from "node:test";

import { measureCrop, placeCrop, readFrame } from "../../../static/clip/frame.js";

/** @import { Frame } from "../../../static/clip/frame.js" */

/** @type {[Partial<Frame>, number, number, {width: number, height: number} | null][]} */
const CROPS = [
  [{ aspect: "1:1" }, 1920, 1080, { width: 0.5625, height: 1 }],
  [{ aspect: "1:1" }, 1080, 1920, { width: 1, height: 0.5625 }],
  [{ aspect: "16:9" }, 1920, 1080, { width: 1, height: 1 }],
  [{ aspect: "9:16" }, 1000, 1000, { width: 0.5625, height: 1 }],
  [{ aspect: "4:5" }, 1000, 1000, { width: 0.8, height: 1 }],
  [{ resolution: "720x900" }, 1000, 1000, { width: 0.8, height: 1 }],
  [{ aspect: "9:16", rotate: 90 }, 1000, 1000, { width: 1, height: 0.5625 }],
  [{ aspect: "9:16", rotate: 180 }, 1000, 1000, { width: 0.5625, height: 1 }],
  [{ aspect: "original" }, 1920, 1080, null],
  [{ aspect: "1:1" }, 0, 0, null],
];
for (const [frame, width, height, expected] of CROPS) {
  const kept = expected ? `${expected.width} x ${expected.height} of it` : "nothing to mark";
  test(`A crop of ${width} x ${height} to ${JSON.stringify(frame)} keeps ${kept}`, () => {
    assert.deepEqual(measureCrop({ fit: "crop", ...frame }, width, height), expected);
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

/** @type {[number, number, number, {width: number, height: number}, {x: number, y: number}][]} */
const PLACES = [
  [0.25, 0.5, 0, { width: 0.4, height: 1 }, { x: 0.25, y: 0.5 }],
  [0, 1, 0, { width: 0.4, height: 0.5 }, { x: 0.2, y: 0.75 }],
  [0.25, 0.1, 90, { width: 0.2, height: 0.2 }, { x: 0.1, y: 0.75 }],
  [0.25, 0.1, 180, { width: 0.2, height: 0.2 }, { x: 0.75, y: 0.9 }],
  [0.25, 0.1, 270, { width: 0.2, height: 0.2 }, { x: 0.9, y: 0.25 }],
];
for (const [x, y, rotate, crop, expected] of PLACES) {
  test(`A crop around ${x}, ${y} of a video turned by ${rotate} degrees lies within it`, () => {
    assert.deepEqual(placeCrop({ x, y }, rotate, crop), expected);
  });
}
