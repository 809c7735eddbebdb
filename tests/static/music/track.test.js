import assert from "node:assert/strict";
import test from "node:test";

import { findFault, isSameTrack, measureTracks } from "../../../static/music/track.js";

/**
 * @param {number} duration
 * @param {number} [start]
 * @param {number | null} [end]
 */
const newTrack = (duration, start = 0, end = null) => ({ id: "0", duration, start, end });

/** @type {[string, ReturnType<typeof newTrack>[], number][]} */
const MUSIC = [
  ["no track", [], 0],
  ["one track", [newTrack(60)], 60],
  ["two tracks, faded for 2 s", [newTrack(60), newTrack(30)], 88],
  ["three tracks", [newTrack(60), newTrack(60), newTrack(60)], 176],
  ["a short track, faded for half of it", [newTrack(60), newTrack(3), newTrack(60)], 120],
  ["parts of tracks", [newTrack(60, 10, 20), newTrack(60, 50)], 18],
  ["the same part twice", [newTrack(4, 1, 3), newTrack(4, 1, 3)], 3],
];
for (const [name, tracks, seconds] of MUSIC) {
  test(`The music of ${name} lasts ${seconds} s`, () => {
    assert.equal(measureTracks(tracks), seconds);
  });
}

const LENGTH = "This song lasts from 0 to 60.12 seconds.";
const ORDER = "The end must be 0.1 s or more after the start.";
/** @type {[number, number | null, string][]} */
const FAULTS = [
  [0, null, ""],
  [0, 60.125, ""],
  [10, 10.1, ""],
  [10, 10, ORDER],
  [20, 10, ORDER],
  [0, 0, ORDER],
  [60.1, null, ORDER],
  [-1, null, LENGTH],
  [0, 60.13, LENGTH],
  [61, null, LENGTH],
];
for (const [start, end, sentence] of FAULTS) {
  test(`A song from ${start} to ${end ?? "its end"} has ${sentence || "no fault"}`, () => {
    assert.equal(findFault(newTrack(60.125, start, end)), sentence);
  });
}

test("A song has no fault as long as it is sent: its length is not known", () => {
  assert.equal(findFault({ duration: 0, start: 0, end: null }), "");
});

test("a track is the same by its upload and its part, or by its file before that", () => {
  const track = newTrack(60, 10, 20);
  assert(isSameTrack(track, { ...track }));
  assert(!isSameTrack(track, { ...track, start: 11 }));
  assert(!isSameTrack(track, { ...track, id: "1" }));
  const unsent = { ...track, id: undefined };
  assert(isSameTrack({ ...unsent, kept: "a" }, { ...unsent, kept: "a" }));
  assert(!isSameTrack({ ...unsent, kept: "a" }, { ...unsent, kept: "b" }));
  assert(isSameTrack(unsent, unsent));
  assert(!isSameTrack(unsent, { ...unsent }));
});
