import assert from "node:assert/strict";
import test from "node:test";

import { describeWait, newSource } from "../../../static/clip/source.js";
import { tellSending } from "../../../static/intake/telling.js";

/** @import { Stage } from "../../../static/intake/telling.js" */

test("What is waited for is said as it is: the video is sent, checked, or waits to be sent", () => {
  const source = newSource("bikes.mp4", "", null);
  const { onProgress, onPause } = tellSending("video", (_line, stage) => (source.stage = stage));
  assert.equal(describeWait(source), "Sending the video");
  onProgress(1e6, 2e6);
  assert.equal(describeWait(source), "Sending the video");
  onPause({ sentence: "The connection was lost.", seconds: 1 });
  assert.equal(describeWait(source), "Waiting to send the video");
  onProgress(2e6, 2e6);
  assert.equal(describeWait(source), "Checking the video");
  source.id = "a";
  assert.equal(describeWait(source), "");
  assert.equal(describeWait(null), "");
});
