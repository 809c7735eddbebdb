// Files that are not sent yet, kept in IndexedDB, so that a reload or a closed tab loses none.

import { createId } from "../api.js";
import { say } from "../language.js";

/**
 * A file, or what the server made of it: another draft, such as a copy in another tab, may have the
 * same one.
 * @typedef {{file?: File, answer?: any, size: number, at: number}} Kept
 */

/** Of a file that was not kept, or not for long enough. */
export const NOT_KEPT = say("This file was not sent before the page was closed: choose it again.");

const DATABASE = "reelqueue";
const STORE = "unsent";
const MOST_BYTES = 2e9;
const MOST_SHARE = 0.5; // of the room that the browser gives this site
const LONGEST_MS = 7 * 24 * 3600 * 1000;
const LOCK_PREFIX = "reelqueue.unsent.";
const TELL_MS = 2000; // until other tabs have heard what became of a file

/** @type {Promise<IDBDatabase | null> | null} */
let opening = null;
/** @type {Map<string, number>} bytes of what is kept, by its key */
const sizes = new Map();
/** @type {Map<string, () => void>} let go of the files that this tab has claimed */
const claims = new Map();

/**
 * Keep a file, and return the key to find it by; null if there is no room for it.
 * @param {File} file
 * @returns {Promise<string | null>}
 */
export async function keep(file) {
  const database = await open();
  if (!database || !(await hasRoom(file.size))) return null;
  const key = createId();
  sizes.set(key, file.size); // counted before it is there: others come at the same time
  try {
    await run(database, "readwrite", (store) =>
      store.put({ file, size: file.size, at: Date.now() }, key),
    );
    await hold(key); // this tab sends it
    return key;
  } catch {
    sizes.delete(key);
    return null; // the browser has no room, or cannot read the file
  }
}

/**
 * Return a file that was kept; null if it is there no more.
 * @param {string} key
 * @returns {Promise<File | null>}
 */
export async function find(key) {
  return (await read(key))?.file ?? null;
}

/**
 * Wait until no other tab can be sending a file. Return what the server made of it, if one has sent
 * it; else null, and from then on this tab sends it, until it lets go.
 * @param {string} key
 * @returns {Promise<any>}
 */
export async function claim(key) {
  await hold(key);
  const answer = (await read(key))?.answer ?? null;
  if (answer) letGo(key);
  return answer;
}

/**
 * @param {string} key
 * @returns {Promise<Kept | null>}
 */
async function read(key) {
  const database = await open();
  if (!database) return null;
  try {
    return (await run(database, "readonly", (store) => store.get(key))) ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @returns {Promise<void>}
 */
function hold(key) {
  if (!navigator.locks || claims.has(key)) return Promise.resolve(); // insecure pages have no locks
  return new Promise((resolve) => {
    const wait = () =>
      new Promise((release) => {
        claims.set(key, () => release(null));
        resolve();
      });
    navigator.locks.request(LOCK_PREFIX + key, wait).catch(() => resolve());
  });
}

/**
 * Leave it to other tabs to send a file.
 * @param {string} key
 */
export function letGo(key) {
  claims.get(key)?.();
  claims.delete(key);
}

/**
 * Keep a file no longer: it has been sent, or is not wanted.
 * @param {string} key
 * @param {any} [answer] what the server made of it, for other drafts that have it
 */
export async function drop(key, answer = null) {
  setTimeout(() => letGo(key), TELL_MS);
  const database = await open();
  sizes.delete(key);
  if (!database) return;
  const told = { answer, size: 0, at: Date.now() };
  /** @type {(store: IDBObjectStore) => IDBRequest<any>} */
  const change = (store) => (answer ? store.put(told, key) : store.delete(key));
  await run(database, "readwrite", change).catch(() => {});
}

/**
 * Keep the file of something no longer.
 * @param {{kept?: string | null}} owner
 * @param {any} [answer] what the server made of it
 */
export function forget(owner, answer) {
  if (owner.kept) drop(owner.kept, answer);
  owner.kept = null;
}

/**
 * Keep files no longer.
 * @param {(key: string) => boolean} isWanted tells which ones stay
 */
export async function clear(isWanted) {
  const database = await open();
  if (!database) return;
  const keys = await run(database, "readonly", (store) => store.getAllKeys()).catch(() => []);
  for (const key of keys.map(String).filter((each) => !isWanted(each))) {
    sizes.delete(key);
    await run(database, "readwrite", (store) => store.delete(key)).catch(() => {});
  }
}

/** @param {number} size */
async function hasRoom(size) {
  const { quota = Infinity } = (await navigator.storage?.estimate?.()) ?? {};
  const kept = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  return kept + size <= Math.min(MOST_BYTES, quota * MOST_SHARE);
}

function open() {
  opening ??= openDatabase().catch(() => null); // switched off, as in some private windows
  return opening;
}

async function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const database = await settle(request);
  await countKept(database);
  return database;
}

/**
 * Count what is kept, and drop what is too old.
 * @param {IDBDatabase} database
 * @returns {Promise<void>}
 */
function countKept(database) {
  const request = database.transaction(STORE, "readwrite").objectStore(STORE).openCursor();
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      if (Date.now() - cursor.value.at > LONGEST_MS) cursor.delete();
      else sizes.set(String(cursor.key), cursor.value.size);
      return cursor.continue();
    };
  });
}

/**
 * @template T
 * @param {IDBDatabase} database
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
async function run(database, mode, ask) {
  return settle(ask(database.transaction(STORE, mode).objectStore(STORE)));
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settle(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
