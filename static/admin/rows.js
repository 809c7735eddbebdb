// A panel that lists things, a page at a time; a row that stays keeps its focus and what is open.

import { ApiError, ConnectionError, call } from "../api.js";
import { copyTemplate, findAround, findButton, findPart, tell } from "../elements.js";

/** @typedef {{total?: number, page?: number, per_page?: number}} Page */

/**
 * @template T
 * @typedef {object} RowKind
 * @property {string} url of the first page
 * @property {string} template the id of a row's template
 * @property {(answer: any) => T[]} pick the things in an answer
 * @property {(thing: T) => string} key
 * @property {(row: HTMLElement, thing: T) => void} fill
 */

/** @template T */
export class RowPanel {
  #page = 1; // the one that is asked for
  #shown = 1;
  #asked = 0; // how often; an answer that comes after a later one is old
  #pages = 1;
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} section
   * @param {RowKind<T>} kind
   */
  constructor(section, kind) {
    this.section = section;
    this.kind = kind;
    this.list = findPart(section, "rows");
    section.addEventListener("click", (event) => {
      if (findAround(event, "a, button")) tell(findPart(section, "fault"), "");
    });
    findButton(section, "previous").addEventListener("click", () => this.#turn(-1));
    findButton(section, "next").addEventListener("click", () => this.#turn(1));
  }

  /**
   * Show the first page as it was sent; another page is asked for again.
   * @param {any} answer
   */
  take(answer) {
    if (this.#page !== 1) {
      this.#ask();
      return;
    }
    this.#asked += 1;
    this.#show(answer);
  }

  /** Ask again for a page that no event brings: any but the first. */
  async follow() {
    if (this.#page !== 1) await this.#ask();
  }

  /**
   * Ask for the page again.
   * @throws {ApiError | ConnectionError}
   */
  async refresh() {
    const page = this.#page;
    const question = ++this.#asked;
    const joint = this.kind.url.includes("?") ? "&" : "?";
    const url = page === 1 ? this.kind.url : `${this.kind.url}${joint}page=${page}`;
    const answer = await call("GET", url);
    if (question === this.#asked) this.#show(answer);
  }

  /** Ask for the page again; if that fails, the next news asks once more. */
  async #ask() {
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
    }
  }

  /** @param {number} step */
  #turn(step) {
    this.#open(Math.min(Math.max(1, this.#page + step), this.#pages));
  }

  /**
   * Open a page; if that fails, keep the one that is shown, and say why until the next click.
   * @param {number} page
   */
  async #open(page) {
    this.#page = page;
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
      this.#page = this.#shown;
      tell(findPart(this.section, "fault"), error.message);
    }
  }

  /** @param {Page} answer */
  #show(answer) {
    const things = this.kind.pick(answer);
    const { total = things.length, page = 1, per_page: size = Math.max(1, total) } = answer;
    this.#page = this.#shown = page;
    this.#pages = Math.max(1, Math.ceil(total / size));
    this.#fill(things);
    findPart(this.section, "count").textContent = total ? String(total) : "";
    tell(findPart(this.section, "empty"), things.length ? "" : (this.list.dataset.empty ?? ""));
    this.list.hidden = !things.length;
    findPart(this.section, "pager").hidden = this.#pages === 1;
    findPart(this.section, "place").textContent = `Page ${page} of ${this.#pages}`;
    findButton(this.section, "previous").disabled = page === 1;
    findButton(this.section, "next").disabled = page >= this.#pages;
  }

  /** @param {T[]} things */
  #fill(things) {
    const keys = new Set(things.map(this.kind.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    things.forEach((thing, index) => {
      const key = this.kind.key(thing);
      const row = this.#rows.get(key) ?? copyTemplate(this.kind.template);
      this.#rows.set(key, row);
      this.kind.fill(row, thing);
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index]);
    });
  }
}
