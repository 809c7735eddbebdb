import assert from "node:assert/strict";
import { test } from "node:test";

import { nameDraft, nameOrder } from "../../../static/drafts/name.js";
import { nameRecord } from "../../../static/job/records.js";

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

test("A clip without a video is named by that", () => {
  assert.equal(nameDraft({ kind: "clip", summary: "", content: {} }), "0 videos");
});

test("A title and the name of a video are the same in every language", () => {
  assert.equal(name({ form: { title: " Our summer " } }, "Our summer"), "Our summer");
  assert.equal(nameDraft({ kind: "clip", summary: "surf.mp4", content: {} }), "surf.mp4");
});

test("What is made of a draft keeps its title, or numbers that any language can say", () => {
  const photos = [{}, { video: { duration: 2 } }, {}];
  const content = { photos, songs: [], form: {} };
  const order = nameOrder({ kind: "slideshow", summary: "2 Fotos, 1 Video", content });
  assert.deepEqual(order, { files: { photos: 2, videos: 1 } });
  assert.equal(nameRecord(order), "2 photos, 1 video");
  const titled = nameOrder({
    kind: "slideshow",
    summary: "",
    content: { ...content, form: { title: "Our summer" } },
  });
  assert.equal(nameRecord(titled), "Our summer");
  assert.equal(
    nameRecord(nameOrder({ kind: "clip", summary: "surf.mp4", content: {} })),
    "surf.mp4",
  );
  assert.equal(nameRecord({ title: "2 Fotos" }), "2 Fotos"); // of an earlier version
  assert.equal(nameRecord({}), "");
});
