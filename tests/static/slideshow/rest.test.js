import assert from "node:assert/strict";
import test from "node:test";

import { addRest } from "../../../static/slideshow/rest.js";

const CARD = { text: "Summer", subtitle: "", duration: 3 };

test("What the form has no fields for goes into the order again", () => {
  const rest = { seed: 7, narration_style: { preset: "pop" } };
  assert.deepEqual(addRest({ fps: 30, photos: [] }, rest), { fps: 30, photos: [], ...rest });
  assert.deepEqual(addRest({ fps: 30 }, { fps: 25 }), { fps: 30 });
});

test("A voice is kept for its language, and only where something is spoken", () => {
  const voice = { language: "de", name: "f2", speed: 1.2 };
  assert.deepEqual(addRest({ voice: { language: "de" } }, { voice }), { voice });
  assert.deepEqual(addRest({ voice: { language: "fr" } }, { voice }), {
    voice: { language: "fr" },
  });
  assert.deepEqual(addRest({}, { voice }), {});
});

test("What is spoken with a title card is kept with it, also with another text", () => {
  const rest = { title: { ...CARD, narration: "Hello" } };
  const title = { ...CARD, text: "Winter", duration: 5 };
  assert.deepEqual(addRest({ title }, rest), { title: { ...title, narration: "Hello" } });
  assert.deepEqual(addRest({ end_title: CARD }, rest), { end_title: CARD });
});

test("A title of several lines keeps them until it is written anew", () => {
  const card = { ...CARD, background: "#203040" };
  const lines = { ...card, text: "Our\n summer", subtitle: "Norway\n2026" };
  const rest = { title: lines };
  const shown = { ...card, text: "Our summer", subtitle: "Norway 2026" };
  assert.deepEqual(addRest({ title: shown }, rest), { title: lines });
  const changed = { ...shown, text: "Our winter" };
  assert.deepEqual(addRest({ title: changed }, rest), {
    title: { ...changed, subtitle: lines.subtitle },
  });
});

test("Cards of different looks keep these until the form has another for both", () => {
  const title = { ...CARD, background: "#203040" };
  const end = { ...CARD, text: "Bye", duration: 8 };
  const rest = { title, end_title: end };
  const both = { title, end_title: { ...end, duration: 3, background: "#203040" } };
  const sent = JSON.parse(JSON.stringify(addRest(both, rest))); // without what is undefined
  assert.deepEqual(sent, { title, end_title: end });
  const changed = { title: { ...title, duration: 5 }, end_title: { ...title, duration: 5 } };
  assert.deepEqual(addRest(changed, rest), changed);
});
