// The estimate of an order on a line near its button, asked for once the choices have settled.

import { call } from "../api.js";
import { formatBytes, formatSpan } from "../format.js";

/**
 * The size in bytes, the time in seconds, and what will not be as it was ordered.
 * @typedef {{estimated_file_size: number, estimated_time: number, warnings?: string[]}} Estimate
 */

const SETTLED_MS = 500;

export class EstimateLine {
  #asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asking = new AbortController();

  /**
   * @param {HTMLElement} line
   * @param {string} url that takes the order
   */
  constructor(line, url) {
    this.line = line;
    this.url = url;
  }

  /**
   * Show the estimate of an order; without an order, nothing.
   * @param {object | null} body
   */
  show(body) {
    const asked = JSON.stringify(body);
    if (asked === this.#asked) return;
    this.#asked = asked;
    clearTimeout(this.#timer);
    this.#asking.abort();
    if (body) this.#timer = setTimeout(() => this.#ask(body), SETTLED_MS);
    else this.line.textContent = "";
  }

  /**
   * A refused order has no estimate; the reason is shown when the order is sent.
   * @param {object} body
   */
  async #ask(body) {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const request = { body: { ...body, dry_run: true }, signal };
    const answer = await call("POST", this.url, request).catch(() => null);
    if (signal.aborted) return;
    if (!answer) this.#asked = ""; // ask again at the next change
    this.line.textContent = answer ? describeEstimate(answer) : "";
  }
}

/** @param {Estimate} estimate */
export function describeEstimate({ estimated_file_size, estimated_time, warnings = [] }) {
  const size = formatBytes(estimated_file_size);
  const sums = `About ${size}, made in about ${formatSpan(estimated_time)}`;
  return warnings.length ? `${sums}. ${warnings.join(" ")}` : sums;
}
