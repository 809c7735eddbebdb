// The moments of a video that would make good clips, and its scenes: found by the server, as cards.

import { announce, copyTemplate, find, findButton, findPart, tell } from "../../elements.js";
import { say, sayCount } from "../../language.js";
import { describeTimes } from "../cut.js";
import { describeSearch, Search } from "./search.js";

/** @import { News } from "../../job/job.js" */
/** @import { Cut } from "../cut.js" */

/** @typedef {Cut & {why: string, score: number}} Highlight */
/** @typedef {{highlights?: Highlight[], scenes?: Cut[]}} Findings */
/** @typedef {{cut: Cut, why: string, score?: number}} Suggestion */

/**
 * @typedef {object} MomentOptions
 * @property {(cut: Cut) => void} play
 * @property {(cuts: Cut[]) => void} use makes the clip of these parts alone
 * @property {(cut: Cut) => string} add makes it a part, too; returns why it cannot be one
 * @property {(scenes: Cut[]) => void} markScenes on the strip
 * @property {(time: number) => string | undefined} findPicture of the video at a time
 * @property {() => void} onChange hears of what is found, and lost
 */

const NOTHING = say("Nothing was found that stands out.");

/**
 * Return what is suggested: the best moments by their score, then the scenes in their order.
 * @param {Findings} findings
 * @returns {{moments: Suggestion[], scenes: Suggestion[]}}
 */
export function listSuggestions({ highlights = [], scenes = [] }) {
  const moments = highlights.map(({ start, end, why, score }) => ({
    cut: { start, end },
    why,
    score,
  }));
  const all = scenes.map(({ start, end }, index) => ({
    cut: { start, end },
    why: say("Scene {number} of {count}", { number: index + 1, count: scenes.length }),
  }));
  return { moments, scenes: scenes.length > 1 ? all : [] };
}

export class Moments {
  /** @type {string | null} */
  #source = null;
  /** @type {{cut: Cut, play: HTMLElement}[]} */
  #cards = [];

  /**
   * @param {HTMLElement} root
   * @param {MomentOptions} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.button = findButton(root, "find-moments");
    this.line = findPart(root, "finder-line");
    this.list = find(root, ".moments", HTMLElement);
    this.sceneBox = find(root, ".scene-box", HTMLDetailsElement);
    this.all = findButton(root, "use-moments");
    this.search = new Search((news, isRunning) => this.#draw(news, isRunning));
    this.button.addEventListener("click", () => this.#press());
  }

  /**
   * Look at another video from now on; without one, at none.
   * @param {string | null} source the id of its upload
   */
  open(source) {
    if (source === this.#source) return;
    this.#source = source;
    this.search.drop();
    this.#clear();
    this.button.disabled = !source;
  }

  /** What finds them again; null while there is nothing to find. */
  get state() {
    return this.search.id;
  }

  /**
   * @param {string | null} state of a draft, whose video is open
   * @param {boolean} isRecent whether the draft was changed a while ago at most
   */
  restore(state, isRecent) {
    if (state && this.#source) this.search.resume(state, isRecent);
  }

  /** Leave them to the draft, which goes on without being shown. */
  leave() {
    this.search.leave();
  }

  #clear() {
    this.#show({});
    this.#name(false);
    tell(this.line, "");
  }

  #press() {
    if (this.search.isRunning) this.search.stop();
    else if (this.#source) this.search.start(this.#source, { highlights: this.#wish });
  }

  /** How many moments are wanted, and how long they are at most. */
  get #wish() {
    const read = (/** @type {string} */ name) =>
      Number(find(this.root, `[name=${name}]`, HTMLSelectElement).value);
    return { count: read("moment_count"), duration: read("moment_seconds") };
  }

  /** @param {boolean} isRunning */
  #name(isRunning) {
    this.button.textContent = isRunning ? say("Stop looking") : say("Find moments");
  }

  /**
   * @param {News} news
   * @param {boolean} isRunning
   */
  #draw(news, isRunning) {
    this.options.onChange();
    if (news.status.status === "gone") return this.#clear();
    this.#name(isRunning);
    /** @type {Findings} */
    const findings = news.status.result ?? {};
    this.#show(findings);
    const count = findings.highlights?.length;
    const found = count
      ? sayCount(count, {
          one: "{count} moment, the best one first.",
          other: "{count} moments, the best one first.",
        })
      : NOTHING;
    return tell(this.line, describeSearch(news, "highlights") || found);
  }

  /** @param {Findings} findings */
  #show(findings) {
    const { moments, scenes } = listSuggestions(findings);
    this.#cards = [];
    this.list.replaceChildren(...moments.map((moment) => this.#newCard(moment)));
    this.sceneBox.hidden = !scenes.length;
    findPart(this.sceneBox, "scene-count").textContent = sayCount(scenes.length, {
      one: "{count} scene",
      other: "{count} scenes",
    });
    const list = find(this.sceneBox, "ol", HTMLElement);
    list.replaceChildren(...scenes.map((scene) => this.#newCard(scene)));
    this.all.hidden = moments.length < 2;
    this.all.textContent = say("Use all {count} as parts", { count: moments.length });
    this.all.onclick = () => {
      this.options.use(moments.map(({ cut }) => cut));
      announce(say("The clip has {count} parts.", { count: moments.length }));
    };
    this.options.markScenes(scenes.map(({ cut }) => cut));
    this.drawPictures();
  }

  /** Show the pictures of the video on the cards, as far as they are there. */
  drawPictures() {
    for (const { cut, play } of this.#cards) {
      const picture = this.options.findPicture((cut.start + cut.end) / 2);
      if (picture) play.style.backgroundImage = `url("${picture}")`;
    }
  }

  /** @param {Suggestion} suggestion */
  #newCard({ cut, why, score }) {
    const card = copyTemplate("moment-template");
    const times = describeTimes(cut);
    findPart(card, "times").textContent = times;
    findPart(card, "why").textContent = why;
    const meter = find(card, "meter", HTMLMeterElement);
    meter.hidden = score === undefined;
    meter.value = score ?? 0;
    meter.setAttribute("aria-label", say("Score of {times}", { times }));
    const play = findButton(card, "play-moment");
    this.#cards.push({ cut, play });
    play.setAttribute("aria-label", say("Play {times}", { times }));
    play.addEventListener("click", () => this.options.play(cut));
    const use = findButton(card, "use-moment");
    use.setAttribute("aria-label", say("Use as the clip: {times}", { times }));
    use.addEventListener("click", () => {
      this.options.use([cut]);
      announce(say("The clip is {times}.", { times }));
    });
    const add = findButton(card, "add-moment");
    add.setAttribute("aria-label", say("Add as a part: {times}", { times }));
    add.addEventListener("click", () => {
      const fault = this.options.add(cut);
      tell(findPart(card, "fault"), fault);
      if (!fault) announce(say("Added as a part: {times}.", { times }));
    });
    return card;
  }
}
