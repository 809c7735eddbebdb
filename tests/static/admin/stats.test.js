import assert from "node:assert/strict";
import test from "node:test";

import {
  CHARTS,
  describeAlerts,
  describeStorage,
  listHours,
  listQueues,
} from "../../../static/admin/stats.js";

const QUEUE = { name: "low", health: "late", waiting: 3, oldest_waiting: 95, running: 1 };
const WAITED = { count: 12, mean: 70, p50: 40, p95: 190 };
const STATS = {
  queues: [{ ...QUEUE, waited: WAITED, failed: 2, done: 9 }],
  hours: [{ begin: "2026-11-26T10:00:00.000Z", finished: 4, failed: 1, waiting: { p50: 40 } }],
  storage: {
    areas: {
      uploads: { bytes: 2_000_000, files: 3 },
      videos: { bytes: 3_200_000_000, files: 9 },
      parts: { bytes: 0, files: 0 },
    },
    measured_at: "2026-11-26T10:00:00.000Z",
    free: 50_000_000_000,
  },
};

test("a queue is told with its health and how long its oldest job waits", () => {
  const column = listQueues(STATS).map((row) => row[1]);
  assert.deepEqual(column, ["Low", "late", 3, "2\u00a0min", "40\u00a0s", 1, 2, 9]);
});

test("a queue in which no job waits has no oldest one", () => {
  const stats = { ...STATS, queues: [{ ...STATS.queues[0], waiting: 0, oldest_waiting: 0 }] };
  assert.deepEqual(listQueues(stats)[3], ["Longest", "–"]);
});

test("a queue in which no job has waited has no usual wait", () => {
  const stats = { ...STATS, queues: [{ ...STATS.queues[0], waited: { count: 0 } }] };
  assert.deepEqual(listQueues(stats)[4], ["Usual wait", "–"]);
});

test("an alert tells since when, as it may be over by now", () => {
  const alerts = [{ since: "2026-11-26T10:00:00.000Z", text: "No worker is running." }];
  const text = describeAlerts({ ...STATS, alerts });
  assert.match(text, /^Alert since .*\d\d:00.*: No worker is running\.$/);
  assert.equal(describeAlerts(STATS), "");
});

test("an hour has what finished and what failed in it, and how long jobs had waited", () => {
  const hour = { hour: "2026-11-26T10:00:00.000Z", finished: 4, failed: 1, waited: 40 };
  assert.deepEqual(listHours(STATS), [hour]);
  const quiet = { ...STATS.hours[0], waiting: {} };
  assert.equal(listHours({ ...STATS, hours: [quiet] })[0].waited, 0);
});

test("the key of a chart sums up jobs, and names the longest wait", () => {
  const [finished, failed, waited] = CHARTS.flatMap(({ series }) => series);
  assert.deepEqual([finished.sum([4, 9]), failed.sum([1, 0])], ["13 finished", "1 failed"]);
  assert.equal(waited.sum([0, 95, 40]), "at most 2\u00a0min");
  assert.equal(waited.sum([0, 0]), "no job has waited");
  assert.deepEqual(
    [40, 0].map((seconds) => waited.format?.(seconds)),
    ["40\u00a0s", "–"],
  );
});

test("the largest part of the storage comes first, and what is empty is left out", () => {
  const text =
    /^At .*:00.* the storage held videos 3\.2 GB, uploads 2\.0 MB\. 50\.0 GB are free\.$/;
  assert.match(describeStorage(STATS), text);
  assert.equal(describeStorage({ ...STATS, storage: { areas: {} } }), "");
});
