// Signing out: what this browser keeps of a user's drafts and videos stays only if they say so, as
// the next one at this computer could read it. What others have kept stays. The other tabs leave, too.

import { isOwn } from "./drafts/drafts.js";
import { find, findButton } from "./elements.js";
import { clear } from "./intake/unsent.js";

/** @import { Drafts } from "./drafts/drafts.js" */

const PREFIX = "reelqueue.";
const channel = new BroadcastChannel(`${PREFIX}sign_out`);

/**
 * Ask what is to be kept when the user signs out. Without tokens there is no such button.
 * @param {Drafts} drafts
 * @param {() => boolean} isUnsent whether files are on their way
 */
export function watchSignOut(drafts, isUnsent) {
  const form = document.querySelector("form.sign-out");
  if (!(form instanceof HTMLFormElement)) return;
  const dialog = find(document.body, "#sign-out", HTMLDialogElement);
  channel.addEventListener("message", ({ data: isKept }) => {
    if (!isKept) drafts.close();
    location.replace("/sign_in");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (drafts.list().length || isUnsent()) dialog.showModal();
    else leave(form, drafts);
  });
  findButton(dialog, "remove").addEventListener("click", () => leave(form, drafts));
  findButton(dialog, "keep").addEventListener("click", () => {
    channel.postMessage(true);
    form.submit();
  });
}

/**
 * Sign out, and keep nothing of this user's.
 * @param {HTMLFormElement} form
 * @param {Drafts} drafts
 */
async function leave(form, drafts) {
  drafts.close(); // or what is open would be saved once more
  channel.postMessage(false); // before all is removed, for the same reason
  const storages = listStorages();
  for (const storage of storages) removeOwn(storage, drafts.owner);
  const rest = storages.flatMap((storage) => Object.values(storage)).join();
  await clear((key) => rest.includes(key)); // files are others' if their drafts have them
  form.submit();
}

/** Return the browser's storage and this tab's; none where they are switched off. */
function listStorages() {
  try {
    return [localStorage, sessionStorage];
  } catch {
    return [];
  }
}

/**
 * @param {Storage} storage
 * @param {string | undefined} owner the mark of who leaves
 */
function removeOwn(storage, owner) {
  for (const [key, text] of Object.entries(storage)) {
    if (key.startsWith(PREFIX) && isOwn(parse(text), owner)) storage.removeItem(key);
  }
}

/**
 * @param {string} text
 * @returns {{owner?: string}}
 */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // such as an id, which has no mark
  }
}
