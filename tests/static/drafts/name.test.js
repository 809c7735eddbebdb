import assert from "node:assert/strict";
import { test } from "node:test";

import { nameDraft } from "../../../static/drafts/name.js";

/**
 * @param {object} content
 * @param {string} summary
 */
function name(content, summary) {
  const whole = { photos: [{}, {}], songs: [], form: {}, ...content };
  return nameDraft({ kind: "slideshow", summary, content: whole });
}

test("A slideshow without a title is named in the language of the page, not in that of then", () => {
  assert.equal(name({}, "2 Fotos"), "2 photos");
  assert.equal(name({ photos: [], songs: [{ name: "song.mp3" }] }, "song.mp3"), "song.mp3");
});

test("A title and the name of a video are the same in every language", () => {
  assert.equal(name({ form: { title: " Our summer " } }, "Our summer"), "Our summer");
  assert.equal(nameDraft({ kind: "clip", summary: "surf.mp4", content: {} }), "surf.mp4");
});
