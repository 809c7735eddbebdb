// What is seen of a job: the reel that develops, then the finished video or why there is none.

import { call, isTransient, probe, toRefusal } from "../api.js";
import {
  announce,
  copyTemplate,
  fillStrip,
  find,
  findButton,
  findPart,
  tell,
} from "../elements.js";
import { Job } from "./job.js";
import {
  describeForSpeech,
  describeProgress,
  describeResult,
  describeSkipped,
  describeState,
  describeTimeLeft,
  explainPlayback,
  hasEnded,
} from "./status.js";

/** @import { News, Order } from "./job.js" */
/** @import { Result, Status } from "./status.js" */

const NO_TRANSCRIPT = "The connection was lost. Try again when it is back.";

export class JobView {
  /** @type {Status} */
  #last = {};
  #announced = "";

  /**
   * @param {HTMLElement} tab
   * @param {string} noun what the form of the tab makes
   * @param {string} url that takes its orders
   * @param {(transcript: any) => void} [onTranscript] takes what was heard, to be corrected
   */
  constructor(tab, noun, url, onTranscript) {
    this.form = find(tab, "form", HTMLFormElement);
    this.place = find(tab, ".job-place", HTMLElement);
    this.noun = noun;
    this.onTranscript = onTranscript;
    this.job = new Job(noun, url, (news) => (news ? this.#draw(news) : this.#close()));
    this.root = copyTemplate("job-template");
    this.#listen();
    this.place.replaceChildren(this.root);
  }

  /**
   * Order a video and follow the job, in place of the form; the pictures go on the reel.
   * @param {Order} body
   * @param {(string | null | undefined)[]} pictures
   */
  start(body, pictures) {
    this.#open(pictures);
    this.job.start(body);
  }

  /**
   * Follow the job of an earlier visit, if there is one.
   * @param {(string | null | undefined)[]} pictures
   */
  restore(pictures) {
    if (!this.job.isKnown) return;
    this.#open(pictures);
    this.job.restore();
  }

  #listen() {
    const actions = {
      cancel: () => this.job.cancel(),
      retry: () => this.job.retry(),
      full: () => this.#makeFull(),
      again: () => this.#close(),
      reload: () => this.#reload(),
      correct: () => this.#correct(),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.root, name).addEventListener("click", action);
    }
    addEventListener("online", () => {
      if (!findButton(this.root, "reload").hidden) this.#reload();
    });
  }

  /** Make the full video in place of its preview. */
  #makeFull() {
    this.#last = {};
    this.job.startFull();
  }

