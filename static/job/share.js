// Giving a video to other people: by the device's own means, or else by a link.

import { call, load } from "../api.js";
import { findId } from "../elements.js";
import { say } from "../language.js";

const COPIED = say(
  "The link is copied. Anyone who has it can watch the video until it is deleted.",
);
const NOT_COPIED = say("The link could not be copied. Download the video instead.");
const NOT_SHARED = say("The video could not be shared. Download it instead.");
const READY = say("The video is ready to share: press Share again.");

/** @type {{url: string, file: File} | null} the last one that was fetched */
let fetched = null;

/**
 * Share a video, and return a sentence about it; an empty one when there is nothing to say.
 * @param {{id: string, url: string, title: string}} video its job, and where its file is
 */
export async function shareVideo({ id, url, title }) {
  if (!canShareFiles()) return shareLink(id);
  try {
    const file = await fetchFile(url, title);
    await navigator.share({ files: [file], title });
    return "";
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "AbortError") return ""; // it was called off
    return name === "NotAllowedError" ? READY : NOT_SHARED; // fetching it took too long
  }
}

function canShareFiles() {
  const sample = new File([""], "video.mp4", { type: "video/mp4" });
  return navigator.canShare?.({ files: [sample] }) ?? false;
}

/**
 * @param {string} url
 * @param {string} title
 */
async function fetchFile(url, title) {
  if (fetched?.url === url) return fetched.file;
  const video = await load(url);
  const name = `${title.replaceAll(/[^\p{L}\p{N} -]/gu, "").trim() || "video"}.mp4`;
  const file = new File([video], name, { type: "video/mp4" });
  fetched = { url, file };
  return file;
}

/** @param {string} id of the job */
async function shareLink(id) {
  try {
    const { share_url: path } = await call("POST", `/jobs/${id}/share`);
    return await copyLink(new URL(path, location.href).href);
  } catch (error) {
    return error instanceof Error ? error.message : NOT_SHARED;
  }
}

/** @param {string} link */
async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link);
    return COPIED;
  } catch {
    return copyBySelection(link) ? COPIED : NOT_COPIED; // no secure context, or not allowed
  }
}

/** @param {string} link */
function copyBySelection(link) {
  const box = document.createElement("textarea");
  box.className = "unseen";
  box.value = link;
  findId("workplace").append(box);
  const { activeElement } = document;
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return isCopied;
}
