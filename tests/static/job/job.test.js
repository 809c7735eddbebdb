// The job against a real HTTP server, on a clock that runs fifty times as fast.

import assert from "node:assert/strict";
import test from "node:test";

import { Job } from "../../../static/job/job.js";
import { newRecord } from "../../../static/job/records.js";
import { hurry, openPage, serve } from "../browser.js";

/** @import { IncomingMessage } from "node:http" */
/** @import { TestContext } from "node:test" */
/** @import { News } from "../../../static/job/job.js" */
/** @import { JobRecord, Order } from "../../../static/job/records.js" */

/**
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {object} body
 * @property {Record<string, string>} [headers]
 * @property {number} [delay] ms
 * @property {Promise<void>} [until] comes before the answer
 */

/**
 * What the server answers to `POST /order`, `GET /job_status` and so on, one after the other, and
 * the last for ever; null hangs up. Until the order is answered, `early GET /job_status` counts.
 * @typedef {Record<string, (Answer | null)[]>} Replies
 */

/** @typedef {{line: string, id: string, key: unknown, body: Record<string, unknown>}} Received */

const SPEED = 50;
const EARLY = "early GET /job_status";
const ABSENT = {
  status: 404,
  body: { type: "/problems/not-found", detail: "There is no such job." },
};
const QUEUED = { body: { status: "queued", progress: 0 } };
const STARTED = { body: { status: "started", progress: 40 } };
const FINISHED = { body: { status: "finished", progress: 100 } };
const FAILED = { body: { status: "failed", error: "A photo is damaged." } };
const CANCELED = { body: { status: "canceled" } };
const FRESH = { status: 409, body: { detail: "The job is running." } };
const BUSY = { status: 503, body: { detail: "Too many jobs." }, headers: { "Retry-After": "2" } };
const TAKEN = {
  status: 503,
  body: { type: "/problems/busy", detail: "All renders are busy: try again in a moment." },
  headers: { "Retry-After": "2" },
};
const SIGNED_OUT = { status: 401, body: { detail: "Sign in first." } };
const REFUSED = { status: 422, body: { detail: "start: must be 0 or more." } };

/**
 * @param {IncomingMessage} request
 * @returns {Promise<Received>}
 */
async function receive(request) {
  const [, path, id = ""] = (request.url ?? "").split("?")[0].split("/");
  const text = (await request.toArray()).join("");
  const key = request.headers["idempotency-key"];
  return { line: `${request.method} /${path}`, id, key, body: JSON.parse(text || "{}") };
}

/**
 * Return a job whose server gives replies, and what shows how it fares.
 * @param {TestContext} t
 * @param {Replies} replies
 * @param {Partial<JobRecord> & {body?: Order | null}} [more] of its record
 * @param {number} [patience] seconds, with a busy server
 */
async function newJob(t, replies, more = {}, patience) {
  /** @type {Received[]} */
  const requests = [];
  const list = (/** @type {string} */ line) => requests.filter((request) => request.line === line);
  let isOrdered = Boolean(more.accepted);
  const url = await serve(t, async (request, response) => {
    const received = await receive(request);
    if (received.line === "GET /job_status" && !isOrdered) received.line = EARLY;
    requests.push(received);
    const turns = replies[received.line] ?? [ABSENT];
    const answer = turns[Math.min(list(received.line).length, turns.length) - 1];
    if (!answer) return response.destroy();
    await pause(answer.delay ?? 0);
    await answer.until;
    const { status = 200, headers, body } = answer;
    isOrdered ||= received.line === "POST /order" && status < 400;
    return response.writeHead(status, headers).end(JSON.stringify(body));
  });
  openPage(t, url);
  hurry(t, SPEED);
  /** @type {News[]} */
  const news = [];
  const record = newRecord("clip", "/order", more.body ?? {}, more);
  /** @type {{record: JobRecord | null}} */
  const kept = { record };
  const job = new Job(record, {
    show: (item) => news.push(item),
    save: (saved) => (kept.record = saved),
    patience,
  });
  t.after(() => job.stop());
  return {
    job,
    list,
    notices: () => news.flatMap((item) => item.notice || []),
    last: () => news.at(-1),
    hasSaid: (/** @type {string} */ text) => news.some((item) => item.status.message === text),
    hasSeen: (/** @type {string} */ state) => news.some((item) => item.status.status === state),
    readRecord: () => kept.record,
  };
}

/**
 * Wait until something holds, for 5 seconds at most.
 * @param {() => unknown} holds
 */
