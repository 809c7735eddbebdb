import assert from "node:assert/strict";
import test from "node:test";

import { findPlace } from "../../../../static/clip/faults/places.js";

/** @import { Place } from "../../../../static/clip/faults/places.js" */

/** @type {[string, Place | null][]} */
const PLACES = [
  ["", null],
  ["start", { field: "start" }],
  ["segments.1.start", { part: 1, field: "start" }],
  ["segments.12.focus.x", { part: 12, field: "focus" }],
  ["segments.0", { part: 0, field: "start" }],
  ["segments", { field: "start" }],
  ["captions.cues.3.text", { line: 3, field: "text" }],
  ["captions.segments.0.words.2.end", { line: 0, field: "text" }],
  ["captions.cues.1.end", { line: 1, field: "end" }],
  ["captions", { field: "captions" }],
  ["captions.speech.language", { field: "speech_language" }],
  ["caption_style.color", { field: "caption_color" }],
  ["target", { field: "place" }],
  ["max_bytes", { field: "max_megabytes" }],
  ["focus.y", { field: "focus_y" }],
  ["focus", { field: "focus" }],
  ["logo.width", { field: "logo_width" }],
  ["title.text", { field: "title" }],
  ["end_title.subtitle", { field: "end_title_subtitle" }],
  ["title.duration", { field: "card_duration" }],
  ["audio.fade_out", { field: "sound_fade_out" }],
  ["fade_out", { field: "fade_out" }],
  ["transition_duration", { field: "join_seconds" }],
  ["tracks.0.start", { field: "tracks" }],
];
for (const [path, place] of PLACES) {
  test(`The place of "${path}" is ${JSON.stringify(place)}`, () => {
    assert.deepEqual(findPlace(path), place);
  });
}
