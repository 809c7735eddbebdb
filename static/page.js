// The page: what its addresses open, what its forms order, and files dropped anywhere on it.

import { say } from "./language.js";
import { keepPlace, readAddress, writeAddress } from "./address.js";
import { call, isTransient, toRefusal } from "./api.js";
import { Drafts } from "./drafts/drafts.js";
import { toDraft } from "./drafts/earlier.js";
import { nameOrder } from "./drafts/name.js";
import { findId, findPart } from "./elements.js";
import { listDropped } from "./intake/folders.js";
import { watchPresses } from "./intake/press.js";
import { forgetOld } from "./intake/resumed.js";
import { Jobs } from "./job/jobs.js";
import { Notices } from "./job/notices.js";
import { showTitle } from "./job/title.js";
import { Tray } from "./job/tray.js";
import { JobView } from "./job/view.js";
import { Places } from "./places.js";
import { watchSignOut } from "./sign_out.js";
import { watchKeyboard } from "./keyboard.js";
import { Videos } from "./videos/videos.js";
import { Workbench } from "./workbench.js";

/** @import { Address } from "./address.js" */
/** @import { Draft } from "./drafts/drafts.js" */
/** @import { OpenDraft } from "./drafts/open_draft.js" */
/** @import { Job } from "./job/job.js" */
/** @import { Order } from "./job/records.js" */

/** @import { Unread } from "./intake/folders.js" */

const NO_ANSWER = say("The connection was lost. Try again when it is back.");
const { maxUploadBytes, maxPhotos, owner } = findId("workplace").dataset;
const limits = { maxBytes: Number(maxUploadBytes), maxPhotos: Number(maxPhotos) };
// Without tokens there is one person, whose cookie may go while the drafts stay.
const drafts = new Drafts(document.querySelector("form.sign-out") ? owner : undefined);
const jobs = new Jobs(owner);
const places = new Places(open);
const bench = new Workbench(limits, drafts, places, order);
const tray = new Tray(findId("tray"));
const view = new JobView(findId("place-video"), {
  makeFull,
  canEdit: (job) => canEdit(job.id),
  edit: (job) => edit(job.id),
  startNew: (job) => bench.startNew(job.record.noun === "clip" ? "cut" : "make"),
  correct,
});
const notices = new Notices(view.root, findPart(view.root, "notify-line"));
const videos = new Videos(findId("place-videos"), {
  jobs,
  drafts,
  edit: async (id) => (canEdit(id) ? editAgain(id) : editFromServer(id)),
  onDelete: forgetJob,
  onDraftRemoved: (id) => bench.forget(id),
});

jobs.listen((job, news) => {
  tray.take(job, news);
  notices.take(job, news);
  if (job === view.job) view.draw(news);
  if (job === view.job) notices.offer(!job.hasEnded);
});

/** @param {Address} address */
function open({ place, id }) {
  if (place === "video") return openJob(jobs.open(id));
  tray.hide(null);
  showTitle("");
  if (place === "draft") return bench.open(id);
  if (place !== "videos") return bench.show(place);
  places.show("videos");
  return videos.open();
}

/** @param {Job} job */
function openJob(job) {
  const isNew = job !== view.job && places.shown !== null;
  tray.hide(job);
  places.show("video");
  view.open(job);
  notices.offer(!job.hasEnded);
  if (isNew) view.focus();
}

/**
 * Order a video of a draft, and show how it is made.
 * @param {string} noun
 * @param {string} url
 * @param {Order} body
 * @param {OpenDraft} draft
 * @param {(string | null | undefined)[]} pictures
 */
function order(noun, url, body, draft, pictures) {
  draft.save();
  const { current } = draft;
  const kept = pictures.flatMap((picture) => (picture?.startsWith("/") ? picture : []));
  const job = jobs.order(noun, url, body, {
    draft: draft.id,
    ...(current ? nameOrder(current) : {}),
    pictures: kept,
  });
  job.pictures = pictures;
  if (current) drafts.keepOrder(job.id, current);
  places.go(writeAddress("video", job.id));
}

/**
 * Make the full video of a preview.
 * @param {Job} preview
 */
function makeFull({ id, record, pictures }) {
  const { noun, url, body, draft, title, files, pictures: kept } = record;
  const more = { draft, title, files, pictures: kept };
  const job = jobs.order(noun, url, { ...body, preview: false }, more);
  job.pictures = pictures;
  const source = drafts.readOrder(id);
  if (source) drafts.keepOrder(job.id, source);
  places.go(writeAddress("video", job.id));
}

/** @param {string} id of a job */
function canEdit(id) {
  return Boolean(drafts.readOrder(id));
}

/**
 * Go back to the draft that a job was made of.
 * @param {string} id of the job
 */
function edit(id) {
  const source = drafts.readOrder(id);
  if (source && drafts.read(source.id)) places.go(writeAddress("draft", source.id));
  else editAgain(id);
}

/**
 * Go to what a job was made of, as it was then: in its draft, or in a copy if that has changed.
 * @param {string} id of the job
 */
function editAgain(id) {
  const source = drafts.readOrder(id);
  if (source) openAgain(source);
  return "";
}

/**
 * Go to what another browser or a program has ordered. Return a sentence where that cannot be.
 * @param {string} id of the job
 */
async function editFromServer(id) {
  try {
    const source = toDraft(await call("GET", `/jobs/${id}/order`));
    drafts.keepOrder(id, source); // so that it opens the same draft the next time
    openAgain(source);
    return "";
  } catch (error) {
    return isTransient(error) ? NO_ANSWER : toRefusal(error).message;
  }
}

/** @param {Draft} source */
function openAgain(source) {
  places.go(writeAddress("draft", drafts.findSame(source)?.id ?? bench.copy(source)));
}

/**
 * Go back to the form of a clip with what was heard in it.
 * @param {Job} job
 * @param {any} transcript
 */
function correct(job, transcript) {
  const { cut } = bench.rooms;
  const arrive = (/** @type {HashChangeEvent} */ { newURL }) => {
    const isOpen = cut.draft.id === readAddress(new URL(newURL).hash).id;
    if (isOpen) cut.captions.take(transcript); // else what is there was not to be left
  };
  addEventListener("hashchange", arrive, { once: true });
  edit(job.id);
}

/** @param {string} id of a job that was deleted */
function forgetJob(id) {
  const job = jobs.find(id);
  if (job) tray.remove(job);
  jobs.remove(id);
  drafts.forgetOrder(id);
}

/** @param {DragEvent} event */
function carriesFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

/**
 * Take files to the form that is seen, or else to that of slideshows.
 * @param {File[]} files
 * @param {Unread[]} [unread] what was dropped with them and cannot be read
 */
function take(files, unread = []) {
  if (!files.length && !unread.length) return;
  if (places.shown !== "cut" && places.shown !== "make") places.go(writeAddress("make"));
  bench.rooms[places.shown === "cut" ? "cut" : "make"].take(files, unread);
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
  if (event.dataTransfer) {
    listDropped(event.dataTransfer).then(({ files, unread }) => take(files, unread));
  }
});
addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
addEventListener("beforeunload", (event) => {
  if (bench.isUnsent && !drafts.isClosed) event.preventDefault();
});

watchSignOut(drafts, () => bench.isUnsent);
watchPresses();
watchKeyboard();
keepPlace();
forgetOld();
jobs.restore();
const first = readAddress(location.hash);
if (first.place === "draft") bench.open(first.id); // its session counts
bench.restore();
open(first);
findId("late-note").remove();
