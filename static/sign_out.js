// Signing out: what this browser keeps of drafts and videos stays only if its user says so, as the
// next one at this computer could read it. The other tabs leave, too.

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
 * Sign out, and keep nothing.
 * @param {HTMLFormElement} form
 * @param {Drafts} drafts
 */
async function leave(form, drafts) {
  drafts.close(); // or what is open would be saved once more
  channel.postMessage(false); // before all is removed, for the same reason
  await clear();
  for (const storage of listStorages()) removeOwn(storage);
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

/** @param {Storage} storage */
function removeOwn(storage) {
  const keys = Object.keys(storage).filter((key) => key.startsWith(PREFIX));
  for (const key of keys) storage.removeItem(key);
}
