// The player of a finished video, and what it says when the video does not play.

import { find, findButton, findPart, tell } from "../elements.js";
import { explainPlayback, lookUp } from "./status.js";

/** @import { Result } from "./status.js" */

export class Player {
  /** @param {HTMLElement} root of the job */
  constructor(root) {
    this.root = root;
    this.place = findPart(root, "player");
    this.button = findButton(root, "reload");
    this.button.addEventListener("click", () => this.#reload());
    addEventListener("online", () => {
      if (!this.button.hidden) this.#reload();
    });
  }

  close() {
    this.place.replaceChildren();
    this.place.hidden = this.button.hidden = true;
  }

  /**
   * Show a video, unless it is shown already.
   * @param {Result} result
   * @param {string} url
   * @param {string} label
   */
  open(result, url, label) {
    this.place.hidden = false;
    if (this.place.firstElementChild) return;
    this.root.style.setProperty("--aspect", String(result.width / result.height));
    const video = newVideo(result, url, label);
    video.addEventListener("error", () => this.#explain(video, result.video_id));
    this.place.replaceChildren(video);
  }

  /**
   * Say why the video does not play, and offer to load it again where that may help.
   * @param {HTMLVideoElement} video
   * @param {string} id
   */
  async #explain(video, id) {
    const found = await lookUp(id).catch((error) => error);
    if (!video.isConnected) return; // another video has taken its place
    const { sentence, canReload } = explainPlayback(found);
    tell(findPart(this.root, "error"), sentence);
    this.button.hidden = !canReload;
  }

  #reload() {
    const video = find(this.place, "video", HTMLVideoElement);
    const { currentTime } = video;
    tell(findPart(this.root, "error"), "");
    this.button.hidden = true;
    video.load();
    video.currentTime = currentTime;
    video.focus(); // the button that was pressed is gone
  }
}

/**
 * @param {Result} result
 * @param {string} url
 * @param {string} label
 */
function newVideo({ width, height, poster_url: poster = "" }, url, label) {
  const video = document.createElement("video");
  Object.assign(video, { controls: true, playsInline: true, preload: "metadata" });
  Object.assign(video, { src: `${url}?inline=1`, width, height });
  if (poster) video.poster = poster;
  video.setAttribute("aria-label", label);
  return video;
}
