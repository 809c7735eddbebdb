// What a draft is called, in the language that the page has now.

import { sayFiles, sayVideos } from "../slideshow/counts.js";
import { countFiles } from "../slideshow/photo.js";

/** @import { Song } from "../music/music.js" */
/** @import { Files } from "../slideshow/counts.js" */
/** @import { Photo } from "../slideshow/photo.js" */
/** @import { Draft } from "./drafts.js" */
/** @import { Values } from "./form.js" */

/** @typedef {{photos: Pick<Photo, "video">[], songs: Pick<Song, "name">[], form: Values}} Content */

/** @param {Pick<Draft, "kind" | "summary" | "content">} draft */
export function nameDraft({ kind, summary, content }) {
  if (kind === "slideshow") return nameSlideshow(content);
  return summary || sayVideos(0); // a clip whose video is not chosen yet
}

/**
 * Return the title of a slideshow, or else how many files there are.
 * @param {Content} content
 */
export function nameSlideshow(content) {
  const { title = "", files } = nameByContent(content);
  return files ? sayFiles(files) : title;
}

/**
 * Return what names the job that is made of a draft, in any language.
 * @param {Pick<Draft, "kind" | "summary" | "content">} draft
 * @returns {{title?: string, files?: Files}}
 */
export function nameOrder({ kind, summary, content }) {
  return kind === "slideshow" ? nameByContent(content) : { title: summary };
}

/**
 * @param {Content} content
 * @returns {{title?: string, files?: Files}}
 */
function nameByContent({ photos, songs, form }) {
  const title = String(form.title ?? "").trim();
  if (title) return { title };
  return photos.length || !songs.length ? { files: countFiles(photos) } : { title: songs[0].name };
}
