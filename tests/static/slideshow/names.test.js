import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { compareKeys, toKey } from "../../../static/slideshow/names.js";

/** @type {string[]} names in their order, which the server's test has too */
const NAMES = JSON.parse(readFileSync(new URL("names.json", import.meta.url), "utf8"));

/** @param {string[]} names */
function sortNames(names) {
  return [...names].sort((one, other) => compareKeys(toKey(one), toKey(other)));
}

test("Names are sorted as a file manager does, and as the server does", () => {
  assert.deepEqual(sortNames([...NAMES].reverse()), NAMES);
});

test("A name is the same however its accents are written", () => {
  for (const name of NAMES) {
    assert.deepEqual(toKey(name.normalize("NFD")), toKey(name.normalize("NFC")));
  }
});
