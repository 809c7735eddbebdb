import assert from "node:assert/strict";
import test from "node:test";

import { findPlace } from "../../../../static/slideshow/form/places.js";

/** @import { Place } from "../../../../static/slideshow/form/places.js" */

/** @type {[string, Place | null][]} */
const PLACES = [
  ["", null],
  ["photos.1.caption", { photo: 1, field: "caption" }],
  ["photos.12.transition_duration", { photo: 12, field: "transition_duration" }],
  ["photos.0.id", { photo: 0, field: "" }],
  ["photos.0.focus.x", { photo: 0, field: "" }],
  ["photos.3", { photo: 3, field: "" }],
  ["photos", { field: "photos" }],
  ["duration", { field: "duration" }],
  ["fit_to_music", { field: "fit_to_music" }],
  ["title.text", { field: "title" }],
  ["end_title.subtitle", { field: "end_title_subtitle" }],
  ["title.duration", { field: "card_duration" }],
  ["caption_style.position", { field: "caption_position" }],
  ["voice.language", { field: "voice_language" }],
  ["tracks.0.start", { field: "tracks" }],
];
for (const [path, place] of PLACES) {
  test(`The place of "${path}" is ${JSON.stringify(place)}`, () => {
    assert.deepEqual(findPlace(path), place);
  });
}
