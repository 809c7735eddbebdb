import assert from "node:assert/strict";
import test from "node:test";

import { listSuggestions } from "../../../../static/clip/suggestions/moments.js";
import { describeSearch } from "../../../../static/clip/suggestions/search.js";

const NEWS = { status: {}, notice: "", error: "", canRetry: false };

test("A search says how far it is, and how it ended", () => {
  const running = { status: "started", message: "Looking at the pictures.", progress: 40 };
  assert.equal(describeSearch({ ...NEWS, status: running }), "Looking at the pictures. 40 %");
  assert.equal(describeSearch({ ...NEWS, notice: "Busy." }), "Busy.");
  const error = "transcript: no speech is recognised here.";
  assert.equal(describeSearch({ ...NEWS, error }, "transcript"), "No speech is recognised here.");
  assert.equal(describeSearch({ ...NEWS, status: { status: "canceled" } }), "Stopped.");
  assert.equal(describeSearch({ ...NEWS, status: { status: "finished" } }), "");
});

test("Moments keep their order, reason and score, and scenes are numbered", () => {
  const highlights = [
    { start: 7, end: 9, score: 0.8, why: "Loud." },
    { start: 1, end: 2, score: 0.3, why: "Much moves." },
  ];
  const scenes = [
    { start: 0, end: 4 },
    { start: 4, end: 9 },
  ];
  const { moments, scenes: numbered } = listSuggestions({ highlights, scenes });
  assert.deepEqual(moments[0], { cut: { start: 7, end: 9 }, why: "Loud.", score: 0.8 });
  assert.deepEqual(
    moments.map(({ cut }) => cut.start),
    [7, 1],
  );
  assert.deepEqual(
    numbered.map(({ why }) => why),
    ["Scene 1 of 2", "Scene 2 of 2"],
  );
});

test("A single scene, which is the whole video, is no suggestion", () => {
  assert.deepEqual(listSuggestions({ scenes: [{ start: 0, end: 4 }] }).scenes, []);
  assert.deepEqual(listSuggestions({}), { moments: [], scenes: [] });
});
