// The estimate of an order on a line near its button, asked for once the choices have settled.

import { ApiError, call } from "../api.js";
import { stripPath } from "../fields.js";
import { formatBytes, formatResolution, formatSpan } from "../format.js";
import { say } from "../language.js";

/**
 * The size in bytes, the time in seconds, and what will not be as it was ordered. The size in pixels
 * is told where a place or a limit can have set it.
 * @typedef {object} Estimate
 * @property {number} estimated_file_size
 * @property {[number, number]} [estimated_file_size_range] the least and the most
 * @property {number} estimated_time
 * @property {string[]} [warnings]
 * @property {number} [width]
 * @property {number} [height]
 * @property {{max_bytes: number | null, target: string | null} | null} [encoding]
 */

/**
 * @typedef {object} Viewer
 * @property {(answer: any, order: any) => void} show each answer, and its order
 * @property {() => void} [clear] what it shows, as there is no answer
 */

const SETTLED_MS = 500;
const VAGUE = 2; // times the least bytes: most that are as far away are told, too

export class EstimateLine {
  /** It asks once this is known: whether the server still has the files of an order. */
  known = Promise.resolve();
  #asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asking = new AbortController();
  #isAwaited = false;

  /**
   * @param {HTMLElement} line
   * @param {string} url that takes the order
   * @param {object} [options]
   * @param {(refusal: ApiError | null) => void} [options.onRefused] takes why an order would be
   *   refused, and null when that is over; without it, the line says why
   * @param {Viewer[]} [options.viewers]
   */
  constructor(line, url, { onRefused, viewers = [] } = {}) {
    this.line = line;
    this.url = url;
    this.onRefused = onRefused ?? ((refusal) => this.#explain(refusal));
    this.viewers = viewers;
  }

  /** Note that there may be another order in a moment. */
  doubt() {
    if (this.line.ariaBusy !== "true") this.line.ariaBusy = "true";
  }

  /**
   * Show the estimate of an order; without an order, nothing.
   * @param {object | null} body
   */
  show(body) {
    const asked = JSON.stringify(body);
    if (asked === this.#asked) return this.#await(this.#isAwaited);
    this.#asked = asked;
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#await(body !== null); // what it says is of an earlier order
    if (body) this.#timer = setTimeout(() => this.#ask(body), SETTLED_MS);
    else this.#clear();
    return this.onRefused(null); // what was refused has changed
  }

  /** @param {boolean} isAwaited whether there will be another answer */
  #await(isAwaited) {
    this.#isAwaited = isAwaited;
    this.line.ariaBusy = String(isAwaited);
  }

  /** @param {object} body */
  async #ask(body) {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const request = { body: { ...body, dry_run: true }, signal };
    await this.known;
    if (signal.aborted) return; // the order has changed by that
    try {
      const answer = await call("POST", this.url, request);
      if (signal.aborted) return;
      this.line.textContent = describeEstimate(answer);
      this.viewers.forEach((viewer) => viewer.show(answer, body));
    } catch (error) {
      if (signal.aborted) return;
      this.#clear();
      if (isRefusal(error)) this.onRefused(error);
      else this.#asked = ""; // ask again at the next change
    }
    this.#await(false);
  }

  #clear() {
    this.line.textContent = "";
    for (const viewer of this.viewers) viewer.clear?.();
  }

  /** @param {ApiError | null} refusal */
  #explain(refusal) {
    if (refusal) this.line.textContent = stripPath(refusal.message, refusal.body.field ?? "");
    this.line.classList.toggle("fault", refusal !== null);
  }
}

/**
 * Whether an order was understood, and cannot be made as it is.
 * @param {unknown} error
 * @returns {error is ApiError}
 */
function isRefusal(error) {
  return error instanceof ApiError && [404, 422].includes(error.status);
}

/** @param {Estimate} estimate */
function describeSize({ estimated_file_size, estimated_file_size_range }) {
  const [least, most] = estimated_file_size_range ?? [estimated_file_size, estimated_file_size];
  if (most <= VAGUE * least) return formatBytes(estimated_file_size);
  return say("{least} to {most}", { least: formatBytes(least), most: formatBytes(most) });
}

/** @param {Estimate} estimate */
export function describeEstimate(estimate) {
  const { estimated_time, warnings = [], width, height, encoding } = estimate;
  const isSet = encoding && (encoding.target || encoding.max_bytes);
  const shape = isSet && width && height ? `, ${formatResolution(width, height)}` : "";
  const sums = say("About {size}, made in about {time}", {
    size: describeSize(estimate) + shape,
    time: formatSpan(estimated_time),
  });
  return warnings.length ? `${sums}. ${warnings.join(" ")}` : sums;
}
