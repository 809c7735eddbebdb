// A search against a real HTTP server, on a clock that runs fifty times as fast.

import assert from "node:assert/strict";
import test from "node:test";

import { Search } from "../../../../static/clip/suggestions/search.js";
import { hurry, openPage, serve } from "../../browser.js";

/** @import { TestContext } from "node:test" */
/** @import { News } from "../../../../static/job/job.js" */

const SPEED = 50;
const RESULT = { highlights: [{ start: 1, end: 2, score: 1, why: "Loud." }] };

/**
 * Return a search whose orders arrive once they are let through, and what shows how it fares.
 * @param {TestContext} t
 */
async function newSearch(t) {
  /** @type {Set<string>} the ids of the jobs that the server has */
  const jobs = new Set();
  /** @type {(() => void)[]} */
  const held = [];
  let polls = 0;
  const url = await serve(t, async (request, response) => {
    const { url: path = "", method } = request;
    const answer = (/** @type {number} */ status, /** @type {object} */ body) =>
      response.writeHead(status).end(JSON.stringify(body));
    if (method === "GET") {
      const status = { status: "finished", progress: 100, result: RESULT };
      if (![...jobs].some((id) => path.includes(id))) return response.writeHead(204).end();
      polls += 1;
      return answer(200, status);
    }
    const { job_id: id } = JSON.parse((await request.toArray()).join(""));
    held.push(() => {
      if (response.destroyed) return; // it was called off
      jobs.add(id);
      answer(202, { status: "queued", progress: 0 });
    });
    return undefined;
  });
  openPage(t, url);
  hurry(t, SPEED);
  /** @type {News[]} */
  const news = [];
  const search = new Search((item) => news.push(item));
  t.after(() => search.leave());
  return {
    search,
    jobs,
    countPolls: () => polls,
    isHeld: () => held.length > 0,
    letThrough: () => held.splice(0).forEach((act) => act()),
    last: () => news.at(-1)?.status.status,
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

/** @param {number} ms as they pass here */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms * SPEED);
  });
}

test("A search that is left before its order has arrived is there later", async (t) => {
  const { search, jobs, isHeld, letThrough, countPolls, last } = await newSearch(t);
  search.start("a-video", {});
  const { id } = search;
  assert(id);
  await waitFor(isHeld);
  search.leave();
  assert.equal(search.id, null);
  letThrough();
  await waitFor(() => jobs.has(id));
  await pause(100);
  assert.equal(countPolls(), 0, "what was left is not followed");
  search.resume(id);
  await waitFor(() => last() === "finished");
  assert.equal(search.id, id);
});

test("A search that is resumed before its order has arrived goes on", async (t) => {
  const { search, isHeld, letThrough, last } = await newSearch(t);
  search.start("a-video", {});
  const { id } = search;
  assert(id);
  await waitFor(isHeld);
  search.leave();
  search.resume(id);
  assert(search.isRunning);
  letThrough();
  await waitFor(() => last() === "finished");
  assert.equal(search.isRunning, false);
});

test("A search of which the server knows nothing stays in its draft if it may arrive", async (t) => {
  const { search, last } = await newSearch(t);
  search.resume("deleted", false);
  await waitFor(() => last() === "gone");
  assert.equal(search.id, null);
  search.resume("of-another-tab");
  await waitFor(() => search.id === "of-another-tab" && !search.isRunning);
  assert.equal(search.isRunning, false);
});
