import assert from "node:assert/strict";
import test from "node:test";

import { chooseForClip, chooseForSlideshow } from "../../../static/intake/choice.js";
import { sniff, sortFiles, tellKind } from "../../../static/intake/kinds.js";

/** @import { FileKind } from "../../../static/intake/kinds.js" */

/** @param {string} text one letter for each byte */
const toBytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** @type {[string, string, ReturnType<typeof sniff>][]} */
const HEADS = [
  ["JPEG", "\xff\xd8\xff\xe1", "photo"],
  ["PNG", "\x89PNG\r\n\x1a\n", "photo"],
  ["GIF", "GIF89a", "photo"],
  ["WebP", "RIFF\0\0\0\0WEBP", "photo"],
  ["TIFF", "MM\0*", "photo"],
  ["HEIC", "\0\0\0\x18ftypheic", "photo"],
  ["AVIF", "\0\0\0\x18ftypavif", "photo"],
  ["MP4", "\0\0\0\x18ftypisom", "video"],
  ["MOV of a phone", "\0\0\0\x14ftypqt  ", "video"],
  ["old MOV", "\0\0\0\x08wide", "video"],
  ["WebM", "\x1aE\xdf\xa3", "video"],
  ["M4A", "\0\0\0\x18ftypM4A ", "audio"],
  ["WAV", "RIFF\0\0\0\0WAVE", "audio"],
  ["Ogg", "OggS", "audio"],
  ["FLAC", "fLaC", "audio"],
  ["MP3 with a tag", "ID3\x03", "audio"],
  ["MP3", "\xff\xfb\x90\0", "audio"],
  ["AAC", "\xff\xf1\x50", "audio"],
  ["AVI", "RIFF\0\0\0\0AVI ", null],
  ["text", "Dear all", null],
  ["nothing", "", null],
];
for (const [name, head, kind] of HEADS) {
  test(`The first bytes of ${name} tell ${kind ?? "nothing"}`, () => {
    assert.equal(sniff(toBytes(head)), kind);
  });
}

/** @type {[string, string, string, FileKind][]} */
const FILES = [
  ["IMG_1.HEIC", "", "\0\0\0\x18ftypheic", "photo"],
  ["no name", "", "\xff\xd8\xff\xe1", "photo"],
  ["damaged.jpg", "image/jpeg", "xx", "photo"],
  ["song.mp4", "audio/mp4", "\0\0\0\x18ftypisom", "audio"],
  ["odd.mp3", "audio/mpeg", "\0\0\0\0", "audio"],
  ["photo.mp4.jpg", "image/jpeg", "\xff\xd8\xff", "photo"],
  ["film.avi", "video/x-msvideo", "RIFF\0\0\0\0AVI ", "other"],
  ["drawing.svg", "image/svg+xml", "<svg", "other"],
  ["notes.txt", "text/plain", "Dear all", "other"],
  ["talk.srt", "", "1", "captions"],
  ["talk.JSON", "application/json", "{}", "captions"],
];
for (const [name, type, head, kind] of FILES) {
  test(`${name} of type "${type}" is ${kind}`, () => {
    assert.equal(tellKind({ name, type }, toBytes(head)), kind);
  });
}

const photo = new File([toBytes("\xff\xd8\xff")], "a.jpg", { type: "image/jpeg" });
const video = new File([toBytes("\0\0\0\x18ftypisom")], "b.mp4");
const other = new File(["x"], "c.txt");
const song = new File(["ID3"], "d.mp3");
const captions = new File(["1"], "e.srt");
const gone = new File(["x"], "gone.jpg");
gone.slice = () => {
  const blob = new Blob();
  blob.arrayBuffer = () => Promise.reject(new DOMException("", "NotReadableError"));
  return blob;
};

test("Files go where they belong on the page for slideshows, others are named", async () => {
  const all = [video, gone, photo, song, captions, other];
  const { slides, songs, refused } = chooseForSlideshow(await sortFiles(all));
  assert.deepEqual(
    slides.map(({ file, kind }) => [file, kind]),
    [
      [video, "video"],
      [photo, "photo"],
    ],
  );
  assert.deepEqual(songs, [song]);
  assert.deepEqual(
    refused.map(({ name }) => name),
    ["gone.jpg", "e.srt", "c.txt"],
  );
});

test("A clip takes one video, captions and songs, and names all others", async () => {
  const second = new File([toBytes("\x1aE\xdf\xa3")], "z.webm");
  const all = [photo, other, video, second, captions, song, gone];
  const chosen = chooseForClip(await sortFiles(all));
  assert.deepEqual([chosen.video, chosen.captions, chosen.songs], [video, captions, [song]]);
  assert.deepEqual(
    chosen.refused.map(({ name }) => name),
    ["gone.jpg", "a.jpg", "c.txt", "z.webm"],
  );
  assert.equal(new Set(chosen.refused.map(({ sentence }) => sentence)).size, 4);
});
