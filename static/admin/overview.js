// The panels of queues and of the service's health.

import { findPart, tell } from "../elements.js";
import { makeChart, makeTable } from "./charts.js";
import { CHARTS, describeAlerts, describeStorage, listHours, listQueues } from "./stats.js";
import { describeService } from "./words.js";

/** @import { Statistics } from "./stats.js" */

/**
 * @param {HTMLElement} section
 * @param {Statistics} stats
 */
export function showStats(section, stats) {
  findPart(section, "empty").hidden = true;
  const queues = findPart(section, "queues");
  queues.hidden = false;
  const [titles, ...rows] = listQueues(stats);
  queues.replaceChildren(makeTable(titles.map(String), rows));
  tell(findPart(section, "alerts"), describeAlerts(stats));
  tell(findPart(section, "use"), describeStorage(stats));
  showCharts(findPart(section, "charts"), stats);
}

/** The hours of the charts that are shown, as text. */
let charted = "";

/**
 * Draw the charts again if they change: what is open, selected or has the focus stays.
 * @param {HTMLElement} place
 * @param {Statistics} stats
 */
function showCharts(place, stats) {
  const hours = listHours(stats);
  if (charted === JSON.stringify(hours)) return;
  charted = JSON.stringify(hours);
  const isOpen = [...place.children].map((chart) => Boolean(chart.querySelector("[open]")));
  place.replaceChildren(...CHARTS.map(({ title, series }) => makeChart(title, hours, series)));
  place.hidden = false;
  [...place.children].forEach((chart, index) => {
    const details = chart.querySelector("details");
    if (details) details.open = isOpen[index] ?? false;
  });
}

/**
 * @param {HTMLElement} section
 * @param {any} health
 */
export function showHealth(section, health) {
  const facts = [
    ["Service", describeService(health)],
    ["Queue", describePart(health.queue, health.queue.mode === "redis" ? "Redis" : "no Redis")],
    ["Storage", describePart(health.storage)],
    ["Disk for renders", describePart(health.disk)],
    ["Renders at once", String(health.workers)],
  ];
  const list = findPart(section, "facts");
  list.replaceChildren(
    ...facts.flatMap(([name, value]) => {
      const title = document.createElement("dt");
      title.textContent = name;
      const text = document.createElement("dd");
      text.textContent = value;
      return [title, text];
    }),
  );
  list.hidden = false;
  findPart(section, "empty").hidden = true;
}

/**
 * @param {{ok: boolean, cause?: string}} part
 * @param {string} what
 */
function describePart({ ok, cause }, what = "") {
  const state = ok ? "well" : `not available: ${cause}`;
  return what ? `${what}, ${state}` : state;
}
