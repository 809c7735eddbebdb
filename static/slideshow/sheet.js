// The contact sheet: the photos as frames of film, to be selected, carried and removed.

import { announce, find, findAround } from "../elements.js";
import { say } from "../language.js";
import { sayPhotos } from "./counts.js";
import { describeMove, findIndex, movePhotos } from "./photo.js";
import { Drag } from "./sheet/drag.js";
import { Frame } from "./sheet/frame.js";
import { glide, locate } from "./sheet/glide.js";
import { Keys } from "./sheet/keys.js";
import { PickedBar } from "./sheet/picked.js";
import { Selection } from "./sheet/selection.js";
import { findSteady } from "./sheet/steady.js";

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Photo } from "./photo.js" */
/** @import { PhotoUploads } from "./uploads.js" */

/**
 * @typedef {object} SheetOptions
 * @property {PhotoUploads} uploads
 * @property {Arrangement} arrangement
 * @property {(photos: Photo[]) => void} onEdit opens their settings
 * @property {(photo: Photo) => void} onPick shows a photo that has been selected
 * @property {() => void} onTurn draws photos that have been turned
 * @property {(photo: Photo) => string} findFault a sentence; empty when nothing is wrong
 */

export class Sheet {
  /** @type {Map<Photo, Frame>} */
  #frames = new Map();
  /** @type {Photo[]} */
  #drawn = [];
  /** The photo that Tab leads to. @type {Photo | null} */
  #current = null;
  /** @type {Selection<Photo>} */
  #selection = new Selection();
  /** Whether frames change places, which takes their focus away for a moment. */
  isArranging = false;

