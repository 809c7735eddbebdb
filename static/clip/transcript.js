// A transcript that is corrected: its words keep their times as far as they stay the same.

import { round } from "../format.js";

/** @import { Cue } from "./cues.js" */

/** @typedef {{start: number, end: number, text: string}} Word seconds of the video */
/** @typedef {Cue & {words?: Word[]}} Segment a sentence, for example */
/** @typedef {{language?: string | null, segments: Segment[]}} Transcript as the API has it */

/**
 * Return a segment with a corrected text and times, and with the words of this text.
 * @param {Segment} segment as it was recognised
 * @param {Cue} cue what it becomes
 * @returns {Segment}
 */
export function correctSegment({ start, end, text, words = [] }, cue) {
  if (!words.length) return cue;
  const scale = (cue.end - cue.start) / (end - start);
  const move = (/** @type {number} */ time) => round(cue.start + (time - start) * scale, 3);
  const corrected = cue.text === text.trim() ? words : correctWords(words, text, cue.text);
  const isMoved = cue.start !== start || cue.end !== end;
  const moved = corrected.map((word) =>
    isMoved ? { ...word, start: move(word.start), end: move(word.end) } : word,
  );
  return { ...cue, words: moved };
}

/**
 * Return the words of a corrected text. Those before and after what was changed keep their times.
 * @param {Word[]} words
 * @param {string} text that they are of
 * @param {string} corrected
 */
function correctWords(words, text, corrected) {
  const isSpaced = splitAtSpaces(text).length === words.length;
  const texts = isSpaced ? splitAtSpaces(corrected) : splitByDictionary(corrected);
  let [first, last, lastText] = [0, words.length, texts.length];
  while (first < Math.min(last, lastText) && words[first].text === texts[first]) first += 1;
  while (Math.min(last, lastText) > first && words[last - 1].text === texts[lastText - 1]) {
    last -= 1;
    lastText -= 1;
  }
  if (first === last && first < lastText) {
    // Words were only added: they share the time of the one before them, or else after them.
    if (first > 0) first -= 1;
    else {
      last += 1;
      lastText += 1;
    }
  }
  const changed = shareTime(words.slice(first, last), texts.slice(first, lastText));
  return [...words.slice(0, first), ...changed, ...words.slice(last)];
}

/**
 * Give texts the times of words: of each its own if they are as many, else shares by their length.
 * @param {Word[]} words
 * @param {string[]} texts
 */
function shareTime(words, texts) {
  if (words.length === texts.length) {
    return words.map((word, index) => ({ ...word, text: texts[index] }));
  }
  if (!texts.length) return [];
  const [{ start }, { end }] = [words[0], words[words.length - 1]];
  const letters = texts.reduce((sum, { length }) => sum + length, 0);
  let passed = 0;
  const toTime = () => round(start + ((end - start) * passed) / letters, 3);
  return texts.map((text) => {
    const from = toTime();
    passed += text.length;
    return { start: from, end: toTime(), text };
  });
}

/** @param {string} text */
const splitAtSpaces = (text) => text.split(/\s+/).filter(Boolean);

/**
 * Split a text without spaces into words; where the browser cannot, at spaces.
 * @param {string} text
 */
function splitByDictionary(text) {
  if (!("Segmenter" in Intl)) return splitAtSpaces(text);
  /** @type {string[]} */
  const words = [];
  for (const { segment, isWordLike } of new Intl.Segmenter(undefined, {
    granularity: "word",
  }).segment(text)) {
    const isTail = !isWordLike && words.length > 0;
    if (isTail) words[words.length - 1] += segment.trim();
    else if (segment.trim()) words.push(segment.trim());
  }
  return words;
}