  /** Go back to the form with what was heard. */
  async #correct() {
    const button = findButton(this.root, "correct");
    const url = this.#last.result?.transcript_url ?? "";
    button.disabled = true;
    try {
      const transcript = await call("GET", url);
      if (button.hidden) return; // another video is made
      this.#close();
      this.onTranscript?.(transcript);
    } catch (error) {
      const sentence = isTransient(error) ? NO_TRANSCRIPT : toRefusal(error).message;
      tell(findPart(this.root, "error"), sentence);
    } finally {
      button.disabled = false;
    }
  }

  get #what() {
    return this.job.isPreview ? "preview" : this.noun;
  }

  /** @param {(string | null | undefined)[]} pictures */
  #open(pictures) {
    this.#last = {};
    this.form.hidden = true;
    this.place.hidden = false;
    fillStrip(find(this.root, ".strip", HTMLElement), pictures);
    findPart(this.root, "title").focus();
    scrollTo({ top: 0 });
  }

  #close() {
    this.job.forget();
    this.place.hidden = true;
    this.form.hidden = false;
    document.title = "Reelqueue";
    find(this.form, "input[type=file]", HTMLInputElement).focus();
  }

  /** @param {News} news */
  #draw({ status, notice, error, canRetry }) {
    if (status.status) this.#last = { progress: this.#last.progress, ...status };
    const isOver = Boolean(error) || hasEnded(this.#last);
    const result = error || this.#last.status !== "finished" ? null : this.#last.result;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.dataset.state = error ? "failed" : (this.#last.status ?? "queued");
    this.#drawTitle(describeState(this.#last, error, this.#what), isOver);
    findPart(this.root, "running").hidden = isOver;
    this.#drawProgress(this.#last);
    tell(findPart(this.root, "notice"), notice);
    tell(findPart(this.root, "error"), error);
    this.#drawResult(result ?? null);
    this.#drawButtons(isOver, Boolean(result), canRetry);
    if (hadFocus && !this.root.contains(document.activeElement)) {
      findPart(this.root, "title").focus();
    }
  }

  /**
   * @param {string} title
   * @param {boolean} isOver
   */
  #drawTitle(title, isOver) {
    findPart(this.root, "title").textContent = title;
    document.title = `${isOver ? title : `${this.#last.progress ?? 0} %`} · Reelqueue`;
    if (isOver) this.#announce(title);
  }

  /** @param {Status} status */
  #drawProgress(status) {
    const { progress = 0 } = status;
    const reel = find(this.root, ".reel", HTMLElement);
    reel.style.setProperty("--done", String(progress / 100));
    reel.setAttribute("aria-valuenow", String(progress));
    findPart(this.root, "percent").textContent = `${Math.floor(progress)} %`;
    findPart(this.root, "message").textContent = describeProgress(status);
    findPart(this.root, "eta").textContent = describeTimeLeft(status);
    this.#announce(describeForSpeech(status));
  }

  /** @param {string} sentence */
  #announce(sentence) {
    if (sentence && sentence !== this.#announced) announce(sentence);
    if (sentence) this.#announced = sentence;
  }

  /**
   * @param {boolean} isOver
   * @param {boolean} isDone
   * @param {boolean} canRetry
   */
  #drawButtons(isOver, isDone, canRetry) {
    const isPreview = isDone && this.job.isPreview;
    const [full, again] = [findButton(this.root, "full"), findButton(this.root, "again")];
    findButton(this.root, "cancel").hidden = isOver;
    findButton(this.root, "retry").hidden = !(isOver && canRetry);
    again.hidden = !isOver;
    full.hidden = !isPreview;
    full.textContent = `Make ${this.noun}`;
    again.textContent = isDone && !isPreview ? "Make another" : "Back to editing";
  }

  /** @param {Result | null} result */
  #drawResult(result) {
    const player = findPart(this.root, "player");
    const download = find(this.root, "a[data-part=download]", HTMLAnchorElement);
    player.hidden = findPart(this.root, "facts").hidden = !result;
    download.hidden = !result || this.job.isPreview;
    findButton(this.root, "correct").hidden = !(result?.transcript_url && this.onTranscript);
    tell(findPart(this.root, "skipped"), describeSkipped(result?.skipped_photos));
    if (!result) {
      player.replaceChildren();
      findButton(this.root, "reload").hidden = true;
      return;
    }
    if (player.firstElementChild) return;
    const url = result.download_url ?? `/download/${result.video_id}`;
    download.href = url;
    download.download = "";
    player.style.setProperty("--aspect", String(result.width / result.height));
    player.replaceChildren(this.#newVideo(result, url));
    findPart(this.root, "facts").textContent = describeResult(result);
  }

  /**
   * @param {Result} result
   * @param {string} url
   */
  #newVideo({ width, height, poster_url: poster = "" }, url) {
    const video = document.createElement("video");
    Object.assign(video, { controls: true, playsInline: true, preload: "metadata" });
    Object.assign(video, { src: `${url}?inline=1`, width, height });
    if (poster) video.poster = poster;
    video.addEventListener("error", () => this.#explain(video, url));
    video.setAttribute("aria-label", `Your ${this.#what}`);
    return video;
  }

  /**
   * Say why the finished video does not play, and offer to load it again where that may help.
   * @param {HTMLVideoElement} video
   * @param {string} url
   */
  async #explain(video, url) {
    const status = await probe(url).catch(() => 0);
    if (!video.isConnected) return; // another video has taken its place
    const { sentence, canReload } = explainPlayback(status);
    tell(findPart(this.root, "error"), sentence);
    findButton(this.root, "reload").hidden = !canReload;
  }

  #reload() {
    const video = find(findPart(this.root, "player"), "video", HTMLVideoElement);
    const { currentTime } = video;
    tell(findPart(this.root, "error"), "");
    findButton(this.root, "reload").hidden = true;
    video.load();
    video.currentTime = currentTime;
    video.focus(); // the button that was pressed is gone
  }
}
