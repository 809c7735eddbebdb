// The Clip tab: one video, a cut, a shape and captions in; a request for a clip out.

import { getSession, isPassing, upload } from "./api.js";
import { CaptionList } from "./captions.js";
import { act, listRefused, part, tell } from "./elements.js";
import { EstimateLine } from "./estimate.js";
import { formatBytes, formatLength, formatSending, formatTime } from "./format.js";
import { JobView } from "./jobview.js";
import { drawStrip, Trim } from "./trim.js";

export class Clip {
  #source = null; // {file, url, id, pictures, end: AbortController}

  constructor(root, { maxBytes }) {
    this.root = root;
    this.maxBytes = maxBytes;
    this.form = root.querySelector("form");
    this.video = this.form.querySelector("video");
    this.refused = root.querySelector(".refused");
    this.estimate = new EstimateLine(part(root, "estimate"), "/generate_clip");
    this.track = this.video.addTextTrack("captions", "Captions");
    this.trim = new Trim(this.form, () => this.#draw());
    this.captions = new CaptionList(root.querySelector(".captions"), {
      currentTime: () => this.video.currentTime,
      onChange: () => this.#draw(),
    });
    this.view = new JobView(root, "clip", "/generate_clip");
    this.#listen();
    this.captions.clear();
    this.view.restore([]);
  }

  get hasJob() {
    return this.view.job.isKnown;
  }

  /** Take files that were dropped or pasted anywhere on the tab. */
  take(files) {
    if (this.form.hidden) return;
    const captions = files.find((file) => /\.(srt|vtt)$/i.test(file.name));
    const video = files.find((file) => file !== captions);
    if (captions) this.captions.open(captions);
    if (video) this.#open(video);
  }

  #listen() {
    const { video } = this.form.elements;
    video.addEventListener("change", () => {
      if (video.files.length) this.#open(video.files[0]);
      video.value = "";
    });
    act(this.form, "retry").addEventListener("click", () => this.#send(this.#source));
    this.video.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(this.video.duration)) this.trim.setDuration(this.video.duration);
    });
    this.video.addEventListener("error", () => this.#drawPreview(false));
    this.form.addEventListener("input", () => this.#draw());
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  #open(file) {
    this.#close();
    this.refused.replaceChildren(); // those were about an earlier video
    const complaint = this.#complaintAbout(file);
    if (complaint) return listRefused(this.refused, file.name, complaint);
    const source = { file, url: URL.createObjectURL(file), id: null, pictures: [] };
    source.end = new AbortController();
    this.#source = source;
    this.trim.reset();
    this.#drawPreview(true);
    this.video.src = source.url;
    this.#draw();
    drawStrip(this.form.querySelector(".trim .strip"), source.url, source.end.signal).then(
      (pictures) => (source.pictures = pictures),
    );
    this.#send(source);
  }

  #complaintAbout(file) {
    if (!file.size) return "This file is empty.";
    if (file.size <= this.maxBytes) return "";
    return `This file is too large: up to ${formatBytes(this.maxBytes)} are taken.`;
  }

  #close() {
    this.#source?.end.abort();
    if (this.#source) URL.revokeObjectURL(this.#source.url);
    this.#source = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.#draw();
  }

  async #send(source) {
    const { signal } = source.end;
    act(this.form, "retry").hidden = true;
    const onProgress = (sent, total) => {
      const line = sent < total ? formatSending(sent, total) : "Checking the video.";
      if (!signal.aborted) this.#tellUpload(line);
    };
    try {
      const answer = await upload("/upload_video", "video", [source.file], { onProgress, signal });
      if (signal.aborted) return;
      const { source_id: id, duration, width, height } = answer;
      source.id = id;
      this.trim.setDuration(duration);
      this.#tellUpload(`${source.file.name}: ${formatTime(duration)}, ${width} × ${height}`);
    } catch (error) {
      if (signal.aborted) return;
      this.#stumble(source, error);
    }
    this.#draw();
  }

  #stumble(source, error) {
    if (isPassing(error)) {
      this.#tellUpload("The connection was lost before the video got through.");
      act(this.form, "retry").hidden = false;
    } else {
      listRefused(this.refused, source.file.name, error.message);
      this.#close();
    }
  }

  #tellUpload(line) {
    part(this.form, "upload-line").textContent = line;
  }

  #drawPreview(isPlayable) {
    if (!this.#source) return;
    this.form.querySelector(".player").hidden = !isPlayable;
    part(this.form, "no-preview").hidden = isPlayable;
    act(this.form, "play-cut").hidden = !isPlayable;
    act(this.form, "start-here").hidden = act(this.form, "end-here").hidden = !isPlayable;
  }

  #draw() {
    const [start, end] = this.trim.range;
    const { complaint } = this.trim;
    const isKnown = this.trim.duration > 0 && !complaint;
    this.form.querySelector(".cutter").hidden = !this.#source;
    this.form.querySelector(".lightbox").classList.toggle("filled", this.#source !== null);
    const sum = `${formatTime(start)} to ${formatTime(end)} = ${formatLength(end - start)}`;
    const known = isKnown ? sum : "";
    part(this.root, "sum").textContent = this.#source ? known : "Add a video.";
    tell(part(this.form, "times-error"), complaint);
    const submit = this.form.querySelector("[type=submit]");
    submit.disabled = !this.#isReady;
    this.estimate.show(this.#isReady ? this.#order : null);
    submit.textContent = this.#source && !this.#source.id ? "Sending the video" : "Make clip";
    this.#drawCrop();
    this.#drawCaptions();
  }

  get #isReady() {
    return Boolean(this.#source?.id) && !this.trim.complaint;
  }

  get #order() {
    const [start, end] = this.trim.range;
    const data = new FormData(this.form);
    const upTo = end < this.trim.duration ? { end } : {}; // the exact end is the server's to know
    const captions = this.captions.cut(start, end);
    return {
      session_id: getSession(),
      source_id: this.#source.id,
      start,
      ...upTo,
      aspect: data.get("aspect"),
      fit: data.get("fit"),
      ...(captions.length ? { captions } : {}),
    };
  }

  /** Show on the player what a crop keeps. */
  #drawCrop() {
    const { aspect, fit } = this.form.elements;
    const mark = this.form.querySelector(".crop-mark");
    const [across, down] = aspect.value.split(":").map(Number);
    const shape = (across / down) * (this.video.videoHeight / this.video.videoWidth);
    mark.hidden = fit.value !== "crop" || !Number.isFinite(shape);
    mark.style.width = `${100 * Math.min(1, shape)}%`;
    mark.style.height = `${100 * Math.min(1, 1 / shape)}%`;
  }

  #drawCaptions() {
    const cues = this.captions?.cues ?? [];
    this.track.mode = "showing";
    for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
    for (const { start, end, text } of cues) this.track.addCue(new VTTCue(start, end, text));
    if (!cues.length) this.track.mode = "hidden";
  }

  #submit(event) {
    event.preventDefault();
    if (!this.captions.check() || !this.form.reportValidity()) return;
    if (!this.#isReady) return;
    this.video.pause();
    this.view.start(this.#order, this.#cutPictures());
  }

  /** The strip's pictures that lie within the cut. */
  #cutPictures() {
    const pictures = this.#source?.pictures ?? [];
    const [start, end] = this.trim.range.map((time) => (time / this.trim.duration) * pictures.length);
    const within = pictures.filter((_, index) => index + 0.5 >= start && index + 0.5 <= end);
    return within.length ? within : pictures;
  }
}
