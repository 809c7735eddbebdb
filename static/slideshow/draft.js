// What a draft keeps of a slideshow, and how it comes back into the form.

import { getSession, setSession } from "../api.js";
import { describeMissing, findMissing } from "../drafts/check.js";
import { fillForm, readForm } from "../drafts/form.js";
import { nameSlideshow } from "../drafts/name.js";
import { findPart, tell } from "../elements.js";
import { offerSize } from "./rest.js";

/** @import { Values } from "../drafts/form.js" */
/** @import { Draft, Kind } from "../drafts/drafts.js" */
/** @import { Snapshot } from "../drafts/open_draft.js" */
/** @import { Song } from "../music/music.js" */
/** @import { Photo } from "./photo.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Slideshow } from "./slideshow.js" */

/** @typedef {{photos: Photo[], songs: Song[], form: Values, rest?: Rest}} Content */

export class SlideshowDraft {
  /** @type {Kind} */
  kind = "slideshow";
  #shown = 0;
  /** @type {string | undefined} */
  #id;

  /** @param {Slideshow} slideshow */
  constructor(slideshow) {
    this.slideshow = slideshow;
    this.plain = readForm(slideshow.form);
  }

  /** @returns {Snapshot | null} */
  read() {
    const photos = this.slideshow.uploads.saved;
    const songs = this.slideshow.music.saved;
    const form = readForm(this.slideshow.form);
    const { rest } = this.slideshow;
    const isPlain = JSON.stringify(form) === JSON.stringify(this.plain);
    if (!photos.length && !songs.length && isPlain) return null;
    return {
      session: getSession() ?? "",
      summary: nameSlideshow({ photos, songs, form }),
      picture: photos.find(({ thumbnail }) => thumbnail)?.thumbnail ?? null,
      content: { photos, songs, form, ...(Object.keys(rest).length ? { rest } : {}) },
    };
  }

  /** Whether it has files that are not stored anywhere else. */
  get isUnsent() {
    return this.slideshow.isUnsent;
  }

  /** @param {Draft | null} draft */
  show(draft) {
    const { uploads, music, form, arrangement } = this.slideshow;
    /** @type {Content} */
    const content = draft?.content ?? { photos: [], songs: [], form: {} };
    const { photos, songs, form: values, rest = {} } = content;
    this.#shown += 1;
    if (draft?.id !== this.#id) arrangement.forget();
    this.#id = draft?.id;
    this.#tellMissing([]);
    if (draft?.session) setSession(draft.session);
    this.slideshow.rest = rest;
    offerSize(form, String(values.resolution ?? ""));
    fillForm(form, { ...this.plain, ...values });
    uploads.open(photos);
    music.restore(songs);
    if (draft) this.slideshow.estimate.known = this.#check(draft, this.#shown);
  }

  /**
   * Take out what the server has no more, and say so.
   * @param {Draft} draft
   * @param {number} shown which time it was that a draft was shown
   */
  async #check({ session, content }, shown) {
    /** @type {(Photo | Song)[]} */
    const files = [...content.photos, ...content.songs];
    const missing = await findMissing(
      session,
      files.flatMap(({ id }) => id ?? []),
    );
    if (!missing.size || shown !== this.#shown) return; // another draft was opened meanwhile
    const { uploads, music } = this.slideshow;
    const isMissing = (/** @type {{id?: string}} */ { id }) => missing.has(id ?? "");
    for (const photo of uploads.photos.filter(isMissing)) uploads.remove(photo);
    music.restore(music.songs.filter((song) => !isMissing(song)));
    this.#tellMissing(files.filter(isMissing).map(({ name }) => name));
    if (missing.size === files.length) setSession(""); // what is added now opens a new one
  }

  /** @param {string[]} names */
  #tellMissing(names) {
    tell(findPart(this.slideshow.root, "missing"), describeMissing(names));
  }
}
