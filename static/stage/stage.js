// The stage: a preview of the slideshow that plays in the page before anything is rendered.

import { call } from "../api.js";
import { find, findButton, findPart } from "../elements.js";
import { formatTime } from "../format.js";
import { say } from "../language.js";
import { Fold } from "./fold.js";
import { Painter } from "./painter.js";
import { Pictures } from "./pictures.js";
import { Player } from "./player.js";
import { Scrubber } from "./scrubber.js";
import { Sound } from "./sound.js";
import { Sources } from "./sources.js";
import { describeFrame, findMoment } from "./timeline.js";
import { Videos } from "./videos.js";
import { Waiting } from "./waiting.js";
import { whenLettersLoad } from "./words.js";

/** @import { StageMusic, StageOrder, StageUploads } from "./sources.js" */
/** @import { Plan } from "./timeline.js" */

/** @typedef {() => StageOrder} AskOrder what is chosen now */

const MOST_PIXELS = 960; // of the picture's width, as its pictures have no more
const MOST_DENSE = 2;
const LEAD_SECONDS = 0.6; // before and after a transition that is shown as a sample

export class Stage {
  /** @type {Plan | null} */
  #plan = null;
  #isLoud = false;
  #isDrawn = false;
  /** How many photos there were when a plan without the others was asked for. */
  #asked = 0;
  /** What plays by itself as soon as the screen is seen. @type {(() => void) | null} */
  #owed = null;

