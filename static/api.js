// Requests to the server: JSON by fetch, files by XMLHttpRequest, because fetch tells no progress.

import { say } from "./language.js";

/** @typedef {{filename: string, error: string}} Refusal a file that the server did not take */
/** @typedef {{type?: string, detail?: string, title?: string, field?: string, rejected?: Refusal[]}} ProblemBody RFC 9457 */
/** @typedef {(sent: number, total: number) => void} ProgressListener counts bytes */

/** Refusals come with the status 200: a browser writes any other into its console. */
const QUIET = { Prefer: "quiet" };

/** The server answered with an error; the message is a sentence for the user. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP
   * @param {ProblemBody | null} body
   * @param {string | null} retryAfter seconds, as the header says them
   */
  constructor(status, body, retryAfter) {
    super(
      body?.detail ||
        body?.title ||
        say("The server answered with an error ({status}).", { status }),
    );
    this.status = status;
    this.body = body ?? {};
    this.retryAfter = Number(retryAfter) || 0;
  }
}

/** No answer came: the network or the server is away. */
export class ConnectionError extends Error {
  constructor() {
    super(say("The connection to the server was lost."));
  }
}

/**
 * Whether sending the same again may help: no answer, or only one of a proxy.
 * @param {unknown} error
 */
export function isTransient(error) {
  if (error instanceof ApiError) return [502, 504].includes(error.status);
  return error instanceof ConnectionError;
}

/**
 * Whether the server asks to come again later.
 * @param {unknown} error
 * @returns {error is ApiError}
 */
export function isBusy(error) {
  return error instanceof ApiError && [429, 503].includes(error.status);
}

/**
 * Whether the server says that there is no such thing, or not any more; a proxy that does not find the
 * server says nothing of the kind.
 * @param {unknown} error
 */
export function isGone(error) {
  return error instanceof ApiError && error.body.type === "/problems/not-found";
}

/**
 * Whether an upload that failed like this can succeed when it is sent again later.
 * @param {unknown} error
 */
export function isPassing(error) {
  if (error instanceof ApiError) {
    return [408, 425, 429].includes(error.status) || error.status >= 500;
  }
  return error instanceof ConnectionError;
}

/**
 * Return an error of a request as the server's refusal; any other is a fault of ours, thrown again.
 * @param {unknown} error
 */
export function toRefusal(error) {
  if (error instanceof ApiError) return error;
  throw error;
}

/**
 * Return the JSON of an answer.
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter
 * @throws {ApiError} for an error of the server, or for no JSON, such as a proxy's page of HTML
 */
export function readAnswer(status, text, retryAfter) {
  if (status === 204) return null; // there is nothing to say
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // body stays null
  }
  if (status >= 400 || body === null) throw new ApiError(status, body, retryAfter);
  return body;
}

/**
 * Read an answer, and leave for the sign-in page when the token has changed since this one opened.
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter
 */
function receive(status, text, retryAfter) {
  if (status === 401) location.assign("/sign_in");
  return readAnswer(status, text, retryAfter);
}

/**
 * Return the status of an answer, also of a refusal that came quietly.
 * @param {number} status
 * @param {(header: string) => string | null} read
 */
function readStatus(status, read) {
  return Number(read("Problem-Status")) || status;
}

/**
 * Ask quietly, and return the answer with its true status.
 * @param {string} url
 * @param {RequestInit & {headers?: Record<string, string>}} [options]
 * @returns {Promise<{status: number, response: Response}>}
 */
async function ask(url, { headers, ...options } = {}) {
  const response = await fetch(url, { ...options, headers: { ...QUIET, ...headers } });
  return { status: readStatus(response.status, (name) => response.headers.get(name)), response };
}

/**
 * Send a JSON request and return the answer's JSON.
 * @param {string} method
 * @param {string} url
 * @param {{body?: object, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 * @throws {ApiError | ConnectionError}
 */
export async function call(method, url, { body, headers, signal } = {}) {
  /** @type {Record<string, string>} */
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  let answer, text;
  try {
    answer = await ask(url, {
      method,
      headers: { Accept: "application/json", ...json, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal,
    });
    text = await answer.response.text();
  } catch {
    throw new ConnectionError();
  }
  return receive(answer.status, text, answer.response.headers.get("Retry-After"));
}

/**
 * Return the file at an address.
 * @param {string} url
 * @throws {ApiError | ConnectionError}
 */
export async function load(url) {
  let status, file;
  try {
    const answer = await ask(url);
    status = answer.status;
    file = await answer.response.blob();
  } catch {
    throw new ConnectionError();
  }
  if (status >= 400) receive(status, await file.text(), null);
  return file;
}

/** @type {string | null} */
let session = null;

export const getSession = () => session;
/** @param {string} id */
export const setSession = (id) => {
  session = id;
};

/** Return the session that uploads go to; the first of them begins it. */
export function openSession() {
  session ||= createId();
  return session;
}

/**
 * Upload files as one form and return the answer's JSON.
 * @param {string} url
 * @param {string} name of the form's part that holds the files
 * @param {File[]} files
 * @param {{onProgress?: ProgressListener, signal?: AbortSignal}} options
 * @returns {Promise<any>}
 * @throws {ApiError | ConnectionError}
 */
export async function upload(url, name, files, { onProgress, signal }) {
  const form = new FormData();
  form.append("session_id", openSession());
  for (const file of files) form.append(name, file, file.name);
  const headers = { Accept: "application/json" };
  const { status, text } = await transfer("POST", url, { body: form, headers, onProgress, signal });
  return readAnswer(status, text, null);
}

/**
 * @typedef {object} Transfer
 * @property {XMLHttpRequestBodyInit} [body]
 * @property {Record<string, string>} [headers]
 * @property {ProgressListener} [onProgress]
 * @property {AbortSignal} [signal]
 */

/**
 * Send a body while its progress is told, and return the answer.
 * @param {string} method
 * @param {string} url
 * @param {Transfer} [transfer]
 * @returns {Promise<{status: number, text: string, read: (header: string) => string | null}>}
 * @throws {ApiError | ConnectionError}
 */
export function transfer(method, url, { body, headers = {}, onProgress, signal } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw new ConnectionError();
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...QUIET, ...headers })) {
      request.setRequestHeader(name, value);
    }
    if (onProgress) request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    request.onerror = request.onabort = () => reject(new ConnectionError());
    request.onload = () => {
      const read = (/** @type {string} */ name) => request.getResponseHeader(name);
      const { responseText: text } = request;
      const status = readStatus(request.status, read);
      try {
        if (status >= 400) receive(status, text, read("Retry-After"));
        resolve({ status, text, read });
      } catch (error) {
        reject(error);
      }
    };
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    request.send(body);
  });
}

/** Return a random UUID (RFC 9562, version 4), also without the secure context of randomUUID. */
export function createId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
