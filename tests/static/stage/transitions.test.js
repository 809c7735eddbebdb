import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { showTransition } from "../../../static/stage/transitions.js";

/** @typedef {Record<string, number | boolean | string>} Case */

const NEAR = 0.002; // the server has edges at even pixels
/** @type {(Case & {name: string, step: number, steps: number})[]} which the server's test has too */
const CASES = JSON.parse(readFileSync(new URL("transitions.json", import.meta.url), "utf8"));

for (const { name, step, steps, ...expected } of CASES) {
  test(`Step ${step} of ${name} is what the server draws`, () => {
    /** @type {Record<string, unknown>} */
    const shown = { ...showTransition(name, step, steps) };
    for (const [key, value] of Object.entries(expected)) {
      if (typeof value === "number") assert(Math.abs(Number(shown[key]) - value) <= NEAR, key);
      else assert.equal(shown[key], value, key);
    }
  });
}
