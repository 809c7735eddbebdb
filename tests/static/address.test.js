import assert from "node:assert/strict";
import test from "node:test";

import { readAddress, writeAddress } from "../../static/address.js";

const ID = "58ebd157-bebc-4c79-ad61-669bf93e09c9";

for (const [place, id, hash] of /** @type {const} */ ([
  ["make", "", "#/make"],
  ["cut", "", "#/cut"],
  ["videos", "", "#/videos"],
  ["draft", ID, `#/s/${ID}`],
  ["video", ID, `#/v/${ID}`],
])) {
  test(`${hash} leads to ${place} and back`, () => {
    assert.equal(writeAddress(place, id), hash);
    assert.deepEqual(readAddress(hash), { place, id });
  });
}

for (const [hash, place] of [
  ["", "make"],
  ["#slideshow", "make"],
  ["#clip", "cut"],
  ["#/v/", "make"],
  ["#/v/../../admin", "make"],
  ["#/s/no-id", "make"],
  ["#/elsewhere", "make"],
]) {
  test(`"${hash}" leads to ${place}, without an id`, () => {
    assert.deepEqual(readAddress(hash), { place, id: "" });
  });
}
