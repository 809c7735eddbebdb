// What a draft is called, in the language that the page has now.

import { describeCount } from "../slideshow/photo.js";

/** @import { Song } from "../music/music.js" */
/** @import { Photo } from "../slideshow/photo.js" */
/** @import { Draft } from "./drafts.js" */
/** @import { Values } from "./form.js" */

/** @param {Pick<Draft, "kind" | "summary" | "content">} draft */
export function nameDraft({ kind, summary, content }) {
  return kind === "slideshow" ? nameSlideshow(content) : summary;
}

/**
 * Return the title of a slideshow, or else how many files there are.
 * @param {{photos: Pick<Photo, "video">[], songs: Pick<Song, "name">[], form: Values}} content
 */
export function nameSlideshow({ photos, songs, form }) {
  const title = String(form.title ?? "").trim();
  if (title) return title;
  return photos.length || !songs.length ? describeCount(photos) : songs[0].name;
}
