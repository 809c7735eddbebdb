// The log lines of the processes, read when the panel is opened.

import { call } from "../api.js";
import { find, findButton, findPart, tell } from "../elements.js";

/** @typedef {{name: string, lines: string[]}} LogTail */

/** @param {HTMLElement} section */
export function watchLogs(section) {
  const details = find(section, "details", HTMLDetailsElement);
  const choice = find(section, "select", HTMLSelectElement);
  /** @type {LogTail[]} */
  let logs = [];

  function show() {
    const chosen = logs.find(({ name }) => name === choice.value) ?? logs[0];
    const text = findPart(section, "lines");
    text.textContent = chosen?.lines.join("\n") || "This process has logged nothing yet.";
    text.hidden = !chosen;
    text.scrollTop = text.scrollHeight;
  }

  async function read() {
    try {
      ({ logs } = await call("GET", "/logs?lines=200"));
    } catch (error) {
      tell(findPart(section, "empty"), error instanceof Error ? error.message : String(error));
      return;
    }
    const { value } = choice;
    choice.replaceChildren(
      ...logs.map(({ name }) => new Option(name, name, false, name === value)),
    );
    tell(findPart(section, "empty"), logs.length ? "" : "No process has published its log yet.");
    findPart(section, "pick").hidden = !logs.length;
    show();
  }

  details.addEventListener("toggle", () => details.open && read());
  choice.addEventListener("change", show);
  findButton(section, "read-logs").addEventListener("click", read);
}
