// What `/admin/stats` says, in the words of the panel that shows it.

import { formatBytes, formatSpan } from "../format.js";
import { capitalize, formatMoment } from "./words.js";

/** @typedef {{name: string, health: string, waiting: number, oldest_waiting: number, waited: {count: number, p50?: number}, running: number, failed: number, done: number}} QueueState */
/** @import { Series } from "./charts.js" */
/** @typedef {{begin: string, finished: number, failed: number, waiting: {p50?: number}}} HourCounts */
/** @typedef {{areas: Record<string, {bytes: number, files: number}>, measured_at?: string, free?: number}} StorageUse */
/** @typedef {{queues: QueueState[], hours: HourCounts[], storage: StorageUse, alerts?: {since: string, text: string}[]}} Statistics */

const TITLES = ["Queue", "Health", "Waiting", "Longest", "Usual wait", "Running", "Failed", "Done"];

/** @param {string} name */
const count = (name) => (/** @type {number[]} */ values) =>
  `${values.reduce((all, value) => all + value, 0)} ${name}`;

/** @param {number[]} waits */
function describeLongest(waits) {
  const longest = Math.max(0, ...waits);
  return longest ? `at most ${formatSpan(longest)}` : "no job has waited";
}

/** @type {{title: string, series: Series[]}[]} */
export const CHARTS = [
  {
    title: "Jobs that ended in the last day",
    series: [
      { key: "finished", name: "finished", sum: count("finished") },
      { key: "failed", name: "failed", sum: count("failed") },
    ],
  },
  {
    title: "Usual wait in the last day",
    series: [
      {
        key: "waited",
        name: "usual wait",
        sum: describeLongest,
        format: (seconds) => (seconds ? formatSpan(seconds) : "–"),
      },
    ],
  },
];

/**
 * Return a column for each queue, row by row; failed, done and the median wait are of the last day.
 * @param {Statistics} stats
 */
export function listQueues({ queues }) {
  const columns = queues.map((queue) => [
    capitalize(queue.name),
    queue.health,
    queue.waiting,
    queue.waiting ? formatSpan(queue.oldest_waiting) : "–",
    queue.waited.p50 === undefined ? "–" : formatSpan(queue.waited.p50),
    queue.running,
    queue.failed,
    queue.done,
  ]);
  return TITLES.map((title, row) => [title, ...columns.map((column) => column[row])]);
}

/**
 * Say what alerts there are; one goes on for a minute after what it tells of is over.
 * @param {Statistics} stats
 */
export function describeAlerts({ alerts = [] }) {
  return alerts.map(({ since, text }) => `Alert since ${formatMoment(since)}: ${text}`).join(" ");
}

/**
 * Return the last day's hours, the oldest first.
 * @param {Statistics} stats
 */
export function listHours({ hours }) {
  return hours.map(({ begin, finished, failed, waiting }) => ({
    hour: begin,
    finished,
    failed,
    waited: waiting.p50 ?? 0,
  }));
}

/**
 * Say what the storage held when it was measured, the largest part first.
 * @param {Statistics} stats
 * @returns a sentence, empty if that was not measured yet
 */
export function describeStorage({ storage: { areas, measured_at: at, free } }) {
  const parts = Object.entries(areas)
    .filter(([, { bytes }]) => bytes)
    .sort(([, one], [, other]) => other.bytes - one.bytes)
    .map(([name, { bytes }]) => `${name} ${formatBytes(bytes)}`);
  if (!parts.length || !at) return "";
  const left = free === undefined ? "" : ` ${formatBytes(free)} are free.`;
  return `At ${formatMoment(at)} the storage held ${parts.join(", ")}.${left}`;
}
