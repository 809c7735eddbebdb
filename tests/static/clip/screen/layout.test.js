import assert from "node:assert/strict";
import test from "node:test";

import { layOutScreen, moveFocus, placeVideo } from "../../../../static/clip/screen/layout.js";

/** @import { Frame } from "../../../../static/clip/frame.js" */
/** @import { Layout } from "../../../../static/clip/screen/layout.js" */

const WIDE = { width: 1600, height: 900 };
const TALL = { width: 900, height: 1600 };

/** @type {[string, Frame, {width: number, height: number}, Layout][]} */
const LAYOUTS = [
  [
    "a tall crop of a wide video shows all of the video, and the middle of it as the frame",
    { aspect: "9:16", fit: "crop" },
    WIDE,
    { ratio: 16 / 9, picture: [0, 0, 1, 1], frame: [0.3418, 0, 0.3164, 1], axis: "horizontal" },
  ],
  [
    "a point beside the edge keeps the frame within the video",
    { aspect: "1:1", fit: "crop", focus: { x: 1, y: 0 } },
    WIDE,
    { ratio: 16 / 9, picture: [0, 0, 1, 1], frame: [0.4375, 0, 0.5625, 1], axis: "horizontal" },
  ],
  [
    "a wide crop of a tall video can be moved up and down",
    { aspect: "16:9", fit: "crop", focus: { x: 0.5, y: 0.2 } },
    TALL,
    { ratio: 9 / 16, picture: [0, 0, 1, 1], frame: [0, 0.0418, 1, 0.3164], axis: "vertical" },
  ],
  [
    "a turned video has the other shape",
    { aspect: "16:9", fit: "crop", rotate: 90 },
    WIDE,
    { ratio: 9 / 16, picture: [0, 0, 1, 1], frame: [0, 0.3418, 1, 0.3164], axis: "vertical" },
  ],
  [
    "a crop to the video's own shape leaves nothing to move",
    { aspect: "16:9", fit: "crop" },
    WIDE,
    { ratio: 16 / 9, picture: [0, 0, 1, 1], frame: [0, 0, 1, 1], axis: null },
  ],
  [
    "with blurred sides the screen is the frame, and the video lies in its middle",
    { aspect: "9:16", fit: "blur" },
    WIDE,
    { ratio: 9 / 16, picture: [0, 0.3418, 1, 0.3164], frame: [0, 0, 1, 1], axis: null },
  ],
  [
    "a clip as its video fills the screen",
    { aspect: "original", fit: "pad" },
    TALL,
    { ratio: 9 / 16, picture: [0, 0, 1, 1], frame: [0, 0, 1, 1], axis: null },
  ],
];
for (const [name, frame, video, expected] of LAYOUTS) {
  test(`On the screen ${name}`, () => {
    assert.deepEqual(layOutScreen(frame, video), expected);
  });
}

test("A crop is moved along the side that it leaves out, and no farther than the edge", () => {
  const across = layOutScreen({ aspect: "1:1", fit: "crop" }, WIDE);
  assert.deepEqual(moveFocus(across, 0.1, 0.4), { x: 0.6, y: 0.5 });
  assert.deepEqual(moveFocus(across, -1, 0), { x: 0.281, y: 0.5 });
  const down = layOutScreen({ aspect: "1:1", fit: "crop" }, TALL);
  assert.deepEqual(moveFocus(down, 0.3, 1), { x: 0.5, y: 0.719 });
});

test("A video that is turned by a quarter fills its place after the turn", () => {
  const layout = layOutScreen({ aspect: "original", fit: "pad", rotate: 90 }, WIDE);
  const [left, top, width, height] = placeVideo(layout, 90);
  const [screenWidth, screenHeight] = [900, 1600];
  assert.ok(Math.abs(width * screenWidth - 1600) < 1);
  assert.ok(Math.abs(height * screenHeight - 900) < 1);
  assert.ok(Math.abs(left + width / 2 - 0.5) < 1e-3);
  assert.ok(Math.abs(top + height / 2 - 0.5) < 1e-3);
  assert.equal(placeVideo(layout, 180), layout.picture);
});
