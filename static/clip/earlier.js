// What a draft of a clip has in it, from an order as the server keeps it.

import { showDelivery } from "../delivery.js";
import { toValues } from "../drafts/form.js";
import { toLine } from "../drafts/title_lines.js";
import { floor, round } from "../format.js";
import { toSongs } from "../music/track.js";
import { joinTerms } from "./caption_source.js";
import { moveToSource } from "./clip_times.js";
import { isHeard } from "./cues.js";
import { toRest } from "./rest.js";
import { measureSum } from "./segments.js";

/** @import { Order, Upload, Uploads } from "../drafts/earlier.js" */
/** @import { Values } from "../drafts/form.js" */
/** @import { Cut } from "./cut.js" */
/** @import { Facts } from "./source.js" */
/** @import { Segment } from "./transcript.js" */

/** Fields of the form that have the names and the values of the API. */
const SAME = [
  ...["aspect", "resolution", "fit", "rotate", "speed", "fade_in", "fade_out", "brightness"],
  ...["contrast", "saturation", "denoise", "soft_captions", "music_volume", "duck"],
];
const STYLE = ["preset", "position", "size", "backing", "color", "highlight", "uppercase"];

/**
 * Return what a draft has of an order.
 * @param {Order} order
 * @param {Uploads} uploads
 */
export function readOrder(order, uploads) {
  const video = /** @type {Upload} */ (uploads.get(order.source_id));
  const facts = toFacts(video);
  const duration = floor(facts.duration, 2);
  const [only, ...others] = order.segments ?? [order];
  const cuts = [only, ...others].map((part) => toCut(part, duration));
  // The only part has no crop of its own: it is that of the clip.
  const focus = others.length ? order.focus : (only.focus ?? order.focus);
  if (!others.length) delete cuts[0].focus;
  const logo = order.logo && uploads.get(order.logo.id);
  return {
    summary: video.filename,
    picture: null,
    content: {
      video: { name: video.filename, facts, kept: null },
      parts: { cuts, index: 0, duration },
      moments: null,
      captions: toCaptions(order, cuts, uploads),
      logo: logo ? { id: logo.id, name: logo.filename } : null,
      songs: toSongs(order.tracks, uploads),
      form: toForm(order, focus),
      rest: toRest(order),
    },
  };
}

/**
 * Return what an upload was answered with.
 * @param {Upload} upload
 * @returns {Facts}
 */
function toFacts(upload) {
  const { id, duration = 0, width = 0, height = 0, has_audio: hasAudio = false } = upload;
  const { sound_tracks: soundTracks = Number(hasAudio), subtitles } = upload;
  return {
    source_id: id,
    ...{ duration, width, height },
    has_audio: hasAudio,
    sound_tracks: soundTracks,
    ...(subtitles ? { subtitles } : {}),
  };
}

/**
 * @param {Partial<Cut>} part
 * @param {number} duration of the video, in seconds
 * @returns {Cut}
 */
function toCut({ start = 0, end = Infinity, focus }, duration) {
  return { start, end: Math.min(end, duration), ...(focus ? { focus } : {}) };
}

/**
 * Return the lines of captions, with what an order says and lines do not: their language, or
 * captions as a whole that cannot be lines. Those that are heard count where the form has no field
 * for them, as the server recognises no speech.
 * @param {Order} order
 * @param {Cut[]} cuts
 * @param {Uploads} uploads
 */
function toCaptions(order, cuts, uploads) {
  const none = { rows: [], transcript: null };
  if (isHeard(order.captions)) return { ...none, earlier: { whole: order.captions } };
  const sheet = findSheet(order.captions, uploads);
  if (!sheet) return none; // the form has a field for where they come from
  const cues = sheet.times === "clip" ? moveCues(sheet.cues, order, cuts) : sheet.cues;
  if (!cues) return { ...none, earlier: { whole: order.captions } };
  const rows = cues.map((cue) => ({ typed: cue, first: cue }));
  const { language, isTranscript } = sheet;
  if (isTranscript) return { rows, transcript: { language, segments: [] } };
  return { rows, transcript: null, ...(language ? { earlier: { language } } : {}) };
}

/**
 * Return captions that are given; null for those that are heard, or in the video.
 * @param {any} captions
 * @param {Uploads} uploads
 * @returns {{cues: Segment[], times: "clip" | "source", language?: string, isTranscript?: boolean}
 *   | null}
 */
function findSheet(captions, uploads) {
  if (Array.isArray(captions)) return { cues: captions, times: "clip" };
  if (captions?.cues) return { times: "clip", ...captions };
  const { cues, language, transcript } = uploads.get(captions?.id) ?? {};
  if (!cues) return null;
  const said = transcript ? { cues: transcript.segments, isTranscript: true } : { cues };
  return { ...said, language, times: captions.times };
}

/**
 * Return captions in seconds of the video; null if one is not of a moment of it.
 * @param {Segment[]} cues in seconds of the clip
 * @param {Order} order
 * @param {Cut[]} cuts
 */
function moveCues(cues, order, cuts) {
  if (order.silences === "cut") return null; // only the server knows what is left
  const { speed = 1, title, transition, transition_duration: seconds = 0.5 } = order;
  const fade = transition === "fade" ? seconds : 0;
  const begin = title ? (title.duration ?? 3) : 0;
  const end = order.end_title ? begin + measureSum(cuts, { speed, fade }) : Infinity;
  if (cues.some((cue) => cue.start < begin || cue.end > end)) return null;
  return cues.map((cue) => moveToSource(cue, cuts, { speed, fade, begin }));
}

/**
 * Return what the fields of the form have to say for an order.
 * @param {Order} order
 * @param {Cut["focus"]} focus
 * @returns {Values}
 */
function toForm(order, focus) {
  const { audio = {}, captions, logo, title, end_title: endTitle } = order;
  const style = order.caption_style ?? {};
  return toValues({
    ...Object.fromEntries(SAME.map((name) => [name, order[name]])),
    ...Object.fromEntries(STYLE.map((name) => [`caption_${name}`, style[name]])),
    ...showDelivery(order),
    ...showFocus(focus),
    ...showCaptions(captions),
    join: order.transition,
    join_seconds: order.transition_duration,
    cut_silences: order.silences === "cut",
    loudness: audio.loudness !== undefined,
    mute: audio.mute,
    own_volume: audio.volume,
    sound_track: audio.track,
    sound_fade_in: audio.fade_in,
    sound_fade_out: audio.fade_out,
    logo_position: logo?.position,
    logo_width: toPercent(logo?.width),
    logo_opacity: toPercent(logo?.opacity),
    title: toLine(title?.text),
    title_subtitle: toLine(title?.subtitle),
    end_title: toLine(endTitle?.text),
    end_title_subtitle: toLine(endTitle?.subtitle),
    card_duration: (title ?? endTitle)?.duration,
  });
}

/** @param {Cut["focus"]} focus */
function showFocus(focus) {
  if (!focus || focus === "auto") return { focus };
  return { focus: "point", focus_x: toPercent(focus.x), focus_y: toPercent(focus.y) };
}

/** @param {any} captions */
function showCaptions(captions) {
  const { language, vocabulary } = captions?.speech ?? {};
  return {
    auto_captions: isHeard(captions),
    track_captions: captions === "track",
    speech_language: language,
    vocabulary: vocabulary && joinTerms(vocabulary),
  };
}

/** @param {number | undefined} share */
const toPercent = (share) => share && round(100 * share, 6);
