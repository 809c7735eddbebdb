// Numbers as people read them in the page's language.

import { language, say } from "./language.js";

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
  const tail = language.formatNumber((tenths % 600) / 10, {
    minimumIntegerDigits: 2,
    maximumFractionDigits: 1,
  });
  const [head, middle] = [hours, minutes].map((part) => language.formatNumber(part));
  const text = hours ? `${head}:${pad(minutes)}:${tail}` : `${middle}:${tail}`;
  return language.keepOrder(text);
}

/** @param {number} minutes */
function pad(minutes) {
  return language.formatNumber(minutes, { minimumIntegerDigits: 2 });
}

/**
 * Write a size with the unit that suits it.
 * @param {number} bytes
 */
export function formatBytes(bytes) {
  if (bytes < 999_500) {
    return say("{amount} kB", { amount: bytes && Math.max(1, Math.round(bytes / 1e3)) });
  }
  return bytes < 999_500_000
    ? say("{amount} MB", { amount: formatAmount(bytes / 1e6) })
    : say("{amount} GB", { amount: formatAmount(bytes / 1e9) });
}

/**
 * Write an amount with tenths, as long as these matter.
 * @param {number} amount
 */
function formatAmount(amount) {
  const digits = amount < 99.95 ? 1 : 0;
  return language.formatNumber(amount, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/**
 * Write a share in whole per cent, rounded down.
 * @param {number} percent
 */
export function formatPercent(percent) {
  return say("{percent} %", { percent: Math.floor(percent) });
}

/**
 * Write the size of a picture in pixels.
 * @param {number} width
 * @param {number} height
 */
export function formatResolution(width, height) {
  return language.keepOrder(`${width} × ${height}`);
}

/**
 * Write facts side by side.
 * @param {string[]} facts
 */
export function joinFacts(facts) {
  return facts.map((fact) => language.isolate(fact)).join("  ·  ");
}

/**
 * Write a length in words: `5.5 s`; from a minute on as a time, `1:15`.
 * @param {number} seconds
 */
export function formatLength(seconds) {
  return round(seconds, 2) < 60 ? say("{seconds}\u00a0s", { seconds }) : formatTime(seconds);
}

/**
 * Write how long something takes, no more exactly than it can be guessed.
 * @param {number} seconds
 */
export function formatSpan(seconds) {
  if (seconds < 60) return say("{seconds}\u00a0s", { seconds: Math.max(1, Math.round(seconds)) });
  return say("{minutes}\u00a0min", { minutes: Math.ceil(seconds / 60) });
}

/**
 * Say how far an upload has got.
 * @param {number} sent bytes
 * @param {number} total bytes
 */
export function formatSending(sent, total) {
  return say("Sending: {percent}, {sent} of {total}", {
    percent: formatPercent((100 * sent) / total),
    sent: formatBytes(sent),
    total: formatBytes(total),
  });
}

/**
 * Write a number without needless digits: `3`, `2.5`.
 * @param {number} number
 */
export function formatNumber(number) {
  return language.formatNumber(number);
}
