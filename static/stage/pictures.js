// The pictures of a preview: loaded once, turned, with the blurred copies that lie behind them.

import { blurPixels } from "./pixels.js";

/** @typedef {{source: string, rotate: number}} Wanted */
/** @typedef {{width: number, height: number, sigma: number, brightness: number}} Backdrop in pixels */
/** @typedef {{picture: HTMLCanvasElement | null, isLoading: boolean, backdrops: Map<string, HTMLCanvasElement>}} Entry */

const MOST_KEPT = 12;
const LONGEST_SIDE = 1280;

export class Pictures {
  /** @type {Map<string, Entry>} those asked for last at the end */
  #entries = new Map();

  /** @param {() => void} onLoad called when a picture has arrived */
  constructor(onLoad) {
    this.onLoad = onLoad;
  }

  /**
   * Return a picture; null until it is loaded, and where it cannot be.
   * @param {Wanted} wanted
   */
  find(wanted) {
    return this.#find(wanted).picture;
  }

  /**
   * Whether a picture may still come.
   * @param {Wanted} wanted
   */
  isLoading(wanted) {
    return this.#find(wanted).isLoading;
  }

  /**
   * Return the blurred middle of a picture in the shape of a frame; null without the picture.
   * @param {Wanted} wanted
   * @param {Backdrop} backdrop
   */
  findBackdrop(wanted, backdrop) {
    const { picture, backdrops } = this.#find(wanted);
    if (!picture) return null;
    const key = JSON.stringify(backdrop);
    const found = backdrops.get(key) ?? drawBackdrop(picture, backdrop);
    backdrops.set(key, found);
    return found;
  }

  /** @param {Wanted} wanted */
  #find({ source, rotate }) {
    const key = `${rotate} ${source}`;
    /** @type {Entry} */
    const entry = this.#entries.get(key) ?? {
      picture: null,
      isLoading: false,
      backdrops: new Map(),
    };
    const isNew = !this.#entries.has(key);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (isNew) this.#load(entry, source, rotate);
    for (const old of [...this.#entries.keys()].slice(0, -MOST_KEPT)) this.#entries.delete(old);
    return entry;
  }

  /**
   * @param {Entry} entry
   * @param {string} source
   * @param {number} rotate
   */
  async #load(entry, source, rotate) {
    if (!source) return; // of a video that this browser cannot play, or a photo that is on its way
    entry.isLoading = true;
    try {
      const image = new Image();
      image.src = source;
      await image.decode();
      entry.picture = turn(
        image,
        { width: image.naturalWidth, height: image.naturalHeight },
        rotate,
      );
    } catch {
      entry.picture = null;
    }
    entry.isLoading = false;
    this.onLoad();
  }
}

/**
 * Return a picture turned, and no larger than is needed.
 * @param {CanvasImageSource} image
 * @param {{width: number, height: number}} size of it
 * @param {number} rotate degrees clockwise
 */
export function turn(image, { width, height }, rotate) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  const isSideways = rotate % 180 !== 0;
  const canvas = newCanvas(isSideways ? down : across, isSideways ? across : down);
  const context = getContext(canvas);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((rotate * Math.PI) / 180);
  context.drawImage(image, -across / 2, -down / 2, across, down);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} picture
 * @param {Backdrop} backdrop
 */
function drawBackdrop(picture, { width, height, sigma, brightness }) {
  const canvas = newCanvas(width, height);
  const context = getContext(canvas);
  const scale = Math.max(width / picture.width, height / picture.height);
  const [across, down] = [width / scale, height / scale];
  const [left, top] = [(picture.width - across) / 2, (picture.height - down) / 2];
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, left, top, across, down, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  blurPixels(pixels, sigma, brightness);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/**
 * @param {number} width
 * @param {number} height
 */
export function newCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), {
    width: Math.max(1, Math.round(width)),
    height: Math.max(1, Math.round(height)),
  });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @throws {TypeError} if the browser has no canvas
 */
export function getContext(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new TypeError("This browser draws no pictures.");
  return context;
}
