// The Clip tab: one video, a cut, a shape and captions in; an order for a clip out.

import { getSession, isTransient, toRefusal, upload } from "../api.js";
import { checkForm, find, findButton, findInput, findPart, listRefused } from "../elements.js";
import { findFault } from "../files.js";
import { formatSending, formatTime } from "../format.js";
import { EstimateLine } from "../job/estimate.js";
import { JobView } from "../job/view.js";
import { readCaptionStyle } from "./caption_style.js";
import { CaptionList } from "./captions.js";
import { cutPictures } from "./cut.js";
import { Finder } from "./finder.js";
import { measureCrop, placeCrop, readFrame } from "./frame.js";
import { Logo } from "./logo.js";
import { readLook } from "./look.js";
import { Parts } from "./parts.js";
import { Playback } from "./playback.js";
import { Sound } from "./sound.js";
import { drawStrip, Trim } from "./trim.js";

/**
 * The video that is cut.
 * @typedef {object} Source
 * @property {File} file
 * @property {string} url that the player has it from
 * @property {string | null} id of the uploaded file
 * @property {string[]} pictures of its strip
 * @property {AbortController} end ends all that still works for it
 */

export class Clip {
  /** @type {Source | null} */
  #source = null;

  /**
   * @param {HTMLElement} root
   * @param {{maxBytes: number}} limits
   */
  constructor(root, { maxBytes }) {
    this.root = root;
    this.maxBytes = maxBytes;
    this.form = find(root, "form", HTMLFormElement);
    this.video = find(this.form, "video", HTMLVideoElement);
    this.refused = find(root, ".refused", HTMLElement);
    this.estimate = new EstimateLine(findPart(root, "estimate"), "/generate_clip");
    this.track = this.video.addTextTrack("captions", "Captions");
    this.captions = new CaptionList(find(root, ".captions", HTMLDetailsElement), {
      readTime: () => this.video.currentTime,
      onChange: () => this.#draw(),
    });
    this.trim = new Trim(this.form, () => this.#draw());
    this.parts = new Parts(this.form, this.trim, () => this.#draw());
    this.playback = new Playback(
      findButton(this.form, "play-cut"),
      this.video,
      () => this.parts.playable,
    );
    this.sound = new Sound(this.form, maxBytes, () => this.#draw());
    this.logo = new Logo(find(root, ".logo", HTMLElement), () => this.#draw());
    this.finder = new Finder(this.form, (cut) => this.trim.choose(cut));
    this.view = new JobView(root, "clip", "/generate_clip", (transcript) =>
      this.captions.take(transcript),
    );
    this.#listen();
    this.captions.clear();
    this.view.restore([]);
  }

  get hasJob() {
    return this.view.job.isKnown;
  }

  /**
   * Take files that were dropped or pasted anywhere on the tab.
   * @param {File[]} files
   */
  take(files) {
    if (this.form.hidden) return;
    const captions = files.find((file) => /\.(srt|vtt|ass|ssa|json)$/i.test(file.name));
    const songs = files.filter((file) => file.type.startsWith("audio/"));
    const video = files.find((file) => file !== captions && !songs.includes(file));
    if (captions) this.captions.open(captions);
    this.sound.music.add(songs);
    if (video) this.#open(video);
  }

  #listen() {
    const input = findInput(this.form, "video");
    input.addEventListener("change", () => {
      if (input.files?.length) this.#open(input.files[0]);
      input.value = "";
    });
    findButton(this.form, "retry").addEventListener("click", () => {
      if (this.#source) this.#send(this.#source);
    });
    this.video.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(this.video.duration)) this.parts.setDuration(this.video.duration);
    });
    this.video.addEventListener("error", () => this.#drawPreview(false));
    this.form.addEventListener("input", () => this.#draw());
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  /** @param {File} file */
  #open(file) {
    this.#close();
    this.refused.replaceChildren(); // those were about an earlier video
    const fault = findFault(file, this.maxBytes);
    if (fault) {
      listRefused(this.refused, file.name, fault);
      return;
    }
    const url = URL.createObjectURL(file);
    /** @type {Source} */
    const source = { file, url, id: null, pictures: [], end: new AbortController() };
    this.#source = source;
    this.parts.reset();
    this.#drawPreview(true);
    this.video.src = url;
    this.#draw();
    const strip = find(this.form, ".trim .strip", HTMLElement);
    drawStrip(strip, url, source.end.signal).then((pictures) => (source.pictures = pictures));
    this.#send(source);
  }

  #close() {
    this.#source?.end.abort();
    if (this.#source) URL.revokeObjectURL(this.#source.url);
    this.#source = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.#draw();
  }

  /** @param {Source} source */
  async #send(source) {
    const { signal } = source.end;
    findButton(this.form, "retry").hidden = true;
    const onProgress = (/** @type {number} */ sent, /** @type {number} */ total) => {
      const line = sent < total ? formatSending(sent, total) : "Checking the video.";
      if (!signal.aborted) this.#tellUpload(line);
    };
    try {
      const answer = await upload("/upload_video", "video", [source.file], { onProgress, signal });
      if (signal.aborted) return;
      const { source_id: id, duration, width, height } = answer;
      source.id = id;
      this.sound.open(answer);
      this.captions.source.offerTrack(answer.subtitles);
      this.parts.setDuration(duration);
      this.#tellUpload(`${source.file.name}: ${formatTime(duration)}, ${width} × ${height}`);
    } catch (error) {
      if (signal.aborted) return;
      this.#stumble(source, error);
    }
    this.#draw();
  }

  /**
   * @param {Source} source
   * @param {unknown} error
   */
  #stumble(source, error) {
    if (isTransient(error)) {
      this.#tellUpload("The connection was lost before the video got through.");
      findButton(this.form, "retry").hidden = false;
    } else {
      listRefused(this.refused, source.file.name, toRefusal(error).message);
      this.#close();
    }
  }

  /** @param {string} line */
  #tellUpload(line) {
    findPart(this.form, "upload-line").textContent = line;
  }

