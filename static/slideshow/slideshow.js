// The Slideshow tab: photos, music and settings in; an order for a slideshow out.

import { getSession, setSession } from "../api.js";
import {
  checkForm,
  find,
  findButton,
  findInput,
  findPart,
  listRefused,
  tell,
} from "../elements.js";
import { formatCount, formatSending } from "../format.js";
import { EstimateLine } from "../job/estimate.js";
import { JobView } from "../job/view.js";
import { PhotoChoices } from "./choices.js";
import { Music } from "../music/music.js";
import { Sheet } from "./sheet.js";
import { describeCount, findFault, measureVideo } from "./photo.js";
import { readSettings } from "./settings.js";
import { describeSum, measureVideos } from "./sum.js";
import { PhotoUploads } from "./uploads.js";

/** @import { Song } from "../music/music.js" */
/** @import { Choice, Photo } from "./photo.js" */

/** @typedef {{session: string | null, photos: Photo[], songs?: Song[]}} Bench what a reload keeps */

const BENCH_KEY = "reelqueue.bench";
const REEL_FRAMES = 24;
const LONGEST_TRANSITION = 10;

export class Slideshow {
  /**
   * @param {HTMLElement} root
   * @param {{maxBytes: number, maxPhotos: number}} limits
   */
  constructor(root, limits) {
    this.root = root;
    this.form = find(root, "form", HTMLFormElement);
    const musicBox = find(root, ".music", HTMLElement);
    const onChange = () => this.#draw();
    const onRefused = newRefusalList(root);
    this.uploads = new PhotoUploads({ ...limits, onChange, onRefused });
    const dialog = find(document, "#photo-choices", HTMLDialogElement);
    this.choices = new PhotoChoices(dialog, { onChange });
    this.sheet = new Sheet(find(root, ".sheet", HTMLElement), this.uploads, this.choices);
    const { maxBytes } = limits;
    this.music = new Music(musicBox, { maxBytes, onChange, onRefused: newRefusalList(musicBox) });
    this.view = new JobView(root, "slideshow", "/generate_video");
    this.estimate = new EstimateLine(findPart(this.form, "estimate"), "/generate_video");
    this.#listen();
    this.#restore();
    this.#draw();
    this.view.restore(this.#reelPictures());
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
    const songs = files.filter((file) => file.type.startsWith("audio/"));
    const photos = files.filter((file) => !file.type.startsWith("audio/"));
    if (photos.length) this.uploads.add(photos);
    this.music.add(songs);
  }

  #listen() {
    const input = findInput(this.form, "images");
    input.addEventListener("change", () => {
      this.uploads.add([...(input.files ?? [])]);
      input.value = "";
    });
    const actions = {
      clear: () => this.uploads.clear(),
      "sort-name": () => this.uploads.sort("name"),
      "sort-date": () => this.uploads.sort("date"),
      retry: () => this.uploads.retry(),
      preview: () => this.#make({ preview: true }),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.form, name).addEventListener("click", action);
    }
    addEventListener("online", () => this.uploads.retry());
    this.form.addEventListener("input", () => this.#drawPanel());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make({});
    });
  }

  #draw() {
    const { photos, totals } = this.uploads;
    const isAlone = photos.length < 2;
    this.sheet.draw();
    this.choices.draw();
    find(this.root, ".lightbox", HTMLElement).classList.toggle("filled", photos.length > 0);
    find(this.root, ".sheet-bar", HTMLElement).hidden = photos.length === 0;
    findPart(this.root, "order-hint").hidden = isAlone;
    findButton(this.form, "sort-name").hidden = isAlone;
    findButton(this.form, "sort-date").hidden = isAlone || !photos.some((photo) => photo.takenAt);
    findButton(this.form, "retry").hidden = totals.lost === 0;
    findPart(this.root, "upload-line").textContent = this.#uploadLine();
    this.#drawPanel();
    this.#save();
  }

  #uploadLine() {
    const { sent, size, underway, lost } = this.uploads.totals;
    const { photos } = this.uploads;
    const noun = photos.some(({ video }) => video) ? "file" : "photo";
    if (underway) return sent < size ? formatSending(sent, size) : `Checking the ${noun}s.`;
    if (lost) return `The connection was lost; ${formatCount(lost, noun)} did not get through.`;
    return describeCount(photos);
  }

  /** Whether there is music, and sound of videos that it may give way to. */
  get #canDuck() {
    const { photos } = this.uploads;
    const isHeard = photos.some(({ video, choice }) => video?.hasSound && !choice.mute);
    return isHeard && this.music.songs.length > 0;
  }

  get #settings() {
    return {
      ...readSettings(this.form),
      ...(this.#canDuck && !findInput(this.form, "duck").checked ? { duck: false } : {}),
    };
  }

  get #order() {
    const { tracks } = this.music;
    return {
      session_id: getSession(),
      ...this.#settings,
      ...(tracks.length ? { tracks } : {}),
      photos: this.uploads.photos.map(({ id, choice }) => ({ id, ...choice })),
    };
  }

  /** Bring the numbers, the sum, the estimate and the buttons in line with what is chosen. */
  #drawPanel() {
    this.#drawNumbers();
    findPart(this.form, "duck").hidden = !this.#canDuck;
    findPart(this.root, "sum").textContent = this.#describeSum();
    const submit = find(this.form, "[type=submit]", HTMLButtonElement);
    const isSending = this.uploads.totals.underway > 0 || this.music.isSending;
    const isReady = this.#isReady;
    submit.disabled = findButton(this.form, "preview").disabled = !isReady;
    this.estimate.show(isReady ? this.#order : null);
    submit.textContent = isSending ? "Sending files" : "Make slideshow";
  }

  /** Disable the numbers that count for nothing now, and show the limits of those that break them. */
  #drawNumbers() {
    const { transition, fit_to_music: fits, title, end_title: endTitle } = this.#settings;
    const [each, overlap, card] = this.#numbers;
    const transitions = this.uploads.photos.map(({ choice }) => choice.transition ?? transition);
    overlap.disabled = [transition, ...transitions].every((name) => name === "none");
    each.disabled = fits;
    const longest = !fits && each.validity.valid ? each.valueAsNumber : LONGEST_TRANSITION;
    overlap.max = String(Math.min(LONGEST_TRANSITION, longest));
    card.disabled = !title && !endTitle;
    for (const input of [each, overlap, card]) this.#drawLimit(input);
  }

  get #numbers() {
    const names = ["duration", "transition_duration", "card_duration"];
    return names.map((name) => findInput(this.form, name));
  }

  /** @param {HTMLInputElement} input */
  #drawLimit(input) {
    const isWrong = !input.disabled && !input.validity.valid;
    const limit = isWrong ? `${input.min} to ${input.max} seconds` : "";
    tell(findPart(this.form, `${input.name}-limit`), limit);
  }

  #describeSum() {
    const { photos } = this.uploads;
    if (!photos.length) return "Add at least one photo.";
    const { wrong } = this.uploads;
    if (wrong) return `${wrong.name}: ${findFault(wrong)}`;
    const [each, , card] = this.#numbers;
    if (!each.validity.valid || !card.validity.valid || !this.music.isValid) return "";
    const { duration, fit_to_music: fits, title, end_title: endTitle } = this.#settings;
    return describeSum({
      lengths: photos
        .filter(({ video }) => !video)
        .map(({ choice }) => choice.duration ?? duration),
      videos: measureVideos(this.#slides),
      titles: [title, endTitle].filter(Boolean).length,
      titleSeconds: card.valueAsNumber,
      music: fits ? this.music.duration : null,
    });
  }

  /** What is shown, from the title on, as far as it matters to the videos. */
  get #slides() {
    const { duration, title, transition, transition_duration: fade } = this.#settings;
    const toFade = (/** @type {Choice} */ choice) =>
      (choice.transition ?? transition) === "none" ? 0 : (choice.transition_duration ?? fade);
    const card = findInput(this.form, "card_duration").valueAsNumber;
    return [
      ...(title ? [{ seconds: card, isVideo: false, fade: toFade({}) }] : []),
      ...this.uploads.photos.map(({ video, choice }) => ({
        seconds: video ? measureVideo(video, choice) : (choice.duration ?? duration),
        isVideo: Boolean(video),
        fade: toFade(choice),
      })),
    ];
  }

  get #isReady() {
    const { ready, underway, lost } = this.uploads.totals;
    const isQuiet = !underway && !lost && !this.music.isSending && !this.uploads.wrong;
    return ready > 0 && isQuiet && this.music.isValid && this.form.checkValidity();
  }

  /**
   * Order the slideshow as it is chosen, with `more`.
   * @param {{preview?: boolean}} more
   */
  #make(more) {
    if (!checkForm(this.form) || !this.#isReady) return;
    this.view.start({ ...this.#order, ...more }, this.#reelPictures());
  }

  #reelPictures() {
    const { photos } = this.uploads;
    const step = Math.ceil(photos.length / REEL_FRAMES);
    return photos.filter((_, index) => index % step === 0).map((photo) => photo.thumbnail);
  }

  /** Keep what is uploaded over a reload of this browser tab. */
  #save() {
    const photos = this.uploads.photos
      .filter((photo) => photo.state === "ready")
      .map(({ id, name, size, thumbnail, takenAt, utcOffset, choice, video }) => ({
        id,
        name,
        size,
        thumbnail,
        takenAt,
        utcOffset,
        choice,
        video,
      }));
    const songs = this.music.songs.filter((song) => song.id);
    try {
      sessionStorage.setItem(BENCH_KEY, JSON.stringify({ session: getSession(), photos, songs }));
    } catch {
      // Without storage a reload starts empty.
    }
  }

  #restore() {
    const saved = readBench();
    if (!saved?.session) return;
    setSession(saved.session);
    this.uploads.restore(saved.photos);
    this.music.restore(saved.songs ?? []);
  }
}

/**
 * Return what lists the files refused in a part of the page.
 * @param {HTMLElement} root
 */
function newRefusalList(root) {
  // The list of the photos comes before that of the music.
  const list = find(root, ".refused", HTMLElement);
  return (/** @type {string} */ name, /** @type {string} */ sentence) =>
    listRefused(list, name, sentence);
}

/** @returns {Bench | null} */
function readBench() {
  try {
    return JSON.parse(sessionStorage.getItem(BENCH_KEY) ?? "null");
  } catch {
    return null; // storage is switched off
  }
}
