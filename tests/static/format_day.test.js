import assert from "node:assert/strict";
import test from "node:test";

import { formatDay, formatMoment } from "../../static/format_day.js";

const NOW = new Date(2026, 10, 26, 15, 0).getTime();

for (const [day, hour, text] of /** @type {const} */ ([
  [new Date(2026, 10, 26, 9, 5), "today, 09:05", "today"],
  [new Date(2026, 10, 25, 23, 59), "yesterday, 23:59", "yesterday"],
  [new Date(2026, 6, 12, 9, 5), "12 July", "12 July"],
  [new Date(2025, 11, 3, 9, 5), "3 December 2025", "3 December 2025"],
])) {
  test(`A day is written: ${text}`, () => {
    assert.equal(formatDay(day.getTime(), NOW), text);
    assert.equal(formatMoment(day.getTime(), NOW), hour);
  });
}

test("The day before is yesterday, also if it was an hour shorter", async (t) => {
  const { TZ } = process.env;
  process.env.TZ = "Europe/Berlin";
  t.after(() => (TZ === undefined ? delete process.env.TZ : (process.env.TZ = TZ)));
  const now = new Date(2026, 2, 30, 0, 30).getTime();
  // A module has the zone of its start.
  const there = await import(new URL("../../static/format_day.js?there", import.meta.url).href);
  assert.equal(there.formatDay(new Date(2026, 2, 29, 12).getTime(), now), "yesterday");
  assert.equal(there.formatDay(new Date(2026, 2, 28, 23, 45).getTime(), now), "28 March");
});
