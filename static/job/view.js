// The place of one video: the reel that develops, then the video or why there is none.

import { call, isTransient, toRefusal } from "../api.js";
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
import { Player } from "./player.js";
import { nameRecord } from "./records.js";
import { shareVideo } from "./share.js";
import {
  describeForSpeech,
  describeProgress,
  describeResult,
  describeSkipped,
  describeState,
  describeTimeLeft,
  hasEnded,
} from "./status.js";
import { showTitle } from "./title.js";

/** @import { Job, News } from "./job.js" */
/** @import { Result, Status } from "./status.js" */

/**
 * What the page does about a job.
 * @typedef {object} JobActions
 * @property {(job: Job) => void} makeFull makes the full video of a preview
 * @property {(job: Job) => boolean} canEdit whether what it was made of is known
 * @property {(job: Job) => void} edit goes back to that
 * @property {(job: Job) => void} startNew begins another of its kind
 * @property {(job: Job, transcript: any) => void} correct takes what was heard, to be corrected
 */

const NO_TRANSCRIPT = say("The connection was lost. Try again when it is back.");
/** @type {Record<string, {new: string, make: string, label: string, title: string}>} by kind */
const NAMES = {
  slideshow: {
    new: say("New slideshow"),
    make: say("Make slideshow"),
    label: say("Your slideshow"),
    title: say("My slideshow"),
  },
  clip: {
    new: say("New clip"),
    make: say("Make clip"),
    label: say("Your clip"),
    title: say("My clip"),
  },
  video: { new: "", make: "", label: say("Your video"), title: say("My video") },
};

export class JobView {
  /** @type {Job | null} */
  #job = null;
  /** @type {Status} */
  #last = {};
  #announced = "";

  /**
   * @param {HTMLElement} place
   * @param {JobActions} actions
   */
  constructor(place, actions) {
    this.place = place;
    this.actions = actions;
    this.root = copyTemplate("job-template");
    this.player = new Player(this.root);
    place.append(this.root);
    this.#listen();
  }

  /** The job that is shown, or was last. */
  get job() {
    return this.#job;
  }

  /** @param {Job} job */
  open(job) {
    if (this.#job !== job) {
      this.#job = job;
      this.#last = {};
      this.#announced = "";
      this.player.close();
      const { pictures = [] } = job.record;
      fillStrip(find(this.root, ".strip", HTMLElement), job.pictures ?? pictures);
      tell(findPart(this.root, "name"), nameRecord(job.record));
      tell(findPart(this.root, "shared"), "");
    }
    if (job.news) this.draw(job.news);
  }

