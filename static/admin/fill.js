// How the rows of the operators' page are filled.

import { find, findButton, findPart, tell } from "../elements.js";
import { sayCount } from "../language.js";
import { fillMembers } from "./members.js";
import {
  capitalize,
  describeJob,
  describeWorker,
  formatMoment,
  shortenId,
  spellStatus,
} from "./words.js";

/** @import { ListedJob } from "./words.js" */

/**
 * @param {HTMLElement} row
 * @param {ListedJob} job
 */
export function fillJob(row, job) {
  const name = [capitalize(job.kind), job.name, shortenId(job.job_id)].filter(Boolean).join(" ");
  row.dataset.id = job.job_id;
  findPart(row, "kind").textContent = capitalize(job.kind);
  const id = findPart(row, "id");
  id.textContent = shortenId(job.job_id);
  id.title = job.job_id;
  row.id = `job-${job.job_id}`;
  tell(findPart(row, "name"), job.name ?? "");
  findPart(row, "queue").textContent = job.queue;
  fillBatchLink(row, job.batch_id);
  tell(findPart(row, "facts"), describeJob(job));
  tell(findPart(row, "error"), job.error ?? "");
  fillProgress(row, name, job);
  const log = findPart(row, "log");
  log.hidden = !job.log_tail;
  const text = find(log, "pre", HTMLElement);
  if (text.textContent !== (job.log_tail ?? "")) text.textContent = job.log_tail ?? "";
  nameDetails(log, name);
  offer(row, name, { cancel: !job.ended_at, requeue: job.status === "failed" });
}

/**
 * @param {HTMLElement} row
 * @param {string | undefined} batch the id of the batch that a job is of
 */
function fillBatchLink(row, batch) {
  findPart(row, "member").hidden = !batch;
  const link = find(row, '[data-part="batch"]', HTMLAnchorElement);
  link.href = `#batch-${batch}`;
  tell(link, batch ? `batch ${shortenId(batch)}` : "");
}

/**
 * Show the buttons of what can be done to a thing, and hide the others.
 * @param {HTMLElement} row
 * @param {string} name of the thing
 * @param {Record<string, boolean>} acts whether each is possible
 */
function offer(row, name, acts) {
  for (const [act, isPossible] of Object.entries(acts)) {
    const button = findButton(row, act);
    button.hidden = !isPossible;
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  }
}

/**
 * Tell screen readers what the details are of: each row has such.
 * @param {HTMLElement} details
 * @param {string} name of the thing
 */
function nameDetails(details, name) {
  const summary = find(details, "summary", HTMLElement);
  summary.setAttribute("aria-label", `${summary.textContent}: ${name}`);
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 * @param {ListedJob} job
 */
function fillProgress(row, name, job) {
  findPart(row, "reel").hidden = job.status !== "started";
  const bar = find(row, "progress", HTMLProgressElement);
  bar.value = job.progress ?? 0;
  bar.setAttribute("aria-label", `Progress of ${name}`);
  findPart(row, "percent").textContent = job.progress === undefined ? "" : `${job.progress} %`;
}

/**
 * @param {HTMLElement} row
 * @param {{title: string, chip?: string, mood?: string, facts?: string, error?: string}} words
 */
function fillPlain(row, { title, chip = "", mood = "", facts = "", error = "" }) {
  findPart(row, "title").textContent = title;
  const mark = findPart(row, "chip");
  tell(mark, chip);
  mark.dataset.mood = mood;
  tell(findPart(row, "facts"), facts);
  tell(findPart(row, "error"), error);
}

const MOODS = {
  busy: "busy",
  draining: "busy",
  idle: "good",
  serving: "good",
  suspended: "bad",
};

/**
 * @param {HTMLElement} row
 * @param {any} worker
 */
export function fillWorker(row, worker) {
  const mood = MOODS[/** @type {keyof typeof MOODS} */ (worker.state)] ?? "";
  const title = `${worker.role === "web" ? "Web" : "Worker"} ${worker.name.slice(0, 24)}`;
  fillPlain(row, { title, chip: worker.state, mood, facts: describeWorker(worker) });
}

/**
 * @param {HTMLElement} row
 * @param {any} record
 */
export function fillAudit(row, record) {
  const target = record.target.length === 36 ? shortenId(record.target) : record.target;
  const facts = [formatMoment(record.at), record.who, record.address].filter(Boolean);
  const title = `${capitalize(record.action)} ${target}`.trim();
  fillPlain(row, { title, facts: `${facts.join(" · ")} · ${record.result}` });
}

/**
 * @param {HTMLElement} row
 * @param {any} chore
 */
export function fillSchedule(row, chore) {
  const facts = [chore.schedule];
  if (chore.last_run) facts.push(`last ${formatMoment(chore.last_run)}`);
  if (chore.ok !== false && chore.outcome) facts.push(chore.outcome.replace(/\.$/, ""));
  if (chore.next_run) facts.push(`next ${formatMoment(chore.next_run)}`);
  const state = chore.running_since ? "running" : "";
  fillPlain(row, {
    title: capitalize(chore.name),
    chip: chore.ok === false ? "failed" : state,
    mood: chore.ok === false ? "bad" : "busy",
    facts: facts.join(" · "),
    error: chore.ok === false ? chore.outcome : "",
  });
}

/**
 * @param {HTMLElement} row
 * @param {any} hook
 */
export function fillWebhook(row, hook) {
  const last = hook.attempts?.at(-1);
  const facts = [hook.host, formatMoment(hook.occurred_at)];
  if (hook.attempts?.length) {
    facts.push(
      sayCount(hook.attempts.length, { one: "{count} attempt", other: "{count} attempts" }),
    );
  }
  if (last?.status_code) facts.push(`last answer ${last.status_code}`);
  if (hook.next_at) facts.push(`next ${formatMoment(hook.next_at)}`);
  const title = `${hook.type} ${shortenId(hook.job_id ?? hook.batch_id ?? "")}`;
  fillPlain(row, { title, chip: hook.state, facts: facts.join(" · "), error: last?.error ?? "" });
  row.dataset.id = hook.webhook_id;
  offer(row, title, { resend: true });
}

/**
 * @param {HTMLElement} row
 * @param {any} batch
 */
export function fillBatch(row, batch) {
  const canceled = batch.canceled ? `, ${batch.canceled} cancelled` : "";
  const facts = `${batch.finished} of ${batch.total} finished, ${batch.failed} failed${canceled}`;
  const title = `Batch ${shortenId(batch.batch_id)}`;
  const mood = batch.failed ? "bad" : "";
  fillPlain(row, {
    title,
    chip: spellStatus(batch.status),
    mood,
    facts: `${facts} · ${batch.progress ?? 0} %`,
  });
  row.dataset.id = batch.batch_id;
  row.id = `batch-${batch.batch_id}`;
  fillMembers(row, batch.jobs ?? []);
  nameDetails(findPart(row, "members"), title);
  const acts = {
    "retry-batch": batch.failed + batch.canceled > 0,
    "cancel-batch": !batch.ended_at,
  };
  offer(row, title, acts);
}
