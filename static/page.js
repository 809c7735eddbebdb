// The page: its two tabs, and files dropped or pasted anywhere on it.

import { Clip } from "./clip/clip.js";
import { findId } from "./elements.js";
import { Slideshow } from "./slideshow/slideshow.js";

const { maxUploadBytes, maxPhotos } = findId("workplace").dataset;
const limits = { maxBytes: Number(maxUploadBytes), maxPhotos: Number(maxPhotos) };
/** @type {HTMLElement[]} */
const tabs = [...document.querySelectorAll("[role=tab]")].filter(
  (tab) => tab instanceof HTMLElement,
);
const panels = tabs.map((tab) => findId(tab.getAttribute("aria-controls") ?? ""));
const rooms = [new Slideshow(panels[0], limits), new Clip(panels[1], limits)];

/** @param {number} index */
function open(index) {
  tabs.forEach((tab, other) => {
    tab.setAttribute("aria-selected", String(other === index));
    tab.tabIndex = other === index ? 0 : -1;
    panels[other].hidden = other !== index;
  });
  document.querySelectorAll("video").forEach((video) => video.pause());
  history.replaceState(null, "", `#${panels[index].id}`);
}

const openIndex = () => panels.findIndex((panel) => !panel.hidden);

tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => open(index));
  tab.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    open(1 - index);
    tabs[1 - index].focus();
  });
});

/** @param {DragEvent} event */
function carriesFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

/** @param {FileList | undefined} files */
function take(files) {
  if (files?.length) rooms[openIndex()].take([...files]);
}

addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault(); // else the browser leaves the page to show the file
  document.body.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer?.files);
});
addEventListener("paste", (event) => take(event.clipboardData?.files));

const named = panels.findIndex((panel) => `#${panel.id}` === location.hash);
const busy = rooms.findIndex((room) => room.hasJob);
open(Math.max(0, named >= 0 ? named : busy));
