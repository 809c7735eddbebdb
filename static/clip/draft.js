// What a draft keeps of a clip, and how it comes back into the form.

import { getSession, setSession } from "../api.js";
import { describeMissing, describeUnsent, findMissing } from "../drafts/check.js";
import { fillForm, readForm } from "../drafts/form.js";
import { findPart, tell } from "../elements.js";
import { cutPictures } from "./cut.js";

/** @import { Draft, Kind } from "../drafts/drafts.js" */
/** @import { Values } from "../drafts/form.js" */
/** @import { Snapshot } from "../drafts/open_draft.js" */
/** @import { Song } from "../music/music.js" */
/** @import { Clip } from "./clip.js" */

const CUT = ["start", "end", "start_slider", "end_slider"]; // the parts keep these
const RECENT_MS = 600_000;
const EMPTY = {
  video: null,
  captions: { rows: [], transcript: null },
  logo: null,
  songs: [],
  form: {},
};

export class ClipDraft {
  /** @type {Kind} */
  kind = "clip";
  #shown = 0;

  /** @param {Clip} clip */
  constructor(clip) {
    this.clip = clip;
    this.plain = readForm(clip.form, CUT);
  }

  /** @returns {Snapshot | null} */
  read() {
    const { source, parts, moments, captions, logo, rest } = this.clip;
    const form = this.#readForm();
    if (!source && this.#isPlain(form)) return null;
    const pictures = source?.pictures ?? [];
    return {
      session: getSession() ?? "",
      summary: source?.name ?? "",
      picture: cutPictures(pictures, parts.cuts, parts.state.duration)[0] ?? null,
      content: {
        video: source && { name: source.name, facts: source.facts, kept: source.kept },
        parts: parts.state,
        moments: moments.state,
        captions: captions.state,
        logo: logo.state,
        songs: this.clip.sound.music.saved,
        form,
        ...(Object.keys(rest).length ? { rest } : {}),
      },
    };
  }

  /**
   * Whether nothing is chosen.
   * @param {Values} form
   */
  #isPlain(form) {
    return Object.entries(form).every(([name, value]) => value === this.plain[name]);
  }

  #readForm() {
    const { form, sound } = this.clip;
    return readForm(form, sound.isVolumeChosen ? CUT : [...CUT, "music_volume"]);
  }

  /** Whether it has files that are not stored anywhere else. */
  get isUnsent() {
    return this.clip.isUnsent;
  }

  /** @param {Draft | null} draft */
  show(draft) {
    const { clip } = this;
    const content = draft?.content ?? EMPTY;
    this.#shown += 1;
    tell(findPart(clip.root, "missing"), "");
    const { video, parts } = content;
    const isSending = clip.opened.isSending(video?.kept);
    clip.moments.leave();
    if (!isSending) clip.opened.close();
    clip.captions.clear();
    clip.rest = content.rest ?? {};
    if (draft?.session) setSession(draft.session);
    const ids = listFiles(content).map((file) => file.id);
    const missing = findMissing(draft?.session ?? "", ids);
    if (video?.facts) {
      const id = video.facts.source_id;
      const isThere = missing.then((gone) => !gone.has(id));
      clip.opened.reopen(video.name, `/media/${draft?.session}/${id}`, video.facts, isThere);
    } else if (video?.kept && !isSending) clip.opened.resume(video.name, video.kept);
    if (clip.source && parts) clip.parts.restore(parts);
    const isRecent = Date.now() - (draft?.changed ?? 0) < RECENT_MS;
    clip.moments.restore(content.moments ?? null, isRecent);
    const values = { ...this.plain, ...content.form };
    fillForm(clip.form, values);
    fillForm(clip.form, { safe_areas: values.safe_areas }); // which the place has set
    clip.screen.safeAreas.stay();
    clip.sound.isVolumeChosen = "music_volume" in content.form;
    clip.sound.music.restore(content.songs);
    clip.logo.restore(content.logo);
    clip.captions.restore(content.captions);
    if (draft) this.clip.estimate.known = this.#check(content, missing, this.#shown);
  }

  /**
   * Take out what the server has no more, and say so.
   * @param {any} content of the draft
   * @param {Promise<Set<string>>} answer the ids of what is gone
   * @param {number} shown which time it was that a draft was shown
   */
  async #check(content, answer, shown) {
    const { video, logo } = content;
    const videoId = video?.facts?.source_id;
    const files = listFiles(content);
    const missing = await answer;
    if (shown !== this.#shown) return; // another draft was opened meanwhile
    const isMissing = (/** @type {{id?: string}} */ { id = "" }) => missing.has(id);
    const names = files.filter(isMissing).map(({ name }) => name);
    const unsent = describeUnsent(videoId || video?.kept ? "" : video?.name);
    const sentences = [unsent, describeMissing(names)].filter(Boolean);
    tell(findPart(this.clip.root, "missing"), sentences.join(" "));
    if (missing.has(videoId)) this.clip.opened.close();
    if (logo && isMissing(logo)) this.clip.logo.restore(null);
    if (missing.size) {
      const { music } = this.clip.sound;
      music.restore(music.songs.filter((/** @type {Song} */ song) => !isMissing(song)));
    }
    if (files.length && names.length === files.length) setSession(""); // what is added now opens a new one
  }
}

/**
 * Return the files of a draft that the server has, or had.
 * @param {any} content
 * @returns {{id: string, name: string}[]}
 */
function listFiles({ video, songs, logo }) {
  const videoId = video?.facts?.source_id;
  return [
    ...(videoId ? [{ id: videoId, name: video.name }] : []),
    ...songs.filter((/** @type {Song} */ { id }) => id),
    ...(logo ? [logo] : []),
  ];
}
