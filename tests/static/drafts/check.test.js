import assert from "node:assert/strict";
import test from "node:test";

import { describeMissing, findMissing } from "../../../static/drafts/check.js";
import { openPage, serve } from "../browser.js";

test("What is gone is named, a few files by their names", () => {
  assert.equal(describeMissing([]), "");
  assert.equal(describeMissing(["a.jpg"]), "No longer on the server: a.jpg. Add it again.");
  assert.equal(
    describeMissing(["1", "2", "3", "4", "5", "6", "7"]),
    "No longer on the server: 1, 2, 3, 4, 5 and 2 more. Add them again.",
  );
});

test("The server is asked once for all files of a draft", async (t) => {
  /** @type {unknown[]} */
  const asked = [];
  const url = await serve(t, (request, response) => {
    asked.push(request.url);
    response.end(JSON.stringify({ uploads: ["here"] }));
  });
  openPage(t, url);
  assert.deepEqual(await findMissing("a-session", ["here", "gone"]), new Set(["gone"]));
  assert.deepEqual(asked, ["/sessions/a-session"]);
  assert.deepEqual(await findMissing("a-session", []), new Set());
  assert.equal(asked.length, 1);
});

test("While the server does not answer, nothing is taken for gone", async (t) => {
  const url = await serve(t, (_, response) => response.destroy());
  openPage(t, url);
  assert.deepEqual(await findMissing("a-session", ["here"]), new Set());
});
