// Numbers as people read them.

/**
 * @param {number} number
 * @param {number} digits after the decimal point
 */
export function round(number, digits) {
  return Math.round(number * 10 ** digits) / 10 ** digits;
}

/**
 * @param {number} number
 * @param {number} digits after the decimal point
 */
export function floor(number, digits) {
  return Math.floor(number * 10 ** digits) / 10 ** digits;
}

/**
 * Write `75.5` seconds as `1:15.5`; tenths only where there are any.
 * @param {number} seconds
 */
export function formatTime(seconds) {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0") + (tenths % 10 ? `.${tenths % 10}` : "");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 999_500) return `${bytes && Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 99_950_000 ? 1 : 0)} MB`;
}

/**
 * Write a length in words: `5.5 s`; from a minute on as a time, `1:15`.
 * @param {number} seconds
 */
export function formatLength(seconds) {
  return round(seconds, 2) < 60 ? `${formatNumber(seconds)}\u00a0s` : formatTime(seconds);
}

/**
 * Write how long something takes, no more exactly than it can be guessed.
 * @param {number} seconds
 */
export function formatSpan(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))}\u00a0s`;
  return `${Math.ceil(seconds / 60)}\u00a0min`;
}

/**
 * Say how far an upload has got.
 * @param {number} sent bytes
 * @param {number} total bytes
 */
export function formatSending(sent, total) {
  const percent = Math.floor((100 * sent) / total);
  return `Sending: ${percent} %, ${formatBytes(sent)} of ${formatBytes(total)}`;
}

/**
 * @param {number} count
 * @param {string} noun in the singular
 */
export function formatCount(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Write a number without needless digits: `3`, `2.5`.
 * @param {number} number
 */
export function formatNumber(number) {
  return String(round(number, 2));
}
