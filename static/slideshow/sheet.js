// The contact sheet: the photos as frames of film, to be dragged, moved by key, or removed.

import { announce, copyTemplate, find, findAround, findButton, findPart } from "../elements.js";
import { formatTime } from "../format.js";
import { findFault, isChosen, measureVideo } from "./photo.js";

/** @import { PhotoChoices } from "./choices.js" */
/** @import { Photo } from "./photo.js" */
/** @import { PhotoUploads } from "./uploads.js" */

const DRAG_THRESHOLD = 6;
const EDGE_SCROLL = 48;
const SCROLL_STEP = 12;
/** @type {Record<string, number>} */
const STEPS_OF_BUTTONS = { earlier: -1, later: 1 };
/** @type {Record<string, number>} */
const STEPS_OF_KEYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class Sheet {
  /** @type {Map<Photo, HTMLElement>} */
  #items = new Map();

  /**
   * @param {HTMLElement} list
   * @param {PhotoUploads} uploads
   * @param {PhotoChoices} choices
   */
  constructor(list, uploads, choices) {
    this.list = list;
    this.uploads = uploads;
    this.choices = choices;
    list.addEventListener("pointerdown", (event) => this.#watchDrag(event));
  }

  /** Bring the frames into line with the photos; what moves, glides. */
  draw() {
    const items = [...this.#items.values()];
    const before = new Map(items.map((item) => [item, item.getBoundingClientRect()]));
    const photos = this.uploads.photos;
    for (const [photo, item] of this.#items) {
      if (!photos.includes(photo)) this.#drop(photo, item);
    }
    photos.forEach((photo, index) => {
      const item = this.#items.get(photo) ?? this.#newItem(photo);
      this.#items.set(photo, item);
      if (this.list.children[index] !== item) this.#place(item, index);
      this.#update(item, photo, index);
    });
    glide(before);
  }

  /**
   * @param {HTMLElement} item
   * @param {number} index
   */
  #place(item, index) {
    const { activeElement } = document;
    const focused = item.contains(activeElement) ? activeElement : null;
    this.list.insertBefore(item, this.list.children[index] ?? null);
    if (focused instanceof HTMLElement) focused.focus(); // moving an element takes its focus away
  }

  /**
   * @param {Photo} photo
   * @param {HTMLElement} item
   */
  #drop(photo, item) {
    const hadFocus = item.contains(document.activeElement);
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#items.delete(photo);
    if (hadFocus && neighbour) find(neighbour, ".edge", HTMLButtonElement).focus();
  }

  /** @param {Photo} photo */
  #newItem(photo) {
    const item = copyTemplate("photo-template");
    const labels = {
      earlier: `Move ${photo.name} earlier`,
      later: `Move ${photo.name} later`,
      remove: `Remove ${photo.name}`,
      choose: `Settings of ${photo.name}`,
    };
    for (const [name, label] of Object.entries(labels)) {
      findButton(item, name).setAttribute("aria-label", label);
    }
    findPart(item, "name").textContent = photo.name;
    item.addEventListener("click", (event) => this.#press(photo, findAround(event, "[data-act]")));
    item.addEventListener("keydown", (event) => this.#key(photo, event));
    const image = find(item, "img", HTMLImageElement);
    image.addEventListener("error", () => (image.hidden = true)); // HEIC, until its thumbnail is here
    image.addEventListener("load", () => (image.hidden = false));
    return item;
  }

  /**
   * @param {HTMLElement} item
   * @param {Photo} photo
   * @param {number} index
   */
  #update(item, photo, index) {
    const image = find(item, "img", HTMLImageElement);
    const source = photo.thumbnail ?? photo.preview;
    if (source && image.getAttribute("src") !== source) {
      image.src = source;
      image.title = photo.name;
    }
    const length = photo.video?.duration && !findFault(photo);
    const mark = photo.video && length ? formatTime(measureVideo(photo.video, photo.choice)) : "";
    find(item, ".video-mark", HTMLElement).hidden = !photo.video;
    findPart(item, "length").textContent = mark;
    const { rotate = 0 } = photo.choice;
    item.dataset.state = photo.state;
    item.classList.toggle("chosen", isChosen(photo.choice));
    item.classList.toggle("sideways", rotate % 180 !== 0);
    item.style.setProperty("--turn", `${rotate}deg`);
    item.style.setProperty("--sent", String(photo.size ? photo.sent / photo.size : 1));
    const place = `${photo.video ? "Video" : "Photo"} ${index + 1} of ${this.uploads.photos.length}, ${photo.name}`;
    find(item, ".edge", HTMLButtonElement).setAttribute("aria-label", place);
  }

  /**
   * @param {Photo} photo
   * @param {HTMLElement | null} button
   */
  #press(photo, button) {
    const name = button?.dataset.act ?? "";
    if (name === "remove") this.#remove(photo);
    else if (name === "choose") this.choices.open(photo);
    else if (name in STEPS_OF_BUTTONS) this.#step(photo, STEPS_OF_BUTTONS[name]);
  }

  /**
   * @param {Photo} photo
   * @param {KeyboardEvent} event
   */
  #key(photo, event) {
    if (event.key in STEPS_OF_KEYS) this.#step(photo, STEPS_OF_KEYS[event.key]);
    else if (["Delete", "Backspace"].includes(event.key)) this.#remove(photo);
    else return;
    event.preventDefault();
  }

  /**
   * @param {Photo} photo
   * @param {number} step
   */
  #step(photo, step) {
    this.uploads.move(photo, this.uploads.photos.indexOf(photo) + step);
    const place = this.uploads.photos.indexOf(photo) + 1;
    announce(`${photo.name} is now number ${place} of ${this.uploads.photos.length}.`);
  }

  /** @param {Photo} photo */
  #remove(photo) {
    this.uploads.remove(photo);
    announce(`${photo.name} removed.`);
  }

  /**
   * A mouse drags a frame anywhere; a finger by its edge, so that the page still scrolls.
   * @param {PointerEvent} start
   */
  #watchDrag(start) {
    const isMouse = start.pointerType === "mouse";
    const item = findAround(start, ".photo");
    if (findAround(start, "[data-act]") || start.button) return;
    if (!item || !findAround(start, isMouse ? ".photo" : ".edge")) return;
    const end = new AbortController();
    const move = (/** @type {PointerEvent} */ event) => {
      const moved = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
      if (!item.classList.contains("dragged") && moved < DRAG_THRESHOLD) return;
      item.classList.add("dragged");
      this.#dragOver(item, event);
    };
    const stop = () => {
      end.abort();
      item.classList.remove("dragged");
    };
    addEventListener("pointermove", move, { signal: end.signal });
    addEventListener("pointerup", stop, { signal: end.signal });
    addEventListener("pointercancel", stop, { signal: end.signal });
    if (isMouse) start.preventDefault(); // no text is to be selected
  }

  /**
   * @param {HTMLElement} item that is dragged
   * @param {PointerEvent} event
   */
  #dragOver(item, { clientX, clientY }) {
    if (clientY < EDGE_SCROLL) scrollBy(0, -SCROLL_STEP);
    if (clientY > innerHeight - EDGE_SCROLL) scrollBy(0, SCROLL_STEP);
    const over = document.elementFromPoint(clientX, clientY)?.closest(".photo");
    if (!over || over === item || over.parentNode !== this.list) return;
    if (over.getAnimations().length) return; // still gliding: let it arrive
    const dragged = [...this.#items].find(([, other]) => other === item);
    if (dragged) this.uploads.move(dragged[0], [...this.list.children].indexOf(over));
  }
}

/**
 * Let items glide from where they were to where they are, where people like that.
 * @param {Map<HTMLElement, DOMRect>} before
 */
function glide(before) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [item, from] of before) {
    const to = item.getBoundingClientRect();
    const [x, y] = [from.left - to.left, from.top - to.top];
    if (!item.isConnected || (Math.abs(x) < 1 && Math.abs(y) < 1)) continue;
    item.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration: 160,
      easing: "ease-out",
    });
  }
}
