// The form of slideshows: photos, music and settings in; an order for a slideshow out.

import { getSession } from "../api.js";
import { OpenDraft } from "../drafts/open_draft.js";
import { checkForm, find, findButton, findInput, findPart, reveal } from "../elements.js";
import { say, sayCount } from "../language.js";
import { chooseForSlideshow } from "../intake/choice.js";
import { sortFiles } from "../intake/kinds.js";
import { Pace } from "../intake/pace.js";
import { RefusedFiles } from "../intake/refusals.js";
import { EstimateLine } from "../job/estimate.js";
import { Looks } from "../looks/cards.js";
import { Settling } from "../settling.js";
import { Stage } from "../stage/stage.js";
import { Toast } from "../toast.js";
import { Arrangement } from "./arrangement.js";
import { PhotoChoices } from "./choices.js";
import { findWrong, isTyped, nameControl } from "../form/controls.js";
import { Drawers } from "./form/drawers.js";
import { Numbers } from "./form/numbers.js";
import { Refusals } from "./form/refusals.js";
import { SumLine } from "../form/sum_line.js";
import { Transitions } from "./form/transitions.js";
import { MusicLength } from "../music/length.js";
import { Music } from "../music/music.js";
import { Sheet } from "./sheet.js";
import { SlideshowDraft } from "./draft.js";
import { describeUpload, findFault } from "./photo.js";
import { addRest } from "./rest.js";
import { readNarration, readSettings } from "./settings.js";
import { describeTotal } from "./sum.js";
import { PhotoUploads } from "./uploads.js";

/** @import { ApiError } from "../api.js" */
/** @import { RoomActions } from "../rooms.js" */
/** @import { Obstacle } from "../form/sum_line.js" */
/** @import { Photo } from "./photo.js" */
/** @import { Unread } from "../intake/folders.js" */
/** @import { Rest } from "./rest.js" */

const SETTLED_MS = 100;

export class Slideshow {
  /** @type {Rest} what the draft has that the form does not show */
  rest = {};
  #pace = new Pace();
  #panel = new Settling(() => this.#drawPanel(), SETTLED_MS);
  #sorting = Promise.resolve();
  #arriving = 0;

  /**
   * @param {HTMLElement} root
   * @param {{maxBytes: number, maxPhotos: number}} limits
   * @param {RoomActions} actions
   */
  constructor(root, limits, actions) {
    this.actions = actions;
    this.root = root;
    this.form = find(root, "form", HTMLFormElement);
    this.submit = find(this.form, "[type=submit]", HTMLButtonElement);
    const musicBox = find(root, ".music", HTMLElement);
    const onChange = () => this.#draw();
    this.refused = new RefusedFiles(find(root, ".refused", HTMLElement)); // before that of the music
    this.uploads = new PhotoUploads({ ...limits, onChange, onRefused: this.refused.add });
    const dialog = find(document, "#photo-choices", HTMLDialogElement);
    const findRefused = (/** @type {Photo} */ photo) => this.refusals.findFor(photo);
    /** @type {Sheet["finish"]} */
    const onDone = (photos, last) => this.sheet.finish(photos, last);
    const onType = (/** @type {Photo[]} */ photos) => {
      this.sheet.drawSettings(photos);
      this.#settle();
    };
    const list = () => this.uploads.photos;
    const onGone = () => this.sheet.focus();
    const options = { onChange, onType, onDone, onGone, findRefused, list, common: this.form };
    this.choices = new PhotoChoices(dialog, options);
    this.refusals = new Refusals(this.form, (photo, field) => this.choices.open([photo], field));
    const toast = new Toast(find(root, ".toast", HTMLElement), () => this.sheet.focus());
    this.arrangement = new Arrangement(this.form, this.uploads, toast);
    this.sheet = new Sheet(root, {
      uploads: this.uploads,
      arrangement: this.arrangement,
      onEdit: (photos) => this.choices.open(photos),
      onPick: ({ id }) => this.stage.showPhoto(id),
      onTurn: onChange,
      findFault: (photo) => findRefused(photo)?.sentence ?? findFault(photo),
    });
    this.numbers = new Numbers(this.form);
    this.transitions = new Transitions(this.form);
    this.sumLine = new SumLine(root);
    this.drawers = new Drawers(this.form);
    const { add: onRefused } = new RefusedFiles(find(musicBox, ".refused", HTMLElement));
    this.music = new Music(musicBox, { ...limits, onChange, onRefused });
    const toOrder = () => this.#toOrder(this.#settings);
    this.stage = new Stage(find(root, ".stage", HTMLElement), this.uploads, this.music, toOrder);
    this.looks = new Looks(find(root, ".looks", HTMLElement), this.form, this.uploads);
    this.estimate = new EstimateLine(findPart(this.form, "estimate"), "/generate_video", {
      onRefused: (refusal) => this.#refuse(refusal),
      viewers: [this.stage, this.looks, new MusicLength(musicBox, this.music)],
    });
    this.draft = new OpenDraft(actions.drafts, new SlideshowDraft(this), actions);
    this.#listen();
    this.#draw();
  }

