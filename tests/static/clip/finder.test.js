import assert from "node:assert/strict";
import test from "node:test";

import { describeSearch } from "../../../static/clip/finder.js";

const NEWS = { status: {}, notice: "", error: "", canRetry: false };
const HIGHLIGHT = { start: 1, end: 2, why: "Much motion." };

test("search says how far it is, and how it ended", () => {
  const running = { status: "started", message: "Looking at the pictures.", progress: 40 };
  assert.equal(describeSearch({ ...NEWS, status: running }, []), "Looking at the pictures. 40 %");
  assert.equal(describeSearch({ ...NEWS, notice: "Busy." }, []), "Busy.");
  assert.equal(describeSearch({ ...NEWS, error: "It broke." }, []), "It broke.");
  assert.equal(describeSearch({ ...NEWS, status: { status: "canceled" } }, []), "Cancelled.");
  const finished = { ...NEWS, status: { status: "finished" } };
  assert.equal(describeSearch(finished, [HIGHLIGHT]), "Press one to cut it out.");
  assert.equal(describeSearch(finished, []), "Nothing was found that stands out.");
});
