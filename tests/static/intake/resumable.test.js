import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, setSession } from "../../../static/api.js";
import { ResumableUpload } from "../../../static/intake/resumable.js";
import { giveKey } from "../../../static/intake/resumed.js";
import { deliver } from "../../../static/intake/retry.js";
import { hurry, openRequests, openStorage, serve } from "../browser.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { TestContext } from "node:test" */

const SIZE = 20_000_000;
const file = new File([new Uint8Array(SIZE).map((_, index) => index % 251)], "strände.tif", {
  lastModified: 1,
});

/** @typedef {(request: IncomingMessage, response: ServerResponse) => boolean} Meddle */

/**
 * A server with the part of tus that the page uses; a test may answer in its place.
 * @param {TestContext} t
 * @param {Meddle} meddle whether the test has answered
 */
async function openServer(t, meddle = () => false) {
  /** @type {{id: number, data: Buffer, metadata: string}[]} */
  const uploads = [];
  /** @type {string[]} */
  const log = [];
  const url = await serve(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const [, , , id, end] = (request.url ?? "").split("/");
    const upload = uploads[Number(id)];
    log.push(`${request.method} ${request.headers["upload-offset"] ?? ""}`.trim());
    if (meddle(request, response)) return;
    if (request.method === "POST" && !id) {
      const metadata = String(request.headers["upload-metadata"]);
      uploads.push({ id: uploads.length, data: Buffer.alloc(0), metadata });
      const place = `/uploads/s/${uploads.length - 1}`;
      response.writeHead(201).end(JSON.stringify({ session_id: "s", upload_url: place }));
    } else if (!upload) response.writeHead(404).end();
    else if (end) response.writeHead(201).end(JSON.stringify({ session_id: "s", id }));
    else {
      if (request.method === "PATCH") upload.data = Buffer.concat([upload.data, body]);
      response.writeHead(200, { "Upload-Offset": String(upload.data.length) }).end();
    }
  });
  setSession("s");
  hurry(t, 1000);
  openRequests(t, url);
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", (/** @type {string} */ path, /** @type {object} */ options) =>
    fetch(path.startsWith("/") ? url + path : path, options),
  );
  const storage = new Map();
  openStorage(t, storage);
  t.after(() => setSession(""));
  return { uploads, log, storage };
}

/** @param {ResumableUpload} upload */
const send = (upload) => deliver(() => upload.send(), {});

test("A file is sent in pieces, and the answer is that to its end", async (t) => {
  const { uploads, log, storage } = await openServer(t);
  const upload = new ResumableUpload("photo", file, {});
  assert.equal((await send(upload)).id, "0");
  upload.close();
  assert.deepEqual(log, ["POST", "PATCH 0", "PATCH 8388608", "PATCH 16777216", "POST"]);
  assert.deepEqual(uploads[0].data, Buffer.from(await file.arrayBuffer()));
  const [kind, name] = uploads[0].metadata.split(",").map((pair) => pair.split(" ")[1]);
  assert.equal(Buffer.from(kind, "base64").toString(), "photo");
  assert.equal(Buffer.from(name, "base64").toString(), "strände.tif");
  assert.deepEqual([...storage.keys()], []);
});

test("After an error, a file goes on where it has stopped", async (t) => {
  let count = 0;
  const { uploads, log } = await openServer(t, (request, response) => {
    if (request.method !== "PATCH" || ++count !== 2) return false;
    response.writeHead(503).end();
    return true;
  });
  const upload = new ResumableUpload("photo", file, {});
  await send(upload);
  upload.close();
  assert.deepEqual(log, [
    ...["POST", "PATCH 0", "PATCH 8388608"],
    ...["HEAD", "PATCH 8388608", "PATCH 16777216", "POST"],
  ]);
  assert.equal(uploads[0].data.length, SIZE);
});

test("After a reload, a file goes on where it has stopped", async (t) => {
  let isClosed = false;
  const { uploads, log } = await openServer(t, (request, response) => {
    if (request.headers["upload-offset"] !== "8388608" || isClosed) return false;
    isClosed = true;
    response.writeHead(503).end();
    return true;
  });
  const first = new ResumableUpload("photo", file, {});
  await assert.rejects(first.send(), ApiError);
  giveKey(first.key); // as a page that is closed does
  const second = new ResumableUpload("photo", file, {});
  await send(second);
  second.close();
  const [begun, ...rest] = log.slice(3);
  assert.deepEqual([begun, rest[0]], ["HEAD", "PATCH 8388608"]);
  assert.deepEqual(
    uploads.map(({ data }) => data.length),
    [SIZE],
  );
});

test("Of two files that are alike, each has an upload of its own", async (t) => {
  const { uploads } = await openServer(t);
  const both = [new ResumableUpload("photo", file, {}), new ResumableUpload("photo", file, {})];
  const answers = await Promise.all(both.map(send));
  both.forEach((upload) => upload.close());
  assert.deepEqual(answers.map(({ id }) => id).sort(), ["0", "1"]);
  assert.deepEqual(
    uploads.map(({ data }) => data.length),
    [SIZE, SIZE],
  );
});

test("Where a proxy takes only small bodies, the pieces are smaller", async (t) => {
  const { uploads, log } = await openServer(t, (request, response) => {
    if (request.method !== "PATCH" || Number(request.headers["content-length"]) <= 1e6) {
      return false;
    }
    response.writeHead(413).end("<html>413 Request Entity Too Large</html>");
    return true;
  });
  const upload = new ResumableUpload("photo", file, {});
  await send(upload);
  upload.close();
  assert.equal(uploads[0].data.length, SIZE);
  assert.equal(log.filter((line) => line === "PATCH 0").length, 5);
});

test("What the service itself refuses as too large is not tried in smaller pieces", async (t) => {
  const problem = JSON.stringify({ type: "/problems/too-large", detail: "Too large." });
  const { log } = await openServer(t, (request, response) => {
    if (request.method !== "PATCH") return false;
    response.writeHead(413).end(problem);
    return true;
  });
  const upload = new ResumableUpload("photo", file, {});
  await assert.rejects(send(upload), ApiError);
  upload.close();
  assert.equal(log.length, 2);
});

test("An upload that the server has deleted begins again", async (t) => {
  let isGone = false;
  const { uploads } = await openServer(t, (request, response) => {
    const isEnd = request.url?.endsWith("/0/finish") ?? false;
    if (!isEnd || isGone) return false;
    isGone = true;
    response.writeHead(404).end();
    return true;
  });
  const upload = new ResumableUpload("photo", file, {});
  assert.equal((await send(upload)).id, "1");
  upload.close();
  assert.deepEqual(
    uploads.map(({ data }) => data.length),
    [SIZE, SIZE],
  );
});
