import assert from "node:assert/strict";
import test from "node:test";

import { leaveOpen, readDelivery } from "../../static/delivery.js";

/** @type {[Record<string, string>, object][]} */
const ORDERS = [
  [{}, {}],
  [{ place: "", quality: "standard", max_megabytes: "" }, {}],
  [
    { place: "whatsapp", quality: "high" },
    { target: "whatsapp", quality: "high" },
  ],
  [{ max_megabytes: "9.5" }, { max_bytes: 9_500_000 }],
];
for (const [typed, expected] of ORDERS) {
  test(`Of ${JSON.stringify(typed)}, only what was chosen goes into the order`, () => {
    const data = new FormData();
    for (const [name, text] of Object.entries(typed)) data.append(name, text);
    assert.deepEqual(readDelivery(data), expected);
  });
}

test("A place sets the size and the rate unless others than the usual ones are chosen", () => {
  const usual = { resolution: "1920x1080", fps: 30, fit: "blur" };
  const open = { resolution: undefined, fps: undefined, fit: "blur" };
  assert.deepEqual(leaveOpen(usual), usual);
  assert.deepEqual(leaveOpen({ ...usual, target: "tiktok" }), { ...open, target: "tiktok" });
  const chosen = { ...usual, target: "tiktok", resolution: "1080x1080", fps: 25 };
  assert.deepEqual(leaveOpen(chosen), chosen);
});
