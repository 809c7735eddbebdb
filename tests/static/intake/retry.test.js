import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, ConnectionError } from "../../../static/api.js";
import { chooseDelay, deliver, sendAgain } from "../../../static/intake/retry.js";
import { hurry } from "../browser.js";

/** @import { Pause } from "../../../static/intake/retry.js" */

const BUSY = new ApiError(503, { type: "/problems/busy", detail: "All is taken." }, "15");
const FULL = new ApiError(429, { type: "/problems/x", detail: "Too many: try again in 2 s." }, "2");
const PROXY = new ApiError(502, null, null);
const FAULT = new ApiError(500, { type: "/problems/internal-error", detail: "Logged." }, null);

/**
 * Return what fails with these errors, one after the other, and then sends.
 * @param {Error[]} errors
 */
function failWith(...errors) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return "taken";
  };
}

/** @type {[Error, string][]} */
const REASONS = [
  [new ConnectionError(), "The connection was lost."],
  [BUSY, "All is taken."],
  [FULL, "Too many: try again in 2 s."],
  [PROXY, "The server does not answer right now."],
  [FAULT, "The server does not answer right now."],
];
for (const [error, sentence] of REASONS) {
  test(`What ended with "${error.message}" is sent again, and the reason is: ${sentence}`, async (t) => {
    hurry(t, 1000);
    /** @type {Pause[]} */
    const pauses = [];
    const options = { onPause: (/** @type {Pause} */ pause) => pauses.push(pause) };
    assert.equal(await deliver(failWith(error, error, error), options), "taken");
    assert.deepEqual(
      pauses.map((pause) => pause.sentence),
      [sentence, sentence, sentence],
    );
  });
}

test("A refusal is not sent again", async () => {
  const refusal = new ApiError(415, null, null);
  await assert.rejects(deliver(failWith(refusal), {}), refusal);
});

test("Pauses double up to a minute, and last as long as the server asks for", () => {
  for (const [tries, seconds] of [
    [0, 1],
    [3, 8],
    [20, 60],
  ]) {
    const delay = chooseDelay(tries, PROXY);
    assert(delay >= 0.75 * seconds && delay <= 1.25 * seconds);
  }
  assert.equal(chooseDelay(0, BUSY), 15);
  assert(chooseDelay(20, BUSY) >= 45);
});

test("What waits is sent at once when it is asked for", async () => {
  const options = { onPause: () => queueMicrotask(sendAgain) };
  const began = performance.now();
  assert.equal(await deliver(failWith(BUSY, BUSY), options), "taken");
  assert(performance.now() - began < 5000);
});

test("What is given up while it waits is not sent again", async () => {
  const stop = new AbortController();
  const options = { onPause: () => queueMicrotask(() => stop.abort()), signal: stop.signal };
  await assert.rejects(deliver(failWith(BUSY), options), ConnectionError);
});
