// The job against a real HTTP server, on a clock that runs fifty times as fast.

import assert from "node:assert/strict";
import test from "node:test";

import { Job } from "../../../static/job/job.js";
import { hurry, openPage, openStorage, serve } from "../browser.js";

/** @import { IncomingMessage } from "node:http" */
/** @import { TestContext } from "node:test" */
/** @import { JobRecord, News } from "../../../static/job/job.js" */

/**
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {object} body
 * @property {Record<string, string>} [headers]
 * @property {number} [delay] ms
 */

/**
 * What the server answers to `POST /order`, `GET /job_status` and so on, one after the other, and
 * the last for ever; null hangs up.
 * @typedef {Record<string, (Answer | null)[]>} Replies
 */

/** @typedef {{line: string, id: string, key: unknown, body: Record<string, unknown>}} Received */

const SPEED = 50;
const RECORD = "reelqueue.job.clip";
const QUEUED = { body: { status: "queued", progress: 0 } };
const STARTED = { body: { status: "started", progress: 40 } };
const FINISHED = { body: { status: "finished", progress: 100 } };
const FAILED = { body: { status: "failed", error: "A photo is damaged." } };
const CANCELED = { body: { status: "canceled" } };
const MISSING = { status: 404, body: { detail: "There is no such job." } };
const GONE = { status: 410, body: { detail: "The job has been deleted." } };
const BUSY = { status: 503, body: { detail: "Too many jobs." }, headers: { "Retry-After": "2" } };
const REFUSED = { status: 422, body: { detail: "start: must be 0 or more." } };

/**
 * @param {IncomingMessage} request
 * @returns {Promise<Received>}
 */
async function receive(request) {
  const [, path, id = ""] = (request.url ?? "").split("/");
  const text = (await request.toArray()).join("");
  const key = request.headers["idempotency-key"];
  return { line: `${request.method} /${path}`, id, key, body: JSON.parse(text || "{}") };
}

/**
 * Return a job whose server gives replies, and what shows how it fares.
 * @param {TestContext} t
 * @param {Replies} replies
 * @param {JobRecord} [record] left by an earlier visit
 */
async function newJob(t, replies, record) {
  const storage = new Map(record ? [[RECORD, JSON.stringify(record)]] : []);
  /** @type {Received[]} */
  const requests = [];
  const list = (/** @type {string} */ line) => requests.filter((request) => request.line === line);
  const url = await serve(t, async (request, response) => {
    const received = await receive(request);
    requests.push(received);
    const turns = replies[received.line];
    const answer = turns[Math.min(list(received.line).length, turns.length) - 1];
    if (!answer) return response.destroy();
    await pause(answer.delay ?? 0);
    return response
      .writeHead(answer.status ?? 200, answer.headers)
      .end(JSON.stringify(answer.body));
  });
  openPage(t, url);
  openStorage(t, storage);
  hurry(t, SPEED);
  /** @type {(News | null)[]} */
  const news = [];
  const job = new Job("clip", "/order", (item) => news.push(item));
  t.after(() => job.forget());
  return {
    job,
    list,
    notices: () => news.flatMap((item) => item?.notice || []),
    last: () => news.at(-1),
    hasSeen: (/** @type {string} */ state) => news.some((item) => item?.status.status === state),
    readRecord: () => JSON.parse(storage.get(RECORD) ?? "null"),
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

test("A job is ordered once, followed to its end, and kept for a reload until then", async (t) => {
  const replies = { "POST /order": [QUEUED], "GET /job_status": [QUEUED, STARTED, FINISHED] };
  const { job, hasSeen, list, last, readRecord } = await newJob(t, replies);
  job.start({ start: 1 });
  const { id } = readRecord();
  assert.deepEqual(readRecord(), { id, body: { start: 1 }, accepted: false });
  await waitFor(() => hasSeen("started"));
  assert.deepEqual(readRecord(), { id, body: null, accepted: true });
  await waitFor(() => last()?.status.status === "finished");
  const polls = list("GET /job_status").length;
  await pause(100);
  assert.deepEqual(list("POST /order"), [
    { line: "POST /order", id: "", key: id, body: { start: 1, job_id: id } },
  ]);
  assert.equal(list("GET /job_status").length, polls, "an ended job is not asked after");
  assert.equal(last()?.canRetry, false);
});

test("A busy server is asked again with the same key, after the time that it wants", async (t) => {
  const replies = { "POST /order": [BUSY, BUSY, QUEUED], "GET /job_status": [MISSING] };
  const { job, list, notices, readRecord } = await newJob(t, replies);
  job.start({});
  const { id } = readRecord();
  await waitFor(() => list("POST /order").length === 3);
  assert.deepEqual(notices(), [
    "The server is busy. Trying again in 2 s.",
    "The server is busy. Trying again in 1 s.",
    "The server is busy. Trying again in 2 s.",
    "The server is busy. Trying again in 1 s.",
  ]);
  assert.deepEqual(
    list("POST /order").map(({ key }) => key),
    [id, id, id],
  );
});

test("A server that stays busy is asked six times, and then its sentence is shown", async (t) => {
  const { job, list, last } = await newJob(t, {
    "POST /order": [BUSY],
    "GET /job_status": [MISSING],
  });
  job.start({});
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, "Too many jobs.");
  assert.equal(list("POST /order").length, 6);
  assert.equal(job.isKnown, false);
});

test("A job that is cancelled while the server is busy is not sent any more", async (t) => {
  const { job, list, last, notices } = await newJob(t, {
    "POST /order": [BUSY],
    "GET /job_status": [MISSING],
    "POST /job_cancel": [MISSING],
  });
  job.start({});
  await waitFor(() => notices().length);
  await job.cancel();
  assert.equal(last()?.status.status, "canceled");
  assert.equal(job.isKnown, false);
  await pause(100); // what still waited must end without an error
  assert.equal(list("POST /order").length, 1);
  assert.equal(list("POST /job_cancel").length, 1);
});

test("An order that got lost is sent again, and the page says so", async (t) => {
  const { job, list, notices } = await newJob(t, {
    "POST /order": [null, { status: 502, body: {} }, QUEUED],
    "GET /job_status": [null, MISSING],
  });
  job.start({});
  await waitFor(() => list("POST /order").length === 3);
  assert.equal(new Set(list("POST /order").map(({ key }) => key)).size, 1);
  assert.match(notices()[0], /connection was lost/);
});

test("An order whose answer got lost is not sent again once the job is seen", async (t) => {
  const replies = { "POST /order": [null], "GET /job_status": [STARTED] };
  const { job, hasSeen, list, readRecord } = await newJob(t, replies);
  job.start({});
  await waitFor(() => hasSeen("started"));
  await pause(100);
  assert.equal(list("POST /order").length, 1);
  assert.equal(readRecord().accepted, true);
});

test("A poll that the server answered before it had the order is not taken for a loss", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [{ ...MISSING, delay: 50 }, FINISHED],
  });
  job.start({});
  await waitFor(() => last()?.error || last()?.status.status === "finished");
  assert.equal(last()?.error, "");
});