  /** Whether files would be lost if the page was closed now. */
  get isUnsent() {
    return this.uploads.isUnsafe || this.music.isUnsafe;
  }

  /**
   * Take files that were dropped or pasted anywhere on the tab.
   * @param {File[]} files
   * @param {Unread[]} [unread] what was dropped with them and cannot be read
   */
  take(files, unread = []) {
    this.#arriving += 1;
    this.#sorting = this.#sorting.then(() => this.#sort(files, unread)); // in turn
    this.#drawPanel();
  }

  /**
   * @param {File[]} files
   * @param {Unread[]} unread
   */
  async #sort(files, unread) {
    const { slides, songs, refused } = chooseForSlideshow(await sortFiles(files));
    if (slides.length) this.uploads.add(slides);
    this.music.add(songs);
    for (const { name, sentence } of [...unread, ...refused]) this.refused.add(name, sentence);
    this.#arriving -= 1;
    this.#drawPanel();
  }

  #listen() {
    const input = findInput(this.form, "images");
    input.addEventListener("change", () => {
      this.take([...(input.files ?? [])]);
      input.value = "";
    });
    const actions = {
      add: () => input.click(),
      clear: () => {
        this.arrangement.clear();
        this.sheet.focus();
      },
      "sort-name": () => this.arrangement.sort("name"),
      "sort-date": () => this.arrangement.sort("date"),
      "caption-photos": () => {
        this.drawers.close();
        this.choices.open(this.uploads.photos.slice(0, 1), "caption");
      },
      retry: () => this.uploads.retry(),
      preview: () => this.#make({ preview: true }),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.form, name).addEventListener("click", action);
    }
    this.form.addEventListener("input", (event) =>
      isTyped(event) ? this.#settle() : this.#drawPanel(),
    );
    this.form.addEventListener("change", () => this.#panel.finish()); // before Enter orders
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make({});
    });
  }

  /**
   * Show why the order would be refused, or that it no longer would.
   * @param {ApiError | null} refusal
   */
  #refuse(refusal) {
    if (!refusal && !this.refusals.obstacle) return;
    this.refusals.take(refusal, this.uploads.photos);
    this.sheet.draw();
    this.choices.draw();
    this.#drawPanel();
  }

  #draw() {
    const { photos, totals } = this.uploads;
    const isAlone = photos.length < 2;
    this.sheet.draw();
    this.stage.update();
    this.choices.draw();
    find(this.root, ".lightbox", HTMLElement).classList.toggle("filled", photos.length > 0);
    find(this.root, ".sheet-bar", HTMLElement).hidden = photos.length === 0;
    findPart(this.root, "order-hint").hidden = isAlone;
    findButton(this.form, "sort-name").hidden = isAlone;
    findButton(this.form, "sort-date").hidden = isAlone || !photos.some((photo) => photo.takenAt);
    findButton(this.form, "retry").hidden = totals.lost === 0;
    findPart(this.root, "upload-line").textContent = this.#describeUpload();
    this.drawers.showCount(photos.length);
    this.#drawPanel();
  }

  /** Bring the panel in line with letters, once no more come. */
  #settle() {
    this.estimate.doubt();
    this.draft.touch();
    this.#panel.ask();
  }

  #describeUpload() {
    const { photos, totals, reason } = this.uploads;
    const pace = totals.underway ? this.#pace.describe(totals.sent, totals.size) : "";
    return describeUpload(photos, pace, reason);
  }

  /** Whether there is music, and sound of videos that it may give way to. */
  get #canDuck() {
    const { photos } = this.uploads;
    const isHeard = photos.some(({ video, choice }) => video?.hasSound && !choice.mute);
    return isHeard && this.music.songs.length > 0;
  }

  /** What the form says; it takes a while to read, so read it once. */
  get #settings() {
    return {
      ...readSettings(this.form),
      ...(this.#canDuck && !findInput(this.form, "duck").checked ? { duck: false } : {}),
    };
  }

  /** @param {ReturnType<typeof readSettings>} settings */
  #toOrder(settings) {
    const { tracks } = this.music;
    const choices = this.uploads.photos.map(({ choice }) => choice);
    const { title, end_title: endTitle } = addRest(settings, this.rest);
    const order = {
      ...settings,
      ...readNarration(new FormData(this.form), [...choices, title ?? {}, endTitle ?? {}]),
      ...(tracks.length ? { tracks } : {}),
      photos: this.uploads.photos.map(({ id, choice }) => ({ id, ...choice })),
    };
    return { session_id: getSession(), ...addRest(order, this.rest) };
  }

  /** Bring the numbers, the sum, the estimate and the buttons in line with what is chosen. */
  #drawPanel() {
    this.#panel.drop();
    const choices = this.uploads.photos.map(({ choice }) => choice);
    const settings = this.#settings;
    this.transitions.draw();
    this.numbers.draw(settings, choices);
    findPart(this.form, "duck").hidden = !this.#canDuck;
    findPart(this.form, "fit-limits").hidden = settings.motion === "none";
    const { underway } = this.uploads.totals;
    const isSending = this.#arriving > 0 || underway > 0 || this.music.isSending;
    const obstacle = this.#obstacle;
    const isReady = !isSending && !obstacle;
    this.estimate.show(isReady ? this.#toOrder(settings) : null);
    const refused = obstacle ?? this.refusals.obstacle;
    this.sumLine.draw(this.#describeSum(settings), refused);
    this.submit.disabled = findButton(this.form, "preview").disabled = !isReady || refused !== null;
    this.submit.textContent = isSending ? say("Sending files") : say("Make slideshow");
    this.draft.touch();
  }

  /** What has to be changed before there is an order. @returns {Obstacle | null} */
  get #obstacle() {
    const { photos, totals, wrong } = this.uploads;
    if (!photos.length) return { sentence: say("Add at least one photo.") };
    if (totals.lost) {
      const sentence = sayCount(totals.lost, {
        one: "{count} file did not get through.",
        other: "{count} files did not get through.",
      });
      return { sentence, go: () => this.uploads.retry() };
    }
    if (wrong) {
      const go = () => this.choices.open([wrong], "end");
      return { sentence: `${wrong.name}: ${findFault(wrong)}`, go };
    }
    const control = findWrong(this.form);
    if (!control) return null;
    const sentence = say("Correct “{name}”.", { name: nameControl(control) });
    return { sentence, go: () => reveal(control) };
  }

  /** @param {ReturnType<typeof readSettings>} settings */
  #describeSum(settings) {
    const { card, areValid } = this.numbers;
    if (!areValid || !this.music.isValid) return "";
    const { photos } = this.uploads;
    return describeTotal(photos, settings, card.valueAsNumber, this.music.duration);
  }

  /**
   * Order the slideshow as it is chosen, with `more`.
   * @param {{preview?: boolean}} more
   */
  #make(more) {
    this.#panel.finish();
    if (!checkForm(this.form) || this.submit.disabled) return;
    const body = { ...this.#toOrder(this.#settings), ...more };
    this.actions.order("slideshow", "/generate_video", body, this.draft, this.uploads.reel);
  }
}
