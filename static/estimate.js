// What a dry run says of an order, on a line near its button, once the choices have settled.

import { call } from "./api.js";
import { formatBytes, formatSpan } from "./format.js";

const SETTLED_MS = 500;

export class EstimateLine {
  #asked = "";
  #timer = 0;
  #asking = new AbortController();

  constructor(line, url) {
    Object.assign(this, { line, url });
  }

  /** Show what an order would come to, or nothing where there is none. */
  show(body) {
    const asked = JSON.stringify(body);
    if (asked === this.#asked) return;
    this.#asked = asked;
    clearTimeout(this.#timer);
    this.#asking.abort();
    if (body) this.#timer = setTimeout(() => this.#ask(body), SETTLED_MS);
    else this.line.textContent = "";
  }

  /** An order that is refused says so when it is sent; until then it only has no estimate. */
  async #ask(body) {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const request = { body: { ...body, dry_run: true }, signal };
    const answer = await call("POST", this.url, request).catch(() => null);
    if (signal.aborted) return;
    if (!answer) this.#asked = ""; // the next look at the choices may go better
    this.line.textContent = answer ? describe(answer) : "";
  }
}

function describe({ estimated_file_size: size, estimated_time: seconds }) {
  return `About ${formatBytes(size)}, made in about ${formatSpan(seconds)}`;
}
