// What is seen of a render: the reel that develops, then the finished video or the reason why not.

import { probe } from "./api.js";
import { formatBytes, formatLength, formatNumber, formatSpan } from "./format.js";
import { Job } from "./job.js";
import { act, announce, fillStrip, fromTemplate, part, tell } from "./elements.js";

const STAGES = {
  queued: "Waiting for a free place.",
  preparing: "Preparing.",
  rendering: "Making the pictures.",
  audio: "Adding the sound.",
  saving: "Saving.",
};

export class JobView {
  #last = {};
  #announced = "";

  /** `noun` is what the form of this tab makes, by asking `url` for it. */
  constructor(tab, noun, url) {
    this.form = tab.querySelector("form");
    this.place = tab.querySelector(".job-place");
    this.noun = noun;
    this.job = new Job(noun, url, (news) => (news ? this.#draw(news) : this.#close()));
    this.root = fromTemplate("job-template");
    const on = {
      cancel: () => this.job.cancel(),
      retry: () => this.job.retry(),
      full: () => this.#makeFull(),
      again: () => this.#close(),
      reload: () => this.#reload(),
    };
    for (const name of Object.keys(on)) {
      act(this.root, name).addEventListener("click", on[name]);
    }
    addEventListener("online", () => act(this.root, "reload").hidden || this.#reload());
    this.place.replaceChildren(this.root);
  }

  /** Ask for a render and follow it, in place of the form; the pictures go on the reel. */
  start(body, pictures) {
    this.#open(pictures);
    this.job.start(body);
  }

  /** Follow the job of an earlier visit, if there is one. */
  restore(pictures) {
    if (!this.job.isKnown) return;
    this.#open(pictures);
    this.job.restore();
  }

  /** Make at full size, in the place of its preview, what has been seen small. */
  #makeFull() {
    this.#last = {};
    this.job.startFull();
  }

  get #what() {
    return this.job.isPreview ? "preview" : this.noun;
  }

  #open(pictures) {
    this.#last = {};
    this.form.hidden = true;
    this.place.hidden = false;
    fillStrip(this.root.querySelector(".strip"), pictures);
    part(this.root, "title").focus();
    scrollTo({ top: 0 });
  }

  #close() {
    this.job.forget();
    this.place.hidden = true;
    this.form.hidden = false;
    document.title = "Reelqueue";
    this.form.querySelector("input[type=file]").focus();
  }

  #draw({ status, notice, error, canRetry }) {
    if (status.status) this.#last = { progress: this.#last.progress, ...status };
    const state = this.#last.status ?? "queued";
    const isOver = Boolean(error) || ["finished", "failed", "canceled", "stopped"].includes(state);
    const isDone = state === "finished" && !error;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.dataset.state = error ? "failed" : state;
    this.#drawTitle(isDone, isOver, error, state);
    part(this.root, "running").hidden = isOver;
    this.#drawProgress(this.#last);
    tell(part(this.root, "notice"), notice);
    tell(part(this.root, "error"), error);
    this.#drawResult(isDone ? this.#last.result : null);
    act(this.root, "cancel").hidden = isOver;
    act(this.root, "retry").hidden = !(isOver && canRetry);
    act(this.root, "again").hidden = !isOver;
    const isSeen = isDone && this.job.isPreview;
    act(this.root, "full").hidden = !isSeen;
    act(this.root, "full").textContent = `Make ${this.noun}`;
    act(this.root, "again").textContent = isDone && !isSeen ? "Make another" : "Back to editing";
    if (hadFocus && !this.root.contains(document.activeElement)) part(this.root, "title").focus();
  }

  #drawTitle(isDone, isOver, error, state) {
    let title = `Making your ${this.#what}`;
    if (isDone) title = `Your ${this.#what} is ready`;
    else if (error || state === "failed") title = `Your ${this.#what} could not be made`;
    else if (isOver) title = "Cancelled";
    part(this.root, "title").textContent = title;
    document.title = isOver ? `${title} · Reelqueue` : `${this.#last.progress ?? 0} % · Reelqueue`;
    if (isOver) this.#announce(title);
  }

  #drawProgress({ status, stage, progress = 0, message, queue_position: position, eta_seconds: eta }) {
    const reel = this.root.querySelector(".reel");
    reel.style.setProperty("--done", progress / 100);
    reel.setAttribute("aria-valuenow", progress);
    part(this.root, "percent").textContent = `${Math.floor(progress)} %`;
    const place = position > 0 ? ` Number ${position} in the queue.` : "";
    const sentence = (message || STAGES[stage] || "") + place;
    part(this.root, "message").textContent = sentence;
    part(this.root, "eta").textContent = status === "started" && eta > 0 ? `about ${formatSpan(eta)} left` : "";
    const decade = Math.floor(progress / 20) * 20;
    if (status === "started") this.#announce(`${STAGES[stage] ?? ""} ${decade} %`);
    else if (place) this.#announce(sentence);
  }

  #announce(sentence) {
    if (sentence !== this.#announced) announce(sentence);
    this.#announced = sentence;
  }

  #drawResult(result) {
    const player = part(this.root, "player");
    const download = part(this.root, "download");
    player.hidden = part(this.root, "facts").hidden = !result;
    download.hidden = !result || this.job.isPreview;
    tell(part(this.root, "skipped"), describeSkipped(result?.skipped_photos));
    if (!result) player.replaceChildren();
    if (!result) act(this.root, "reload").hidden = true;
    if (!result || player.firstElementChild) return;
    const url = result.download_url ?? `/download/${result.video_id}`;
    const video = document.createElement("video");
    Object.assign(video, { controls: true, playsInline: true, preload: "metadata" });
    video.src = `${url}?inline=1`;
    Object.assign(video, { width: result.width, height: result.height });
    player.style.setProperty("--aspect", result.width / result.height);
    if (result.poster_url) video.poster = result.poster_url;
    video.addEventListener("error", () => this.#explain(video, url));
    video.setAttribute("aria-label", `Your ${this.#what}`);
    player.replaceChildren(video);
    download.href = url;
    download.download = "";
    part(this.root, "facts").textContent = [
      formatLength(result.duration),
      `${result.width} × ${result.height}`,
      `${formatNumber(result.fps)} fps`,
      formatBytes(result.file_size),
    ].join("  ·  ");
  }

  /** Say why the finished video does not play, and offer to load it again where that may help. */
  async #explain(video, url) {
    const status = await probe(url).catch(() => 0);
    if (!video.isConnected) return; // another video since
    const isGone = [404, 409, 410].includes(status);
    let sentence = "The connection was lost. The video can be loaded again when it is back.";
    if (isGone) sentence = "The video has been deleted. Make it again.";
    else if (status === 200) sentence = "The video could not be played. Load it again, or download it.";
    else if (status === 401) sentence = "You are signed out. Open this page again to sign in.";
    tell(part(this.root, "error"), sentence);
    act(this.root, "reload").hidden = isGone || status === 401;
  }

  #reload() {
    const video = part(this.root, "player").firstElementChild;
    const { currentTime } = video;
    tell(part(this.root, "error"), "");
    act(this.root, "reload").hidden = true;
    video.load();
    video.currentTime = currentTime;
    video.focus(); // the button that was pressed is gone
  }
}

function describeSkipped(names) {
  return names?.length ? `Left out as unreadable: ${names.join(", ")}` : "";
}
