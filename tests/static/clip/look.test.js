import assert from "node:assert/strict";
import test from "node:test";

import { readLook } from "../../../static/clip/look.js";

/** @type {[Record<string, string>, Record<string, unknown>][]} */
const FORMS = [
  [{}, {}],
  [{ fade_in: "", fade_out: "0", brightness: "1", contrast: "", denoise: "none", title: " " }, {}],
  [
    { fade_in: "0.5", fade_out: "2" },
    { fade_in: 0.5, fade_out: 2 },
  ],
  [
    { brightness: "1.2", contrast: "0.9", saturation: "0", denoise: "light" },
    { brightness: 1.2, contrast: 0.9, saturation: 0, denoise: "light" },
  ],
  [
    { title: " Our trip ", end_title: "The end" },
    { title: { text: "Our trip" }, end_title: { text: "The end" } },
  ],
  [
    { title: "Our trip", title_subtitle: "2026", card_duration: "2" },
    { title: { text: "Our trip", subtitle: "2026", duration: 2 } },
  ],
  [
    { title_subtitle: " ", end_title_subtitle: "Alone" },
    { end_title: { text: "", subtitle: "Alone" } },
  ],
];
for (const [fields, expected] of FORMS) {
  test(`The look ${JSON.stringify(fields)} has the right order`, () => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    assert.deepEqual(readLook(data), expected);
  });
}
