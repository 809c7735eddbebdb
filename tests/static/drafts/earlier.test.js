import assert from "node:assert/strict";
import { test } from "node:test";

import { toDraft } from "../../../static/drafts/earlier.js";

/** @type {import("../../../static/drafts/earlier.js").Upload[]} */
const UPLOADS = [
  { id: "p", kind: "photo", filename: "sea.jpg", size: 5, thumbnail_url: "/thumbnail/s/p" },
  { id: "v", kind: "video", filename: "surf.mp4", size: 9, duration: 4, has_audio: false },
  { id: "m", kind: "audio", filename: "song.mp3", size: 7, duration: 60 },
];
const SLIDESHOW = { kind: /** @type {const} */ ("slideshow"), session_id: "s", uploads: UPLOADS };
const ORDER = {
  duration: 2.5,
  fps: 29.97,
  transition: "wipe_left",
  on_bad_photo: "skip",
  fit_to_music: true,
  title: { text: "Our\nsummer", subtitle: "", duration: 2, background: "#203040" },
  caption_style: { position: "top", size: "large", backing: "box" },
  max_bytes: 16_000_000,
  photos: [
    { id: "p", caption: "The sea", rotate: 90 },
    { id: "v", start: 1, end: 3, mute: true },
  ],
  tracks: [{ id: "m", start: 5, end: null }],
};

