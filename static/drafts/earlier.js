// A draft of what was ordered elsewhere, as the server keeps it: by another browser, or by a program.

import { createId } from "../api.js";

/** @import { Draft } from "./drafts.js" */
/** @import { Rest } from "../slideshow/rest.js" */
/** @import { Values } from "./form.js" */

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {"photo" | "video" | "audio"} kind
 * @property {string} filename
 * @property {number} size bytes
 * @property {number} [duration] seconds
 * @property {boolean} [has_audio]
 * @property {string} [taken_at]
 * @property {number} [utc_offset]
 * @property {string} [thumbnail_url]
 */
/** @typedef {Record<string, any> & {photos: any[], tracks?: any[]}} Order as the API has it */
/** @typedef {{session_id: string, order: Order, uploads: Upload[]}} Earlier */

const MEGABYTE = 1e6;
/** Fields of the form that have the names and the values of the API. */
const SAME = [
  ...["duration", "transition", "transition_duration", "resolution", "fit", "background", "motion"],
  ...["fps", "volume", "quality"],
];
/** What `toForm` and `toDraft` read beside these; a preview is made again as the whole video. */
const READ = [
  ...["target", "max_bytes", "caption_style", "fit_to_music", "duck", "on_bad_photo", "captions"],
  ...["photos", "tracks", "rotate", "focus", "preview"],
];
/** Codes that the form has by another name. @type {Record<string, string>} */
const LANGUAGES = { cmn: "zh" };

/**
 * Return a draft of a slideshow.
 * @param {Earlier} earlier
 * @param {number} [now] ms since 1970
 * @returns {Draft}
 */
export function toDraft({ session_id: session, order, uploads }, now = Date.now()) {
  const known = new Map(uploads.map((upload) => [upload.id, upload]));
  const photos = order.photos.flatMap((choice) =>
    toPhoto({ ...readCommon(order), ...choice }, known.get(choice.id)),
  );
  const songs = (order.tracks ?? []).flatMap((track) => toSong(track, known.get(track.id)));
  const picture = photos.find(({ thumbnail }) => thumbnail)?.thumbnail ?? null;
  const summary = order.title?.text ?? photos[0]?.name ?? "";
  const content = { photos, songs, form: toForm(order), rest: toRest(order) };
  const times = { revision: 1, changed: now };
  return { id: createId(), kind: "slideshow", ...times, session, summary, picture, content };
}

/**
 * Return what an order says of all pictures, and the page says of each.
 * @param {Order} order
 */
function readCommon({ rotate, focus }) {
  return { ...(rotate ? { rotate } : {}), ...(focus ? { focus } : {}) };
}

/**
 * Return the settings that the form has no fields for.
 * @param {Order} order
 * @returns {Rest}
 */
function toRest(order) {
  const known = new Set([...SAME, ...READ]);
  const rest = Object.fromEntries(Object.entries(order).filter(([name]) => !known.has(name)));
  const { voice } = order;
  return voice ? { ...rest, voice: { ...voice, language: nameLanguage(voice.language) } } : rest;
}

/**
 * Return the code that the form has for a language.
 * @template {string | undefined} Code
 * @param {Code} code
 */
function nameLanguage(code) {
  return LANGUAGES[code ?? ""] ?? code;
}

/**
 * @param {Record<string, any>} ordered
 * @param {Upload | undefined} upload
 */
function toPhoto({ id, ...choice }, upload) {
  if (!upload) return [];
  const { filename: name, size, thumbnail_url: thumbnail, taken_at: takenAt } = upload;
  const hasSound = Boolean(upload.has_audio);
  const video = upload.kind === "video" ? { duration: upload.duration ?? 0, hasSound } : null;
  if (video && !hasSound) delete choice.mute; // there is nothing to mute
  const facts = { thumbnail, takenAt, utcOffset: upload.utc_offset };
  return [{ id, name, size, ...facts, choice, ...(video ? { video } : {}) }];
}

/**
 * @param {{id: string, start?: number, end?: number | null}} track
 * @param {Upload | undefined} upload
 */
function toSong({ id, start = 0, end = null }, upload) {
  return upload ? [{ id, name: upload.filename, duration: upload.duration ?? 0, start, end }] : [];
}

/**
 * Return what the fields of the form have to say for an order.
 * @param {Order} order
 * @returns {Values}
 */
function toForm(order) {
  const { title, end_title: endTitle, caption_style: captions = {} } = order;
  const card = title ?? endTitle;
  const background = card?.background;
  /** @type {Record<string, unknown>} */
  const texts = {
    ...Object.fromEntries(SAME.map((name) => [name, order[name]])),
    place: order.target,
    max_megabytes: order.max_bytes && order.max_bytes / MEGABYTE,
    title: title?.text,
    title_subtitle: title?.subtitle,
    end_title: endTitle?.text,
    end_title_subtitle: endTitle?.subtitle,
    card_duration: card?.duration,
    card_backdrop: background && "color",
    card_background: background,
    caption_position: captions.position,
    caption_size: captions.size,
    caption_backing: captions.backing,
    voice_language: nameLanguage(order.voice?.language),
  };
  const given = Object.entries(texts).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    fit_to_music: order.fit_to_music === true,
    duck: order.duck !== false,
    on_bad_photo: order.on_bad_photo === "skip",
    narration_captions: order.captions === "narration",
  };
}
