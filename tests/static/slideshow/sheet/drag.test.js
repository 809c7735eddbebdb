import assert from "node:assert/strict";
import test from "node:test";

import { findSpeed } from "../../../../static/slideshow/sheet/drag.js";

test("The page scrolls towards the edge that a photo is held at, faster nearer to it", () => {
  const [top, bottom] = [100, 700]; // below a bar of 100 pixels
  assert.equal(findSpeed(400, top, bottom), 0);
  assert.equal(findSpeed(628, top, bottom), 0);
  assert.ok(findSpeed(650, top, bottom) > 0);
  assert.ok(findSpeed(690, top, bottom) > findSpeed(650, top, bottom));
  assert.ok(findSpeed(150, top, bottom) < 0);
  assert.equal(findSpeed(900, top, bottom), findSpeed(700, top, bottom), "there is a limit");
  assert.equal(findSpeed(0, top, bottom), -findSpeed(700, top, bottom));
});
