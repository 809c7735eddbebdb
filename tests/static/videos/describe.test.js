import assert from "node:assert/strict";
import test from "node:test";

import {
  describeCard,
  describeDays,
  describeEdge,
  isShown,
  nameVideo,
} from "../../../static/videos/describe.js";

/** @import { JobRecord } from "../../../static/job/records.js" */

/** @type {JobRecord} */
const RECORD = { id: "an-id", noun: "clip", url: "/order", body: null, accepted: true };
const RESULT = {
  video_id: "an-id",
  width: 1280,
  height: 720,
  duration: 12.5,
  fps: 30,
  file_size: 4_200_000,
};

test("Videos are shown; analyses and previews are not", () => {
  assert.equal(isShown({ kind: "slideshow" }, null), true);
  assert.equal(isShown({ kind: "clip" }, RECORD), true);
  assert.equal(isShown({ kind: "analysis" }, null), false);
  assert.equal(isShown({ kind: "clip" }, { ...RECORD, body: { preview: true } }), false);
});

test("A video is called as its owner knows it, or by when it was ordered", () => {
  const created = "2025-07-12T10:00:00.000Z";
  const now = Date.parse("2025-09-01T10:00:00Z");
  assert.equal(nameVideo({ kind: "clip" }, { ...RECORD, title: "bikes.mp4" }), "Clip: bikes.mp4");
  assert.equal(
    nameVideo({ kind: "slideshow", created_at: created }, null, now),
    "Slideshow, 12 July",
  );
});

for (const [status, text] of /** @type {const} */ ([
  [{ status: "finished", result: RESULT }, "12.5\u00a0s  ·  1280 × 720  ·  4.2 MB"],
  [{ status: "failed", error: "A photo is damaged." }, "A photo is damaged."],
  [{ status: "canceled" }, "Cancelled"],
  [{ status: "started", progress: 41.5, message: "Rendering." }, "Rendering."],
])) {
  test(`A card of a job that is ${status.status} says: ${text}`, () => {
    assert.equal(describeCard(status), text);
  });
}

test("A card says when its video was ordered, and until when it is kept", () => {
  const [now, ended] = [new Date(2020, 6, 5, 20).getTime(), new Date(2020, 6, 5, 12).toISOString()];
  const status = { created_at: ended, ended_at: ended };
  assert.equal(describeDays(status, 168, now), "Today, 12:00  ·  kept until 12 July");
  assert.equal(describeDays(status, 0, now), "Today, 12:00");
  assert.equal(describeDays({ ended_at: ended }, 168, now), "Kept until 12 July");
});

test("The edge of the film has the length, or how far the video is", () => {
  assert.equal(describeEdge({ status: "finished", result: RESULT }), "0:13");
  assert.equal(describeEdge({ status: "started", progress: 41.5 }), "41 %");
  assert.equal(describeEdge({ status: "failed", progress: 41.5 }), "");
});
