// Where on the page a value of a clip's order stands, by its path in the API's JSON.

/** @typedef {{part?: number, line?: number, field: string}} Place a field, of a part or a line if so */

/** @type {Record<string, string>} */
const FIELDS = {
  target: "place",
  max_bytes: "max_megabytes",
  source_id: "video",
  transition: "join",
  transition_duration: "join_seconds",
  silences: "cut_silences",
  "focus.x": "focus_x",
  "focus.y": "focus_y",
  "audio.volume": "own_volume",
  "audio.fade_in": "sound_fade_in",
  "audio.fade_out": "sound_fade_out",
  "audio.track": "sound_track",
  "audio.loudness": "loudness",
  "audio.mute": "mute",
  "logo.id": "logo_file",
  "title.text": "title",
  "title.duration": "card_duration",
  "end_title.text": "end_title",
  "end_title.duration": "card_duration",
  "captions.speech.language": "speech_language",
  "captions.speech.vocabulary": "vocabulary",
};
const LINE = /^captions\.(?:cues|segments)\.(\d+)(?:\.(start|end))?/;
const PART = /^segments\.(\d+)(?:\.(start|end|focus))?/;

/**
 * Return where the value of a path is chosen; null for the order as a whole.
 * @param {string} path such as `segments.1.start`
 * @returns {Place | null}
 */
export function findPlace(path) {
  if (!path) return null;
  const line = LINE.exec(path);
  if (line) return { line: Number(line[1]), field: line[2] ?? "text" };
  const part = PART.exec(path);
  if (part) return { part: Number(part[1]), field: part[2] ?? "start" };
  if (FIELDS[path]) return { field: FIELDS[path] };
  const [first, second] = path.split(".");
  if (first === "caption_style" && second) return { field: `caption_${second}` };
  if (["logo", "title", "end_title"].includes(first) && second) {
    return { field: `${first}_${second}` };
  }
  return { field: FIELDS[first] ?? (first === "segments" ? "start" : first) };
}
