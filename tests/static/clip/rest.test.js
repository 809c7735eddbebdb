import assert from "node:assert/strict";
import test from "node:test";

import { addRest, toRest } from "../../../static/clip/rest.js";

const EARLIER = {
  animation: true,
  audio: { loudness: -16 },
  music_volume: 0.33,
  title: { text: "Our\ntrip", duration: 2, background: "#203040" },
  end_title: { text: "The end", duration: 4 },
};
const FORM = {
  fit: "crop",
  audio: { loudness: -14, volume: 0.5 },
  music_volume: 0.35, // the nearest step of the slider
  title: { text: "Our trip", duration: 2 },
  end_title: { text: "The end", duration: 2 },
};

test("What a form has no fields for is sent again", () => {
  assert.deepEqual(addRest(FORM, toRest(EARLIER)), {
    ...FORM,
    ...EARLIER,
    audio: { loudness: -16, volume: 0.5 },
  });
});

test("What was changed, switched off or removed is not", () => {
  const changed = {
    fit: "crop",
    audio: { volume: 0.5 },
    music_volume: 0.4,
    end_title: { text: "Finis", duration: 5 },
  };
  assert.deepEqual(addRest(changed, toRest(EARLIER)), { animation: true, ...changed });
});

test("An order that the form can say is left as it is", () => {
  assert.deepEqual(addRest(FORM, toRest({})), FORM);
});
