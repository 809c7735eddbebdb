// A large file, sent piece by piece by the tus protocol 1.0.0, so that it goes on where it stopped:
// https://tus.io/protocols/resumable-upload

import {
  ApiError,
  call,
  ConnectionError,
  getSession,
  openSession,
  readAnswer,
  setSession,
  transfer,
} from "../api.js";
import { giveKey, isTaken, recall, remember, takeKey } from "./resumed.js";

/** @import { ProgressListener } from "../api.js" */
/** @import { Begun } from "./resumed.js" */

const PIECE_BYTES = 8 * 1024 * 1024;
const SMALLEST_PIECE_BYTES = 256 * 1024;
const MOST_CONFLICTS = 3;
const TUS = { "Tus-Resumable": "1.0.0" };
const CHANGED_MIND_MS = 15_000;

export class ResumableUpload {
  /** @type {Begun | null} */
  #begun;
  #pieceBytes = PIECE_BYTES;

  /**
   * @param {string} kind in the API's words
   * @param {File} file
   * @param {{onProgress?: ProgressListener, signal?: AbortSignal}} options
   */
  constructor(kind, file, { onProgress, signal }) {
    this.kind = kind;
    this.file = file;
    this.onProgress = onProgress;
    this.signal = signal;
    this.key = takeKey(kind, file);
    this.#begun = recall(this.key);
  }

  /**
   * Send what is missing, and return the answer to the whole file.
   * @returns {Promise<any>}
   * @throws {ApiError | ConnectionError}
   */
  async send() {
    if (!this.#begun?.isWhole) await this.#sendPieces();
    const { url } = /** @type {Begun} */ (this.#begun);
    try {
      return await call("POST", `${url}/finish`, { signal: this.signal });
    } catch (error) {
      if (!isLost(error)) throw error;
      this.#note(null);
      throw new ConnectionError(); // the next try begins again
    }
  }

  /** Forget the upload: it has been answered, or nothing more will be sent. */
  close() {
    remember(this.key, null);
    giveKey(this.key);
  }

  /** Leave the upload as it is: it goes on when the same file is sent again. */
  pause() {
    giveKey(this.key);
  }

  /** Give the upload up; for a while it can go on, if the same file is sent after all. */
  giveUp() {
    giveKey(this.key);
    const begun = this.#begun;
    setTimeout(() => {
      if (!begun || isTaken(this.key)) return;
      remember(this.key, null);
      transfer("DELETE", begun.url, { headers: TUS }).catch(() => {}); // else it expires
    }, CHANGED_MIND_MS);
  }

  async #sendPieces() {
    let offset = await this.#findOffset();
    for (let conflicts = 0; offset < this.file.size;) {
      try {
        offset = await this.#append(offset);
      } catch (error) {
        const isConflict = error instanceof ApiError && error.status === 409;
        if (!(isConflict && ++conflicts <= MOST_CONFLICTS) && !this.#shrink(error)) throw error;
        offset = await this.#findOffset();
      }
    }
    this.#note({ .../** @type {Begun} */ (this.#begun), isWhole: true });
  }

  /**
   * Send smaller pieces if a proxy refuses larger ones; return whether that may help.
   * @param {unknown} error
   */
  #shrink(error) {
    const isOfProxy = error instanceof ApiError && error.status === 413 && !error.body.type;
    if (!isOfProxy || this.#pieceBytes <= SMALLEST_PIECE_BYTES) return false;
    this.#pieceBytes /= 2;
    return true;
  }

  /** Ask how many bytes are there; begin the upload if there is none. */
  async #findOffset() {
    if (this.#begun && !getSession()) setSession(this.#begun.url.split("/")[2]);
    if (this.#begun?.url.startsWith(`/uploads/${openSession()}/`)) {
      try {
        const { signal } = this;
        const { read } = await transfer("HEAD", this.#begun.url, { headers: TUS, signal });
        const offset = Number(read("Upload-Offset"));
        this.onProgress?.(offset, this.file.size);
        return offset;
      } catch (error) {
        if (!isLost(error)) throw error;
      }
    }
    await this.#begin();
    return 0;
  }

  async #begin() {
    const values = { kind: this.kind, filename: this.file.name, session_id: openSession() };
    const metadata = Object.entries(values)
      .map(([name, value]) => `${name} ${toBase64(value)}`)
      .join(",");
    const headers = {
      ...TUS,
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": metadata,
    };
    const { status, text } = await transfer("POST", "/uploads", { headers, signal: this.signal });
    const { upload_url: url } = readAnswer(status, text, null);
    this.#note({ url, isWhole: false });
  }

  /** @param {number} offset */
  async #append(offset) {
    const { url } = /** @type {Begun} */ (this.#begun);
    const headers = {
      ...TUS,
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
    };
    const { read } = await transfer("PATCH", url, {
      body: this.file.slice(offset, offset + this.#pieceBytes),
      headers,
      onProgress: (sent) =>
        this.onProgress?.(Math.min(offset + sent, this.file.size), this.file.size),
      signal: this.signal,
    });
    return Number(read("Upload-Offset"));
  }

  /** @param {Begun | null} begun */
  #note(begun) {
    this.#begun = begun;
    remember(this.key, begun);
  }
}

/**
 * Whether the upload has to begin again: the server has none, or a proxy does not find the server.
 * @param {unknown} error
 */
function isLost(error) {
  return error instanceof ApiError && [404, 410].includes(error.status);
}

/**
 * Return a text's UTF-8 in Base64.
 * @param {string} text
 */
function toBase64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
