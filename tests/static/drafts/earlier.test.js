import assert from "node:assert/strict";
import { test } from "node:test";

import { toDraft } from "../../../static/drafts/earlier.js";

/** @type {import("../../../static/drafts/earlier.js").Upload[]} */
const UPLOADS = [
  { id: "p", kind: "photo", filename: "sea.jpg", size: 5, thumbnail_url: "/thumbnail/s/p" },
  { id: "v", kind: "video", filename: "surf.mp4", size: 9, duration: 4, has_audio: false },
  { id: "m", kind: "audio", filename: "song.mp3", size: 7, duration: 60 },
];
const ORDER = {
  duration: 2.5,
  fps: 29.97,
  transition: "wipe_left",
  on_bad_photo: "skip",
  fit_to_music: true,
  title: { text: "Summer", subtitle: "", duration: 2, background: "#203040" },
  caption_style: { position: "top", size: "large", backing: "box" },
  max_bytes: 16_000_000,
  photos: [
    { id: "p", caption: "The sea", rotate: 90 },
    { id: "v", start: 1, end: 3, mute: true },
  ],
  tracks: [{ id: "m", start: 5, end: null }],
};

test("An order becomes a draft with the same uploads, choices and fields", () => {
  const draft = toDraft({ session_id: "s", order: ORDER, uploads: UPLOADS }, 1000);
  assert.deepEqual(
    [draft.kind, draft.session, draft.summary, draft.picture, draft.changed],
    ["slideshow", "s", "Summer", "/thumbnail/s/p", 1000],
  );
  const { photos, songs, form } = draft.content;
  assert.deepEqual(photos[0].choice, { caption: "The sea", rotate: 90 });
  assert.deepEqual(
    [photos[1].choice, photos[1].video],
    [
      { start: 1, end: 3 }, // it has no sound, so that was not the choice
      { duration: 4, hasSound: false },
    ],
  );
  assert.deepEqual(songs, [{ id: "m", name: "song.mp3", duration: 60, start: 5, end: null }]);
  const { duration, fps, title, card_backdrop, card_background, max_megabytes } = form;
  assert.deepEqual(
    [duration, fps, title, card_backdrop, card_background, max_megabytes],
    ["2.5", "29.97", "Summer", "color", "#203040", "16"],
  );
  assert.deepEqual([form.fit_to_music, form.on_bad_photo, form.duck], [true, true, true]);
  assert.equal("end_title" in form, false);
});

test("Settings of all pictures are those of each, and what no field has stays with the draft", () => {
  const order = {
    ...ORDER,
    rotate: 180,
    focus: { x: 0.2, y: 0.5 },
    seed: 7,
    preview: true,
    voice: { language: "cmn", speed: 1.5 },
  };
  const { content } = toDraft({ session_id: "s", order, uploads: UPLOADS });
  const [photo, video] = content.photos;
  const common = { rotate: 180, focus: { x: 0.2, y: 0.5 } };
  assert.deepEqual(photo.choice, { ...common, caption: "The sea", rotate: 90 });
  assert.deepEqual(video.choice, { ...common, start: 1, end: 3 });
  assert.equal(content.form.voice_language, "zh");
  const voice = { language: "zh", speed: 1.5 }; // as the form has it, or it would not stay
  assert.deepEqual(content.rest, { seed: 7, voice, title: ORDER.title });
});
