// What `/admin/stats` says, in the words of the panel that shows it.

import { formatBytes, formatSpan } from "../format.js";
import { capitalize, formatMoment } from "./words.js";

/** @typedef {{name: string, health: string, waiting: number, oldest_waiting: number, waited: {count: number, p50?: number}, running: number, failed: number, done: number}} QueueState */
/** @typedef {{begin: string, finished: number, failed: number}} HourCounts */
/** @typedef {{areas: Record<string, {bytes: number, files: number}>, measured_at?: string, free?: number}} StorageUse */
/** @typedef {{queues: QueueState[], hours: HourCounts[], storage: StorageUse, alerts?: {since: string, text: string}[]}} Statistics */

const TITLES = ["Queue", "Health", "Waiting", "Longest", "Usual wait", "Running", "Failed", "Done"];

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
  return hours.map(({ begin, finished, failed }) => ({ hour: begin, finished, failed }));
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
