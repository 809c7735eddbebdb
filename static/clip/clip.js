// The form of clips: one video, a cut, a shape and captions in; an order for a clip out.

import { getSession } from "../api.js";
import { OpenDraft } from "../drafts/open_draft.js";
import { readDelivery } from "../delivery.js";
import { checkForm, find, findButton, findInput, findPart } from "../elements.js";
import { watchDock } from "../form/dock.js";
import { SumLine } from "../form/sum_line.js";
import { chooseForClip } from "../intake/choice.js";
import { sortFiles } from "../intake/kinds.js";
import { RefusedFiles } from "../intake/refusals.js";
import { sendAgain } from "../intake/retry.js";
import { EstimateLine } from "../job/estimate.js";
import { say } from "../language.js";
import { CaptionNow } from "./caption_now.js";
import { readCaptionStyle } from "./caption_style.js";
import { CaptionList } from "./captions.js";
import { Crop } from "./crop.js";
import { cutPictures } from "./cut.js";
import { ClipDraft } from "./draft.js";
import { readFrame } from "./frame.js";
import { ClipFaults } from "./faults/faults.js";
import { Logo } from "./logo.js";
import { readLook } from "./look.js";
import { OpenVideo } from "./open_video.js";
import { Parts } from "./parts.js";
import { Playback } from "./playback.js";
import { addRest } from "./rest.js";
import { Screen } from "./screen/screen.js";
import { Sound } from "./sound.js";
import { Moments } from "./suggestions/moments.js";
import { CaptionWriter } from "./suggestions/writer.js";
import { describeWait } from "./source.js";
import { Trim } from "./trim.js";

/** @import { ApiError } from "../api.js" */
/** @import { Point } from "./frame.js" */
/** @import { Plan } from "./screen/captions.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Facts } from "./source.js" */
/** @import { Unread } from "../intake/folders.js" */
/** @import { RoomActions } from "../rooms.js" */

export class Clip {
  /** @type {Rest} what an earlier order says and the form has no fields for */
  rest = {};
  #sorting = Promise.resolve();

  /**
   * @param {HTMLElement} root
   * @param {{maxBytes: number}} limits
   * @param {RoomActions} actions
   */
  constructor(root, { maxBytes }, actions) {
    this.actions = actions;
    this.root = root;
    this.form = find(root, "form", HTMLFormElement);
    this.video = find(this.form, "video", HTMLVideoElement);
    this.refusals = new RefusedFiles(find(root, ".refused", HTMLElement));
    this.track = this.video.addTextTrack("captions", say("Captions"));
    this.captions = new CaptionList(find(root, ".captions", HTMLDetailsElement), {
      readTime: () => this.video.currentTime,
      onChange: () => this.#draw(),
      onVisit: (time) => {
        if (this.video.paused) this.trim.seek(time);
      },
    });
    this.captionNow = new CaptionNow(this.form, this.captions, () => this.video.currentTime);
    this.writer = new CaptionWriter(this.captions.root, this.captions);
    this.trim = new Trim(this.form, () => this.#draw());
    this.parts = new Parts(this.form, this.trim, () => this.#draw());
    this.crop = new Crop(this.form, this.parts);
    this.playback = new Playback(
      findButton(this.form, "play-cut"),
      this.video,
      () => this.parts.playable,
    );
    this.screen = new Screen(this.form, {
      onFocus: (focus) => this.#moveCrop(focus),
      onFrame: () => this.#follow(),
    });
    this.estimate = new EstimateLine(findPart(root, "estimate"), "/generate_clip", {
      onRefused: (refusal) => this.#refuse(refusal),
      viewers: [{ show: (plan) => this.#plan(plan) }],
    });
    this.faults = new ClipFaults(this.form, this.parts, this.captions);
    this.sumLine = new SumLine(root);
    this.sound = new Sound(this.form, maxBytes, () => this.#draw());
    this.logo = new Logo(find(root, ".logo", HTMLElement), () => this.#draw());
    this.moments = new Moments(this.form, {
      play: (cut) => this.playback.play({ cuts: [cut], speed: 1 }),
      use: (cuts) => this.parts.take(cuts),
      add: (cut) => this.parts.include(cut),
      markScenes: (scenes) => this.trim.markScenes(scenes),
      onChange: () => this.draft.touch(),
      findPicture: (time) => {
        const pictures = this.source?.pictures ?? [];
        return pictures[Math.floor((time / this.trim.duration) * pictures.length)];
      },
    });
    this.opened = new OpenVideo(this.form, {
      maxBytes,
      refusals: this.refusals,
      onChange: () => this.#draw(),
      onPictures: () => this.#takePictures(),
      onReset: () => this.parts.reset(),
      onSent: (facts) => this.#takeFacts(facts),
    });
    this.draft = new OpenDraft(actions.drafts, new ClipDraft(this), actions);
    this.#listen();
    this.captions.clear();
  }

  /** Whether files would be lost if the page was closed now. */
  get isUnsent() {
    return this.opened.isUnsafe || this.sound.music.isUnsafe;
  }

  /** The video that is cut, if there is one. */
  get source() {
    return this.opened.source;
  }

  /**
   * Take files that were dropped or pasted anywhere on the tab.
   * @param {File[]} files
   * @param {Unread[]} [unread] what was dropped with them and cannot be read
   */
  take(files, unread = []) {
    this.#sorting = this.#sorting.then(() => this.#sort(files, unread));
  }

  /**
   * @param {File[]} files
   * @param {Unread[]} unread
   */
  async #sort(files, unread) {
    const { video, captions, songs, refused } = chooseForClip(await sortFiles(files));
    if (captions) this.captions.open(captions);
    this.sound.music.add(songs);
    if (video) this.opened.choose(video);
    for (const { name, sentence } of [...unread, ...refused]) this.refusals.add(name, sentence);
  }

  #listen() {
    const input = findInput(this.form, "video");
    input.addEventListener("change", () => {
      this.take([...(input.files ?? [])]);
      input.value = "";
    });
    findButton(this.form, "retry").addEventListener("click", sendAgain);
    watchDock(find(this.form, ".make", HTMLElement));
    this.video.addEventListener("loadedmetadata", () => {
      const isKnown = Boolean(this.source?.facts); // as the server counts, which may be less
      const { duration } = this.video;
      if (!isKnown && Number.isFinite(duration)) this.parts.setDuration(duration);
      this.#drawScreen();
    });
    this.form.addEventListener("input", () => this.#draw());
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  #takePictures() {
    this.moments.drawPictures();
    this.draft.touch(); // it shows one
  }

  /** @param {Facts} facts of the video */
  #takeFacts(facts) {
    this.sound.open(facts);
    this.captions.source.offerTrack(facts.subtitles);
    this.parts.setDuration(facts.duration);
  }

  #draw() {
    this.crop.settle(); // before the form is read
    this.parts.draw(new FormData(this.form).get("fit") === "crop");
    this.sound.draw();
    const order = this.#order;
    find(this.form, ".cutter", HTMLElement).hidden = !this.source;
    const lightbox = find(this.form, ".lightbox", HTMLElement);
    lightbox.classList.toggle("filled", this.source !== null);
    this.moments.open(this.source?.id ?? null);
    this.writer.open(this.source?.id ?? null);
    this.estimate.show(this.form.checkValidity() ? order : null);
    this.#drawMake(order !== null);
    this.#drawScreen();
    this.#drawCaptions();
    this.draft.touch();
  }

  /** @param {boolean} isReady whether there is an order */
  #drawMake(isReady) {
    const obstacle = isReady ? this.faults.obstacle : null;
    const submit = find(this.form, "[type=submit]", HTMLButtonElement);
    submit.disabled = !isReady || obstacle !== null;
    submit.textContent = describeWait(this.source) || this.sound.wait || say("Make clip");
    this.sumLine.draw(this.source ? this.parts.sum : say("Add a video."), obstacle);
  }

  /**
   * Show why the order would be refused, or that it no longer would.
   * @param {ApiError | null} refusal
   */
  #refuse(refusal) {
    if (!refusal && !this.faults.obstacle) return;
    this.faults.take(refusal);
    this.#drawMake(this.#order !== null);
  }

  #drawScreen() {
    const data = new FormData(this.form);
    const { videoWidth, videoHeight } = this.video;
    const own = { width: videoWidth, height: videoHeight };
    const frame = readFrame(data);
    const size = own.width ? own : (this.source?.facts ?? own);
    this.screen.show(this.crop.read(frame), size);
    this.crop.draw(frame, this.screen.isCropped);
  }

