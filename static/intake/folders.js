// What was dropped: files, and folders that are walked through.

import { say } from "../language.js";
import { compareKeys, toKey } from "../slideshow/names.js";

/** @typedef {{name: string, sentence: string}} Unread something that was dropped and not read */
/** @typedef {{files: File[], unread: Unread[]}} Dropped */

const MOST_FILES = 5000;
const DEEPEST = 20;
const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$)/i;
const UNREADABLE = say("This file cannot be read: it was moved or changed. Choose it again.");
const NO_FOLDER = say("This folder cannot be read: choose the files in it.");
const TOO_MANY = say("This folder has more than {count} files: drop a part of it.", {
  count: MOST_FILES,
});

/**
 * Return the files that were dropped, those of folders in the order of their names. Browsers tell
 * what was dropped only until the event has ended: so this is called in it.
 * @param {DataTransfer} data
 * @returns {Promise<Dropped>}
 */
export function listDropped(data) {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  return gather(
    items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() })),
  );
}

/**
 * @param {{entry: FileSystemEntry | null, file: File | null}[]} items
 * @returns {Promise<Dropped>}
 */
export async function gather(items) {
  /** @type {Dropped} */
  const dropped = { files: [], unread: [] };
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(/** @type {FileSystemDirectoryEntry} */ (entry), dropped, 0);
    else if (file) dropped.files.push(file);
    else if (entry) dropped.unread.push({ name: entry.name, sentence: UNREADABLE });
  }
  return dropped;
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {Dropped} dropped
 * @param {number} depth
 */
async function walk(folder, dropped, depth) {
  let entries;
  try {
    entries = await list(folder);
  } catch {
    dropped.unread.push({ name: folder.name, sentence: NO_FOLDER });
    return;
  }
  for (const entry of sort(entries.filter(({ name }) => !HIDDEN.test(name)))) {
    if (dropped.files.length >= MOST_FILES || depth >= DEEPEST) {
      dropped.unread.push({ name: folder.name, sentence: TOO_MANY });
      return;
    }
    if (entry.isDirectory) {
      await walk(/** @type {FileSystemDirectoryEntry} */ (entry), dropped, depth + 1);
    } else await open(/** @type {FileSystemFileEntry} */ (entry), dropped);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @param {Dropped} dropped
 */
async function open(entry, dropped) {
  try {
    dropped.files.push(await read(entry));
  } catch {
    dropped.unread.push({ name: entry.name, sentence: UNREADABLE });
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function read(entry) {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

/**
 * Return all that is in a folder; a browser tells it in parts.
 * @param {FileSystemDirectoryEntry} folder
 */
async function list(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const entries = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!part.length) return entries;
    entries.push(...part);
  }
}

/**
 * Return files and folders by their names, as people sort them.
 * @param {FileSystemEntry[]} entries
 */
function sort(entries) {
  const keyed = entries.map((entry) => ({ entry, key: toKey(entry.name) }));
  return keyed.sort((one, other) => compareKeys(one.key, other.key)).map(({ entry }) => entry);
}
