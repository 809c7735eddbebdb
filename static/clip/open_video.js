// The video that is cut: opened, kept over a reload, and sent.

import { getSession } from "../api.js";
import { find, findButton, findPart } from "../elements.js";
import { findFault } from "../files.js";
import { describeFailure, LEFT, sendFiles } from "../intake/send.js";
import { tellSending } from "../intake/telling.js";
import * as unsent from "../intake/unsent.js";
import { describeVideo, newSource } from "./source.js";
import { drawStrip } from "./trim.js";

/** @import { RefusedFiles } from "../intake/refusals.js" */
/** @import { Stage } from "../intake/telling.js" */
/** @import { Facts, Source } from "./source.js" */

/**
 * @typedef {object} OpenVideoOptions
 * @property {number} maxBytes of a file
 * @property {RefusedFiles} refusals
 * @property {() => void} onChange
 * @property {() => void} onPictures hears that the pictures of the video's strip are there
 * @property {() => void} onReset hears that there is another video, or none
 * @property {(facts: Facts) => void} onSent
 */

export class OpenVideo {
  /** @type {Source | null} */
  source = null;

  /**
   * @param {HTMLFormElement} form
   * @param {OpenVideoOptions} options
   */
  constructor(form, options) {
    this.form = form;
    this.player = find(form, "video", HTMLVideoElement);
    this.options = options;
    this.player.addEventListener("error", () => this.#drawPlayer(false));
  }

  /** Whether it would be lost if the page was closed now. */
  get isUnsafe() {
    return Boolean(this.source && !this.source.id && !this.source.kept);
  }

  /**
   * Open a video in the place of the one before.
   * @param {File} file
   */
  choose(file) {
    if (this.source) unsent.forget(this.source);
    this.close();
    const fault = findFault(file, this.options.maxBytes);
    if (fault) return this.options.refusals.add(file.name, fault);
    const source = this.#show(file.name, URL.createObjectURL(file), file);
    this.#keep(source, file);
    this.#send(source);
    return undefined;
  }

  /**
   * Open a video that an earlier visit has uploaded. It is played once it is known to be there: a
   * browser writes into its console what a player does not get.
   * @param {string} name
   * @param {string} url
   * @param {Facts} facts
   * @param {Promise<boolean>} isThere
   */
  async reopen(name, url, facts, isThere) {
    this.close();
    const source = this.#place(newSource(name, url, null));
    this.#accept(source, facts);
    if ((await isThere) && source === this.source) this.#play(source);
  }

  /**
   * Whether this is the video that is being sent.
   * @param {string | null | undefined} kept its key in intake/unsent.js
   */
  isSending(kept) {
    return Boolean(kept && this.source?.kept === kept);
  }

  /**
   * Go on with a video that an earlier visit did not send.
   * @param {string} name
   * @param {string} kept its key in intake/unsent.js
   */
  async resume(name, kept) {
    this.close();
    const source = this.#place(newSource(name, "", null));
    source.kept = kept;
    const file = await unsent.find(kept);
    if (source !== this.source) return;
    if (file) {
      Object.assign(source, { file, url: URL.createObjectURL(file) });
      this.#play(source);
    }
    const answer = await unsent.claim(kept);
    if (source !== this.source) unsent.letGo(kept);
    else if (answer) this.#settle(source, answer);
    else if (file) await this.#send(source);
    else {
      unsent.forget(source);
      this.#drop();
      this.options.refusals.add(name, unsent.NOT_KEPT);
    }
  }

  /** Be without a video; what was refused was about an earlier one. */
  close() {
    this.#drop();
    this.options.refusals.clear();
  }

  #drop() {
    this.source?.end.abort(this.source.kept ? LEFT : undefined);
    if (this.source) URL.revokeObjectURL(this.source.url);
    if (this.source?.kept) unsent.letGo(this.source.kept);
    this.source = null;
    this.player.removeAttribute("src");
    this.player.load();
    this.options.onReset();
    this.options.onChange();
  }

  /**
   * @param {string} name
   * @param {string} url
   * @param {File | null} file
   */
  #show(name, url, file) {
    const source = this.#place(newSource(name, url, file));
    this.#play(source);
    return source;
  }

  /** @param {Source} source */
  #place(source) {
    this.source = source;
    this.options.onReset();
    this.options.onChange();
    return source;
  }

  /** @param {Source} source */
  #play(source) {
    this.#drawPlayer(true);
    this.player.src = source.url;
    const strip = find(this.form, ".trim .strip", HTMLElement);
    drawStrip(strip, source.url, source.end.signal).then((pictures) => {
      source.pictures = pictures;
      if (source === this.source) this.options.onPictures();
    });
  }

  /**
   * Keep a video over a reload until it is sent.
   * @param {Source} source
   * @param {File} file
   */
  async #keep(source, file) {
    const kept = await unsent.keep(file);
    if (kept && (source.id || source !== this.source)) unsent.drop(kept);
    else source.kept = kept;
    this.options.onChange();
  }

  /** @param {Source} source */
  async #send(source) {
    const { signal } = source.end;
    const telling = tellSending("video", (line, stage) => {
      if (!signal.aborted) this.#tell(line, stage);
    });
    try {
      const files = source.file ? [source.file] : [];
      const answer = await sendFiles("video", files, { ...telling, signal });
      if (signal.aborted) return;
      this.#settle(source, answer);
    } catch (error) {
      if (signal.aborted) return;
      this.#refuse(source, error);
    }
  }

  /**
   * Take what the server made of a file, and keep it no longer.
   * @param {Source} source
   * @param {Facts} facts
   */
  #settle(source, facts) {
    unsent.forget(source, facts);
    if (!source.url) {
      source.url = `/media/${getSession()}/${facts.source_id}`; // it was sent by another tab
      this.#play(source);
    }
    this.#accept(source, facts);
  }

  /**
   * @param {Source} source
   * @param {Facts} facts
   */
  #accept(source, facts) {
    Object.assign(source, { id: facts.source_id, facts });
    this.options.onSent(facts);
    this.#tell(describeVideo(source.name, facts));
    this.options.onChange();
  }

  /**
   * @param {Source} source
   * @param {unknown} error
   */
  #refuse(source, error) {
    const sentence = describeFailure(error);
    unsent.forget(source);
    this.#drop();
    this.options.refusals.add(source.name, sentence);
  }

  /**
   * @param {string} line
   * @param {Stage} [stage] while the video is sent
   */
  #tell(line, stage = "sending") {
    findPart(this.form, "upload-line").textContent = line;
    findButton(this.form, "retry").hidden = stage !== "lost";
    if (!this.source || this.source.stage === stage) return;
    this.source.stage = stage;
    this.options.onChange();
  }

  /** @param {boolean} isPlayable */
  #drawPlayer(isPlayable) {
    if (!this.source) return;
    find(this.form, ".screen-slot", HTMLElement).hidden = !isPlayable;
    findPart(this.form, "screen-controls").hidden = !isPlayable;
    findPart(this.form, "no-preview").hidden = isPlayable;
    for (const name of ["play-cut", "start-here", "end-here"]) {
      findButton(this.form, name).hidden = !isPlayable;
    }
  }
}
