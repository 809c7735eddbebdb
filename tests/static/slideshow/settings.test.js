import assert from "node:assert/strict";
import test from "node:test";

import { readNarration, readTitles } from "../../../static/slideshow/settings.js";

/** @param {Record<string, string>} typed */
function fillForm(typed) {
  const data = new FormData();
  const empty = { title: "", title_subtitle: "", end_title: "", end_title_subtitle: "" };
  for (const [name, text] of Object.entries({ ...empty, ...typed })) data.append(name, text);
  return data;
}

/** @type {[Record<string, string>, object][]} */
const TITLES = [
  [{}, {}],
  [{ title: "   " }, {}],
  [{ title_subtitle: "2024" }, { title: { text: "", subtitle: "2024", duration: 3 } }],
  [{ title: " Summer " }, { title: { text: "Summer", subtitle: "", duration: 3 } }],
  [
    { title: "Summer", title_subtitle: "2024", end_title: "Bye" },
    {
      title: { text: "Summer", subtitle: "2024", duration: 3 },
      end_title: { text: "Bye", subtitle: "", duration: 3 },
    },
  ],
  [
    { title: "Summer", card_backdrop: "color", card_background: "#203040" },
    { title: { text: "Summer", subtitle: "", duration: 3, background: "#203040" } },
  ],
  [
    { title: "Summer", card_backdrop: "photo", card_background: "#203040" },
    { title: { text: "Summer", subtitle: "", duration: 3 } },
  ],
];
for (const [typed, expected] of TITLES) {
  test(`Of ${JSON.stringify(typed)}, the titles of which anything is written go into the order`, () => {
    assert.deepEqual(readTitles(fillForm(typed), 3), expected);
  });
}

test("The voice is in the order only where a photo is narrated", () => {
  const data = fillForm({ voice_language: "de", narration_captions: "on" });
  assert.deepEqual(readNarration(data, [{}, { narration: "  " }]), {});
  assert.deepEqual(readNarration(data, [{}, { narration: "Hello" }]), {
    voice: { language: "de" },
    captions: "narration",
  });
  assert.deepEqual(readNarration(fillForm({}), [{ narration: "Hello" }]), {});
});
