// The news of the service: a stream of events, and questions one by one while there is no stream.

import { call } from "../api.js";

const POLL_MS = 5000;
const RETRY_MS = 30_000;

/** @typedef {"live" | "polling" | "lost"} FeedState */
/** @typedef {{url: string, show: (answer: any) => void}} List what an event's data are, and where they are asked for */

/** Brings each list to its function whenever it changes. */
export class Feed {
  /** @type {EventSource | null} */
  #source = null;
  #timer = 0;

  /**
   * @param {Record<string, List>} lists by the name of their event
   * @param {(detail: string) => void} showTrouble
   * @param {(state: FeedState) => void} showState
   */
  constructor(lists, showTrouble, showState) {
    this.lists = lists;
    this.showTrouble = showTrouble;
    this.showState = showState;
    this.#open();
  }

  get #isOpen() {
    return this.#source?.readyState === EventSource.OPEN;
  }

  /** Ask for all lists now, unless they come by themselves: an answer may be older than an event. */
  async refresh() {
    if (this.#isOpen) return true;
    const answers = await Promise.allSettled(
      Object.values(this.lists).map(async ({ url, show }) => {
        const answer = await call("GET", url);
        if (!this.#isOpen) show(answer);
      }),
    );
    const refused = answers.find((answer) => answer.status === "rejected");
    this.showTrouble(refused ? String(refused.reason.message) : "");
    return !refused;
  }

  #open() {
    this.#source?.close();
    const source = new EventSource("/admin/events");
    this.#source = source;
    source.onopen = () => {
      clearTimeout(this.#timer);
      this.showState("live");
    };
    source.onerror = () => {
      this.showState("lost");
      if (source.readyState === EventSource.CLOSED) this.#poll(Date.now() + RETRY_MS);
    };
    for (const [name, { show }] of Object.entries(this.lists)) {
      source.addEventListener(name, (event) => show(JSON.parse(event.data)));
    }
    source.addEventListener("trouble", (event) => this.showTrouble(JSON.parse(event.data).detail));
  }

  /** @param {number} until when the stream is tried again, in milliseconds */
  async #poll(until) {
    this.showState((await this.refresh()) ? "polling" : "lost");
    this.#timer = setTimeout(
      () => (Date.now() < until ? this.#poll(until) : this.#open()),
      POLL_MS,
    );
  }
}