  /**
   * @param {HTMLElement} root
   * @param {SheetOptions} options
   */
  constructor(root, { uploads, arrangement, onEdit, onPick, onTurn, findFault }) {
    this.uploads = uploads;
    this.arrangement = arrangement;
    this.onEdit = onEdit;
    this.onPick = onPick;
    this.findFault = findFault;
    this.list = find(root, ".sheet", HTMLElement);
    this.input = find(root, "input[type=file]", HTMLInputElement);
    this.bar = new PickedBar(root, { sheet: this, onTurn });
    this.keys = new Keys(this);
    this.drag = new Drag(this.list, {
      onLift: (item) => this.findCompany(this.#photoOf(item)).length,
      onDrop: (from, to) => this.#drop(from, to),
    });
    this.list.addEventListener("click", (event) => this.#press(event));
    this.list.addEventListener("dblclick", (event) => this.#edit(event));
    this.list.addEventListener("focusin", (event) => this.#setCurrent(this.findPhoto(event)));
  }

  get photos() {
    return this.uploads.photos;
  }

  /** The selected photos, in their order. */
  get picked() {
    return this.#selection.list(this.photos);
  }

  /** Bring the frames into line with the photos; what moves, glides. */
  draw() {
    const { photos } = this;
    this.#selection.keep(photos);
    const isChanged =
      photos.length !== this.#drawn.length ||
      photos.some((photo, index) => this.#drawn[index] !== photo);
    if (isChanged) this.#arrange();
    photos.forEach((photo, index) => this.#drawFrame(photo, index));
    this.bar.draw(this.picked);
  }

  /**
   * Bring the frames of some photos into line with their settings.
   * @param {Photo[]} photos
   */
  drawSettings(photos) {
    for (const photo of photos) this.#drawFrame(photo, this.photos.indexOf(photo));
  }

  /**
   * Move the focus to a photo, or to the one that had it last; without photos, to where they come from.
   * @param {Photo | null} [photo]
   */
  focus(photo = this.#current) {
    if (photo && this.#frames.has(photo)) this.#getFrame(photo).button.focus();
    else this.input.focus();
  }

  /**
   * Return the photo that an event happened in.
   * @param {Event} event
   */
  findPhoto(event) {
    const item = findAround(event, ".photo");
    return item ? this.#photoOf(item) : null;
  }

  /**
   * Return all that go where a photo goes: the selected ones, if it is one of them.
   * @param {Photo} photo
   */
  findCompany(photo) {
    return this.#selection.has(photo) ? this.picked : [photo];
  }

  pickAll() {
    this.#selection.set(this.photos);
    this.#drawPicked();
  }

  /** Select none; false when none was selected. */
  pickNone() {
    if (!this.#selection.size) return false;
    this.#selection.set([]);
    this.#drawPicked();
    return true;
  }

  /**
   * End the selection of photos that are done with, or the next click would only add to them.
   * @param {Photo[]} photos
   * @param {Photo} [last] to go on at
   */
  finish(photos, last) {
    const { picked } = this;
    const isOver = picked.length > 0 && picked.every((each) => photos.includes(each));
    if (isOver) this.#selection.set([]);
    if (isOver) this.draw();
    if (isOver || last) this.focus(last);
  }

  /**
   * Select all between two photos.
   * @param {Photo} from
   * @param {Photo} to
   */
  pickTo(from, to) {
    if (!this.#selection.size) this.#selection.toggle(from);
    this.#selection.extend(this.photos, to);
    this.#drawPicked();
  }

  #drawPicked() {
    this.draw();
    const photos = sayPhotos(this.photos.length);
    announce(say("{number} of {photos} selected.", { number: this.#selection.size, photos }));
  }

  /**
   * Remove a photo, and the selected ones if it is one of them.
   * @param {Photo} photo
   */
  remove(photo) {
    const gone = this.findCompany(photo);
    const index = this.photos.indexOf(gone[0]);
    const kept = this.photos.filter((other) => !gone.includes(other));
    this.#current = kept[Math.min(index, kept.length - 1)] ?? null;
    this.arrangement.change(kept, say("{name} removed.", { name: this.nameAll(gone) }));
    this.focus();
  }

  /**
   * Move photos together to an index among the others.
   * @param {Photo[]} moved
   * @param {number} index
   */
  move(moved, index) {
    const photos = movePhotos(this.photos, moved, index);
    if (photos.every((photo, place) => photo === this.photos[place])) return;
    const count = photos.length;
    const place = photos.indexOf(moved[0]) + 1;
    this.arrangement.change(photos, describeMove(this.nameAll(moved), moved.length, place, count));
  }

  /** @param {Photo[]} moved */
  describeMove(moved) {
    const place = this.photos.indexOf(moved[0]) + 1;
    return describeMove(this.nameAll(moved), moved.length, place, this.photos.length);
  }

  /** @param {Photo[]} photos */
  nameAll(photos) {
    return photos.length === 1 ? photos[0].name : sayPhotos(photos.length);
  }

  /**
   * @param {Photo} photo
   * @param {number} index
   */
  #drawFrame(photo, index) {
    const [isPicked, fault] = [this.#selection.has(photo), this.findFault(photo)];
    const frame = this.#getFrame(photo);
    frame.draw({ index, count: this.photos.length, isPicked, fault });
    frame.root.classList.toggle("lifted", this.keys.isLifted(photo));
  }

  /** @param {Photo} photo */
  #getFrame(photo) {
    const frame = this.#frames.get(photo) ?? new Frame(photo);
    this.#frames.set(photo, frame);
    return frame;
  }

  /** @param {HTMLElement} item */
  #photoOf(item) {
    return this.#drawn[[...this.list.children].indexOf(item)];
  }

  /** @param {Photo | null} photo */
  #setCurrent(photo) {
    const before = this.#current && this.#frames.get(this.#current);
    if (before) before.button.tabIndex = -1;
    this.#current = photo && this.#frames.has(photo) ? photo : (this.photos[0] ?? null);
    if (this.#current) this.#getFrame(this.#current).button.tabIndex = 0;
  }

  /** Put the frames in order. */
  #arrange() {
    this.isArranging = true;
    const { photos } = this;
    const before = locate(this.list);
    this.drag.cancel();
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const there = new Set(photos);
    for (const [photo, frame] of this.#frames) {
      if (there.has(photo)) continue;
      frame.root.remove();
      this.#frames.delete(photo);
    }
    const steady = findSteady(this.#drawn, photos);
    let next = null;
    for (const photo of [...photos].reverse()) {
      const { root } = this.#getFrame(photo);
      if (!steady.has(photo)) this.list.insertBefore(root, next); // each is styled and laid out
      next = root;
    }
    this.#drawn = [...photos];
    this.#setCurrent(this.#current);
    if (focused instanceof HTMLElement) {
      if (focused.isConnected) {
        focused.focus();
      } // moving an element takes its focus away
      else this.focus();
    }
    this.isArranging = false;
    glide(before);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #drop(from, to) {
    const photo = this.photos[from];
    const moved = this.findCompany(photo);
    this.move(moved, findIndex(this.photos, moved, photo, to));
  }

  /** @param {MouseEvent} event */
  #press(event) {
    const photo = this.findPhoto(event);
    if (!photo || event.detail > 1) return; // the second click of two opens it
    if (event.shiftKey) this.#selection.extend(this.photos, photo);
    else this.#selection.toggle(photo);
    this.#setCurrent(photo);
    this.#drawPicked();
    if (this.#selection.has(photo)) this.onPick(photo);
  }

  /** @param {MouseEvent} event */
  #edit(event) {
    const photo = this.findPhoto(event);
    if (!photo) return;
    this.#selection.toggle(photo); // as it was before the first of two clicks
    this.draw();
    this.onEdit([photo]);
  }
}
