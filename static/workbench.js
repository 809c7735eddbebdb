// The two forms of this tab, and which draft each of them shows.

import { createId, getSession, setSession } from "./api.js";
import { readAddress, writeAddress } from "./address.js";
import { Clip } from "./clip/clip.js";
import { takeOverBench } from "./drafts/bench.js";
import { Offer } from "./drafts/offer.js";
import { find, findId, findPart, tell } from "./elements.js";
import { EarlyChoices } from "./form/early.js";
import { say } from "./language.js";
import { Slideshow } from "./slideshow/slideshow.js";

/** @import { Draft, Drafts } from "./drafts/drafts.js" */
/** @import { Places } from "./places.js" */
/** @import { RoomActions } from "./rooms.js" */

/** @typedef {"make" | "cut"} FormName */

/** @type {Record<Draft["kind"], FormName>} */
const FORMS = { slideshow: "make", clip: "cut" };
const OPEN_KEY = "reelqueue.open.";
const NO_DRAFT = say("This draft is not in this browser, or not any more.");
const COPIED = say(
  "This draft was changed in another tab, too. You are going on with a copy of your own.",
);
const LEAVE = say("Some files have not been sent yet, and would be lost. Leave them?");

export class Workbench {
  /**
   * @param {{maxBytes: number, maxPhotos: number}} limits
   * @param {Drafts} drafts
   * @param {Places} places
   * @param {RoomActions["order"]} order
   */
  constructor(limits, drafts, places, order) {
    this.drafts = drafts;
    this.places = places;
    const [make, cut] = [findId("place-make"), findId("place-cut")];
    this.early = new EarlyChoices(find(make, "form", HTMLFormElement)); // Cut is hidden until now
    for (const place of [make, cut]) {
      find(place, "form", HTMLFormElement).noValidate = true; // checkForm opens what hides a field
    }
    this.rooms = {
      make: new Slideshow(make, limits, this.#actions("make", order)),
      cut: new Clip(cut, limits, this.#actions("cut", order)),
    };
    this.offers = {
      make: new Offer(make, drafts, "slideshow"),
      cut: new Offer(cut, drafts, "clip"),
    };
  }

  /** Whether files would be lost if the page was closed now. */
  get isUnsent() {
    return this.rooms.make.isUnsent || this.rooms.cut.isUnsent;
  }

  /** Open the drafts that this tab had open before a reload, as far as they have one session. */
  restore() {
    const earlier = takeOverBench();
    if (earlier) writeOpen("make", this.copy(earlier));
    for (const name of /** @type {FormName[]} */ (["make", "cut"])) {
      const draft = this.drafts.read(readOpen(name) ?? "");
      const isFit = draft && (!getSession() || !draft.session || draft.session === getSession());
      if (isFit && !this.rooms[name].draft.isSaved) this.rooms[name].draft.open(draft);
      this.#note(name);
    }
    this.#takeEarly();
  }

  /** Go on with what was chosen before the scripts came; the fields of a draft stay its own. */
  #takeEarly() {
    const { make } = this.rooms;
    if (!make.draft.isSaved) this.early.fill();
    if (this.early.files.length) make.take(this.early.files);
  }

  /**
   * Show a form, with the draft that is open there.
   * @param {FormName} name
   */
  show(name) {
    this.places.show(name);
    this.#note(name);
  }

  /**
   * Show the draft that has an id, or say that there is none.
   * @param {string} id
   */
  open(id) {
    const open = this.#names.find((name) => this.rooms[name].draft.id === id);
    if (open) return this.show(open);
    const draft = this.drafts.read(id);
    const name = draft ? FORMS[draft.kind] : "make";
    if (draft && this.#makeRoom(name, draft.session)) this.rooms[name].draft.open(draft);
    this.show(name);
    this.#say(name, draft ? "" : NO_DRAFT);
    return undefined;
  }

  /**
   * Begin a new draft.
   * @param {FormName} name
   */
  startNew(name) {
    if (this.rooms[name].isUnsent && !confirm(LEAVE)) return;
    this.rooms[name].draft.open(null);
    this.#say(name, "");
    const isEmpty = this.#names.every((other) => !this.rooms[other].draft.current);
    if (isEmpty && !this.isUnsent) setSession(""); // the first file opens a new one
    this.places.go(writeAddress(name));
  }

  /**
   * Keep a draft as a new one, and return its id.
   * @param {Draft} draft
   */
  copy(draft) {
    const id = createId();
    this.drafts.write({ ...draft, id, revision: 1, changed: Date.now() });
    return id;
  }

  /**
   * Leave a draft that has been removed.
   * @param {string} id
   */
  forget(id) {
    for (const name of this.#names) {
      if (this.rooms[name].draft.id === id) this.rooms[name].draft.drop();
    }
  }

  get #names() {
    return /** @type {FormName[]} */ (Object.keys(this.rooms));
  }

  /**
   * @param {FormName} name
   * @param {RoomActions["order"]} order
   * @returns {RoomActions}
   */
  #actions(name, order) {
    return {
      drafts: this.drafts,
      order,
      onSave: () => this.#note(name),
      onFork: () => this.#say(name, COPIED),
    };
  }

  /**
   * Have this tab go to another session, where the draft that is to be opened has one of its own;
   * the other form then has to be left, too. Return whether that may be.
   * @param {FormName} name of the form that is to show it
   * @param {string} session
   */
  #makeRoom(name, session) {
    const other = name === "make" ? "cut" : "make";
    const hasOwn = Boolean(session && getSession() && session !== getSession());
    const left = hasOwn ? [name, other] : [name];
    const isUnsent = left.some((each) => this.rooms[/** @type {FormName} */ (each)].isUnsent);
    if (isUnsent && !confirm(LEAVE)) return false;
    if (hasOwn) this.rooms[other].draft.open(null);
    return true;
  }

  /**
   * Note which draft a form shows: in the address, in its link, and for a reload.
   * @param {FormName} name
   */
  #note(name) {
    if (!this.rooms) return; // a form is being made
    const { draft } = this.rooms[name];
    const address = draft.isSaved ? writeAddress("draft", draft.id) : writeAddress(name);
    const isNamed = draft.isSaved || readAddress(location.hash).place === "draft";
    this.places.point(name, address);
    if (this.places.shown === name && isNamed) this.places.rename(address);
    writeOpen(name, draft.isSaved ? draft.id : null);
    this.offers?.[name].draw(!draft.isSaved);
  }

  /**
   * @param {FormName} name
   * @param {string} sentence
   */
  #say(name, sentence) {
    tell(findPart(findId(`place-${name}`), "draft-line"), sentence);
  }
}

/** @param {FormName} name */
function readOpen(name) {
  try {
    return sessionStorage.getItem(OPEN_KEY + name);
  } catch {
    return null; // storage is switched off
  }
}

/**
 * @param {FormName} name
 * @param {string | null} id
 */
function writeOpen(name, id) {
  try {
    if (id) sessionStorage.setItem(OPEN_KEY + name, id);
    else sessionStorage.removeItem(OPEN_KEY + name);
  } catch {
    // Without storage a reload starts empty.
  }
}
