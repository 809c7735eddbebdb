// Drafts in this browser's storage. Each has a key of its own, so tabs that work on different ones
// do not overwrite each other's.

/** @typedef {"slideshow" | "clip"} Kind what a draft will be */

/**
 * @typedef {object} Draft
 * @property {string} id
 * @property {Kind} kind
 * @property {number} revision counts how often it was written
 * @property {number} changed ms since 1970
 * @property {string} session of its uploads
 * @property {string} summary what is in it, in words, when it was written
 * @property {string | null} picture the address of one
 * @property {any} content what its form needs
 * @property {string} [owner] the mark of whose it is, where people sign in
 */

const PREFIX = "reelqueue.draft.";
const ORDER_PREFIX = "reelqueue.order.";
const MOST = 40;

export class Drafts {
  #isClosed = false;

  /**
   * @param {string} [owner] the mark of who has signed in: the drafts of others wait for them
   */
  constructor(owner) {
    this.owner = owner;
  }

  /** Write nothing from now on. */
  close() {
    this.#isClosed = true;
  }

  /** Whether nothing is written any more, as the page is left for good. */
  get isClosed() {
    return this.#isClosed;
  }

  /**
   * Return all drafts, the latest first.
   * @param {Kind} [kind]
   * @returns {Draft[]}
   */
  list(kind) {
    const drafts = listKeys(PREFIX).flatMap((key) => this.#readOwn(key) ?? []);
    const chosen = drafts.filter((draft) => !kind || draft.kind === kind);
    return chosen.sort((one, other) => other.changed - one.changed);
  }

  /**
   * Return the drafts that are not seen as a video: no job was ordered of them as they stand.
   * @param {(jobId: string) => boolean} counts whether a job makes such a video
   * @param {Kind} [kind]
   */
  listUnmade(counts, kind) {
    const made = new Set(this.#listOrders(counts).map(([, draft]) => toText(draft)));
    return this.list(kind).filter((draft) => !made.has(toText(draft)));
  }

  /**
   * Return the ids of the jobs that were ordered of drafts as these stand.
   * @param {(jobId: string) => boolean} counts
   */
  listMade(counts) {
    const drafts = new Set(this.list().map(toText));
    return this.#listOrders(counts)
      .filter(([, draft]) => drafts.has(toText(draft)))
      .map(([id]) => id);
  }

  /**
   * Return a draft with the same in it, this one if it is unchanged; null where there is none.
   * @param {Draft} draft
   */
  findSame(draft) {
    const isSame = (/** @type {Draft} */ other) => toText(other) === toText(draft);
    const own = this.read(draft.id);
    return own && isSame(own) ? own : (this.list(draft.kind).find(isSame) ?? null);
  }

  /**
   * @param {(jobId: string) => boolean} counts
   * @returns {[string, Draft][]}
   */
  #listOrders(counts) {
    const ids = listKeys(ORDER_PREFIX).map((key) => key.slice(ORDER_PREFIX.length));
    return ids.filter(counts).flatMap((id) => {
      const draft = this.readOrder(id);
      return draft ? [[id, draft]] : [];
    });
  }

  /**
   * @param {string} id
   * @returns {Draft | null}
   */
  read(id) {
    return this.#readOwn(PREFIX + id);
  }

  /** @param {string} key */
  #readOwn(key) {
    const draft = read(key);
    return draft && isOwn(draft, this.owner) ? draft : null;
  }

  /** @param {Draft} draft */
  write(draft) {
    if (this.#isClosed) return;
    write(PREFIX + draft.id, { ...draft, owner: this.owner });
    removeOldest(PREFIX, MOST, this.owner);
  }

  /** @param {string} id */
  remove(id) {
    remove(PREFIX + id);
  }

  /**
   * Keep a draft as it was when a job was ordered of it.
   * @param {string} jobId
   * @param {Draft} draft
   */
  keepOrder(jobId, draft) {
    if (this.#isClosed) return;
    write(ORDER_PREFIX + jobId, { ...draft, owner: this.owner });
    removeOldest(ORDER_PREFIX, MOST, this.owner);
  }

  /**
   * @param {string} jobId
   * @returns {Draft | null}
   */
  readOrder(jobId) {
    return this.#readOwn(ORDER_PREFIX + jobId);
  }

  /** @param {string} jobId */
  forgetOrder(jobId) {
    remove(ORDER_PREFIX + jobId);
  }

  /**
   * Be told of drafts that other tabs have written; null for one that they have removed.
   * @param {(id: string, draft: Draft | null) => void} listener
   */
  listen(listener) {
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith(PREFIX)) listener(key.slice(PREFIX.length), this.#readOwn(key));
    });
  }
}

/**
 * Whether what this browser keeps is a person's; what has no mark may be anyone's.
 * @param {{owner?: string}} kept
 * @param {string | undefined} owner the mark of the person
 */
export function isOwn(kept, owner) {
  return kept.owner === undefined || kept.owner === owner;
}

/**
 * Return what tells whether two drafts make the same video; stills of videos may come later, and
 * what was found in one may be gone.
 * @param {Draft} draft
 */
function toText({ kind, session, content }) {
  return JSON.stringify([kind, session, content], (name, value) =>
    ["thumbnail", "moments"].includes(name) ? undefined : value,
  );
}

/**
 * @param {string} key
 * @returns {Draft | null}
 */
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // storage is switched off, or holds something else
  }
}

/**
 * Write a draft; where there is no room, remove what is oldest.
 * @param {string} key
 * @param {Draft} draft
 */
function write(key, draft) {
  const text = JSON.stringify(draft);
  while (!tryToWrite(key, text)) {
    const victim = findOldest(key, draft.owner);
    if (!victim) return; // without storage a reload starts empty
    remove(victim);
  }
}

/**
 * @param {string} key
 * @param {string} text
 */
function tryToWrite(key, text) {
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Return the key of the oldest of all drafts, and of those kept for jobs, but one; those of others
 * stay for as long as the person has any.
 * @param {string} except
 * @param {string | undefined} owner the mark of the person
 */
function findOldest(except, owner) {
  const keys = [...listKeys(ORDER_PREFIX), ...listKeys(PREFIX)].filter((key) => key !== except);
  const own = keys.filter((key) => isOwn(read(key) ?? {}, owner));
  return sortByAge(own.length ? own : keys).at(0);
}

/**
 * Leave so many drafts of a person, the latest.
 * @param {string} prefix of their keys
 * @param {number} most
 * @param {string | undefined} owner the mark of the person
 */
function removeOldest(prefix, most, owner) {
  const keys = listKeys(prefix);
  if (keys.length <= most) return; // so they need not be read
  const own = keys.filter((key) => isOwn(read(key) ?? {}, owner));
  for (const key of sortByAge(own).slice(0, -most)) remove(key);
}

/**
 * Sort keys of drafts, the oldest first.
 * @param {string[]} keys
 */
function sortByAge(keys) {
  const age = (/** @type {string} */ key) => read(key)?.changed ?? 0;
  return keys.sort((one, other) => age(one) - age(other));
}

/** @param {string} key */
function remove(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // there is none
  }
}

/**
 * @param {string} prefix
 * @returns {string[]}
 */
function listKeys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
