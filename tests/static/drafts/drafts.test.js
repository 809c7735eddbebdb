import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../../static/drafts/drafts.js";

/** @import { TestContext } from "node:test" */
/** @import { Draft } from "../../../static/drafts/drafts.js" */

/**
 * Until a test ends, store items as properties, as browsers do.
 * @param {TestContext} t
 */
function openStorage(t) {
  /** @type {Record<string, string>} */
  const items = {};
  const methods = {
    getItem: (/** @type {string} */ key) => items[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ text) => (items[key] = text),
    removeItem: (/** @type {string} */ key) => delete items[key],
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(items, name, { value }); // it is no key
  }
  Object.defineProperty(globalThis, "localStorage", { value: items, configurable: true });
  t.after(() => Reflect.deleteProperty(globalThis, "localStorage"));
}

/**
 * @param {string} id
 * @param {object} photo
 * @returns {Draft}
 */
function make(id, photo) {
  const facts = { revision: 1, changed: 1, session: "s", summary: "", picture: null };
  return { id, kind: "slideshow", ...facts, content: { photos: [photo] } };
}

const ALL = () => true;

test("A draft that was ordered as it stands is made, and no more once it is changed", (t) => {
  openStorage(t);
  const drafts = new Drafts();
  drafts.write(make("a", { id: "p" }));
  drafts.write(make("b", { id: "q" }));
  drafts.keepOrder("job", make("a", { id: "p" }));
  assert.deepEqual(
    drafts.listUnmade(ALL).map(({ id }) => id),
    ["b"],
  );
  assert.deepEqual(drafts.listMade(ALL), ["job"]);
  assert.equal(drafts.listUnmade(() => false).length, 2); // such as that of a preview
  drafts.write(make("a", { id: "p", choice: { caption: "Sea" } }));
  assert.equal(drafts.listUnmade(ALL).length, 2);
});

test("The still of a video that comes later does not change a draft", (t) => {
  openStorage(t);
  const drafts = new Drafts();
  drafts.write(make("copy", { id: "v", thumbnail: "data:image/jpeg;base64,AA" }));
  drafts.keepOrder("job", make("first", { id: "v" }));
  assert.deepEqual(drafts.listUnmade(ALL), []);
  assert.equal(drafts.findSame(make("first", { id: "v" }))?.id, "copy");
});

test("A search for moments that is gone does not change a draft", (t) => {
  openStorage(t);
  const drafts = new Drafts();
  const draft = make("a", { id: "p" });
  drafts.keepOrder("job", { ...draft, content: { ...draft.content, moments: "search" } });
  drafts.write({ ...draft, content: { ...draft.content, moments: null } });
  assert.deepEqual(drafts.listUnmade(ALL), []);
});

test("What was removed is not written once more when the page is left", (t) => {
  openStorage(t);
  const drafts = new Drafts();
  drafts.close();
  drafts.write(make("a", { id: "p" }));
  drafts.keepOrder("job", make("a", { id: "p" }));
  assert.deepEqual([drafts.isClosed, drafts.list(), drafts.readOrder("job")], [true, [], null]);
});

test("Who makes very many drafts loses the oldest of them, and nobody else's", (t) => {
  openStorage(t);
  const [one, other] = [new Drafts("one"), new Drafts("other")];
  one.write({ ...make("first", { id: "p" }), changed: 1 });
  one.keepOrder("job", { ...make("first", { id: "p" }), changed: 1 });
  for (let number = 2; number < 44; number++) {
    other.write({ ...make(`draft-${number}`, { id: "q" }), changed: number });
    other.keepOrder(`job-${number}`, { ...make("ordered", { id: "q" }), changed: number });
  }
  assert.deepEqual([one.read("first")?.id, one.readOrder("job")?.id], ["first", "first"]);
  assert.equal(other.list().length, 40);
  assert.deepEqual([other.read("draft-3"), other.readOrder("job-3")], [null, null]);
  assert.equal(other.read("draft-4")?.id, "draft-4");
});
