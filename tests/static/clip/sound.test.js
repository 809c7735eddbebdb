import assert from "node:assert/strict";
import test from "node:test";

import { readSound } from "../../../static/clip/sound.js";

const TRACKS = [{ id: "a", start: 0 }];

/** @param {Record<string, string>} fields */
function fill(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

test("A clip whose sound is left as it is says nothing of it", () => {
  assert.deepEqual(readSound(fill({ duck: "on" }), [], 0.8), {});
  assert.deepEqual(readSound(fill({}), [], null), {});
});

test("Sound that is left out has no loudness, unless music is heard", () => {
  const data = fill({ mute: "on", loudness: "-14" });
  assert.deepEqual(readSound(data, [], null), { audio: { mute: true } });
  assert.deepEqual(readSound(data, TRACKS, null), {
    audio: { mute: true, loudness: -14 },
    tracks: TRACKS,
  });
});

test("Music has the server's volume until another is chosen, and gives way unless told not to", () => {
  assert.deepEqual(readSound(fill({ duck: "on" }), TRACKS, null), { tracks: TRACKS });
  assert.deepEqual(readSound(fill({ loudness: "-14" }), TRACKS, 0), {
    audio: { loudness: -14 },
    tracks: TRACKS,
    music_volume: 0,
    duck: false,
  });
});

test("The video's own sound has a volume, a track and fades", () => {
  const fields = { own_volume: "0.5", sound_track: "2", sound_fade_in: "0", sound_fade_out: "1.5" };
  const audio = { volume: 0.5, track: 2, fade_out: 1.5 };
  assert.deepEqual(readSound(fill(fields), [], null), { audio });
  const muted = fill({ ...fields, mute: "on", duck: "on" });
  assert.deepEqual(readSound(muted, [], null), { audio: { mute: true } });
  assert.deepEqual(readSound(muted, TRACKS, null).audio, { mute: true, fade_out: 1.5 });
});
