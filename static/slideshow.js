// The Slideshow tab: photos, music and settings in; a request for a slideshow out.

import { getSession, setSession } from "./api.js";
import { PhotoChoices } from "./choices.js";
import { act, listRefused, part, tell } from "./elements.js";
import { EstimateLine } from "./estimate.js";
import { formatCount, formatNumber, formatSending, formatTime } from "./format.js";
import { JobView } from "./jobview.js";
import { Music } from "./music.js";
import { Sheet } from "./sheet.js";
import { PhotoUploads } from "./uploads.js";

const BENCH_KEY = "reelqueue.bench";
const REEL_FRAMES = 24;

export class Slideshow {
  constructor(root, { maxBytes, maxPhotos }) {
    this.root = root;
    this.form = root.querySelector("form");
    const onChange = () => this.#draw();
    const refused = root.querySelector(".refused");
    const onRefused = (name, sentence) => listRefused(refused, name, sentence);
    this.uploads = new PhotoUploads({ maxBytes, maxPhotos, onChange, onRefused });
    const choices = new PhotoChoices(document.getElementById("photo-choices"), { onChange });
    this.sheet = new Sheet(root.querySelector(".sheet"), this.uploads, choices);
    const music = root.querySelector(".music");
    const unheard = music.querySelector(".refused");
    this.music = new Music(music, {
      maxBytes,
      onChange,
      onRefused: (name, sentence) => listRefused(unheard, name, sentence),
    });
    this.view = new JobView(root, "slideshow", "/generate_video");
    this.estimate = new EstimateLine(part(this.form, "estimate"), "/generate_video");
    this.#listen();
    this.#restore();
    this.#draw();
    this.view.restore(this.#reelPictures());
  }

  get hasJob() {
    return this.view.job.isKnown;
  }

  /** Take files that were dropped or pasted anywhere on the tab. */
  take(files) {
    if (this.form.hidden) return;
    const songs = files.filter((file) => file.type.startsWith("audio/"));
    const photos = files.filter((file) => !file.type.startsWith("audio/"));
    if (photos.length) this.uploads.add(photos);
    this.music.add(songs);
  }

  #listen() {
    const { images } = this.form.elements;
    images.addEventListener("change", () => {
      this.uploads.add([...images.files]);
      images.value = "";
    });
    act(this.form, "clear").addEventListener("click", () => this.uploads.clear());
    for (const order of ["name", "date"]) {
      act(this.form, `sort-${order}`).addEventListener("click", () => this.uploads.sort(order));
    }
    act(this.form, "retry").addEventListener("click", () => this.uploads.retry());
    addEventListener("online", () => this.uploads.retry());
    this.form.addEventListener("input", () => this.#drawSum());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make({});
    });
    act(this.form, "preview").addEventListener("click", () => this.#make({ preview: true }));
  }

