// What a draft of a slideshow has in it, from an order as the server keeps it.

import { showDelivery } from "../delivery.js";
import { toValues } from "../drafts/form.js";
import { toLine } from "../drafts/title_lines.js";
import { toSongs } from "../music/track.js";

/** @import { Order, Upload, Uploads } from "../drafts/earlier.js" */
/** @import { Values } from "../drafts/form.js" */
/** @import { Rest } from "./rest.js" */

/** Fields of the form that have the names and the values of the API. */
const SAME = [
  ...["duration", "transition", "transition_duration", "resolution", "fit", "background", "motion"],
  ...["fps", "volume"],
];
/** What `toForm` and `readOrder` read beside these; a preview is made again as the whole video. */
const READ = [
  ...[
    "target",
    "quality",
    "max_bytes",
    "caption_style",
    "fit_to_music",
    "duck",
    "on_bad_photo",
    "captions",
  ],
  ...["photos", "tracks", "rotate", "focus", "preview"],
];
/** Codes that the form has by another name. @type {Record<string, string>} */
const LANGUAGES = { cmn: "zh" };

/**
 * Return what a draft has of an order.
 * @param {Order} order
 * @param {Uploads} uploads
 */
export function readOrder(order, uploads) {
  /** @type {Record<string, any>[]} */
  const choices = order.photos;
  const photos = choices.flatMap((choice) =>
    toPhoto({ ...readCommon(order), ...choice }, uploads.get(choice.id)),
  );
  const picture = photos.find(({ thumbnail }) => thumbnail)?.thumbnail ?? null;
  const summary = toLine(order.title?.text) ?? photos[0]?.name ?? "";
  const songs = toSongs(order.tracks, uploads);
  return { summary, picture, content: { photos, songs, form: toForm(order), rest: toRest(order) } };
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
 * Return what the fields of the form have to say for an order.
 * @param {Order} order
 * @returns {Values}
 */
function toForm(order) {
  const { title, end_title: endTitle, caption_style: captions = {} } = order;
  const card = title ?? endTitle;
  const background = card?.background;
  return toValues({
    ...Object.fromEntries(SAME.map((name) => [name, order[name]])),
    ...showDelivery(order),
    title: toLine(title?.text),
    title_subtitle: toLine(title?.subtitle),
    end_title: toLine(endTitle?.text),
    end_title_subtitle: toLine(endTitle?.subtitle),
    card_duration: card?.duration,
    card_backdrop: background && "color",
    card_background: background,
    caption_position: captions.position,
    caption_size: captions.size,
    caption_backing: captions.backing,
    voice_language: nameLanguage(order.voice?.language),
    fit_to_music: order.fit_to_music === true,
    duck: order.duck !== false,
    on_bad_photo: order.on_bad_photo === "skip",
    narration_captions: order.captions === "narration",
  });
}
