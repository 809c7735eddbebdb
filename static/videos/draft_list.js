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

  draw() {
    const drafts = this.drafts.listUnmade(makesVideo);
    this.root.hidden = !drafts.length;
    this.list.replaceChildren(...drafts.map((draft) => this.#newItem(draft)));
  }

  /** @param {Draft} draft */
  #newItem(draft) {
    const { id, kind, changed, picture } = draft;
    const item = copyTemplate("draft-template");
    const summary = nameDraft(draft);
    const name = `${NOUNS[kind]}: ${summary}`;
    find(item, "a", HTMLAnchorElement).href = writeAddress("draft", id);
    findPart(item, "name").textContent = summary;
    findPart(item, "changed").textContent = `${NOUNS[kind]}, ${formatMoment(changed)}`;
    const image = find(item, "img", HTMLImageElement);
    image.addEventListener("error", () => (image.hidden = true)); // its upload is gone
    image.hidden = !picture;
    if (picture) image.src = picture;
    const remove = findButton(item, "delete");
    const keep = findButton(item, "keep");
    remove.setAttribute("aria-label", say("Delete: the draft {name}", { name }));
    const ask = (/** @type {boolean} */ isAsking) => {
      remove.hidden = isAsking;
      findPart(item, "question").hidden = !isAsking;
      (isAsking ? keep : remove).focus();
    };
    remove.addEventListener("click", () => ask(true));
    keep.addEventListener("click", () => ask(false));
    findButton(item, "delete-now").addEventListener("click", () => this.#remove(id, name));
    return item;
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  #remove(id, name) {
    this.drafts.remove(id);
    this.onRemove(id);
    announce(say("The draft {name} is deleted.", { name }));
    this.draw();
    (this.list.querySelector("a") ?? this.root.parentElement?.querySelector("h1"))?.focus();
  }
}