  /**
   * @param {HTMLElement} root
   * @param {StageUploads} uploads
   * @param {StageMusic} music
   * @param {AskOrder} order
   */
  constructor(root, uploads, music, order) {
    this.root = root;
    this.uploads = uploads;
    this.order = order;
    this.canvas = find(root, "canvas", HTMLCanvasElement);
    this.screen = findPart(root, "stage-screen");
    this.play = findButton(root, "stage-play");
    this.painter = new Painter(this.canvas, new Pictures(() => this.#invalidate()));
    this.videos = new Videos(() => this.#invalidate());
    this.sources = new Sources(uploads, music, this.videos);
    this.waiting = new Waiting(root);
    whenLettersLoad(() => this.#invalidate());
    this.player = new Player(() => this.#draw());
    this.sound = new Sound({ find: (track) => this.sources.findTrack(track) });
    const scrubber = find(root, ".stage-scrub", HTMLElement);
    this.scrubber = new Scrubber(scrubber, (frame) => this.player.seek(frame));
    this.#listen();
  }

  /** Show the stage while there are photos; while others are on their way, those that are here. */
  update() {
    const { photos } = this.uploads;
    this.root.hidden = !photos.length;
    this.sources.keepFiles();
    if (!photos.length) {
      this.player.pause();
      this.#plan = null;
      this.#asked = 0;
      this.#owed = null;
    }
    const ready = photos.filter(({ id }) => id).length;
    if (ready < photos.length && ready >= 2 * this.#asked && ready) this.#ask(ready);
    this.waiting.draw(photos, this.#plan !== null);
  }

  /**
   * Show the photos that are here already.
   * @param {number} ready how many they are
   */
  async #ask(ready) {
    const order = this.order();
    const isOpen = order.tracks?.some(({ id }) => !id); // music is on its way, too
    if (isOpen || !this.root.closest("form")?.checkValidity()) return;
    this.#asked = ready;
    const photos = order.photos.filter(({ id }) => id);
    const body = { ...order, photos, dry_run: true };
    const plan = await call("POST", "/generate_video", { body }).catch(() => null);
    if (plan && this.#asked === ready && !this.#isWhole) this.show(plan, { ...order, photos });
  }

  /** Whether the plan has all photos. */
  get #isWhole() {
    return this.sources.order.photos.length === this.uploads.photos.length;
  }

  /**
   * Show the plan of an order; a part of it plays where that tells what has changed.
   * @param {Plan} plan
   * @param {StageOrder} order
   */
  show(plan, order) {
    const [before, isFirst] = [this.sources.order, !this.#plan];
    this.#plan = plan;
    this.sources.order = order;
    this.waiting.draw(this.uploads.photos, true);
    this.root.style.setProperty("--aspect", String(plan.width / plan.height));
    this.player.load(plan);
    this.#resize();
    this.scrubber.load(plan, (photo) => this.sources.findThumbnail(photo));
    this.#draw();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || this.player.isPlaying) return;
    if (isFirst) this.#owed = () => this.player.play();
    else if (before.transition !== order.transition || before.motion !== order.motion) {
      this.#owed ??= () => this.#playSample();
    }
    this.#playOwed();
  }

  /** Play what nobody started: without sound, and only where it is seen. */
  #playOwed() {
    if (!this.#owed || !this.screen.offsetParent) return;
    this.#isLoud = false;
    this.#owed();
    this.#owed = null;
  }

  /**
   * Go to a photo or a video, unless the slideshow is being listened to.
   * @param {string | undefined} id
   */
  showPhoto(id) {
    const isHeard = this.player.isPlaying && this.#isLoud;
    const number = this.sources.order.photos.findIndex((photo) => id && photo.id === id);
    const index = this.#plan?.timeline.slides.findIndex(
      ({ kind, photo }) => photo === number && (kind === "photo" || kind === "video"),
    );
    if (!isHeard && index !== undefined && index >= 0) this.#goTo(index);
  }

  #listen() {
    this.play.addEventListener("click", () => this.#toggle());
    this.canvas.addEventListener("click", () => {
      this.#toggle();
      this.play.focus({ preventScroll: true });
    });
    this.root.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["pointerdown", "keydown"]) {
      addEventListener(name, (event) => {
        const isOwn = event.target instanceof Node && this.root.contains(event.target);
        if (!isOwn && !this.#isLoud) this.player.pause(); // what nobody started is in nobody's way
      });
    }
    // No frames are drawn in a tab that is not seen: its music would not end with the slideshow.
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.player.pause();
    });
    new ResizeObserver(() => {
      this.#resize();
      this.#playOwed();
    }).observe(this.screen);
    new Fold(this.root, () => {
      if (!this.#isLoud) this.player.pause();
    });
  }

  #toggle() {
    this.#owed = null;
    this.#isLoud = !this.player.isPlaying;
    this.player.toggle();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { fps } = this.player;
    const step = event.shiftKey ? 1 : fps;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => this.player.seek(this.player.frame - step),
      ArrowRight: () => this.player.seek(this.player.frame + step),
      PageUp: () => this.#skip(-1),
      PageDown: () => this.#skip(1),
      Home: () => this.player.seek(0),
      End: () => this.player.seek(Infinity),
    };
    if (event.key === " " && event.target === this.scrubber.range) this.#toggle();
    else if (event.key in actions) actions[event.key]();
    else return;
    event.preventDefault();
  }

  /**
   * Go to the slide before or after the one that is shown.
   * @param {number} step
   */
  #skip(step) {
    if (!this.#plan) return;
    const { slides } = this.#plan.timeline;
    const { index } = findMoment(slides, this.player.frame);
    this.#goTo(Math.min(Math.max(index + step, 0), slides.length - 1));
  }

  /** @param {number} index of a slide, whose first frame alone is shown */
  #goTo(index) {
    const { slides } = this.#plan?.timeline ?? { slides: [] };
    this.player.seek(slides[index - 1]?.transition?.end ?? slides[index].start);
  }

  #playSample() {
    if (!this.#plan) return;
    const {
      fps,
      timeline: { slides },
    } = this.#plan;
    const { index } = findMoment(slides, this.player.frame);
    const transition = slides[index].transition ?? slides[0].transition;
    if (!transition) return;
    this.player.seek(transition.start - LEAD_SECONDS * fps);
    this.player.play(transition.end + LEAD_SECONDS * fps);
  }

  #resize() {
    if (!this.#plan) return;
    const density = Math.min(devicePixelRatio, MOST_DENSE);
    const shown = this.canvas.clientWidth * density;
    const width = Math.round(Math.min(Math.max(shown, 160), MOST_PIXELS));
    const height = Math.round((width * this.#plan.height) / this.#plan.width);
    if (this.canvas.width === width && this.canvas.height === height) return;
    Object.assign(this.canvas, { width, height });
    this.#draw();
  }

  /** Draw again, when a picture has arrived; the pictures of one moment together. */
  #invalidate() {
    if (this.#isDrawn) requestAnimationFrame(() => this.#draw());
    this.#isDrawn = false;
  }

  #draw() {
    if (!this.#plan) return;
    const { frame, isPlaying } = this.player;
    if (isPlaying && !this.root.offsetParent) {
      this.player.pause(); // it is out of sight, as a video is being made
      return;
    }
    this.#isDrawn = true;
    this.sources.playing = { fps: this.player.fps, isPlaying, isLoud: this.#isLoud };
    const isWhole = this.painter.draw(this.#plan, this.sources, frame);
    this.videos.rest();
    this.canvas.dataset.frame = isWhole ? String(frame) : "";
    this.#drawControls(this.#plan);
    this.#playMusic(this.#plan);
  }

  /** @param {Plan} plan */
  #drawControls(plan) {
    const { frame, isPlaying } = this.player;
    const { frames, fps } = plan;
    if (this.root.classList.contains("playing") !== isPlaying) this.#drawPlay(isPlaying);
    const time = `${formatTime(Math.floor(frame / fps))} / ${formatTime(Math.round(frames / fps))}`;
    const line = findPart(this.root, "stage-time");
    if (line.textContent !== time) line.textContent = time; // most frames are of the same second
    const description = describeFrame(
      plan,
      frame,
      (photo) => this.sources.findPhoto(photo)?.name ?? "",
    );
    this.scrubber.show(frame, plan, description);
    if (!isPlaying) this.canvas.setAttribute("aria-label", description);
  }

  /** @param {boolean} isPlaying */
  #drawPlay(isPlaying) {
    this.root.classList.toggle("playing", isPlaying);
    this.play.setAttribute(
      "aria-label",
      isPlaying ? say("Pause the slideshow") : say("Play the slideshow"),
    );
    const icon = isPlaying ? "#icon-pause" : "#icon-play";
    find(this.play, "use", SVGUseElement).setAttribute("href", icon);
  }

  /** @param {Plan} plan */
  #playMusic({ frames, fps, timeline: { music, music_fade_out: fadeOut } }) {
    if (!this.player.isPlaying || !this.#isLoud) {
      this.sound.stop();
      return;
    }
    const whole = { duration: frames / fps, fadeOut, volume: this.sources.order.volume ?? 1 };
    this.sound.follow(music, this.player.seconds, whole);
  }
}
