import assert from "node:assert/strict";
import { test } from "node:test";

import { describeArrival } from "../../../static/stage/waiting.js";

test("what is on its way is counted from the first that is not here", () => {
  const photos = [{ id: "a" }, { id: "b" }, { state: "sending" }, { state: "waiting" }];
  assert.equal(describeArrival(photos), "Sending 3 of 4");
  assert.equal(describeArrival([{ state: "waiting" }]), "Sending 1 of 1");
});

test("what is sent and only looked at is not counted as on its way", () => {
  const checked = [{ state: "checking" }, { state: "checking" }];
  assert.equal(describeArrival([...checked, { state: "sending" }]), "Sending 3 of 3");
  assert.equal(describeArrival([{ id: "a" }, ...checked]), "Checking the photos.");
  assert.equal(
    describeArrival([...checked, { state: "checking", video: {} }]),
    "Checking the files.",
  );
  assert.equal(describeArrival([...checked, { state: "lost" }]), "Waiting to send 3 of 3");
});

test("what does not get through is not said to be on its way", () => {
  assert.equal(describeArrival([{ id: "a" }, { state: "lost" }]), "Waiting to send 2 of 2");
  const both = [{ state: "lost" }, { state: "sending" }];
  assert.equal(describeArrival(both), "Sending 1 of 2");
});

test("nothing is said when all are here", () => {
  assert.equal(describeArrival([{ id: "a" }, { id: "b" }]), "");
  assert.equal(describeArrival([]), "");
});
