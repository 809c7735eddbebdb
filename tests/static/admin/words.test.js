import assert from "node:assert/strict";
import test from "node:test";

import {
  capitalize,
  describeJob,
  describeService,
  describeWorker,
} from "../../../static/admin/words.js";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const JOB = {
  job_id: "58ebd157-bebc-4c79-ad61-669bf93e09c9",
  kind: "slideshow",
  status: "queued",
  message: "Waiting for a worker.",
  queue: "low",
  priority: 1,
  owner: "12ed8d14",
  run: 1,
  attempts: 0,
  created_at: "2026-11-26T11:59:00.000Z",
};

test("a waiting job tells its turn, its priority, its age and its owner", () => {
  const text = describeJob({ ...JOB, queue_position: 4 }, NOW);
  assert.match(text, /^number 4 in turn · priority 1 · ordered \d\d:59:00 · owner 12ed8d14$/);
});

test("a running job tells what it does and how long that takes", () => {
  const running = { ...JOB, status: "started", message: "Adding the sound.", eta_seconds: 90 };
  assert.match(describeJob(running, NOW), /^Adding the sound · about 2\u00a0min left · /);
});

test("a held job tells what it waits for, and until when", () => {
  const held = { ...JOB, status: "scheduled", message: "Waiting for its time." };
  const later = describeJob({ ...held, run_at: "2026-11-26T13:00:00+01:00" }, NOW - 60_000);
  assert.match(later, /^Waiting for its time · due \d\d:00:00 · /);
  assert.match(
    describeJob({ ...held, run_at: "2026-11-26T11:00:00Z" }, NOW),
    /time · priority 1 · /,
  );
  const deferred = { ...JOB, status: "deferred", message: "Waiting for other jobs." };
  assert.match(describeJob(deferred, NOW), /^Waiting for other jobs · priority 1 · ordered /);
});

test("only what was tried again tells of runs and attempts", () => {
  assert.doesNotMatch(describeJob(JOB, NOW), /run|attempt/);
  assert.match(describeJob({ ...JOB, run: 2, attempts: 3 }, NOW), / · run 2 · attempt 3$/);
});

test("a moment of another day has its date", () => {
  const old = { ...JOB, created_at: "2026-11-20T11:59:00.000Z" };
  assert.match(describeJob(old, NOW), /20 Nov 2026/);
});

test("the priority of a job that has ended matters no more", () => {
  const ended = { ...JOB, status: "failed", ended_at: "2026-11-26T12:00:00.000Z" };
  assert.doesNotMatch(describeJob(ended, NOW), /priority/);
});

test("a worker tells which job it has", () => {
  const worker = { role: "worker", state: "busy", job_id: JOB.job_id, version: "0.1.0" };
  assert.equal(describeWorker(worker, NOW), "renders 58ebd157 · version 0.1.0");
});

test("a service that is not well says why, unless one of its parts does", () => {
  const queue = { ok: true, suspended: false };
  const well = { status: "ok", workers: 2, queue };
  const ill = { ...well, status: "degraded" };
  assert.equal(describeService(well), "well");
  assert.equal(describeService(ill), "not well");
  const paused = { ...ill, queue: { ...queue, suspended: true } };
  assert.equal(describeService(paused), "not well: the workers are paused");
  const lonely = { ...paused, workers: 0 };
  assert.equal(describeService(lonely), "not well: the workers are paused, no worker is running");
  const unserved = { ...ill, queue: { ...queue, unserved: ["high", "low"] } };
  assert.equal(describeService(unserved), "not well: no worker takes jobs from high and low");
  const down = { ...ill, workers: 0, queue: { ok: false } };
  assert.equal(describeService(down), "not well");
});

test("names are written for people", () => {
  assert.equal(capitalize("daily_report"), "Daily report");
});
