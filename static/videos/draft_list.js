// The drafts of this browser, to go on with or to throw away. One whose video was made is seen as
// that video until it is changed.

import { writeAddress } from "../address.js";
import { nameDraft } from "../drafts/name.js";
import { announce, copyTemplate, find, findButton, findPart } from "../elements.js";
import { formatMoment } from "../format_day.js";
import { makesVideo } from "../job/records.js";
import { say } from "../language.js";

/** @import { Draft, Drafts } from "../drafts/drafts.js" */

/** @type {Record<Draft["kind"], string>} */
const NOUNS = { slideshow: say("Slideshow"), clip: say("Clip") };

export class DraftList {
  /** @type {Map<string, HTMLElement>} by the ids of the drafts */
  #items = new Map();

  /**
   * @param {HTMLElement} root
   * @param {Drafts} drafts
   * @param {(id: string) => void} onRemove
   */
  constructor(root, drafts, onRemove) {
    this.root = root;
    this.drafts = drafts;
    this.onRemove = onRemove;
    this.list = find(root, "ol", HTMLElement);
    drafts.listen(() => this.draw());
  }

  /**
   * Show the drafts as they are; a question that is open stays so.
   * @param {{isFresh?: boolean}} [how] `isFresh` asks again for pictures that could not be read
   */
  draw({ isFresh = false } = {}) {
    const drafts = this.drafts.listUnmade(makesVideo);
    this.root.hidden = !drafts.length;
    const items = drafts.map((draft) => this.#drawItem(draft, isFresh));
    for (const [id, item] of this.#items) {
      if (items.includes(item)) continue;
      item.remove();
      this.#items.delete(id);
    }
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    items.forEach((item, index) => {
      const there = this.list.children[index];
      if (there !== item) this.list.insertBefore(item, there ?? null);
    });
    // Moving an element takes its focus away.
    if (focused instanceof HTMLElement && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
  }

  /**
   * @param {Draft} draft
   * @param {boolean} isFresh
   */
  #drawItem(draft, isFresh) {
    const { id, kind, changed, picture } = draft;
    const item = this.#items.get(id) ?? this.#newItem(id);
    this.#items.set(id, item);
    const summary = nameDraft(draft);
    findPart(item, "name").textContent = summary;
    findPart(item, "changed").textContent = `${NOUNS[kind]}, ${formatMoment(changed)}`;
    const image = find(item, "img", HTMLImageElement);
    if (!picture) image.hidden = true;
    else if (isFresh || image.getAttribute("src") !== picture) {
      Object.assign(image, { src: picture, hidden: false });
    }
    const label = say("Delete: the draft {name}", { name: nameItem(draft) });
    findButton(item, "delete").setAttribute("aria-label", label);
    return item;
  }

  /** @param {string} id of a draft */
  #newItem(id) {
    const item = copyTemplate("draft-template");
    find(item, "a", HTMLAnchorElement).href = writeAddress("draft", id);
    const image = find(item, "img", HTMLImageElement);
    image.addEventListener("error", () => (image.hidden = true)); // its upload is gone
    const remove = findButton(item, "delete");
    const keep = findButton(item, "keep");
    const ask = (/** @type {boolean} */ isAsking) => {
      remove.hidden = isAsking;
      findPart(item, "question").hidden = !isAsking;
      (isAsking ? keep : remove).focus();
    };
    remove.addEventListener("click", () => ask(true));
    keep.addEventListener("click", () => ask(false));
    findButton(item, "delete-now").addEventListener("click", () => this.#remove(id));
    return item;
  }

  /** @param {string} id */
  #remove(id) {
    const draft = this.drafts.read(id);
    const name = draft ? nameItem(draft) : "";
    this.drafts.remove(id);
    this.onRemove(id);
    announce(say("The draft {name} is deleted.", { name }));
    this.draw();
    (this.list.querySelector("a") ?? this.root.parentElement?.querySelector("h1"))?.focus();
  }
}

/** @param {Draft} draft */
const nameItem = (draft) => `${NOUNS[draft.kind]}: ${nameDraft(draft)}`;
