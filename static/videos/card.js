// The card of one video: its picture on film, what it is, and what can be done with it.

import { call, isGone } from "../api.js";
import { writeAddress } from "../address.js";
import { announce, copyTemplate, find, findButton, findPart, tell } from "../elements.js";
import { hasEnded } from "../job/status.js";
import { shareVideo } from "../job/share.js";
import { say } from "../language.js";
import { describeCard, describeDays, describeEdge, nameVideo } from "./describe.js";

/** @import { JobRecord } from "../job/records.js" */
/** @import { Status } from "../job/status.js" */

/**
 * @typedef {object} CardOptions
 * @property {number} keptHours
 * @property {() => Promise<string>} edit opens what it was made of, or returns a sentence that says
 *   why not
 * @property {() => void} onDelete
 */

export class Card {
  /**
   * @param {Status} status
   * @param {JobRecord | null} record
   * @param {CardOptions} options
   */
  constructor(status, record, options) {
    this.status = status;
    this.record = record;
    this.options = options;
    this.root = copyTemplate("card-template");
    const id = status.job_id ?? "";
    for (const link of this.root.querySelectorAll("a[data-open]")) {
      link.setAttribute("href", writeAddress("video", id));
    }
    this.#listen();
    this.draw(status);
  }

  get name() {
    return nameVideo(this.status, this.record);
  }

  #listen() {
    const actions = {
      share: () => this.#share(),
      edit: async () => this.#say(await this.options.edit()),
      delete: () => this.#askToDelete(true),
      keep: () => this.#askToDelete(false),
      "delete-now": () => this.#delete(),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.root, name).addEventListener("click", action);
    }
  }

  /** @param {Status} status */
  draw(status) {
    this.status = status;
    const { result } = status;
    const isDone = status.status === "finished" && Boolean(result);
    const { name } = this;
    this.root.dataset.state = status.status;
    findPart(this.root, "name").textContent = name;
    tell(findPart(this.root, "facts"), describeCard(status));
    tell(findPart(this.root, "kept"), describeDays(status, this.options.keptHours));
    tell(findPart(this.root, "length"), describeEdge(status));
    this.root.style.setProperty(
      "--done",
      String(hasEnded(status) ? 1 : (status.progress ?? 0) / 100),
    );
    this.#drawPicture();
    const download = find(this.root, "a[data-part=download]", HTMLAnchorElement);
    download.hidden = findButton(this.root, "share").hidden = !isDone;
    if (result?.download_url) download.href = result.download_url;
    const labels = {
      share: say("Share: {name}", { name }),
      edit: say("Edit again: {name}", { name }),
      delete: say("Delete: {name}", { name }),
    };
    download.setAttribute("aria-label", say("Download {name}", { name }));
    for (const [act, label] of Object.entries(labels)) {
      findButton(this.root, act).setAttribute("aria-label", label);
    }
  }

  #drawPicture() {
    const image = find(this.root, "img", HTMLImageElement);
    const url = this.status.result?.poster_url ?? this.record?.pictures?.at(0) ?? "";
    image.hidden = !url;
    if (url && image.getAttribute("src") !== url) image.src = url;
  }

  async #share() {
    const { result, job_id: id = "" } = this.status;
    if (!result?.download_url) return;
    this.#say(await shareVideo({ id, url: result.download_url, title: this.name }));
  }

  /** @param {string} sentence */
  #say(sentence) {
    tell(findPart(this.root, "said"), sentence);
  }

  /** @param {boolean} isAsking */
  #askToDelete(isAsking) {
    findPart(this.root, "acts").hidden = isAsking;
    findPart(this.root, "question").hidden = !isAsking;
    findButton(this.root, isAsking ? "keep" : "delete").focus();
  }

  async #delete() {
    try {
      await remove(this.status.job_id ?? "");
    } catch (error) {
      this.#askToDelete(false);
      this.#say(error instanceof Error ? error.message : "");
      return;
    }
    announce(say("{name} is deleted.", { name: this.name }));
    this.options.onDelete();
  }
}

/**
 * Delete a job; one that is gone already counts as deleted.
 * @param {string} id
 */
async function remove(id) {
  try {
    await call("DELETE", `/jobs/${id}`);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
