// The draft that a form of this tab shows: saved as it changes, and followed where another tab
// changes it. What both have changed becomes two drafts.

import { createId } from "../api.js";
import { Settling } from "../settling.js";

/** @import { Draft, Drafts, Kind } from "./drafts.js" */

/** @typedef {Pick<Draft, "session" | "summary" | "picture" | "content">} Snapshot */

/**
 * The form whose draft it is.
 * @typedef {object} Room
 * @property {Kind} kind
 * @property {() => Snapshot | null} read what is chosen; null while nothing is
 * @property {boolean} isUnsent whether it has files that are not stored anywhere else
 * @property {(draft: Draft | null) => void} show a draft, or an empty form
 */

const SETTLED_MS = 300;
const LATEST_MS = 2000; // of changes without a pause

export class OpenDraft {
  #saving = new Settling(() => this.#save(), SETTLED_MS, LATEST_MS);
  #isShowing = false;
  #id = createId();
  #revision = 0;
  #saved = "";

  /**
   * @param {Drafts} drafts
   * @param {Room} room
   * @param {{onSave: () => void, onFork: () => void}} options `onFork` hears that this tab goes on
   *   with a copy
   */
  constructor(drafts, room, { onSave, onFork }) {
    this.drafts = drafts;
    this.room = room;
    this.onSave = onSave;
    this.onFork = onFork;
    drafts.listen((id, draft) => this.#hear(id, draft));
    addEventListener("pagehide", () => this.save());
    addEventListener("visibilitychange", () => this.save());
  }

  get id() {
    return this.#id;
  }

  /** Whether it has been saved, so that its address leads to it. */
  get isSaved() {
    return this.#revision > 0;
  }

  /** Note that something has changed. */
  touch() {
    if (!this.#isShowing) this.#saving.ask();
  }

  /** Save what has changed. */
  save() {
    this.#saving.finish();
  }

  #save() {
    const snapshot = this.room.read();
    const text = toText(snapshot);
    const stored = this.drafts.read(this.#id);
    if (text === this.#saved) this.#follow(this.#picture(stored, snapshot));
    else if (stored && text === toText(stored)) this.#agree(stored.revision, text);
    else if (snapshot) this.#write(snapshot);
    else if (this.isSaved) this.#empty();
  }

  /** The draft as it stands; null while nothing is chosen. */
  get current() {
    const snapshot = this.room.read();
    return snapshot ? this.#toDraft(snapshot) : null;
  }

  /**
   * Show a draft in the form, or begin a new one.
   * @param {Draft | null} draft
   */
  open(draft) {
    this.save();
    this.#id = draft?.id ?? createId();
    this.#revision = draft?.revision ?? 0;
    this.#show(draft);
    this.onSave();
  }

  /** Begin a new draft, as this one was removed: what has changed in it lately is not saved. */
  drop() {
    this.#saving.drop();
    this.open(null);
  }

  /** @param {Draft | null} draft */
  #show(draft) {
    this.#isShowing = true;
    this.room.show(draft);
    this.#isShowing = false;
    this.#saved = toText(this.room.read());
  }

  /** @param {Snapshot} snapshot */
  #write(snapshot) {
    const stored = this.drafts.read(this.#id);
    if (stored && stored.revision !== this.#revision) {
      this.#id = createId(); // another tab has changed it, too
      this.#revision = 0;
      this.onFork();
    }
    this.#revision += 1;
    this.drafts.write(this.#toDraft(snapshot));
    this.#saved = toText(snapshot);
    this.onSave();
  }

  /**
   * Another tab has made the same change.
   * @param {number} revision
   * @param {string} text
   */
  #agree(revision, text) {
    this.#revision = revision;
    this.#saved = text;
  }

  /**
   * Give the stored draft its picture, which is there later than the rest. Return it as it is then.
   * @param {Draft | null} stored
   * @param {Snapshot | null} snapshot
   */
  #picture(stored, snapshot) {
    if (!stored || stored.picture || !snapshot?.picture) return stored;
    const draft = { ...stored, picture: snapshot.picture };
    this.drafts.write(draft);
    return draft;
  }

  /** Everything was taken out of it. */
  #empty() {
    if (this.drafts.read(this.#id)?.revision === this.#revision) this.drafts.remove(this.#id);
    this.#revision = 0;
    this.#saved = "";
    this.onSave();
  }

  /**
   * @param {Snapshot} snapshot
   * @returns {Draft}
   */
  #toDraft(snapshot) {
    const { kind } = this.room;
    return { id: this.#id, kind, revision: this.#revision, changed: Date.now(), ...snapshot };
  }

  /**
   * @param {string} id
   * @param {Draft | null} draft
   */
  #hear(id, draft) {
    if (id === this.#id && !this.#saving.isDue) this.#follow(draft);
  }

  /**
   * Show what another tab has made of the draft, unless files that only this tab has would be lost.
   * @param {Draft | null} draft as it is stored
   */
  #follow(draft) {
    if (!draft || draft.revision === this.#revision || this.room.isUnsent) return;
    this.#revision = draft.revision;
    this.#show(draft);
  }
}

/**
 * Return what tells whether a draft has changed; its picture alone is no change.
 * @param {Snapshot | null} snapshot
 */
function toText(snapshot) {
  if (!snapshot) return "";
  const { session, summary, content } = snapshot;
  return JSON.stringify({ session, summary, content });
}
