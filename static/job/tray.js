// The tray at the foot of the page: the videos that are being made while one goes on editing, and
// those that are ready and were not looked at yet.

import { writeAddress } from "../address.js";
import {
  announce,
  copyTemplate,
  fillStrip,
  find,
  findButton,
  findPart,
  tell,
} from "../elements.js";
import { formatPercent } from "../format.js";
import { say } from "../language.js";
import { nameRecord } from "./records.js";
import { describeState, describeTimeLeft, hasEnded } from "./status.js";
import { showNews, showTitle } from "./title.js";

/** @import { Job, News } from "./job.js" */

const FRAMES = 6;

export class Tray {
  /** @type {Map<Job, HTMLElement>} */
  #items = new Map();
  /** @type {Job | null} the one that is shown at large */
  #seen = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.list = find(root, "ol", HTMLElement);
  }

  /**
   * Leave out the job that is shown at large, from now on.
   * @param {Job | null} job
   */
  hide(job) {
    this.#seen = job;
    if (!job) return this.#draw();
    if (job.hasEnded) this.#drop(job);
    return this.#draw();
  }

  /**
   * Take the news of a job.
   * @param {Job} job
   * @param {News} news
   */
  take(job, news) {
    const isOver = Boolean(news.error) || hasEnded(news.status);
    if (isOver && !this.#items.has(job)) return; // it had ended before
    if (isOver && job === this.#seen) this.#drop(job);
    else this.#update(job, news, isOver);
    this.#draw();
  }

  /** @param {Job} job that is gone */
  remove(job) {
    this.#drop(job);
    this.#draw();
  }

  /** @param {Job} job */
  #drop(job) {
    this.#items.get(job)?.remove();
    this.#items.delete(job);
  }

  #draw() {
    let shown = 0;
    for (const [job, item] of this.#items) {
      item.hidden = job === this.#seen;
      if (!item.hidden) shown += 1;
    }
    this.root.hidden = shown === 0;
    findPart(this.root, "more").hidden = shown < 2;
  }

  /** Move the focus on from what was put away. */
  #focus() {
    const next = this.list.querySelector("li:not([hidden]) a");
    const heading = document.querySelector("main > section:not([hidden]) h1");
    const target = next ?? heading;
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }

  /**
   * @param {Job} job
   * @param {News} news
   * @param {boolean} isOver
   */
  #update(job, news, isOver) {
    const item = this.#items.get(job) ?? this.#newItem(job);
    const { progress = 0 } = news.status;
    const noun = job.isPreview ? "preview" : job.record.noun;
    const state = describeState(news.status, news.error, noun);
    const left = describeTimeLeft(news.status);
    const isNew = item.dataset.state !== "over" && isOver;
    item.dataset.state = isOver ? "over" : "running";
    item.style.setProperty("--done", String(progress / 100));
    findPart(item, "state").textContent = isOver ? state : formatPercent(progress);
    findPart(item, "left").textContent = isOver ? "" : left || nameRecord(job.record);
    findPart(item, "what").textContent = isOver ? "" : `${state}, `;
    const isReady = isOver && news.status.status === "finished";
    tell(findPart(item, "go"), isReady ? say("Watch") : "");
    findButton(item, "dismiss").hidden = !isOver;
    if (job === this.#seen) return;
    if (!this.#seen) showTitle(isOver ? "" : formatPercent(progress));
    if (!isNew) return;
    announce(`${state}.`);
    showNews(state);
  }

  /** @param {Job} job */
  #newItem(job) {
    const item = copyTemplate("tray-template");
    find(item, "a", HTMLAnchorElement).href = writeAddress("video", job.id);
    const pictures = (job.pictures ?? job.record.pictures ?? []).slice(0, FRAMES);
    fillStrip(find(item, ".strip", HTMLElement), pictures);
    findButton(item, "dismiss").addEventListener("click", () => {
      this.remove(job);
      this.#focus();
    });
    this.#items.set(job, item);
    this.list.prepend(item);
    return item;
  }
}
