import assert from "node:assert/strict";
import test from "node:test";

import {
  describeForSpeech,
  describeProgress,
  describeResult,
  describeSkipped,
  describeState,
  describeTimeLeft,
  explainPlayback,
  hasEnded,
  readError,
} from "../../../static/job/status.js";
import { ApiError, ConnectionError } from "../../../static/api.js";

/** @import { Status } from "../../../static/job/status.js" */

/** @type {[Status, boolean, string][]} */
const STATES = [
  [{}, false, "Making your clip"],
  [{ status: "queued" }, false, "Making your clip"],
  [{ status: "scheduled" }, false, "Making your clip"],
  [{ status: "started" }, false, "Making your clip"],
  [{ status: "finished" }, true, "Your clip is ready"],
  [{ status: "failed" }, true, "Your clip could not be made"],
  [{ status: "canceled" }, true, "Your clip was cancelled"],
  [{ status: "stopped" }, true, "Your clip was cancelled"],
];
for (const [status, isEnd, title] of STATES) {
  test(`A job that is ${status.status ?? "unheard of"} is titled: ${title}`, () => {
    assert.equal(hasEnded(status), isEnd);
    assert.equal(describeState(status, "", "clip"), title);
  });
}

test("An error is a failure in every state", () => {
  for (const [status] of STATES) {
    const title = describeState(status, "There is no more room.", "slideshow");
    assert.equal(title, "Your slideshow could not be made");
  }
});

test("A job that is not there any more is told from one that failed", () => {
  const title = describeState({ status: "gone" }, "It was deleted.", "slideshow");
  assert.equal(title, "This video is not here any more");
});

/** @type {[Status, string][]} */
const ERRORS = [
  [{ error: "The video has no sound." }, "The video has no sound."],
  [{ error: { detail: "A photo is damaged." }, message: "Failed." }, "A photo is damaged."],
  [{ error: { message: "A photo is damaged." } }, "A photo is damaged."],
  [{ error: null, message: "The render failed." }, "The render failed."],
  [{ error: {}, message: "" }, "The video could not be made."],
  [{}, "The video could not be made."],
];
for (const [status, sentence] of ERRORS) {
  test(`The status ${JSON.stringify(status)} has the error: ${sentence}`, () => {
    assert.equal(readError(status), sentence);
  });
}

/** @type {[Status, string][]} */
const PROGRESS = [
  [{ message: "Rendering the pictures.", stage: "rendering" }, "Rendering the pictures."],
  [{ stage: "rendering" }, "Making the pictures."],
  [{ stage: "a new one" }, ""],
  [{}, ""],
  [{ message: "Waiting.", queue_position: 3 }, "Waiting. Number 3 in the queue."],
  [{ message: "Waiting.", queue_position: null }, "Waiting."],
];
for (const [status, sentence] of PROGRESS) {
  test(`The progress ${JSON.stringify(status)} is described as: ${sentence}`, () => {
    assert.equal(describeProgress(status), sentence);
  });
}

/** @type {[Status, string][]} */
const SPEECH = [
  [{ status: "started", stage: "rendering", progress: 0 }, "Making the pictures. 0 %"],
  [{ status: "started", stage: "rendering", progress: 39.9 }, "Making the pictures. 20 %"],
  [{ status: "started", stage: "saving", progress: 100 }, "Saving. 100 %"],
  [{ status: "started", progress: 47 }, "40 %"],
  [{ status: "queued", message: "Waiting.", queue_position: 2 }, "Waiting. Number 2 in the queue."],
  [{ status: "queued", message: "Waiting." }, ""],
  [{ status: "finished", stage: "completed", progress: 100 }, ""],
];
for (const [status, sentence] of SPEECH) {
  test(`A screen reader hears of ${JSON.stringify(status)}: ${sentence || "nothing"}`, () => {
    assert.equal(describeForSpeech(status), sentence);
  });
}

/** @type {[Status, string][]} */
const TIMES_LEFT = [
  [{ status: "started", eta_seconds: 12 }, "about 12\u00a0s left"],
  [{ status: "started", eta_seconds: 90 }, "about 2\u00a0min left"],
  [{ status: "started", eta_seconds: 0 }, ""],
  [{ status: "started", eta_seconds: null }, ""],
  [{ status: "queued", eta_seconds: 12 }, ""],
];
for (const [status, text] of TIMES_LEFT) {
  test(`The time left of ${JSON.stringify(status)} is told as: ${text || "nothing"}`, () => {
    assert.equal(describeTimeLeft(status), text);
  });
}

test("A finished video is described by its length, size, rate and bytes", () => {
  const result = {
    video_id: "0",
    duration: 75,
    width: 1920,
    height: 1080,
    fps: 29.97,
    file_size: 1e6,
  };
  assert.equal(describeResult(result), "1:15  ·  1920 × 1080  ·  29.97 fps  ·  1.0 MB");
});

test("Photos that were left out are named; without any there is no sentence", () => {
  assert.equal(describeSkipped(["a.jpg", "b.jpg"]), "Left out as unreadable: a.jpg and b.jpg");
  assert.equal(describeSkipped([]), "");
  assert.equal(describeSkipped(), "");
});

/** @type {[unknown, RegExp, boolean][]} */
const PLAYBACK = [
  [new ConnectionError(), /connection was lost/, true],
  [{ status: "finished" }, /could not be played/, true],
  [undefined, /has been deleted/, false],
  [new ApiError(404, null, null), /connection was lost/, true], // of a proxy
  [new ApiError(503, null, null), /connection was lost/, true],
];
for (const [found, sentence, canReload] of PLAYBACK) {
  test(`A video that does not play, and whose job is ${found}, says ${sentence}`, () => {
    const explained = explainPlayback(found);
    assert.match(explained.sentence, sentence);
    assert.equal(explained.canReload, canReload);
  });
}