async function waitFor(holds) {
  for (let tries = 0; !holds(); tries++) {
    assert(tries < 1000, `still false: ${holds}`);
    await pause(5);
  }
}

/** @param {number} ms as they pass here: a poll is due every 20 */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms * SPEED);
  });
}

test("A job is ordered once, followed to its end, and kept for a later visit", async (t) => {
  const replies = { "POST /order": [QUEUED], "GET /job_status": [QUEUED, STARTED, FINISHED] };
  const { job, hasSeen, list, last, readRecord } = await newJob(t, replies, { body: { start: 1 } });
  job.start();
  const { id } = job;
  const { body, accepted } = readRecord() ?? {};
  assert.deepEqual([body, accepted], [{ start: 1 }, false]);
  await waitFor(() => hasSeen("started"));
  assert.equal(readRecord()?.accepted, true);
  assert.equal(readRecord()?.body, null);
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(readRecord()?.ended, true);
  const polls = list("GET /job_status").length;
  await pause(100);
  assert.deepEqual(list("POST /order"), [
    { line: "POST /order", id: "", key: id, body: { start: 1, job_id: id } },
  ]);
  assert.equal(list("GET /job_status").length, polls, "an ended job is not asked after");
  assert.equal(last()?.canRetry, false);
  assert.equal(job.hasEnded, true);
});

test("A busy server's sentence is shown, and it is asked again when it wants", async (t) => {
  const replies = { "POST /order": [BUSY, BUSY, QUEUED], "GET /job_status": [QUEUED] };
  const { job, list, notices } = await newJob(t, replies);
  job.start();
  await waitFor(() => list("POST /order").length === 3);
  assert.deepEqual(notices(), [
    "Too many jobs. Trying again in 2 s.",
    "Too many jobs. Trying again in 1 s.",
    "Too many jobs. Trying again in 2 s.",
    "Too many jobs. Trying again in 1 s.",
  ]);
  assert.deepEqual(
    list("POST /order").map(({ key }) => key),
    [job.id, job.id, job.id],
  );
});

test("A busy server that says nothing is called busy", async (t) => {
  const silent = { status: 503, body: {}, headers: { "Retry-After": "1" } };
  const { job, notices } = await newJob(t, { "POST /order": [silent] });
  job.start();
  await waitFor(() => notices().length);
  assert.equal(notices()[0], "The server is busy. Trying again in 1 s.");
});

test("An order waits for a free place with one sentence, however many tries it takes", async (t) => {
  const replies = { "POST /order": [...Array(9).fill(TAKEN), QUEUED], "GET /job_status": [QUEUED] };
  const { job, hasSaid, list, last, notices } = await newJob(t, replies);
  job.start();
  await waitFor(() => hasSaid("All renders are busy; yours begins as soon as one is over."));
  await waitFor(() => list("GET /job_status").length);
  assert.equal(new Set(list("POST /order").map(({ key }) => key)).size, 1);
  assert.deepEqual([notices(), last()?.error], [[], ""]);
});

test("An order that has found no place for too long can be tried again with its key", async (t) => {
  const replies = {
    "POST /order": [...Array(4).fill(TAKEN), QUEUED],
    "GET /job_status": [QUEUED],
  };
  const { job, list, last, readRecord } = await newJob(t, replies, { body: { start: 3 } }, 5);
  job.start();
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, TAKEN.body.detail);
  assert.equal(last()?.canRetry, true);
  assert.equal(readRecord(), null, "a reload does not order it again");
  await job.retry();
  await waitFor(() => list("GET /job_status").length);
  const orders = list("POST /order");
  assert.deepEqual([orders.length, orders[4]], [5, orders[0]]);
  assert.equal(readRecord()?.accepted, true);
});

test("A job that is cancelled while the server is busy is not sent any more", async (t) => {
  const replies = { "POST /order": [BUSY] };
  const { job, list, last, notices, readRecord } = await newJob(t, replies);
  job.start();
  await waitFor(() => notices().length);
  await job.cancel();
  assert.equal(last()?.status.status, "canceled");
  assert.equal(readRecord()?.accepted, true); // or a later visit would send it
  assert.equal(readRecord()?.ended, true);
  await pause(100); // what still waited must end without an error
  assert.equal(list("POST /order").length, 1);
  assert.equal(list("POST /job_cancel").length, 0); // it would be answered with an error
});

