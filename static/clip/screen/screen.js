// The screen: the video in the frame that the clip will have, before anything is rendered.

import { find, findPart } from "../../elements.js";
import { CaptionLayer } from "./caption_layer.js";
import { Controls } from "./controls.js";
import { CropFrame } from "./crop_frame.js";
import { watchFrames } from "./frames.js";
import { keepInSight } from "./in_sight.js";
import { layOutScreen, placeVideo } from "./layout.js";
import { SafeAreas } from "./safe_areas.js";

/** @import { Frame, Point } from "../frame.js" */
/** @import { Box, Layout } from "./layout.js" */

const BACKDROP = 64; // pixels of its longer side

export class Screen {
  /** @type {Layout | null} */
  #layout = null;
  #isBlurred = false;

  /**
   * @param {HTMLFormElement} form
   * @param {{onFocus: (focus: Point) => void, onFrame: () => void}} options `onFocus` takes the point
   *   that a crop is moved to, `onFrame` hears that another moment of the video is shown
   */
  constructor(form, { onFocus, onFrame }) {
    this.video = find(form, "video", HTMLVideoElement);
    this.box = findPart(form, "screen");
    this.slot = find(form, ".screen-slot", HTMLElement);
    this.frame = findPart(form, "screen-frame");
    this.sides = find(this.box, ".screen-sides", HTMLCanvasElement);
    this.controls = new Controls(findPart(form, "screen-controls"), this.video);
    const handle = findPart(form, "crop-frame");
    this.crop = new CropFrame(handle, this.box, onFocus);
    this.safeAreas = new SafeAreas(form);
    keepInSight(this.slot);
    const canvas = find(this.frame, "canvas", HTMLCanvasElement);
    this.captions = new CaptionLayer(canvas, () => this.video.currentTime);
    watchFrames(this.video, () => {
      this.#drawSides();
      this.controls.draw();
      this.captions.draw();
      onFrame();
    });
    this.box.addEventListener("click", () => {
      if (!("dragged" in handle.dataset)) this.controls.toggle();
    });
  }

  /**
   * Show the video as a clip will have it.
   * @param {Frame} frame
   * @param {{width: number, height: number}} video its size, as it is shown
   */
  show(frame, video) {
    const isKnown = video.width > 0 && video.height > 0;
    this.#layout = isKnown ? layOutScreen(frame, video) : null;
    this.crop.handle.hidden = this.frame.hidden = !isKnown;
    if (!this.#layout) return;
    const layout = this.#layout;
    this.slot.style.setProperty("--ratio", String(layout.ratio));
    this.box.dataset.fit = frame.fit;
    place(this.video, placeVideo(layout, frame.rotate ?? 0));
    this.video.style.rotate = `${frame.rotate ?? 0}deg`;
    place(this.frame, layout.frame);
    place(this.crop.handle, layout.frame);
    this.crop.show(layout, frame.focus === "auto");
    const [, , width, height] = layout.frame;
    this.safeAreas.show((layout.ratio * width) / height);
    this.#isBlurred = frame.fit === "blur" && layout.picture.some((side) => side > 0 && side < 1);
    this.sides.hidden = !this.#isBlurred;
    this.#drawSides();
    this.captions.draw();
  }

  /** Whether a crop leaves anything out, so that it can be moved. */
  get isCropped() {
    return Boolean(this.#layout?.axis);
  }

  /** Draw the blurred picture beside the video. */
  #drawSides() {
    const { videoWidth, videoHeight } = this.video;
    if (!this.#isBlurred || !this.#layout || !videoWidth) return;
    const { ratio } = this.#layout;
    const width = Math.round(ratio < 1 ? BACKDROP * ratio : BACKDROP);
    const height = Math.round(ratio < 1 ? BACKDROP : BACKDROP / ratio);
    const context = this.sides.getContext("2d");
    if (this.sides.width !== width) this.sides.width = width;
    if (this.sides.height !== height) this.sides.height = height;
    if (!context) return;
    const turns = parseFloat(this.video.style.rotate) || 0;
    const [across, down] = turns % 180 ? [videoHeight, videoWidth] : [videoWidth, videoHeight];
    const scale = Math.max(width / across, height / down);
    context.save();
    context.translate(width / 2, height / 2);
    context.rotate((turns * Math.PI) / 180);
    context.scale(scale, scale);
    context.drawImage(this.video, -videoWidth / 2, -videoHeight / 2);
    context.restore();
  }
}

/**
 * @param {HTMLElement} element
 * @param {Box} box
 */
function place(element, [left, top, width, height]) {
  element.style.left = `${100 * left}%`;
  element.style.top = `${100 * top}%`;
  element.style.width = `${100 * width}%`;
  element.style.height = `${100 * height}%`;
}
