// Talks to the server: JSON by fetch, files by XMLHttpRequest (fetch tells no upload progress).

/** The server's answer was an error; the message is a sentence for the user. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body?.detail || body?.title || `The server answered with an error (${status}).`);
    this.status = status;
    this.body = body ?? {};
    this.retryAfter = Number(retryAfter) || 0;
  }
}

/** No answer came: the network or the server is away. */
export class ConnectionLost extends Error {
  constructor() {
    super("The connection to the server was lost.");
  }
}

/** Whether trying the same again may help: nobody there, or only a proxy that answers. */
export function isPassing(error) {
  return error instanceof ConnectionLost || [502, 504].includes(error.status);
}

function readAnswer(status, text, retryAfter) {
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = null; // a proxy's page of HTML
  }
  if (status === 401) location.assign("/sign_in"); // the token has changed since the page was opened
  if (status >= 400 || body === null) throw new Problem(status, body, retryAfter);
  return body;
}

/** Send a JSON request; answers its JSON, or throws Problem or ConnectionLost. */
export async function call(method, url, { body, headers, signal } = {}) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  let response, text;
  try {
    response = await fetch(url, {
      method,
      headers: { Accept: "application/json", ...json, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal,
    });
    text = await response.text();
  } catch {
    throw new ConnectionLost();
  }
  return readAnswer(response.status, text, response.headers.get("Retry-After"));
}

/** Ask whether a file is there: the status of the answer, or throws ConnectionLost. */
export async function probe(url) {
  try {
    return (await fetch(url, { method: "HEAD", cache: "no-store" })).status;
  } catch {
    throw new ConnectionLost();
  }
}

let session = null;
let gate = Promise.resolve();

export const getSession = () => session;
export const setSession = (id) => {
  session = id;
};

/** Run `send(session)`; until the first upload has opened a session, one at a time. */
function inSession(send) {
  if (session) return send();
  const turn = gate.then(send);
  gate = turn.catch(() => {});
  return turn;
}

/** Upload files as one form; `onProgress(sent, total)` counts bytes as they leave. */
export async function upload(url, field, files, { onProgress, signal }) {
  return inSession(async () => {
    const answer = await post(url, field, files, onProgress, signal);
    session = answer.session_id;
    return answer;
  });
}

function post(url, field, files, onProgress, signal) {
  const form = new FormData();
  if (session) form.append("session_id", session);
  for (const file of files) form.append(field, file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onerror = request.onabort = () => reject(new ConnectionLost());
    request.onload = () => {
      try {
        const retryAfter = request.getResponseHeader("Retry-After");
        resolve(readAnswer(request.status, request.responseText, retryAfter));
      } catch (problem) {
        reject(problem);
      }
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** A random UUID, also where the page is not a secure context and randomUUID is missing. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
