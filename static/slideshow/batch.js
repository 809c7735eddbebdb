// A batch: photos that are sent together as one form.

/** @import { Refusal } from "../api.js" */

/** @typedef {{id: string, filename: string, thumbnail_url: string, taken_at?: string, utc_offset?: number}} Accepted */

const MOST_FILES = 16;
const MOST_BYTES = 24e6;
const FORM_SHARE = 0.95; // the rest is for the form itself

/**
 * Return the photos to send next, in their order; one at least, if any is there.
 * @template {{size: number}} P
 * @param {P[]} photos that wait
 * @param {number} maxBytes that the server takes
 */
export function chooseBatch(photos, maxBytes) {
  const most = Math.min(MOST_BYTES, maxBytes * FORM_SHARE);
  let bytes = 0;
  const end = photos.findIndex(({ size }, index) => {
    bytes += size;
    return index === MOST_FILES || (index > 0 && bytes > most);
  });
  return end < 0 ? photos : photos.slice(0, end);
}

/**
 * Return how many bytes of each file have left, of a form that sends them in order.
 * @param {number[]} sizes of the files
 * @param {number} sent of the whole form
 * @param {number} total of the whole form
 */
export function shareBytes(sizes, sent, total) {
  const size = sizes.reduce((sum, each) => sum + each, 0);
  let left = sent - (total - size);
  return sizes.map((each) => {
    const own = Math.max(0, Math.min(each, left));
    left -= each;
    return own;
  });
}

/**
 * Return for each file what the server made of it: both of its lists are in the order of the form.
 * @param {string[]} names of the files
 * @param {{images: Accepted[], rejected: Refusal[]}} answer
 * @returns {(Accepted | Refusal | undefined)[]} undefined where the server says nothing of a file
 */
export function matchAnswers(names, { images, rejected }) {
  const accepted = [...images];
  const refused = [...rejected];
  return names.map((name) => {
    const isRefused = refused[0]?.filename === name && accepted[0]?.filename !== name;
    return isRefused || !accepted.length ? refused.shift() : accepted.shift();
  });
}
