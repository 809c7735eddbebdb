// The videos among the photos of a preview, each at the time that is shown.

const MOST_KEPT = 3;
const MOST_APART = 0.3; // seconds between a video that plays and the time of the preview

/** @typedef {{element: HTMLVideoElement, isBroken: boolean, isSeen: boolean}} Entry */

export class Videos {
  /** @type {Map<string, Entry>} those asked for last at the end */
  #entries = new Map();

  /** @param {() => void} onSeen called when another picture of a video can be drawn */
  constructor(onSeen) {
    this.onSeen = onSeen;
  }

  /**
   * Return a video at a time, as far as it is loaded; null where its still has to stand for it.
   * @param {string} source
   * @param {number} seconds
   * @param {{isPlaying: boolean, isHeard: boolean}} how
   */
  find(source, seconds, { isPlaying, isHeard }) {
    const entry = this.#find(source);
    const { element, isBroken } = entry;
    entry.isSeen = true;
    element.muted = !isHeard;
    if (isBroken || !element.readyState) return null; // its size is not known yet
    const isApart = Math.abs(element.currentTime - seconds) > (isPlaying ? MOST_APART : 0.02);
    if (isApart && !element.seeking) element.currentTime = Math.min(seconds, element.duration);
    if (isPlaying && element.paused && !element.ended) element.play().catch(() => {});
    if (!isPlaying && !element.paused) element.pause();
    return element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? element : null;
  }

  /** Stop the videos that were not asked for since the last time. */
  rest() {
    for (const entry of this.#entries.values()) {
      if (!entry.isSeen) entry.element.pause();
      entry.isSeen = false;
    }
  }

  /** @param {string} source */
  #find(source) {
    const entry = this.#entries.get(source) ?? this.#open(source);
    this.#entries.delete(source);
    this.#entries.set(source, entry);
    for (const [key, { element }] of [...this.#entries].slice(0, -MOST_KEPT)) {
      element.removeAttribute("src");
      element.load();
      this.#entries.delete(key);
    }
    return entry;
  }

  /** @param {string} source */
  #open(source) {
    const element = document.createElement("video");
    Object.assign(element, { muted: true, playsInline: true, preload: "auto", src: source });
    /** @type {Entry} */
    const entry = { element, isBroken: false, isSeen: false };
    for (const name of ["loadeddata", "seeked"]) element.addEventListener(name, this.onSeen);
    element.addEventListener("error", () => (entry.isBroken = true));
    return entry;
  }
}