test("An order becomes a draft with the same uploads, choices and fields", () => {
  const draft = toDraft({ ...SLIDESHOW, order: ORDER }, 1000);
  assert.deepEqual(
    [draft.kind, draft.session, draft.summary, draft.picture, draft.changed],
    ["slideshow", "s", "Our summer", "/thumbnail/s/p", 1000],
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
    ["2.5", "29.97", "Our summer", "color", "#203040", "16"],
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
  const { content } = toDraft({ ...SLIDESHOW, order });
  const [photo, video] = content.photos;
  const common = { rotate: 180, focus: { x: 0.2, y: 0.5 } };
  assert.deepEqual(photo.choice, { ...common, caption: "The sea", rotate: 90 });
  assert.deepEqual(video.choice, { ...common, start: 1, end: 3 });
  assert.equal(content.form.voice_language, "zh");
  const voice = { language: "zh", speed: 1.5 }; // as the form has it, or it would not stay
  assert.deepEqual(content.rest, { seed: 7, voice, title: ORDER.title });
});

const WORDS = [
  { start: 1.5, end: 1.9, text: "Hello." },
  { start: 2, end: 3, text: "You!" },
];
const SAID = { start: 1.5, end: 3, text: "Hello. You!", words: WORDS };
const CLIP_UPLOADS = [
  ...UPLOADS,
  {
    ...{ id: "c", kind: /** @type {const} */ ("video"), filename: "talk.mp4", size: 9 },
    ...{ duration: 20.459, width: 320, height: 240, has_audio: true, sound_tracks: 2 },
  },
  {
    ...{ id: "f", kind: /** @type {const} */ ("captions"), filename: "talk.vtt", size: 3 },
    ...{ cues: [{ start: 1.5, end: 3, text: "Hello" }], language: "de" },
  },
  {
    ...{ id: "t", kind: /** @type {const} */ ("captions"), filename: "talk.json", size: 5 },
    ...{ cues: [{ start: 1.5, end: 2, text: "Hello." }], language: "de" },
    transcript: { language: "de", segments: [SAID] },
  },
];

/** @param {object} order */
function readClip(order) {
  const earlier = { session_id: "s", order: { source_id: "c", ...order }, uploads: CLIP_UPLOADS };
  return toDraft({ kind: "clip", ...earlier }).content;
}

test("The order of a clip becomes a draft with its video, parts, crops, files and fields", () => {
  const left = { x: 0.07, y: 0.5 };
  const { video, parts, songs, logo, form, rest } = readClip({
    segments: [
      { start: 1.2345, end: 3 },
      { start: 6, focus: left },
    ],
    transition: "fade",
    fit: "crop",
    focus: left,
    tracks: [{ id: "m", start: 5, end: null }],
    logo: { id: "p", width: 0.3 },
    audio: { loudness: -16, volume: 0.5, track: 2, fade_out: 1 },
    max_bytes: 16_000_000,
    target: "whatsapp",
    title: { text: "Hi", background: "#203040", duration: 2 },
    duck: false,
    animation: true,
  });
  assert.deepEqual(
    [video.name, video.facts.source_id, video.facts.sound_tracks],
    ["talk.mp4", "c", 2],
  );
  assert.deepEqual(parts, {
    cuts: [
      { start: 1.2345, end: 3 },
      { start: 6, end: 20.45, focus: left },
    ],
    index: 0,
    duration: 20.45,
  });
  assert.deepEqual(songs, [{ id: "m", name: "song.mp3", duration: 60, start: 5, end: null }]);
  assert.deepEqual(logo, { id: "p", name: "sea.jpg" });
  assert.deepEqual(form, {
    ...{ fit: "crop", focus: "point", focus_x: "7", focus_y: "50", join: "fade" },
    ...{ loudness: true, own_volume: "0.5", sound_track: "2", sound_fade_out: "1", duck: false },
    ...{ place: "whatsapp", max_megabytes: "16", logo_width: "30", title: "Hi" },
    ...{ card_duration: "2", auto_captions: false, track_captions: false, cut_silences: false },
  });
  const title = { text: "Hi", background: "#203040", duration: 2 };
  assert.deepEqual(rest, { animation: true, loudness: -16, title });
});

test("A crop of the only part is that of the clip", () => {
  const { parts, form } = readClip({ segments: [{ end: 2, focus: "auto" }], fit: "crop" });
  assert.deepEqual(parts.cuts, [{ start: 0, end: 2 }]);
  assert.equal(form.focus, "auto");
});

test("Captions become lines in seconds of the video, or stay as a whole", () => {
  const cue = { start: 1.5, end: 3, text: "Hello" };
  const lines = [{ typed: cue, first: cue }];
  const none = { rows: [], transcript: null };
  const named = { cues: [cue], times: "source", language: "de" };
  const german = { rows: lines, transcript: null, earlier: { language: "de" } };
  assert.deepEqual(readClip({ captions: named }).captions, german);
  assert.deepEqual(readClip({ captions: { id: "f", times: "source" } }).captions, german);
  const moved = { ...cue, start: 4.5, end: 6 };
  const [row] = readClip({ start: 3, captions: [cue] }).captions.rows;
  assert.deepEqual(row, { typed: moved, first: moved });
  // Only the server knows what is left between pauses, and no moment of the video is under a title.
  const endTitle = { end: 2.5, end_title: { text: "Bye" } };
  for (const more of [{ silences: "cut" }, { title: { text: "Hi" } }, endTitle]) {
    const { captions } = readClip({ ...more, captions: [cue] });
    assert.deepEqual(captions, { ...none, earlier: { whole: [cue] } });
  }
  assert.deepEqual(readClip({}).captions, none);
});

test("A transcript stays one, so that its words are split by the style", () => {
  const { rows, transcript } = readClip({ captions: { id: "t", times: "source" } }).captions;
  assert.deepEqual(rows, [{ typed: SAID, first: SAID }]);
  assert.deepEqual(transcript, { language: "de", segments: [] });
});

test("Captions that are heard or in the video are chosen by their fields", () => {
  const speech = { language: "en", vocabulary: ["Ada", "New York"] };
  const { auto_captions, speech_language, vocabulary } = readClip({ captions: { speech } }).form;
  assert.deepEqual([auto_captions, speech_language, vocabulary], [true, "en", "Ada, New York"]);
  assert.equal(readClip({ captions: "auto" }).form.auto_captions, true);
  // Where the page has no such field, they stay as they are.
  assert.deepEqual(readClip({ captions: { speech } }).captions.earlier, { whole: { speech } });
  const { form, captions } = readClip({ captions: "track" });
  assert.deepEqual([form.auto_captions, form.track_captions, captions.rows], [false, true, []]);
});
