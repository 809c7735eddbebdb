// What an operator does; what cannot be undone is asked for once more.

import { ApiError, ConnectionError, call } from "../api.js";
import { announce, find, findId, findPart, tell } from "../elements.js";

/** @typedef {{title: string, text: string, yes: string}} Question */

/**
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirmAction({ title, text, yes }) {
  const dialog = find(document, "#confirm", HTMLDialogElement);
  findId("confirm-title").textContent = title;
  findId("confirm-text").textContent = text;
  findPart(dialog, "yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Have the service do something; say what came of it.
 * @param {string} path below /admin
 * @param {object | undefined} body
 * @param {(answer: any) => string} describe
 */
export async function act(path, body, describe) {
  const refusal = findPart(document, "refusal");
  try {
    const answer = await call("POST", `/admin/${path}`, { body });
    tell(refusal, "");
    announce(describe(answer));
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
    tell(refusal, error.message);
  }
}

/** @param {any} answer */
export function describeRequeued({ requeued, skipped }) {
  const again =
    requeued.length === 1 ? "One job runs again." : `${requeued.length} jobs run again.`;
  return skipped.length ? `${again} ${skipped.length} could not.` : again;
}