test("An order that is cancelled on its way is cancelled once it has arrived", async (t) => {
  const { job, list, last, readRecord } = await newJob(
    t,
    {
      "POST /order": [{ ...QUEUED, delay: 20 }],
      "GET /job_status": [QUEUED],
      "POST /job_cancel": [CANCELED],
    },
    { title: "bikes.mp4" },
  );
  job.start();
  await waitFor(() => list("POST /order").length);
  const cancelled = job.cancel();
  assert.equal(last()?.status.status, "canceled"); // at once
  assert.equal(last()?.canRetry, false);
  assert.equal(list("POST /job_cancel").length, 0); // the server would know of no such job
  await cancelled;
  assert.equal(list("POST /job_cancel").length, 1);
  assert.equal(last()?.status.status, "canceled");
  assert.equal(last()?.canRetry, true);
  assert.equal(readRecord()?.title, "bikes.mp4");
});

test("An order that is answered once its render is over is cancelled before that", async (t) => {
  let answer = () => {};
  /** @type {Promise<void>} */
  const until = new Promise((resolve) => {
    answer = resolve;
  });
  /** @type {Replies} */
  const replies = { "POST /order": [{ ...FINISHED, until }], "POST /job_cancel": [CANCELED] };
  const { job, list, last } = await newJob(t, replies);
  job.start();
  await waitFor(() => list("POST /order").length);
  const cancelled = job.cancel();
  await waitFor(() => list(EARLY).length > 2);
  assert.equal(list("POST /job_cancel").length, 0);
  replies[EARLY] = [STARTED];
  await cancelled;
  assert.equal(last()?.status.status, "canceled");
  assert.equal(last()?.canRetry, true);
  answer();
});

test("An order that got lost is sent again, and the page says so", async (t) => {
  const { job, list, notices } = await newJob(t, {
    "POST /order": [null, { status: 502, body: {} }, QUEUED],
    [EARLY]: [null, ABSENT],
    "GET /job_status": [QUEUED],
  });
  job.start();
  await waitFor(() => list("POST /order").length === 3);
  assert.equal(new Set(list("POST /order").map(({ key }) => key)).size, 1);
  assert.match(notices()[0], /connection was lost/);
});

test("An order whose answer got lost is not sent again once the job is known", async (t) => {
  /** @type {Replies} */
  const replies = { "POST /order": [null], [EARLY]: [ABSENT, QUEUED, STARTED] };
  const { job, hasSeen, list, readRecord } = await newJob(t, replies);
  job.start();
  await waitFor(() => hasSeen("started"));
  await pause(100);
  assert.equal(list("POST /order").length, 1);
  assert.equal(readRecord()?.accepted, true);
});

test("A job whose order is on its way is not taken for one that is gone", async (t) => {
  const { job, hasSeen, list, last } = await newJob(t, {
    "POST /order": [{ ...QUEUED, delay: 100 }],
    "GET /job_status": [FINISHED],
  });
  job.start();
  await waitFor(() => list(EARLY).length > 1);
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(hasSeen("gone"), false);
});

test("An order that is refused ends with the server's sentence and leaves no record", async (t) => {
  const { job, last, readRecord } = await newJob(t, { "POST /order": [REFUSED] });
  job.start();
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, "start: must be 0 or more.");
  assert.equal(last()?.canRetry, false);
  assert.equal(readRecord(), null);
});

test("A job that failed can be tried again; its old failure is not taken for news", async (t) => {
  const { job, list, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [STARTED, FAILED, { ...FAILED, delay: 50 }, STARTED, FINISHED],
    "POST /job_retry": [QUEUED],
  });
  job.start();
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, "A photo is damaged.");
  assert.equal(last()?.canRetry, true);
  await job.retry();
  await waitFor(() => last()?.status.status === "finished");
  assert.deepEqual(
    list("POST /job_retry").map((request) => request.id),
    [job.id],
  );
});

test("A retry that is refused says why", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [FAILED],
    "GET /job_status": [FAILED],
    "POST /job_retry": [FRESH],
  });
  job.start();
  await waitFor(() => last()?.canRetry);
  await job.retry();
  assert.equal(last()?.error, "The job is running.");
  assert.equal(last()?.canRetry, false);
});

test("A retry that finds no place can be tried once more", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [FAILED],
    "GET /job_status": [FAILED, FINISHED],
    "POST /job_retry": [TAKEN, QUEUED],
  });
  job.start();
  await waitFor(() => last()?.canRetry);
  await job.retry();
  assert.deepEqual([last()?.error, last()?.canRetry], [TAKEN.body.detail, true]);
  await job.retry();
  await waitFor(() => last()?.status.status === "finished");
});

