// The order of file names, by the same rules as on the server: reelqueue/planning/photo_order.py.

const PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
const ACCENTS = /[\u0300-\u036f\u3099\u309a]/gu;
const LETTERS = new Map(
  Object.entries({
    ß: "ss",
    æ: "ae",
    œ: "oe",
    ø: "o",
    ł: "l",
    đ: "d",
    ð: "d",
    þ: "th",
    ı: "i",
    ς: "σ",
  }),
);
const [ENDS, MARK, NUMBER, LETTER] = [0, 1, 2, 3];

/** @typedef {{parts: [number, number][], folded: string}} Key */

/**
 * Return the sort key of a name: numbers count as such, and accents decide at the end.
 * @param {string} name
 * @returns {Key}
 */
export function toKey(name) {
  const lower = [...name.normalize("NFKD").toLowerCase()];
  const folded = lower.map((letter) => LETTERS.get(letter) ?? letter).join("");
  const stem = folded.replace(/\.[^.]{1,5}$/su, "");
  const parts = [...split(stem), pair(ENDS, 0), ...split(folded.slice(stem.length))];
  return { parts, folded };
}

/**
 * Return a negative number if one key comes before the other, and a positive one if after.
 * @param {Key} one
 * @param {Key} other
 */
export function compareKeys(one, other) {
  for (let index = 0; index < Math.min(one.parts.length, other.parts.length); index++) {
    const [kind, value] = one.parts[index];
    const [otherKind, otherValue] = other.parts[index];
    if (kind !== otherKind) return kind - otherKind;
    if (value !== otherValue) return value < otherValue ? -1 : 1;
  }
  const longer = one.parts.length - other.parts.length;
  if (longer || one.folded === other.folded) return longer;
  return one.folded < other.folded ? -1 : 1;
}

/** @param {string} text */
function split(text) {
  const parts = text.replace(ACCENTS, "").match(/[0-9]+|./gsu) ?? [];
  return parts.map((part) => {
    if (/^[0-9]/u.test(part)) return pair(NUMBER, Number(part));
    const point = part.codePointAt(0) ?? 0;
    if (/^[\p{L}\p{M}\p{N}]/u.test(part)) return pair(LETTER, point);
    const place = PUNCTUATION.indexOf(part);
    return pair(MARK, place >= 0 ? place : PUNCTUATION.length + point);
  });
}

/**
 * @param {number} kind
 * @param {number} value
 * @returns {[number, number]}
 */
function pair(kind, value) {
  return [kind, value];
}
