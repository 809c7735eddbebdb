// Sentences by a catalogue, with counts and texts of another direction.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Language, language, say } from "../../static/language.js";

const PHOTOS = { one: "{count} photo", other: "{count} photos" };
const german = new Language("de", {
  "Send again": "Erneut senden",
  "{name} is not a picture.": "{name} ist kein Bild.",
  "{count} photos": { one: "{count} Foto", other: "{count} Fotos" },
  "Not translated yet": "",
});
const arabic = new Language(
  "ar",
  { "{count} photos": { one: "صورة", two: "صورتان", few: "{count} صور", other: "{count} صورة" } },
  "rtl",
);

test("without a page, sentences are English", () => {
  assert.equal(say("Send again"), "Send again");
  assert.equal(language.sayCount(1, PHOTOS), "1 photo");
  assert.equal(language.sayCount(1200, PHOTOS), "1,200 photos");
});

test("sentences come from the catalogue, with their values", () => {
  assert.equal(german.say("Send again"), "Erneut senden");
  assert.equal(german.say("{name} is not a picture.", { name: "a.pdf" }), "a.pdf ist kein Bild.");
});

test("what the catalogue lacks is said in English", () => {
  assert.equal(german.say("Play {what}", { what: "it" }), "Play it");
  assert.equal(german.say("Not translated yet"), "Not translated yet");
  assert.equal(german.sayCount(2, { one: "{count} song", other: "{count} songs" }), "2 songs");
});

test("a value that looks like a hole or a pattern stays as it is", () => {
  const name = "{count} $& $1.jpg";
  assert.equal(german.say("{name} is not a picture.", { name }), `${name} ist kein Bild.`);
});

test("counts have the form that the language has for them", () => {
  assert.equal(german.sayCount(1, PHOTOS), "1 Foto");
  assert.equal(german.sayCount(0, PHOTOS), "0 Fotos");
  assert.equal(arabic.sayCount(2, PHOTOS), "صورتان");
  assert.match(arabic.sayCount(100, PHOTOS), /صورة$/);
});

test("a category without a form of its own has the other one", () => {
  const spanish = new Language("es", {
    "{count} photos": { one: "{count} foto", other: "{count} fotos" },
  });
  assert.equal(spanish.sayCount(1_000_000, PHOTOS), "1.000.000 fotos");
});

test("numbers and lists are written as in the language", () => {
  assert.equal(german.formatNumber(1234.567), "1.234,57");
  assert.equal(german.formatList(["a", "b", "c"]), "a, b und c");
  assert.equal(language.formatList(["a", "b", "c"]), "a, b and c");
});

test("names do not turn a sentence of another direction", () => {
  const said = arabic.say("{name} is not a picture.", { name: "a.pdf" });
  assert.equal(said, "\u2066\u2068a.pdf\u2069 is not a picture.\u2069"); // as it is English
  assert.equal(
    german.say("{name} is not a picture.", { name: "שלום" }),
    "\u2068שלום\u2069 ist kein Bild.",
  );
  assert.equal(arabic.keepOrder("1920 × 1080"), "\u20661920 × 1080\u2069");
  assert.equal(german.keepOrder("1920 × 1080"), "1920 × 1080");
});