  #draw() {
    const { photos, totals } = this.uploads;
    this.sheet.draw();
    this.root.querySelector(".lightbox").classList.toggle("filled", photos.length > 0);
    this.root.querySelector(".sheet-bar").hidden = photos.length === 0;
    part(this.root, "order-hint").hidden = photos.length < 2;
    act(this.form, "sort-name").hidden = photos.length < 2;
    act(this.form, "sort-date").hidden = !photos.some((photo) => photo.takenAt) || photos.length < 2;
    act(this.form, "retry").hidden = totals.lost === 0;
    part(this.root, "upload-line").textContent = this.#uploadLine();
    this.#drawSum();
    this.#save();
  }

  #uploadLine() {
    const { sent, size, underway, lost } = this.uploads.totals;
    if (underway) return sent < size ? formatSending(sent, size) : "Checking the photos.";
    if (lost) return `The connection was lost; ${formatCount(lost, "photo")} did not get through.`;
    return formatCount(this.uploads.photos.length, "photo");
  }

  get #settings() {
    const data = new FormData(this.form);
    return {
      duration: data.has("duration") ? Number(data.get("duration")) : undefined, // it is disabled
      transition: data.get("transition"),
      transition_duration: Number(data.get("transition_duration")), // 0 while it is disabled
      resolution: data.get("resolution"),
      fit: data.get("fit"),
      background: data.get("background"),
      motion: data.get("motion"),
      fps: Number(data.get("fps")),
      on_bad_photo: data.get("on_bad_photo") ?? "fail",
      fit_to_music: data.has("fit_to_music"),
      volume: Number(data.get("volume") ?? 1), // nothing while it is disabled
      caption_style: {
        position: data.get("caption_position"),
        size: data.get("caption_size"),
        backing: data.get("caption_backing"),
      },
      ...readCards(data, this.form.elements.card_duration.valueAsNumber),
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

  #drawSum() {
    const { photos } = this.uploads;
    const count = photos.length;
    const { duration, transition, fit_to_music: fits, title, end_title: endTitle } = this.#settings;
    const { duration: each, transition_duration: overlap, card_duration: card } = this.form.elements;
    const lasting = photos.map(({ choice }) => choice.duration ?? duration);
    const changes = photos.map(({ choice }) => choice.transition ?? transition);
    overlap.disabled = [transition, ...changes].every((change) => change === "none");
    each.disabled = fits;
    overlap.max = !fits && each.validity.valid ? Math.min(10, duration) : 10;
    const cards = [title, endTitle].filter(Boolean).length;
    card.disabled = !cards;
    for (const input of [each, overlap, card]) this.#drawLimit(input);
    const isEven = lasting.every((seconds) => seconds === lasting[0]) && !(fits && cards);
    const shown = lasting.reduce((sum, each) => sum + each, cards && cards * card.valueAsNumber);
    const seconds = fits ? this.music.duration : shown;
    const every = isEven ? ` × ${formatNumber(fits ? seconds / count : duration)}\u00a0s` : "";
    const work = formatCount(count, "photo") + every + (cards ? ` + ${formatCount(cards, "title")}` : "");
    const isKnown = each.validity.valid && card.validity.valid;
    const total = isKnown ? `${work} = ${formatTime(seconds)}` : "";
    part(this.root, "sum").textContent = count ? total : "Add at least one photo.";
    const submit = this.form.querySelector("[type=submit]");
    const isSending = this.uploads.totals.underway > 0 || this.music.isSending;
    const isReady = this.#isReady;
    submit.disabled = act(this.form, "preview").disabled = !isReady;
    this.estimate.show(isReady ? this.#order : null);
    submit.textContent = isSending ? "Sending files" : "Make slideshow";
  }

  #drawLimit(input) {
    const isWrong = !input.disabled && !input.validity.valid;
    const limit = isWrong ? `${input.min} to ${input.max} seconds` : "";
    tell(part(this.form, `${input.name}-limit`), limit);
  }

  get #isReady() {
    const { ready, underway, lost } = this.uploads.totals;
    const isQuiet = !underway && !lost && !this.music.isSending;
    return ready > 0 && isQuiet && this.music.isValid && this.form.checkValidity();
  }

  /** Order the slideshow as it is chosen, and what is `more`. */
  #make(more) {
    if (!this.form.reportValidity() || !this.#isReady) return;
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
      .map(({ id, name, size, thumbnail, takenAt, choice }) => ({ id, name, size, thumbnail, takenAt, choice }));
    const songs = this.music.songs.filter((song) => song.id);
    const bench = { session: getSession(), photos, songs };
    try {
      sessionStorage.setItem(BENCH_KEY, JSON.stringify(bench));
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

/** The title cards that have a text. */
function readCards(data, duration) {
  const read = (name) => data.get(name).trim();
  const card = (title) => ({ text: read(title), subtitle: read(`${title}_subtitle`), duration });
  const titles = ["title", "end_title"].filter(read);
  return Object.fromEntries(titles.map((title) => [title, card(title)]));
}

function readBench() {
  try {
    return JSON.parse(sessionStorage.getItem(BENCH_KEY));
  } catch {
    return null; // storage switched off
  }
}
