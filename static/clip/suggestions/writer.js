// Captions that the server writes: what is said in the video, as lines that can be corrected.

import { call, toRefusal } from "../../api.js";
import { findButton, findPart, tell } from "../../elements.js";
import { say, sayCount } from "../../language.js";
import { describeSearch, Search } from "./search.js";

/** @import { News } from "../../job/job.js" */
/** @import { CaptionList } from "../captions.js" */
/** @import { Transcript } from "../transcript.js" */

const HEARD = say("This is what was heard. Correct what is wrong; names mostly are.");

export class CaptionWriter {
  /** @type {string | null} */
  #source = null;
  /** @type {Transcript | null} one that waits for the user's word */
  #offered = null;

  /**
   * @param {HTMLElement} root
   * @param {CaptionList} captions
   */
  constructor(root, captions) {
    this.captions = captions;
    this.button = findButton(root, "write-captions");
    this.take = findButton(root, "take-captions");
    this.line = findPart(root, "writer-line");
    this.fault = findPart(root, "writer-fault");
    this.search = new Search((news, isRunning) => this.#draw(news, isRunning));
    this.button.addEventListener("click", () => this.#press());
    this.take.addEventListener("click", () => {
      if (this.#offered) this.#use(this.#offered);
    });
  }

  /**
   * Listen to another video from now on; without one, to none.
   * @param {string | null} source the id of its upload
   */
  open(source) {
    if (source === this.#source) return;
    this.#source = source;
    this.search.drop();
    this.#offer(null);
    this.button.disabled = !source;
    this.button.textContent = say("Write captions");
    this.#tell("", "");
  }

  #press() {
    if (this.search.isRunning) this.search.stop();
    else if (this.#source) {
      this.#offer(null);
      const transcript = this.captions.source.speechWish ?? true;
      const questions = { transcript, scenes: false, silences: false, highlights: { count: 0 } };
      this.search.start(this.#source, questions);
    }
  }

  /**
   * @param {News} news
   * @param {boolean} isRunning
   */
  async #draw(news, isRunning) {
    this.button.textContent = isRunning ? say("Stop writing") : say("Write captions");
    const line = describeSearch(news, "transcript");
    this.#tell(news.error ? line : "", news.error ? "" : line);
    const url = news.status.result?.transcript_url;
    if (isRunning || news.error || !url) return;
    const source = this.#source;
    try {
      const transcript = await call("GET", url);
      if (source === this.#source) this.#heard(transcript);
    } catch (error) {
      if (source === this.#source) this.#tell(toRefusal(error).message, "");
    }
  }

  /** @param {Transcript} transcript */
  #heard(transcript) {
    const { length } = transcript.segments;
    if (!length) this.#tell("", say("No words were heard."));
    else if (this.captions.isEmpty) this.#use(transcript);
    else {
      this.#offer(transcript);
      this.#tell(
        "",
        sayCount(length, {
          one: "{count} line was heard. Yours are still there.",
          other: "{count} lines were heard. Yours are still there.",
        }),
      );
    }
  }

  /** @param {Transcript} transcript */
  #use(transcript) {
    this.#offer(null);
    this.#tell("", "");
    this.captions.take(transcript, HEARD);
  }

  /** @param {Transcript | null} transcript */
  #offer(transcript) {
    this.#offered = transcript;
    this.take.hidden = !transcript;
  }

  /**
   * @param {string} fault
   * @param {string} line
   */
  #tell(fault, line) {
    tell(this.fault, fault);
    tell(this.line, line);
  }
}