test("An order that is refused ends with the server's sentence and leaves no record", async (t) => {
  const replies = { "POST /order": [REFUSED], "GET /job_status": [MISSING] };
  const { job, last, readRecord } = await newJob(t, replies);
  job.start({});
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
  job.start({});
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, "A photo is damaged.");
  assert.equal(last()?.canRetry, true);
  const { id } = list("GET /job_status")[0];
  await job.retry();
  await waitFor(() => last()?.status.status === "finished");
  assert.deepEqual(
    list("POST /job_retry").map((request) => request.id),
    [id],
  );
});

test("A retry that is refused says why", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [FAILED],
    "GET /job_status": [FAILED],
    "POST /job_retry": [GONE],
  });
  job.start({});
  await waitFor(() => last()?.canRetry);
  await job.retry();
  assert.equal(last()?.error, "The job has been deleted.");
});

test("A job that runs is cancelled by the server, and may be tried again", async (t) => {
  const { job, hasSeen, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [STARTED],
    "POST /job_cancel": [CANCELED],
  });
  job.start({});
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
  job.start({});
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(last()?.error, "");
});

test("A job of an earlier visit is found again", async (t) => {
  const record = { id: "an-id", body: null, accepted: true };
  const { job, list, last } = await newJob(t, { "GET /job_status": [FINISHED] }, record);
  assert.equal(job.isKnown, true);
  job.restore();
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(list("GET /job_status")[0].id, "an-id");
});

for (const answer of [MISSING, GONE]) {
  test(`A job of an earlier visit is forgotten when the server says ${answer.status}`, async (t) => {
    const record = { id: "an-id", body: null, accepted: true };
    const { job, last, readRecord } = await newJob(t, { "GET /job_status": [answer] }, record);
    job.restore();
    await waitFor(() => last() === null);
    assert.equal(job.isKnown, false);
    assert.equal(readRecord(), null);
  });
}

test("A job that disappears while it is followed ends with the server's sentence", async (t) => {
  const { job, last } = await newJob(t, {
    "POST /order": [QUEUED],
    "GET /job_status": [STARTED, GONE],
  });
  job.start({});
  await waitFor(() => last()?.error);
  assert.equal(last()?.error, "The job has been deleted.");
});

test("An order that a reload cut off is sent again with its key", async (t) => {
  const { job, list } = await newJob(
    t,
    { "POST /order": [QUEUED], "GET /job_status": [MISSING] },
    { id: "an-id", body: { start: 2 }, accepted: false },
  );
  job.restore();
  await waitFor(() => list("POST /order").length);
  assert.deepEqual(list("POST /order"), [
    { line: "POST /order", id: "", key: "an-id", body: { start: 2, job_id: "an-id" } },
  ]);
});

test("The full video is ordered as its preview was, as another job", async (t) => {
  const replies = { "POST /order": [QUEUED], "GET /job_status": [FINISHED] };
  const { job, list, last } = await newJob(t, replies);
  job.start({ start: 1, preview: true });
  await waitFor(() => last()?.status.status === "finished");
  assert.equal(job.isPreview, true);
  job.startFull();
  assert.equal(job.isPreview, false);
  await waitFor(() => list("POST /order").length === 2);
  const [preview, full] = list("POST /order").map(({ body }) => body);
  assert.notEqual(preview.job_id, full.job_id);
  assert.deepEqual({ ...full, job_id: "" }, { start: 1, preview: false, job_id: "" });
});

test("Without storage, or with a record that is none, there is no job of an earlier visit", (t) => {
  assert.equal(new Job("clip", "/order", () => {}).isKnown, false);
  openStorage(t, new Map([[RECORD, "not JSON"]]));
  assert.equal(new Job("clip", "/order", () => {}).isKnown, false);
});
