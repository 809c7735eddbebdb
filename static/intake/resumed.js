// What this browser remembers of uploads that have begun, so that they go on after a reload.

const PREFIX = "reelqueue.upload.";
const LONGEST_MS = 2 * 24 * 3600 * 1000; // the server keeps them no longer
/** @type {Set<string>} files that are being sent: a second one like it is sent by itself */
const taken = new Set();

/**
 * @typedef {object} Begun
 * @property {string} url where the upload goes on
 * @property {boolean} isWhole whether all its bytes have arrived
 */

/**
 * Return the key of a file, and take it; null if a file like it is being sent.
 * @param {string} kind
 * @param {{name: string, size: number, lastModified: number}} file
 */
export function takeKey(kind, { name, size, lastModified }) {
  const key = `${PREFIX}${kind}.${size}.${lastModified}.${name}`;
  if (taken.has(key)) return null;
  taken.add(key);
  return key;
}

/** @param {string | null} key */
export function giveKey(key) {
  if (key) taken.delete(key);
}

/**
 * Whether a file is being sent.
 * @param {string | null} key
 */
export const isTaken = (key) => key !== null && taken.has(key);

/**
 * @param {string | null} key
 * @returns {Begun | null}
 */
export function recall(key) {
  if (!key) return null;
  try {
    const { at, ...begun } = JSON.parse(localStorage.getItem(key) ?? "{}");
    return Date.now() - at < LONGEST_MS ? begun : null;
  } catch {
    return null; // storage is switched off
  }
}

/**
 * @param {string | null} key
 * @param {Begun | null} begun null to forget it
 */
export function remember(key, begun) {
  if (!key) return;
  try {
    if (begun) localStorage.setItem(key, JSON.stringify({ ...begun, at: Date.now() }));
    else localStorage.removeItem(key);
  } catch {
    // Without storage, a reload begins again.
  }
}

/** Forget what the server has deleted by now. */
export function forgetOld() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of keys) if (!recall(key)) localStorage.removeItem(key);
  } catch {
    // storage is switched off
  }
}
