import assert from "node:assert/strict";
import test from "node:test";

import { correctSegment } from "../../../static/clip/transcript.js";

/** @import { Word } from "../../../static/clip/transcript.js" */

/** @param {[number, number, string][]} words */
const toWords = (...words) => words.map(([start, end, text]) => ({ start, end, text }));

const WORDS = toWords([1, 1.4, "It"], [1.4, 1.8, "was"], [2, 2.6, "the"], [2.6, 3, "beast."]);
const HEARD = { start: 1, end: 3, text: "It was the beast.", words: WORDS };
const [IT, WAS, THE, BEAST] = WORDS;

/** @type {[string, string, Word[]][]} */
const CORRECTIONS = [
  ["that is the same keeps its words", "It was the beast.", WORDS],
  [
    "with another word keeps all times",
    "It was the best.",
    [IT, WAS, THE, { ...BEAST, text: "best." }],
  ],
  [
    "with words put in shares the time of the one before",
    "It was the wild beast.",
    [...toWords([1, 1.4, "It"], [1.4, 1.8, "was"], [2, 2.257, "the"], [2.257, 2.6, "wild"]), BEAST],
  ],
  [
    "with words put first shares the time of the next",
    "Yes It was the beast.",
    [...toWords([1, 1.24, "Yes"], [1.24, 1.4, "It"]), WAS, THE, BEAST],
  ],
  ["with a word less keeps the times of the others", "It the beast.", [IT, THE, BEAST]],
  [
    "with two words made one joins their times",
    "It wasthe beast.",
    [IT, { start: 1.4, end: 2.6, text: "wasthe" }, BEAST],
  ],
  ["in other words shares all the time", "No, no", toWords([1, 2.2, "No,"], [2.2, 3, "no"])],
];
for (const [name, text, words] of CORRECTIONS) {
  test(`A segment ${name}`, () => {
    assert.deepEqual(correctSegment(HEARD, { start: 1, end: 3, text }), {
      start: 1,
      end: 3,
      text,
      words,
    });
  });
}

test("A segment without words stays without them", () => {
  const cue = { start: 1, end: 2, text: "Oh!" };
  assert.deepEqual(correctSegment({ start: 1, end: 3, text: "Oh" }, cue), cue);
});

test("Words move with the times of their segment", () => {
  const moved = correctSegment(HEARD, { start: 2, end: 3, text: HEARD.text });
  assert.deepEqual(
    moved.words?.map(({ start, end }) => [start, end]),
    [
      [2, 2.2],
      [2.2, 2.4],
      [2.5, 2.8],
      [2.8, 3],
    ],
  );
});

test("Words of a script without spaces are those of a dictionary where the text was changed", () => {
  const words = toWords([0, 1, "我们"], [1, 2, "去"], [2, 3, "北京。"]);
  const heard = { start: 0, end: 3, text: "我们去北京。", words };
  const corrected = correctSegment(heard, { start: 0, end: 3, text: "我们去南京。" });
  assert.deepEqual(corrected.words, [...words.slice(0, 2), { start: 2, end: 3, text: "南京。" }]);
});

test("The words of a corrected segment are always those of its text", () => {
  const texts = [
    "It",
    "It was, was the the beast.",
    "x",
    "beast. the was It",
    "  It  was\nthe beast. ",
  ];
  const squeeze = (/** @type {string} */ text) => text.replaceAll(/\s/g, "");
  for (const text of texts) {
    const { words = [] } = correctSegment(HEARD, { start: 0.5, end: 9, text });
    assert.equal(squeeze(words.map((word) => word.text).join("")), squeeze(text));
    const times = words.map(({ start }) => start);
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
    assert(words.every(({ start, end }) => end >= start));
  }
});
