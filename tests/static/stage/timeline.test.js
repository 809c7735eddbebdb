import assert from "node:assert/strict";
import { test } from "node:test";

import { describeFrame, findMoment, findView, partWords } from "../../../static/stage/timeline.js";

/** @import { Plan, Slide, Words } from "../../../static/stage/timeline.js" */

/**
 * @param {string[]} texts
 * @returns {Words[]}
 */
function write(...texts) {
  const lines = texts.map((text) => ({ text, left: 0.4, width: 0.2, baseline: 0.9 }));
  return [{ role: "caption", box: [0.3, 0.8, 0.4, 0.1], size: 0.05, lines, backing: "box" }];
}

/** @type {Slide[]} */
const SLIDES = [
  {
    ...{ kind: "title", photo: 0, start: 0, end: 30, fit: "cover", rotate: 0 },
    words: write("Our", "summer"),
    transition: { name: "fade", start: 20, end: 30, parts_words: true },
  },
  {
    ...{ kind: "photo", photo: 0, start: 20, end: 60, fit: "cover", rotate: 0 },
    words: write("At the sea"),
    views: [
      [0, 0, 1, 0.5],
      [0.2, 0.4, 0.5, 0.25],
    ],
  },
  { kind: "video", photo: 1, start: 60, end: 90, fit: "blur", rotate: 0, place: [0.1, 0, 0.8, 1] },
];

test("A frame shows one slide, and two in a transition", () => {
  assert.deepEqual(findMoment(SLIDES, 19), { index: 0, slide: SLIDES[0], step: 0, steps: 0 });
  const moment = { index: 1, slide: SLIDES[1], before: SLIDES[0], steps: 10 };
  assert.deepEqual(findMoment(SLIDES, 20), { ...moment, step: 1 });
  assert.deepEqual(findMoment(SLIDES, 29), { ...moment, step: 10 });
  assert.equal(findMoment(SLIDES, 30).before, undefined);
  assert.equal(findMoment(SLIDES, 59).slide, SLIDES[1]);
  assert.equal(findMoment(SLIDES, 60).slide, SLIDES[2]);
  assert.equal(findMoment(SLIDES, 60).before, undefined);
});

test("The camera goes from the first view to the last, slowly at both ends", () => {
  assert.deepEqual(findView(SLIDES[1], 20), [0, 0, 1, 0.5]);
  assert.deepEqual(findView(SLIDES[1], 59), [0.2, 0.4, 0.5, 0.25]);
  const [early, middle] = [findView(SLIDES[1], 24)[0], findView(SLIDES[1], 40)[0]];
  assert(early > 0 && early < 0.02);
  assert(middle > 0.09 && middle < 0.12);
  assert.deepEqual(findView(SLIDES[2], 70), [0, 0, 1, 1]);
});

test("Words that part are never seen together, and those that do not go with their pictures", () => {
  for (let frame = 20; frame < 30; frame++) {
    const parted = partWords(findMoment(SLIDES, frame));
    assert(parted && parted.old * parted.new === 0);
  }
  assert.deepEqual(partWords(findMoment(SLIDES, 24)), { old: 0, new: 0 });
  assert.deepEqual(partWords(findMoment(SLIDES, 29)), { old: 0, new: 1 });
  assert.equal(partWords(findMoment(SLIDES, 40)), null);
});

test("A frame is described by its place and its words", () => {
  const timeline = { slides: SLIDES, music: [], music_fade_out: 0 };
  /** @type {Plan} */
  const plan = { width: 640, height: 360, fps: 30, frames: 90, timeline };
  const describe = (/** @type {number} */ frame) =>
    describeFrame(plan, frame, (photo) => ["sea.jpg", "waves.mp4"][photo]);
  assert.equal(describe(0), "Title: Our summer");
  assert.equal(describe(22), "Title: Our summer");
  assert.equal(describe(27), "Photo 1 of 2, sea.jpg: At the sea");
  assert.equal(describe(40), "Photo 1 of 2, sea.jpg: At the sea");
  assert.equal(describe(80), "Video 2 of 2, waves.mp4");
});
