// The jobs of a batch in its row, and the links between the rows of jobs and batches.

import { find, findPart, tell } from "../elements.js";
import { spellStatus } from "./words.js";

/** @typedef {{job_id: string, name: string, status: string}} Member */

const HIDDEN = ["finished", "canceled"]; // jobs that ended like this have no row on the page

/**
 * List the jobs of a batch; what is as before stays, with its focus.
 * @param {HTMLElement} row
 * @param {Member[]} jobs
 */
export function fillMembers(row, jobs) {
  const details = findPart(row, "members");
  details.hidden = !jobs.length;
  const list = find(details, "ul", HTMLElement);
  jobs.forEach((job, index) => {
    const known = list.children[index];
    const item = makeMember(job);
    if (!known) list.append(item);
    else if (!known.isEqualNode(item)) known.replaceWith(item);
  });
  while (list.children.length > jobs.length) list.lastElementChild?.remove();
}

/** @param {Member} job */
function makeMember({ job_id: id, name, status }) {
  const item = document.createElement("li");
  const title = document.createElement(HIDDEN.includes(status) ? "span" : "a");
  title.textContent = name;
  if (title instanceof HTMLAnchorElement) title.href = `#job-${id}`;
  item.append(title, ` ${spellStatus(status)}`);
  return item;
}

/**
 * Follow a link to a row; if that is not on the page, say so in the panel.
 * @param {MouseEvent} event
 */
export function checkLink(event) {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const panel = link?.closest(".panel");
  if (!(link instanceof HTMLAnchorElement) || !(panel instanceof HTMLElement)) return;
  if (document.getElementById(link.hash.slice(1))) return;
  const sentence =
    "It is not on the pages that are shown: turn those of its list, or it has ended.";
  tell(findPart(panel, "fault"), sentence); // until the next click
  event.preventDefault();
}
