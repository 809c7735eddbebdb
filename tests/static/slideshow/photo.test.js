import assert from "node:assert/strict";
import test from "node:test";

import {
  changeChoice,
  countPhotos,
  describeCount,
  findDifferent,
  findFault,
  findIndex,
  focusChoice,
  isChosen,
  measureVideo,
  movePhotos,
  shareChoice,
  sortPhotos,
} from "../../../static/slideshow/photo.js";

/** @import { Choice, Photo } from "../../../static/slideshow/photo.js" */

const FOCUS = { x: 0.25, y: 0.75 };

/** @type {[Choice, string, string, Choice][]} */
const CHANGES = [
  [{}, "duration", "2.5", { duration: 2.5 }],
  [{}, "transition_duration", "0", { transition_duration: 0 }],
  [{}, "transition", "fade_black", { transition: "fade_black" }],
  [{}, "caption", "12", { caption: "12" }],
  [{ duration: 2 }, "duration", "4", { duration: 4 }],
  [{ duration: 2, fit: "cover" }, "duration", "", { fit: "cover" }],
  [{}, "duration", "", {}],
  [{ focus: FOCUS, fit: "cover" }, "rotate", "90", { fit: "cover", rotate: 90 }],
  [{ focus: FOCUS, rotate: 90 }, "rotate", "", {}],
  [{}, "start", "0.5", { start: 0.5 }],
  [{}, "mute", "on", { mute: true }],
  [{ mute: true, end: 3 }, "mute", "", { end: 3 }],
  [{ focus: FOCUS }, "motion", "kenburns", { focus: FOCUS, motion: "kenburns" }],
];
for (const [choice, name, text, expected] of CHANGES) {
  const before = JSON.stringify(choice);
  test(`Typing "${text}" as ${name} makes ${JSON.stringify(expected)} of ${before}`, () => {
    assert.deepEqual(changeChoice(choice, name, text), expected);
    assert.equal(JSON.stringify(choice), before, "the choice itself stays as it was");
  });
}

/** @type {[number, number, {x: number, y: number}][]} */
const POINTS = [
  [0.123456, 0.5, { x: 0.123, y: 0.5 }],
  [-0.2, 1.2, { x: 0, y: 1 }],
  [0.1 + 0.2, 0, { x: 0.3, y: 0 }],
];
for (const [x, y, focus] of POINTS) {
  test(`The point ${x}, ${y} is kept in the middle as ${focus.x}, ${focus.y}, by a crop`, () => {
    const choice = focusChoice({ fit: "blur", rotate: 90 }, { x, y });
    assert.deepEqual(choice, { fit: "cover", rotate: 90, focus });
  });
}

test("A photo is chosen as soon as one setting is its own, and no longer when none is", () => {
  assert.equal(isChosen({}), false);
  assert.equal(isChosen({ transition_duration: 0 }), true);
  assert.equal(isChosen(changeChoice({ caption: "Beach" }, "caption", "")), false);
});

test("Several photos have the settings in common that are alike", () => {
  assert.deepEqual(shareChoice([]), {});
  const [one, other] = [
    { duration: 2, fit: "cover", focus: { ...FOCUS } },
    { duration: 2, fit: "blur", focus: { ...FOCUS }, caption: "Sea" },
  ];
  assert.deepEqual(shareChoice([one]), one);
  assert.deepEqual(shareChoice([one, other]), { duration: 2, focus: FOCUS });
  assert.deepEqual(shareChoice([one, {}]), {});
});

test("Several photos differ in the settings that are not alike, or that only some have", () => {
  const [one, other] = [
    { duration: 2, fit: "cover", focus: { ...FOCUS } },
    { duration: 2, fit: "blur", focus: { ...FOCUS }, caption: "Sea" },
  ];
  assert.deepEqual(findDifferent([one, other]), new Set(["fit", "caption"]));
  assert.deepEqual(findDifferent([{}, one]), new Set(["duration", "fit", "focus"]));
  for (const alike of [[], [one], [{}, {}]]) assert.equal(findDifferent(alike).size, 0);
});

/** @param {string[]} names */
const toPhotos = (names) => names.map((name) => ({ name }));

test("Photos are sorted by name as people do: numbers count, cases do not part", () => {
  const names = ["IMG_10.jpg", "img_9.jpg", "IMG_1.jpg", "Äpfel.jpg", "Zug.jpg", "apfel.jpg"];
  assert.deepEqual(
    sortPhotos(toPhotos(names), "name").map((photo) => photo.name),
    ["apfel.jpg", "Äpfel.jpg", "IMG_1.jpg", "img_9.jpg", "IMG_10.jpg", "Zug.jpg"],
  );
});