  #listen() {
    const actions = {
      cancel: () => this.#job?.cancel(),
      retry: () => this.#job?.retry(),
      full: () => this.#act("makeFull"),
      edit: () => this.#act("edit"),
      new: () => this.#act("startNew"),
      correct: () => this.#correct(),
      share: () => this.#share(),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.root, name).addEventListener("click", action);
    }
  }

  /** @param {"makeFull" | "edit" | "startNew"} name */
  #act(name) {
    if (this.#job) this.actions[name](this.#job);
  }

  /** Go back to the form with what was heard. */
  async #correct() {
    const button = findButton(this.root, "correct");
    const job = this.#job;
    const url = this.#last.result?.transcript_url ?? "";
    button.disabled = true;
    try {
      const transcript = await call("GET", url);
      if (job && job === this.#job) this.actions.correct(job, transcript);
    } catch (error) {
      const sentence = isTransient(error) ? NO_TRANSCRIPT : toRefusal(error).message;
      tell(findPart(this.root, "error"), sentence);
    } finally {
      button.disabled = false;
    }
  }

  async #share() {
    const { result } = this.#last;
    const job = this.#job;
    if (!result || !job) return;
    const button = findButton(this.root, "share");
    button.disabled = true;
    const { id, record } = job;
    const title = nameRecord(record) || this.#names.title;
    const sentence = await shareVideo({ id, url: findUrl(result), title });
    button.disabled = false;
    if (job !== this.#job) return; // another video is shown meanwhile
    const line = findPart(this.root, "shared");
    tell(line, sentence);
    line.scrollIntoView({ block: "nearest" }); // in a low window it is below what is seen
  }

  get #noun() {
    return this.#last.kind ?? this.#job?.record.noun ?? "video";
  }

  get #names() {
    return NAMES[this.#noun] ?? NAMES.video;
  }

  get #what() {
    return this.#job?.isPreview ? "preview" : this.#noun;
  }

  get #canEdit() {
    return Boolean(this.#job && this.actions.canEdit(this.#job));
  }

  /** @param {News} news of the job that is shown */
  draw({ status, notice, error, canRetry }) {
    if (status.status) this.#last = { progress: this.#last.progress, ...status };
    const isOver = Boolean(error) || hasEnded(this.#last);
    const result = error || this.#last.status !== "finished" ? null : (this.#last.result ?? null);
    const hadFocus = this.root.contains(document.activeElement);
    this.root.dataset.state = error ? "failed" : (this.#last.status ?? "queued");
    this.#drawTitle(describeState(this.#last, error, this.#what), isOver);
    findPart(this.root, "running").hidden = Boolean(result) || this.#last.status === "gone";
    findPart(this.root, "progress").hidden = isOver;
    this.#drawProgress(this.#last);
    tell(findPart(this.root, "notice"), notice);
    tell(findPart(this.root, "error"), error);
    this.#drawResult(result);
    this.#drawButtons(isOver, Boolean(result), canRetry);
    if (hadFocus && !this.root.contains(document.activeElement)) this.focus();
  }

  focus() {
    findPart(this.root, "title").focus({ preventScroll: true });
  }

  /**
   * @param {string} title
   * @param {boolean} isOver
   */
  #drawTitle(title, isOver) {
    findPart(this.root, "title").textContent = title;
    if (this.place.hidden) return;
    if (isOver) {
      showTitle(title);
      this.#announce(title);
    } else showTitle(formatPercent(this.#last.progress ?? 0));
  }

  /** @param {Status} status */
  #drawProgress(status) {
    const { progress = 0 } = status;
    const reel = find(this.root, ".reel", HTMLElement);
    reel.style.setProperty("--done", String(progress / 100));
    reel.setAttribute("aria-valuenow", String(progress));
    findPart(this.root, "percent").textContent = formatPercent(progress);
    findPart(this.root, "message").textContent = describeProgress(status);
    findPart(this.root, "eta").textContent = describeTimeLeft(status);
    this.#announce(describeForSpeech(status));
  }

  /** @param {string} sentence */
  #announce(sentence) {
    if (sentence && sentence !== this.#announced && !this.place.hidden) announce(sentence);
    if (sentence) this.#announced = sentence;
  }

  /**
   * @param {boolean} isOver
   * @param {boolean} isDone
   * @param {boolean} canRetry
   */
  #drawButtons(isOver, isDone, canRetry) {
    const isPreview = Boolean(this.#job?.isPreview);
    const full = findButton(this.root, "full");
    const isVideo = ["slideshow", "clip"].includes(this.#noun);
    findButton(this.root, "cancel").hidden = isOver;
    findButton(this.root, "retry").hidden = !(isOver && canRetry);
    findButton(this.root, "edit").hidden = !this.#canEdit;
    findButton(this.root, "new").hidden = !isOver || isPreview || !isVideo;
    findButton(this.root, "new").textContent = this.#names.new;
    findButton(this.root, "share").hidden = !isDone || isPreview;
    full.hidden = !(isDone && isPreview);
    full.textContent = this.#names.make;
  }

  /** @param {Result | null} result */
  #drawResult(result) {
    const download = find(this.root, "a[data-part=download]", HTMLAnchorElement);
    findPart(this.root, "facts").hidden = !result;
    download.hidden = !result || Boolean(this.#job?.isPreview);
    const isHeard = Boolean(result?.transcript_url) && this.#noun === "clip";
    findButton(this.root, "correct").hidden = !isHeard || !this.#canEdit;
    tell(findPart(this.root, "skipped"), describeSkipped(result?.skipped_photos));
    if (!result) return this.player.close();
    download.href = findUrl(result);
    download.download = "";
    findPart(this.root, "facts").textContent = describeResult(result);
    return this.player.open(
      result,
      findUrl(result),
      this.#job?.isPreview ? say("Your preview") : this.#names.label,
    );
  }
}

/** @param {Result} result */
const findUrl = (result) => result.download_url ?? `/download/${result.video_id}`;
