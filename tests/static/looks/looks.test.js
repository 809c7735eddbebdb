import assert from "node:assert/strict";
import { test } from "node:test";

import { LOOKS, matchLook, orderSample } from "../../../static/looks/looks.js";

test("A form has the look whose choices it has, however numbers are written", () => {
  for (const { name, values } of LOOKS) {
    assert.equal(
      matchLook((field) => values[field] ?? "640x360"),
      name,
    );
    /** @type {Record<string, string>} */
    const written = { ...values, duration: Number(values.duration).toFixed(2) };
    assert.equal(
      matchLook((field) => written[field] ?? ""),
      name,
    );
    assert.equal(
      matchLook((field) => (field === "fit" ? "" : (values[field] ?? ""))),
      "",
    );
  }
});

test("A sample has the first three photos with their captions, and nothing else of their own", () => {
  const photos = [
    { id: "a", caption: "Sea", duration: 9 },
    { id: "b", caption: "" },
    { id: "c" },
    { id: "d" },
  ];
  const sample = orderSample(LOOKS[0], { session_id: "s", photos });
  assert.deepEqual(sample.photos, [{ id: "a", caption: "Sea" }, { id: "b" }, { id: "c" }]);
  assert.equal(sample.duration, Number(LOOKS[0].values.duration));
  assert.equal(sample.dry_run, true);
});
