// The operators' page: its panels, what keeps them up to date, and its buttons.

import { find, findAround, findId, findPart, tell } from "../elements.js";
import { act, confirmAction, describeRequeued } from "./actions.js";
import { Feed } from "./feed.js";
import * as fill from "./fill.js";
import { watchLogs } from "./logs.js";
import { checkLink } from "./members.js";
import { showHealth, showStats } from "./overview.js";
import { RowPanel } from "./rows.js";
import { describeDraining, shortenId } from "./words.js";

/** @import { FeedState, List } from "./feed.js" */

const FOLLOW_MS = 5000;
const STATES = { live: "Live", polling: "Asking every 5 seconds", lost: "No connection" };

/** @param {string} id */
function makeJobs(id) {
  const section = findId(id);
  return new RowPanel(section, {
    url: `/admin/jobs?status=${section.dataset.status}`,
    template: "job-row",
    pick: (answer) => answer.jobs,
    key: (/** @type {any} */ job) => job.job_id,
    fill: fill.fillJob,
  });
}

/**
 * @param {string} id
 * @param {string} url
 * @param {(answer: any) => any[]} pick
 * @param {(thing: any) => string} key
 * @param {(row: HTMLElement, thing: any) => void} fillRow
 */
function makePlain(id, url, pick, key, fillRow) {
  return new RowPanel(findId(id), { url, template: "plain-row", pick, key, fill: fillRow });
}

const jobs = Object.fromEntries(
  ["running", "waiting", "scheduled", "deferred", "failed"].map((id) => [id, makeJobs(id)]),
);
const workers = makePlain(
  "workers",
  "/admin/workers",
  (answer) => answer.workers,
  (worker) => worker.name,
  fill.fillWorker,
);
const audit = makePlain(
  "audit",
  "/admin/audit",
  (answer) => answer.records,
  (record) => `${record.at} ${record.action} ${record.target}`,
  fill.fillAudit,
);

/** @param {any} answer */
function showWorkers(answer) {
  workers.take(answer);
  findPart(document, "paused").hidden = !answer.suspended;
  const hasWorker = answer.workers.some((/** @type {any} */ { role }) => role === "worker");
  findPart(document, "lonely").hidden = hasWorker;
  tell(findPart(document, "draining"), describeDraining(answer.workers));
  const button = workers.section.querySelector(".panel-head button");
  if (!(button instanceof HTMLButtonElement)) return; // without Redis there is nothing to pause
  // One button, so that it keeps the focus.
  button.dataset.act = answer.suspended ? "resume" : "pause";
  button.textContent = answer.suspended ? "Resume the workers" : "Pause the workers";
  button.className = answer.suspended ? "primary" : "quiet";
}

/** The other panels with rows. */
const rows = [
  makePlain(
    "batches",
    "/admin/batches",
    (answer) => answer.batches,
    (batch) => batch.batch_id,
    fill.fillBatch,
  ),
  makePlain(
    "webhooks",
    "/admin/webhooks",
    (answer) => answer.webhooks,
    (hook) => hook.webhook_id,
    fill.fillWebhook,
  ),
  makePlain(
    "schedules",
    "/admin/schedules",
    (answer) => answer.schedules,
    (chore) => chore.name,
    fill.fillSchedule,
  ),
];

const panels = [...Object.values(jobs), workers, audit, ...rows];

/** @type {Record<string, List>} */
const lists = {
  ...Object.fromEntries(
    panels.map((panel) => [
      panel.section.id,
      { url: panel.kind.url, show: (/** @type {any} */ answer) => panel.take(answer) },
    ]),
  ),
  workers: { url: "/admin/workers", show: showWorkers },
  stats: { url: "/admin/stats", show: (answer) => showStats(findId("stats"), answer) },
  health: { url: "/health", show: (answer) => showHealth(findId("health"), answer) },
};

/** @param {FeedState} state */
function showState(state) {
  const live = findPart(document, "live");
  live.dataset.state = state;
  live.textContent = STATES[state];
}

const feed = new Feed(lists, (detail) => tell(findPart(document, "trouble"), detail), showState);

/** Show what has changed, also on pages that no event brings. */
async function refresh() {
  await Promise.all([feed.refresh(), ...panels.map((panel) => panel.follow())]);
}

async function followPages() {
  await Promise.all(panels.map((panel) => panel.follow()));
  setTimeout(followPages, FOLLOW_MS);
}

/** @type {Record<string, (job: string) => Promise<void>>} */
const ACTS = {
  pause: () => act("pause", undefined, () => "The workers are paused."),
  resume: () => act("resume", undefined, () => "The workers take jobs again."),
  requeue: (job) => act("requeue", { job_id: job }, describeRequeued),
  resend: (webhook) =>
    act("webhooks/resend", { webhook_id: webhook }, () => "The webhook is sent again."),
  "retry-batch": (batch) =>
    act("batches/retry", { batch_id: batch }, () => "What failed or was cancelled runs again."),
  "cancel-batch": async (batch) => {
    const isSure = await confirmAction({
      title: `Cancel batch ${shortenId(batch)}?`,
      text: "All its jobs that have not ended are cancelled, and what they have rendered so far is lost.",
      yes: "Cancel the batch",
    });
    if (isSure) await act("batches/cancel", { batch_id: batch }, () => "The batch is cancelled.");
  },
  cancel: async (job) => {
    const isSure = await confirmAction({
      title: `Cancel job ${shortenId(job)}?`,
      text: "Its render stops, and what it has rendered so far is lost.",
      yes: "Cancel the job",
    });
    if (isSure) await act("cancel", { job_id: job }, (status) => status.message);
  },
  cleanup: async () => {
    const isSure = await confirmAction({
      title: "Clean up now?",
      text: "Uploads, videos and ended jobs that are older than RETENTION_HOURS are deleted now instead of within the hour. They cannot be brought back.",
      yes: "Delete them",
    });
    if (isSure) await act("cleanup", undefined, (answer) => answer.message);
  },
};

document.addEventListener("click", async (event) => {
  const button = findAround(event, "[data-act]");
  const run = button && ACTS[button.dataset.act ?? ""];
  if (!run) return;
  await run(findAround(event, "[data-id]")?.dataset.id ?? "");
  await refresh();
});

find(document, "[data-part=requeue]", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value } = find(document, "#age", HTMLSelectElement);
  await (value
    ? act(`requeue?max_age_hours=${value}`, undefined, describeRequeued)
    : act("requeue", { all: true }, describeRequeued));
  await refresh();
});

document.addEventListener("click", checkLink);
watchLogs(findId("logs"));
followPages();