  /** Keep in step with the moment of the video that is shown. */
  #follow() {
    this.trim.follow();
    this.playback.follow();
    if (this.crop.isBehind) this.#drawScreen();
    this.#followCaptions();
  }

  #followCaptions() {
    this.captions.shown.follow(this.video.currentTime);
    this.captionNow.follow();
  }

  /** @param {Point} focus */
  #moveCrop(focus) {
    this.crop.move(focus);
    this.#draw();
  }

  /** The order of the clip as it is chosen; null until its files are there and its times right. */
  get #order() {
    if (!this.source?.id || !this.parts.isValid || !this.sound.isReady) return null;
    const data = new FormData(this.form);
    const captions = this.captions.order(this.parts.cuts);
    const logo = this.logo.order;
    const look = {
      caption_style: readCaptionStyle(data),
      soft_captions: data.has("soft_captions"),
    };
    const order = {
      session_id: getSession(),
      source_id: this.source.id,
      ...this.parts.order,
      ...readFrame(data),
      ...readLook(data),
      ...readDelivery(data),
      ...(logo ? { logo } : {}),
      ...this.sound.order,
      ...(captions ? { captions, ...look } : {}),
    };
    return addRest(order, this.rest);
  }

  #drawCaptions() {
    const { cues } = this.captions;
    this.#followCaptions();
    this.captions.count(this.trim.duration ? this.parts.cuts : [{ start: 0, end: Infinity }]);
    const { checked: areSoft } = findInput(this.form, "soft_captions");
    if (!this.source?.id || !cues.length) this.screen.captions.show(null);
    // The browser shows what the screen does not draw: a track, and lines before there is a plan.
    const isNative = cues.length > 0 && (areSoft || !this.screen.captions.isPlanned);
    this.track.mode = isNative ? "showing" : "hidden";
    for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
    if (!isNative) return;
    for (const { start, end, text } of cues) this.track.addCue(new VTTCue(start, end, text));
  }

  /**
   * Show what the plan of the clip has on its screen.
   * @param {Plan} plan
   */
  #plan(plan) {
    this.screen.captions.show(plan);
    this.#drawCaptions();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    if (!this.captions.check() || !checkForm(this.form)) return;
    const order = this.#order;
    if (!order) return;
    this.video.pause();
    const pictures = this.source?.pictures ?? [];
    const shown = cutPictures(pictures, this.parts.cuts, this.trim.duration);
    this.actions.order("clip", "/generate_clip", order, this.draft, shown);
  }
}
