import assert from "node:assert/strict";
import test from "node:test";

import { gather } from "../../../static/intake/folders.js";

/**
 * @param {string} name
 * @param {{isReadable?: boolean}} [how]
 */
function newFile(name, { isReadable = true } = {}) {
  const file = (/** @type {(file: File) => void} */ take, /** @type {() => void} */ fail) =>
    isReadable ? take(new File(["x"], name)) : fail();
  return /** @type {FileSystemEntry} */ (
    /** @type {unknown} */ ({ name, isFile: true, isDirectory: false, file })
  );
}

/**
 * A folder that tells what is in it in parts of two, as browsers do in parts of a hundred.
 * @param {string} name
 * @param {FileSystemEntry[]} entries
 */
function newFolder(name, entries) {
  const createReader = () => {
    const left = [...entries];
    return {
      readEntries: (/** @type {(part: FileSystemEntry[]) => void} */ take) =>
        take(left.splice(0, 2)),
    };
  };
  return /** @type {FileSystemEntry} */ (
    /** @type {unknown} */ ({ name, isFile: false, isDirectory: true, createReader })
  );
}

/** @param {FileSystemEntry} entry */
const drop = (entry) => ({ entry, file: entry.isFile ? new File(["x"], entry.name) : null });

test("Folders are walked in the order of names, as people sort them", async () => {
  const inner = newFolder("Day 2", [newFile("IMG_3.jpg")]);
  const names = ["IMG_10.jpg", "IMG_2.jpg", ".DS_Store", "Thumbs.db", "IMG_1.jpg"];
  const folder = newFolder("Italy", [...names.map((name) => newFile(name)), inner]);
  const { files, unread } = await gather([
    drop(newFile("z.jpg")),
    drop(folder),
    drop(newFile("a.jpg")),
  ]);
  const found = files.map(({ name }) => name);
  assert.deepEqual(found, ["z.jpg", "IMG_3.jpg", "IMG_1.jpg", "IMG_2.jpg", "IMG_10.jpg", "a.jpg"]);
  assert.deepEqual(unread, []);
});

test("A file in a folder that cannot be read is named, and the others are taken", async () => {
  const folder = newFolder("x", [newFile("a.jpg", { isReadable: false }), newFile("b.jpg")]);
  const { files, unread } = await gather([drop(folder)]);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["b.jpg"],
  );
  assert.deepEqual(
    unread.map(({ name }) => name),
    ["a.jpg"],
  );
});

test("A folder without an end is left with a word", async () => {
  const folder = newFolder("loop", []);
  Object.assign(folder, newFolder("loop", [folder]));
  const { unread } = await gather([drop(folder)]);
  assert.match(unread[0].sentence, /drop a part of it/);
});
