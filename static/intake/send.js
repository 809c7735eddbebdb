// The one way in which files are sent: large ones piece by piece, others as a form; both until the
// server has answered.

import { ConnectionError, toRefusal, upload } from "../api.js";
import { say } from "../language.js";
import { ResumableUpload } from "./resumable.js";
import { deliver } from "./retry.js";

/** @import { ProgressListener } from "../api.js" */
/** @import { Pause } from "./retry.js" */

/** @typedef {"photo" | "audio" | "video" | "captions"} Kind */

/**
 * @typedef {object} SendOptions
 * @property {ProgressListener} [onProgress]
 * @property {(pause: Pause) => void} [onPause] told whenever a try has failed and another will follow
 * @property {AbortSignal} [signal]
 */

/** Why sending is aborted if it will go on when a draft is opened again. */
export const LEFT = new DOMException("The draft was left.", "AbortError");
/** From this size on, a file is sent by itself and piece by piece. */
const LARGE_BYTES = 8e6;
/** @type {Record<Kind, string>} */
const FIELDS = { photo: "images", audio: "audio", video: "video", captions: "captions" };

/** Files could not be read: they were moved, changed or deleted after they were chosen. */
export class UnreadableError extends Error {
  /** @param {File[]} files */
  constructor(files) {
    super(say("This file cannot be read: it was moved or changed. Choose it again."));
    this.files = files;
  }
}

/**
 * Whether a file is sent by itself.
 * @param {Kind} kind
 * @param {{size: number}} file
 */
export function isLarge(kind, { size }) {
  return kind === "video" || size > LARGE_BYTES;
}

/**
 * Send files, and return the server's answer.
 * @param {Kind} kind
 * @param {File[]} files one, or several small photos
 * @param {SendOptions} options
 * @returns {Promise<any>}
 * @throws {import("../api.js").ApiError} the server's refusal
 * @throws {UnreadableError}
 * @throws {ConnectionError} when it is aborted
 */
export async function sendFiles(kind, files, { onProgress, onPause, signal }) {
  const [file] = files;
  const resumable = isLarge(kind, file)
    ? new ResumableUpload(kind, file, { onProgress, signal })
    : null;
  const field = FIELDS[kind];
  const send = () =>
    resumable?.send() ?? upload(`/upload_${field}`, field, files, { onProgress, signal });
  try {
    return await deliver(() => checkWhileSending(send, files, signal), { onPause, signal });
  } finally {
    if (signal?.reason === LEFT) resumable?.pause();
    else if (signal?.aborted) resumable?.giveUp();
    else resumable?.close();
  }
}

/**
 * Say why a file was not taken; a fault of ours is thrown again.
 * @param {unknown} error
 */
export function describeFailure(error) {
  return error instanceof UnreadableError ? error.message : toRefusal(error).message;
}

/**
 * Send once; tell a file that cannot be read from a lost connection, as browsers do not.
 * @param {() => Promise<any>} send
 * @param {File[]} files
 * @param {AbortSignal} [signal]
 */
async function checkWhileSending(send, files, signal) {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ConnectionError) || signal?.aborted) throw error;
    const unreadable = await findUnreadable(files);
    if (unreadable.length) throw new UnreadableError(unreadable);
    throw error;
  }
}

/**
 * Return the files that cannot be read any more.
 * @param {File[]} files
 */
async function findUnreadable(files) {
  const checked = await Promise.all(
    files.map(async (file) => ((await readHead(file, 1)) ? [] : [file])),
  );
  return checked.flat();
}

/**
 * Return the first bytes of a file; null if it cannot be read.
 * @param {Blob} file
 * @param {number} size
 */
export async function readHead(file, size) {
  try {
    return new Uint8Array(await file.slice(0, size).arrayBuffer());
  } catch {
    return null; // it was moved, changed or deleted, or is a folder
  }
}
