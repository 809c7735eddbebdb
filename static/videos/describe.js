// What a card says about a job.

import {
  formatBytes,
  formatLength,
  formatPercent,
  formatResolution,
  formatTime,
  joinFacts,
} from "../format.js";
import { formatDay, formatMoment } from "../format_day.js";
import { nameRecord } from "../job/records.js";
import { describeProgress, hasEnded, readError } from "../job/status.js";
import { say } from "../language.js";

/** @import { JobRecord } from "../job/records.js" */
/** @import { Status } from "../job/status.js" */

const HOUR_MS = 3_600_000;
/** @type {Record<string, string>} */
const NOUNS = { slideshow: say("Slideshow"), clip: say("Clip") };

/**
 * Whether a job makes a video that is shown: not an analysis, nor a preview.
 * @param {Status} status
 * @param {JobRecord | null} record
 */
export function isShown({ kind = "", status }, record) {
  return kind in NOUNS && !record?.body?.preview && status !== "gone";
}

/**
 * Return what a video is called: as its owner knows it, or else by when it was ordered.
 * @param {Status} status
 * @param {JobRecord | null} record
 * @param {number} [now] ms since 1970
 */
export function nameVideo({ kind = "", created_at: created }, record, now) {
  const noun = NOUNS[kind] ?? say("Video");
  const name = record ? nameRecord(record) : "";
  if (name) return `${noun}: ${name}`;
  return created ? `${noun}, ${formatMoment(Date.parse(created), now)}` : noun;
}

/** @param {Status} status */
export function describeCard(status) {
  const { result } = status;
  if (status.status === "finished" && result) {
    const shape = formatResolution(result.width, result.height);
    return joinFacts([formatLength(result.duration), shape, formatBytes(result.file_size)]);
  }
  if (status.status === "failed") return readError(status);
  if (hasEnded(status)) return say("Cancelled");
  return describeProgress(status);
}

/**
 * Return what is printed on the edge of the film: the length, or how far the video is.
 * @param {Status} status
 */
export function describeEdge(status) {
  if (status.result) return formatTime(Math.round(status.result.duration));
  return hasEnded(status) ? "" : formatPercent(status.progress ?? 0);
}

/**
 * Say when a video was ordered, and until when it is kept, as far as that is known.
 * @param {Status} status
 * @param {number} hours that ended jobs are kept; 0 for ever
 * @param {number} [now] ms since 1970
 */
export function describeDays({ created_at: created, ended_at: ended }, hours, now = Date.now()) {
  const days = [
    ...(created ? [formatMoment(Date.parse(created), now)] : []),
    ...(ended && hours
      ? [say("kept until {day}", { day: formatDay(Date.parse(ended) + hours * HOUR_MS, now) })]
      : []),
  ];
  const text = joinFacts(days);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
