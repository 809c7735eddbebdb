import assert from "node:assert/strict";
import test from "node:test";

import {
  ApiError,
  call,
  ConnectionError,
  createId,
  isGone,
  isPassing,
  isTransient,
  load,
  readAnswer,
  toRefusal,
  upload,
} from "../../static/api.js";
import { serve } from "./browser.js";

const PROXY_PAGE = "<html><title>502 Bad Gateway</title></html>";

test("A good answer is its JSON", () => {
  assert.deepEqual(readAnswer(200, '{"status": "queued"}', null), { status: "queued" });
});

/** @type {[number, string, string][]} */
const ERRORS = [
  [422, '{"detail": "duration: too long.", "title": "Invalid"}', "duration: too long."],
  [404, '{"title": "Not Found"}', "Not Found"],
  [502, PROXY_PAGE, "The server answered with an error (502)."],
  [500, "", "The server answered with an error (500)."],
  [200, PROXY_PAGE, "The server answered with an error (200)."],
  [200, "null", "The server answered with an error (200)."],
];
for (const [status, text, message] of ERRORS) {
  test(`The answer ${status} ${text} is an error that says: ${message}`, () => {
    assert.throws(() => readAnswer(status, text, null), { constructor: ApiError, message, status });
  });
}

/** @type {[string | null, number][]} */
const WAITS = [
  ["7", 7],
  [null, 0],
  ["Wed, 21 Oct 2026 07:28:00 GMT", 0],
];
for (const [header, seconds] of WAITS) {
  test(`The header Retry-After: ${header} asks for ${seconds} seconds`, () => {
    assert.equal(new ApiError(503, null, header).retryAfter, seconds);
  });
}

/** @type {[unknown, boolean][]} */
const TRANSIENT = [
  [new ConnectionError(), true],
  [new ApiError(502, null, null), true],
  [new ApiError(504, null, null), true],
  [new ApiError(503, null, null), false],
  [new ApiError(500, null, null), false],
  [new TypeError("a fault of ours"), false],
];
for (const [error, expected] of TRANSIENT) {
  test(`${error} ${expected ? "may" : "will not"} pass when the same is sent again`, () => {
    assert.equal(isTransient(error), expected);
  });
}

/** @type {[unknown, boolean][]} */
const PASSING = [
  [new ConnectionError(), true],
  ...[408, 425, 429, 500, 502, 503, 504].map((status) =>
    pair(new ApiError(status, null, null), true),
  ),
  ...[400, 404, 409, 413, 415, 422].map((status) => pair(new ApiError(status, null, null), false)),
  [new TypeError("a fault of ours"), false],
];
for (const [error, expected] of PASSING) {
  test(`An upload that ended with ${error} is ${expected ? "" : "not "}sent again`, () => {
    assert.equal(isPassing(error), expected);
  });
}

/**
 * @param {Error} error
 * @param {boolean} expected
 * @returns {[Error, boolean]}
 */
function pair(error, expected) {
  return [error, expected];
}

test("What our server does not find is gone, and what a proxy does not find is not", () => {
  assert.equal(isGone(new ApiError(404, { type: "/problems/not-found" }, null)), true);
  assert.equal(isGone(new ApiError(404, null, null)), false);
  assert.equal(isGone(new ConnectionError()), false);
});

test("A fault of ours is no refusal, and is thrown again", () => {
  const refusal = new ApiError(422, null, null);
  const fault = new TypeError("a fault of ours");
  assert.equal(toRefusal(refusal), refusal);
  assert.throws(() => toRefusal(fault), fault);
});

test("A call sends JSON with its headers, and returns the answer's JSON", async (t) => {
  const url = await serve(t, async (request, response) => {
    const body = (await request.toArray()).join("");
    const { accept, "content-type": type, "idempotency-key": key } = request.headers;
    response.end(JSON.stringify({ method: request.method, accept, type, key, body }));
  });
  const json = "application/json";
  assert.deepEqual(
    await call("POST", url, { body: { a: 1 }, headers: { "Idempotency-Key": "k" } }),
    {
      method: "POST",
      accept: json,
      type: json,
      key: "k",
      body: '{"a":1}',
    },
  );
  assert.deepEqual(await call("GET", url), { method: "GET", accept: json, body: "" });
});

test("A busy server's answer is an error with the time to wait", async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(503, { "Retry-After": "4" }).end('{"detail": "All workers are busy."}');
  });
  const expected = { status: 503, retryAfter: 4, message: "All workers are busy." };
  await assert.rejects(call("POST", url, { body: {} }), expected);
});

test("A refusal that the server tells quietly is an error with its true status", async (t) => {
  const url = await serve(t, ({ headers }, response) => {
    const quiet = { "Problem-Status": "404" };
    response.writeHead(headers.prefer === "quiet" ? 200 : 404, quiet).end('{"detail": "Gone."}');
  });
  const expected = { constructor: ApiError, status: 404, message: "Gone." };
  await assert.rejects(call("GET", url), expected);
  await assert.rejects(load(url), expected);
});

test("A file is loaded as it is", async (t) => {
  const url = await serve(t, (_, response) => response.end("a song"));
  assert.equal(await (await load(url)).text(), "a song");
  await assert.rejects(load(url.replace(/:\d+$/, ":1")), ConnectionError);
});

test("A server that hangs up in the middle of its answer is a lost connection", async (t) => {
  const url = await serve(t, (_, response) => {
    response
      .writeHead(200, { "Content-Length": "100" })
      .write('{"status"', () => response.destroy());
  });
  await assert.rejects(call("GET", url), ConnectionError);
});

test("A server that is not there is a lost connection", async (t) => {
  const url = await serve(t, () => {});
  const closed = url.replace(/:\d+$/, ":1");
  await assert.rejects(call("GET", closed), ConnectionError);
});

test("An upload that was removed while it waited for its turn is not sent", async () => {
  const options = { onProgress: () => {}, signal: AbortSignal.abort() };
  await assert.rejects(upload("/upload_audio", "audio", [], options), ConnectionError);
});

test("Ids are random UUIDs, also where the page is no secure context", (t) => {
  const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  assert.match(createId(), uuid);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  t.after(() => Reflect.deleteProperty(crypto, "randomUUID"));
  const ids = Array.from({ length: 100 }, createId);
  for (const id of ids) assert.match(id, uuid);
  assert.equal(new Set(ids).size, 100);
});
