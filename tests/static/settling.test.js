import assert from "node:assert/strict";
import { test } from "node:test";

import { Settling } from "../../static/settling.js";

/** @import { TestContext } from "node:test" */

/**
 * Return work that settles after 100 ms, and after 250 at the latest, and how often it was done.
 * @param {TestContext} t
 */
function settle(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const act = t.mock.fn();
  const pass = (/** @type {number} */ milliseconds) => {
    now += milliseconds;
    t.mock.timers.tick(milliseconds);
    return act.mock.callCount();
  };
  return { work: new Settling(act, 100, 250), pass };
}

test("It is done once, when nothing has called for it for a moment", (t) => {
  const { work, pass } = settle(t);
  work.ask();
  assert.equal(pass(99), 0);
  work.ask();
  assert.equal(pass(99), 0);
  assert.equal(pass(1), 1);
  assert.deepEqual([pass(1000), work.isDue], [1, false]);
});

test("Calls without a pause do not put it off for ever", (t) => {
  const { work, pass } = settle(t);
  const counts = [90, 90, 69, 1, 99, 1].map((milliseconds) => {
    work.ask();
    return pass(milliseconds);
  });
  assert.deepEqual(counts, [0, 0, 0, 1, 1, 1]);
});

test("It is done at once where that is asked for, and only if it waits", (t) => {
  const { work, pass } = settle(t);
  work.finish();
  assert.equal(pass(0), 0);
  work.ask();
  work.finish();
  assert.equal(pass(1000), 1);
  work.ask();
  work.drop();
  assert.equal(pass(1000), 1);
});
