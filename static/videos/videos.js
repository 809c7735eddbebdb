// My videos: the jobs of this browser or token, as the server lists them, and the drafts.

import { call, isTransient, toRefusal } from "../api.js";
import { find, findButton, findId, findPart, tell } from "../elements.js";
import { lookUp } from "../job/status.js";
import { findJobId, makesVideo, readRecord } from "../job/records.js";
import { say } from "../language.js";
import { Card } from "./card.js";
import { isShown } from "./describe.js";
import { DraftList } from "./draft_list.js";

/** @import { Drafts } from "../drafts/drafts.js" */
/** @import { Job, News } from "../job/job.js" */
/** @import { Jobs } from "../job/jobs.js" */
/** @import { Status } from "../job/status.js" */

const PER_PAGE = 24;
const LOST = say("The connection was lost: the list may not be complete.");

/**
 * @typedef {object} VideosOptions
 * @property {Jobs} jobs
 * @property {Drafts} drafts
 * @property {(id: string) => Promise<string>} edit opens what a job was made of, or says why not
 * @property {(id: string) => void} onDelete hears of a job that is gone
 * @property {(id: string) => void} onDraftRemoved
 */

export class Videos {
  /** @type {Map<string, Card>} by the id of the job */
  #cards = new Map();
  #page = 0;
  #total = 0;
  /** Ends what an earlier opening still waits for. */
  #loading = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {VideosOptions} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.list = find(root, ".cards", HTMLElement);
    this.keptHours = Number(findId("workplace").dataset.keptHours);
    this.drafts = new DraftList(findPart(root, "drafts"), options.drafts, options.onDraftRemoved);
    this.more = findButton(root, "more");
    this.more.addEventListener("click", () => this.#showOlder());
    options.jobs.listen((job, news) => this.#hear(job, news));
    addEventListener("storage", ({ key }) => this.#look(findJobId(key)));
  }

  /** Read the list afresh. */
  open() {
    this.drafts.draw({ isFresh: true });
    this.#load(1, { isFresh: true });
  }

  async #showOlder() {
    const last = this.list.lastElementChild;
    await this.#load(this.#page + 1);
    const isElsewhere = ![this.more, document.body].some((each) => each === document.activeElement);
    if (isElsewhere) return;
    const first = last ? last.nextElementSibling : this.list.firstElementChild;
    (findLink(first) ?? this.more).focus(); // the button may be gone
  }

  /**
   * Read a page of the list.
   * @param {number} page from 1
   * @param {{isFresh?: boolean}} [how] `isFresh` leaves out what was listed before
   */
  async #load(page, { isFresh = false } = {}) {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    this.more.disabled = true;
    try {
      const url = `/jobs?page=${page}&per_page=${PER_PAGE}`;
      const answer = await call("GET", url, { signal });
      if (signal.aborted) return;
      if (isFresh) this.#clear();
      this.#take(answer, page);
      if (isFresh) this.#checkDrafts(signal);
    } catch (error) {
      if (signal.aborted) return;
      tell(findPart(this.root, "trouble"), isTransient(error) ? LOST : toRefusal(error).message);
    }
    this.more.disabled = false;
  }

  /**
   * @param {{jobs: Status[], total: number}} answer
   * @param {number} page
   */
  #take({ jobs, total }, page) {
    this.#page = page;
    this.#total = total;
    tell(findPart(this.root, "trouble"), "");
    for (const status of jobs) this.#add(status);
    this.#drawEnd();
  }

  /**
   * Show the drafts of videos that are not there any more.
   * @param {AbortSignal} signal
   */
  async #checkDrafts(signal) {
    const { drafts } = this.options;
    const isUnderway = (/** @type {string} */ id) => readRecord(id)?.ended === false;
    const unseen = drafts
      .listMade(makesVideo)
      .filter((id) => !this.#cards.has(id) && !isUnderway(id));
    if (!unseen.length) return;
    const look = (/** @type {string} */ id) => lookUp(id, signal).catch(() => true);
    const there = this.#hasMore ? await Promise.all(unseen.map(look)) : [];
    if (signal.aborted) return;
    unseen.forEach((id, index) => {
      if (!there[index]) drafts.forgetOrder(id);
    });
    this.drafts.draw();
  }

  /** Whether there are videos on the server that the list does not show yet. */
  get #hasMore() {
    return this.#page * PER_PAGE < this.#total;
  }

  #clear() {
    this.#cards.clear();
    this.list.replaceChildren();
  }

  /** @param {Status} status */
  #add(status) {
    const id = status.job_id ?? "";
    const record = readRecord(id);
    if (this.#cards.has(id) || !isShown(status, record)) return;
    const card = new Card(status, record, {
      keptHours: this.keptHours,
      edit: () => this.options.edit(id),
      onDelete: () => this.#remove(id),
    });
    this.#cards.set(id, card);
    this.list.append(card.root);
    if (!("ended_at" in status)) this.options.jobs.open(id); // its news are drawn as they come
  }

  #drawEnd() {
    findPart(this.root, "none").hidden = this.#cards.size > 0;
    this.more.hidden = !this.#hasMore;
  }

  /**
   * @param {Job} job
   * @param {News} news
   */
  #hear(job, { status }) {
    if (status.job_id) this.#cards.get(job.id)?.draw(status);
  }

  /**
   * Leave out what another tab has deleted.
   * @param {string | null} id
   */
  async #look(id) {
    if (!id || !this.#cards.has(id) || readRecord(id)) return;
    const isThere = await lookUp(id).catch(() => true);
    if (!isThere) this.#drop(id);
  }

  /** @param {string} id */
  #drop(id) {
    this.#cards.get(id)?.root.remove();
    this.#cards.delete(id);
    this.drafts.draw(); // what the video was made of
    this.#drawEnd();
    if (this.#hasMore) this.#load(this.#page); // the next older one is on this page now
  }

  /** @param {string} id */
  #remove(id) {
    const card = this.#cards.get(id);
    const next = card?.root.nextElementSibling ?? card?.root.previousElementSibling;
    this.options.onDelete(id);
    this.#drop(id);
    (findLink(next) ?? find(this.root, "h1", HTMLElement)).focus();
  }
}

/**
 * Return the link of a card that all can use: that of its picture is hidden from screen readers.
 * @param {Element | null | undefined} card
 */
function findLink(card) {
  return card ? find(card, "h2 a", HTMLAnchorElement) : null;
}
