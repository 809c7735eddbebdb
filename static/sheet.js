// The contact sheet: the photos as frames of film, to be dragged, moved by key, or removed.

import { isChosen } from "./choices.js";
import { announce, act, fromTemplate, part } from "./elements.js";

const DRAG_THRESHOLD = 6;
const EDGE_SCROLL = 48;

export class Sheet {
  #items = new Map();

  constructor(list, uploads, choices) {
    Object.assign(this, { list, uploads, choices });
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
      if (!this.#items.has(photo)) this.#items.set(photo, this.#newItem(photo));
      const item = this.#items.get(photo);
      if (this.list.children[index] !== item) this.#place(item, index);
      this.#update(item, photo, index);
    });
    this.#glide(before);
  }

  #place(item, index) {
    const focused = item.contains(document.activeElement) ? document.activeElement : null;
    this.list.insertBefore(item, this.list.children[index] ?? null);
    focused?.focus(); // moving an element takes its focus away
  }

  #drop(photo, item) {
    const hadFocus = item.contains(document.activeElement);
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#items.delete(photo);
    if (hadFocus) neighbour?.querySelector(".edge").focus();
  }

  #newItem(photo) {
    const item = fromTemplate("photo-template");
    act(item, "earlier").setAttribute("aria-label", `Move ${photo.name} earlier`);
    act(item, "later").setAttribute("aria-label", `Move ${photo.name} later`);
    act(item, "remove").setAttribute("aria-label", `Remove ${photo.name}`);
    act(item, "choose").setAttribute("aria-label", `Settings of ${photo.name}`);
    part(item, "name").textContent = photo.name;
    item.addEventListener("click", (event) => this.#press(photo, event.target.closest("[data-act]")));
    item.addEventListener("keydown", (event) => this.#key(photo, event));
    const image = item.querySelector("img");
    image.addEventListener("error", () => (image.hidden = true)); // HEIC, until its thumbnail is here
    image.addEventListener("load", () => (image.hidden = false));
    return item;
  }

  #update(item, photo, index) {
    const image = item.querySelector("img");
    const source = photo.thumbnail ?? photo.preview;
    if (source && image.getAttribute("src") !== source) {
      image.src = source;
      image.title = photo.name;
    }
    item.dataset.state = photo.state;
    item.classList.toggle("chosen", isChosen(photo));
    item.classList.toggle("sideways", (photo.choice.rotate ?? 0) % 180 !== 0);
    item.style.setProperty("--turn", `${photo.choice.rotate ?? 0}deg`);
    item.style.setProperty("--sent", photo.size ? photo.sent / photo.size : 1);
    part(item, "number").textContent = index + 1;
    const place = `Photo ${index + 1} of ${this.uploads.photos.length}, ${photo.name}`;
    item.querySelector(".edge").setAttribute("aria-label", place);
  }

  #glide(before) {
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

  #press(photo, button) {
    const steps = { earlier: -1, later: 1 };
    if (button?.dataset.act === "remove") this.#remove(photo);
    else if (button?.dataset.act === "choose") this.choices.open(photo);
    else if (button) this.#step(photo, steps[button.dataset.act]);
  }

  #key(photo, event) {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    if (event.key in steps) this.#step(photo, steps[event.key]);
    else if (["Delete", "Backspace"].includes(event.key)) this.#remove(photo);
    else return;
    event.preventDefault();
  }

  #step(photo, step) {
    this.uploads.move(photo, this.uploads.photos.indexOf(photo) + step);
    const place = this.uploads.photos.indexOf(photo) + 1;
    announce(`${photo.name} is now photo ${place} of ${this.uploads.photos.length}.`);
  }

  #remove(photo) {
    this.uploads.remove(photo);
    announce(`${photo.name} removed.`);
  }

  /** A mouse drags a frame anywhere; a finger by its edge, so that the page still scrolls. */
  #watchDrag(start) {
    const item = start.target.closest(".photo");
    const grip = start.pointerType === "mouse" ? ".photo" : ".edge";
    const isAct = start.target.closest("[data-act]") !== null;
    if (isAct || start.button || !start.target.closest(grip)) return;
    const [photo] = [...this.#items].find(([, other]) => other === item);
    const end = new AbortController();
    const move = (event) => {
      const moved = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
      if (!item.classList.contains("dragged") && moved < DRAG_THRESHOLD) return;
      item.classList.add("dragged");
      this.#dragOver(photo, item, event);
    };
    const stop = () => {
      end.abort();
      item.classList.remove("dragged");
    };
    addEventListener("pointermove", move, { signal: end.signal });
    addEventListener("pointerup", stop, { signal: end.signal });
    addEventListener("pointercancel", stop, { signal: end.signal });
    if (start.pointerType === "mouse") start.preventDefault(); // no text selection
  }

  #dragOver(photo, item, { clientX, clientY }) {
    if (clientY < EDGE_SCROLL) scrollBy(0, -12);
    if (clientY > innerHeight - EDGE_SCROLL) scrollBy(0, 12);
    const over = document.elementFromPoint(clientX, clientY)?.closest(".photo");
    if (!over || over === item || over.parentNode !== this.list) return;
    if (over.getAnimations().length) return; // still gliding: let it arrive
    this.uploads.move(photo, [...this.list.children].indexOf(over));
  }
}