test("A job that runs is cancelled by the server, and may be tried again", async (t) => {
  const { job, hasSeen, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [STARTED],
    "POST /job_cancel": [CANCELED],
  });
  job.start();
  await waitFor(() => hasSeen("started"));
  await job.cancel();
  assert.equal(last()?.status.status, "canceled");
  assert.equal(last()?.canRetry, true);
});

test("A server that rests is left alone for a while, and asked again", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [{ ...BUSY, status: 429 }, { status: 500, body: {} }, FINISHED],
  });
  job.start();
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(last()?.error, "");
});

for (const [workers, sentence] of /** @type {[number, RegExp][]} */ ([
  [0, /^No worker is running right now/],
  [1, /^$/],
])) {
  test(`A job that waits long with ${workers} workers says: ${sentence}`, async (t) => {
    const { job, list, last } = await newJob(t, {
      "POST /order": [QUEUED],
      "GET /job_status": [QUEUED],
      "GET /health": [{ body: { workers } }],
    });
    job.start();
    await waitFor(() => list("GET /job_status").length > 6);
    assert.match(last()?.notice ?? "none", sentence);
    assert.equal(list("GET /health").length, 1, "it is not asked at each poll");
  });
}

test("A job of an earlier visit is found again", async (t) => {
  const replies = { "GET /job_status": [FINISHED] };
  const { job, list, last } = await newJob(t, replies, { accepted: true });
  job.start();
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(list("GET /job_status")[0].id, job.id);
  assert.equal(list("POST /order").length, 0);
});

test("A job that is not there is said to be gone", async (t) => {
  const replies = { "GET /job_status": [QUEUED, ABSENT] };
  const { job, last, readRecord } = await newJob(t, replies, { accepted: true });
  job.start();
  await waitFor(() => last()?.status.status === "gone");
  assert.match(last()?.error ?? "", /^It was deleted, or /);
  assert.equal(readRecord(), null);
});

test("A job that was deleted before it is tried again is said to be gone", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [FAILED],
    "GET /job_status": [FAILED],
    "POST /job_retry": [ABSENT],
  });
  job.start();
  await waitFor(() => last()?.canRetry);
  await job.retry();
  assert.equal(last()?.status.status, "gone");
  assert.match(last()?.error ?? "", /^It was deleted, or /);
});

test("A video that may have been deleted is looked for, and is gone only if it is", async (t) => {
  const replies = { "GET /job_status": [FINISHED, FINISHED, null, ABSENT] };
  const { job, last } = await newJob(t, replies, { accepted: true });
  job.start();
  await waitFor(() => job.hasEnded);
  for (const expected of ["finished", "finished", "gone"]) {
    await job.check();
    assert.equal(last()?.status.status, expected);
  }
});

for (const accepted of [true, false]) {
  const what = accepted ? "A job" : "An order";
  test(`${what} of a user who was signed out is kept for when they sign in again`, async (t) => {
    /** @type {string[]} */
    const visited = [];
    const location = { assign: (/** @type {string} */ address) => visited.push(address) };
    Object.defineProperty(globalThis, "location", { value: location, configurable: true });
    t.after(() => Reflect.deleteProperty(globalThis, "location"));
    const replies = { "POST /order": [SIGNED_OUT], "GET /job_status": [SIGNED_OUT] };
    const { job, last, readRecord } = await newJob(t, replies, { accepted });
    job.start();
    await waitFor(() => last()?.error);
    assert.equal(visited[0], "/sign_in");
    assert.equal(readRecord()?.id, job.id);
  });
}

test("An order that a reload cut off is sent again with its key", async (t) => {
  const replies = { "POST /order": [QUEUED], "GET /job_status": [QUEUED] };
  const { job, list } = await newJob(t, replies, { id: "an-id", body: { start: 2 } });
  job.start();
  await waitFor(() => list("POST /order").length);
  assert.deepEqual(list("POST /order"), [
    { line: "POST /order", id: "", key: "an-id", body: { start: 2, job_id: "an-id" } },
  ]);
});

test("The order of a preview is kept, to make the full video of it", async (t) => {
  const body = { start: 1, preview: true };
  const replies = { "POST /order": [QUEUED], "GET /job_status": [FINISHED] };
  const { job, last, readRecord } = await newJob(t, replies, { body });
  job.start();
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(job.isPreview, true);
  assert.deepEqual(readRecord()?.body, body);
});