  /** @param {boolean} isPlayable */
  #drawPreview(isPlayable) {
    if (!this.#source) return;
    find(this.form, ".player", HTMLElement).hidden = !isPlayable;
    findPart(this.form, "no-preview").hidden = isPlayable;
    for (const name of ["play-cut", "start-here", "end-here"]) {
      findButton(this.form, name).hidden = !isPlayable;
    }
  }

  #draw() {
    this.parts.draw();
    this.sound.draw();
    const order = this.#order;
    find(this.form, ".cutter", HTMLElement).hidden = !this.#source;
    const lightbox = find(this.form, ".lightbox", HTMLElement);
    lightbox.classList.toggle("filled", this.#source !== null);
    this.finder.open(this.#source?.id ?? null);
    findPart(this.root, "sum").textContent = this.#source ? this.parts.sum : "Add a video.";
    const submit = find(this.form, "[type=submit]", HTMLButtonElement);
    submit.disabled = !order;
    this.estimate.show(this.form.checkValidity() ? order : null);
    submit.textContent = this.#describeSending() || "Make clip";
    this.#drawCrop();
    this.#drawCaptions();
  }

  #describeSending() {
    if (this.#source && !this.#source.id) return "Sending the video";
    return this.sound.music.isSending ? "Sending the music" : "";
  }

  /** The order of the clip as it is chosen; null until its files are there and its times right. */
  get #order() {
    if (!this.#source?.id || !this.parts.isValid || !this.sound.isReady) return null;
    const data = new FormData(this.form);
    const captions = this.captions.order(this.parts.cuts);
    const logo = this.logo.order;
    const look = {
      caption_style: readCaptionStyle(data),
      soft_captions: data.has("soft_captions"),
    };
    return {
      session_id: getSession(),
      source_id: this.#source.id,
      ...this.parts.order,
      ...readFrame(data),
      ...readLook(data),
      ...(logo ? { logo } : {}),
      ...this.sound.order,
      ...(captions ? { captions, ...look } : {}),
    };
  }

  /** Show on the player what a crop keeps. */
  #drawCrop() {
    const data = new FormData(this.form);
    const point = find(this.form, ".focus-point", HTMLFieldSetElement);
    point.hidden = point.disabled = data.get("focus") !== "point";
    const { videoWidth, videoHeight } = this.video;
    const frame = readFrame(data);
    const crop = measureCrop(frame, videoWidth, videoHeight);
    const mark = find(this.form, ".crop-mark", HTMLElement);
    mark.hidden = frame.fit !== "crop" || frame.focus === "auto" || !crop;
    if (!crop) return;
    mark.style.width = `${100 * crop.width}%`;
    mark.style.height = `${100 * crop.height}%`;
    const kept = typeof frame.focus === "object" ? frame.focus : { x: 0.5, y: 0.5 };
    const { x, y } = placeCrop(kept, frame.rotate ?? 0, crop);
    mark.style.left = `${100 * x}%`;
    mark.style.top = `${100 * y}%`;
  }

  #drawCaptions() {
    const { cues } = this.captions;
    this.captions.count(this.trim.duration ? this.parts.cuts : [{ start: 0, end: Infinity }]);
    this.track.mode = "showing";
    for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
    for (const { start, end, text } of cues) this.track.addCue(new VTTCue(start, end, text));
    if (!cues.length) this.track.mode = "hidden";
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    if (!this.captions.check() || !checkForm(this.form)) return;
    const order = this.#order;
    if (!order) return;
    this.video.pause();
    const pictures = this.#source?.pictures ?? [];
    this.view.start(order, cutPictures(pictures, this.parts.cuts, this.trim.duration));
  }
}