test("Photos are sorted by date, those of one moment by name; those of none stay as they came", () => {
  const photos = [
    { name: "no date 2", takenAt: undefined },
    { name: "late", takenAt: "2025-08-09T12:00:00" },
    { name: "early 10", takenAt: "2025-08-09T05:00:00" },
    { name: "no date 1", takenAt: null },
    { name: "early 9", takenAt: "2025-08-09T05:00:00" },
    { name: "earlier", takenAt: "2025-08-09T04:59:59.5" },
  ];
  assert.deepEqual(
    sortPhotos(photos, "date").map((photo) => photo.name),
    ["earlier", "early 9", "early 10", "late", "no date 2", "no date 1"],
  );
  assert.equal(photos[0].name, "no date 2", "the list itself stays as it was");
});

test("Photos of several time zones are sorted in UTC if all zones are known", () => {
  const paris = { name: "Paris", takenAt: "2025-08-09T23:00:00", utcOffset: 120 };
  const boston = { name: "Boston", takenAt: "2025-08-09T20:00:00", utcOffset: -240 };
  const unknown = { name: "unknown", takenAt: "2025-08-09T21:00:00" };
  assert.deepEqual(sortPhotos([boston, paris], "date"), [paris, boston]);
  assert.deepEqual(sortPhotos([unknown, paris, boston], "date"), [boston, unknown, paris]);
});

/** @type {[string, number, string][]} */
const MOVES = [
  ["a", 1, "bacd"],
  ["a", 3, "bcda"],
  ["a", 99, "bcda"],
  ["d", 0, "dabc"],
  ["d", -1, "dabc"],
  ["b", 1, "abcd"],
  ["ac", 0, "acbd"],
  ["ac", 2, "bdac"],
  ["bd", 1, "abdc"],
];
for (const [photos, index, expected] of MOVES) {
  test(`Moving ${photos} of abcd to place ${index} gives ${expected}`, () => {
    assert.equal(movePhotos([..."abcd"], [...photos], index).join(""), expected);
  });
}

/** @type {[string, string, number, string][]} */
const CARRIED = [
  ["c", "c", 0, "cabdef"],
  ["c", "c", 5, "abdefc"],
  ["bf", "f", 2, "abfcde"],
  ["bf", "b", 3, "acdbfe"],
  ["bf", "f", 0, "bfacde"],
  ["ab", "a", 5, "cdefab"],
];
for (const [moved, carried, index, expected] of CARRIED) {
  test(`${moved} of abcdef follow ${carried} to place ${index}: ${expected}`, () => {
    const photos = [..."abcdef"];
    const place = findIndex(photos, [...moved], carried, index);
    assert.equal(movePhotos(photos, [...moved], place).join(""), expected);
  });
}

test("The bytes and the states of all photos are counted", () => {
  /** @type {[Photo["state"], number][]} */
  const states = [
    ["waiting", 0],
    ["sending", 40],
    ["checking", 100],
    ["lost", 0],
    ["ready", 100],
    ["ready", 100],
  ];
  const photos = states.map(([state, sent]) => ({ state, sent, size: 100 }));
  assert.deepEqual(countPhotos(photos), { sent: 340, size: 600, ready: 2, lost: 1, underway: 3 });
  assert.deepEqual(countPhotos([]), { sent: 0, size: 0, ready: 0, lost: 0, underway: 0 });
});

const VIDEO = { duration: 10.456, hasSound: true };

test("A video plays from its start to its end, unless parts of it are chosen", () => {
  assert.equal(measureVideo(VIDEO, {}), 10.456);
  assert.equal(measureVideo(VIDEO, { start: 2, end: 5.5 }), 3.5);
});

/** @type {[Choice, string][]} */
const FAULTS = [
  [{}, ""],
  [{ start: 2, end: 2.2 }, ""],
  [{ start: 10.3 }, "The end must be 0.2 s or more after the start."],
  [{ start: 5, end: 4 }, "The end must be 0.2 s or more after the start."],
  [{ start: 11 }, "This video lasts from 0 to 10.45 seconds."],
  [{ end: 11 }, "This video lasts from 0 to 10.45 seconds."],
];
for (const [choice, sentence] of FAULTS) {
  test(`A part ${JSON.stringify(choice)} of a video has the fault: ${sentence || "none"}`, () => {
    assert.equal(findFault({ video: VIDEO, choice }), sentence);
    assert.equal(findFault({ choice }), "");
  });
}

test("Of a video that is still on its way, only the order of its times is known", () => {
  const video = { duration: 0, hasSound: false };
  assert.equal(findFault({ video, choice: {} }), "");
  assert.equal(findFault({ video, choice: { start: 99, end: 100 } }), "");
  const sentence = findFault({ video, choice: { start: 5, end: 4 } });
  assert.equal(sentence, "The end must be 0.2 s or more after the start.");
});

test("Photos and videos are counted", () => {
  const [photo, video] = [{}, { video: VIDEO }];
  assert.equal(describeCount([]), "0 photos");
  assert.equal(describeCount([photo, video, photo]), "2 photos, 1 video");
  assert.equal(describeCount([video, video]), "2 videos");
});
