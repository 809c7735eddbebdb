import assert from "node:assert/strict";
import test from "node:test";

import { cutCues, decodeText, findFault, parseCues } from "../../../static/clip/cues.js";

/** @import { Cue } from "../../../static/clip/cues.js" */

const SRT = `1
00:00:01,000 --> 00:00:02,500
One line

2
00:01:00,250 --> 01:00:00,000
Two
lines
`;
const HELLO = "00:01.000 --> 00:02.000";

test("SubRip is read: hours, commas, several lines", () => {
  assert.deepEqual(parseCues(SRT), [
    { start: 1, end: 2.5, text: "One line" },
    { start: 60.25, end: 3600, text: "Two\nlines" },
  ]);
});

test("WebVTT is read: its head, notes and styles are no captions, names and settings no text", () => {
  const text = `WEBVTT - a title
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

NOTE
nothing to see

STYLE
::cue { color: red }

opening
00:01.000 --> 00:02.000 align:start position:10%
Hello`;
  assert.deepEqual(parseCues(text), [{ start: 1, end: 2, text: "Hello" }]);
});

/** @type {[string, string][]} */
const LINE_ENDS = [
  ["\r\n", "of Windows"],
  ["\r", "of the old Mac"],
];
for (const [end, name] of LINE_ENDS) {
  test(`Line ends ${name} are read like others`, () => {
    assert.deepEqual(parseCues(SRT.replaceAll("\n", end)), parseCues(SRT));
  });
}

/** @type {[string, number, number][]} */
const TIMINGS = [
  ["00:00:01,500 --> 00:00:02,000", 1.5, 2],
  ["00:01.5 --> 00:02.25", 1.5, 2.25],
  ["0:01,5-->0:02,0", 1.5, 2],
  ["  00:00:01 -->  00:00:02", 1, 2],
  ["100:00:00.000 --> 100:00:01.000 line:0", 360_000, 360_001],
  ["00:05.000 --> 00:04.000", 5, 4],
];
for (const [timing, start, end] of TIMINGS) {
  test(`The timing ${timing} is from ${start} to ${end} seconds`, () => {
    assert.deepEqual(parseCues(`${timing}\nHello`), [{ start, end, text: "Hello" }]);
  });
}

/** @type {[string, string][]} */
const TEXTS = [
  ["<i>slanted</i> and <b>bold</b>", "slanted and bold"],
  ['<font color="red">red</font>', "red"],
  ["<v Roger Bingham>We are in New York", "We are in New York"],
  ["<c.loud>Loud <00:01.500>words</c>", "Loud words"],
  ["{\\an8}at the top", "at the top"],
  ["I <3 you > me", "I <3 you > me"],
  ["a < b and c > d", "a < b and c > d"],
  ["{not a tag}", "{not a tag}"],
  ["Tom &amp; Jerry &lt;3&nbsp;&quot;it&#39;s&quot;", 'Tom & Jerry <3\u00a0"it\'s"'],
  ["&amp;lt; stays written, &unknown; too", "&lt; stays written, &unknown; too"],
  ["  indented  \n\t second ", "indented  \n\t second"],
];
for (const [written, text] of TEXTS) {
  test(`The text ${JSON.stringify(written)} is read as ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseCues(`${HELLO}\n${written}`), [{ start: 1, end: 2, text }]);
  });
}

test("Cues without empty lines between them are told apart, and their numbers are no text", () => {
  const text = SRT.replaceAll("\n\n", "\n");
  assert.deepEqual(parseCues(text), parseCues(SRT));
});

test("A number that is all that is said is text where an empty line or the file ends it", () => {
  const text = `${HELLO}\n3\n\n${HELLO}\n2\n\n${HELLO}\n1`;
  assert.deepEqual(
    parseCues(text).map((cue) => cue.text),
    ["3", "2", "1"],
  );
});

test("Cues without text are left out", () => {
  assert.deepEqual(parseCues(`1\n${HELLO}\n<b></b>\n\n2\n${HELLO}\n\n3\n${HELLO}`), []);
});

for (const text of ["", "once upon a time", "WEBVTT\n\n", "00:01 -> 00:02\nno arrow"]) {
  test(`The text ${JSON.stringify(text)} holds no captions`, () => {
    assert.deepEqual(parseCues(text), []);
  });
}

test("A long text is cut at 500 characters, but never through the middle of one", () => {
  const [plain] = parseCues(`${HELLO}\n${"x".repeat(501)}`);
  assert.equal(plain.text, "x".repeat(500));
  const [emoji] = parseCues(`${HELLO}\n${"x".repeat(499)}🏖️`);
  assert.equal(emoji.text, "x".repeat(499));
});

/** @type {[string, number[]][]} */
const ENCODINGS = [
  ["UTF-8", [0x64, 0xc3, 0xa9, 0x6a, 0xc3, 0xa0]],
  ["UTF-8 with a mark", [0xef, 0xbb, 0xbf, 0x64, 0xc3, 0xa9, 0x6a, 0xc3, 0xa0]],
  ["UTF-16, low byte first", [0xff, 0xfe, 0x64, 0, 0xe9, 0, 0x6a, 0, 0xe0, 0]],
  ["UTF-16, high byte first", [0xfe, 0xff, 0, 0x64, 0, 0xe9, 0, 0x6a, 0, 0xe0]],
  ["Windows-1252", [0x64, 0xe9, 0x6a, 0xe0]],
];
for (const [name, bytes] of ENCODINGS) {
  test(`A file in ${name} is decoded`, () => {
    assert.equal(decodeText(new Uint8Array(bytes).buffer), "déjà");
  });
}

/** @type {[number, number, string][]} */
const FAULTS = [
  [0, 0.1, ""],
  [1, 1, "The end must be after the start."],
  [2, 1, "The end must be after the start."],
  [-1, 1, "The start must be 0 or later."],
  [NaN, 1, "Type a start and an end, in seconds."],
  [0, NaN, "Type a start and an end, in seconds."],
];
for (const [start, end, sentence] of FAULTS) {
  test(`A caption from ${start} to ${end} has ${sentence ? `the fault: ${sentence}` : "no fault"}`, () => {
    assert.equal(findFault({ start, end }), sentence);
  });
}

/** @type {[string, Cue, Cue | null][]} */
const CUTS = [
  ["within the cut", { start: 3, end: 4, text: "a" }, { start: 1, end: 2, text: "a" }],
  ["over the start", { start: 1, end: 2.5, text: "a" }, { start: 0, end: 0.5, text: "a" }],
  ["over the end", { start: 4.5, end: 9, text: "a" }, { start: 2.5, end: 3, text: "a" }],
  ["over all of it", { start: 0, end: 99, text: "a" }, { start: 0, end: 3, text: "a" }],
  ["that ends as the cut starts", { start: 1, end: 2, text: "a" }, null],
  ["that starts as the cut ends", { start: 5, end: 6, text: "a" }, null],
  ["of less than a millisecond", { start: 4.9999, end: 6, text: "a" }, null],
];
for (const [name, cue, expected] of CUTS) {
  test(`A caption ${name} is ${expected ? "kept in the clip's own time" : "left out"}`, () => {
    assert.deepEqual(cutCues([cue], { start: 2, end: 5 }), expected ? [expected] : []);
  });
}

test("Times of a cut carry no noise of binary fractions", () => {
  const [cue] = cutCues([{ start: 0.3, end: 0.7, text: "a" }], { start: 0.1, end: 5 });
  assert.deepEqual([cue.start, cue.end], [0.2, 0.6]);
});
