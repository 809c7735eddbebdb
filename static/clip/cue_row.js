// A line of captions on the page, as it is typed.

import { copyTemplate, find, findInput, findPart, tell } from "../elements.js";
import { say, sayCount } from "../language.js";
import { findFault } from "./cues.js";

/** @import { Cue } from "./cues.js" */

/**
 * Say how many lines there are, and how many of them a cut leaves out.
 * @param {number} count
 * @param {number} outside
 */
export function describeLines(count, outside) {
  const lines = sayCount(count, { one: "{count} line", other: "{count} lines" });
  return outside ? say("{lines}, {outside} outside the cut", { lines, outside }) : lines;
}

/** @param {ParentNode} row */
export const findText = (row) => find(row, "textarea", HTMLTextAreaElement);

/**
 * Return a new row for a cue.
 * @param {Cue} cue
 */
export function newRow(cue) {
  const row = copyTemplate("cue-template");
  fillRow(row, cue);
  return row;
}

/**
 * Type a cue into a row; a time that is none is left empty.
 * @param {ParentNode} row
 * @param {{start: number | null, end: number | null, text: string}} cue
 */
export function fillRow(row, { start, end, text }) {
  findInput(row, "start").value = String(start ?? "");
  findInput(row, "end").value = String(end ?? "");
  findText(row).value = text;
}

/**
 * Read the cue of a row as typed; a time that is empty or no number is NaN.
 * @param {ParentNode} row
 */
export function readRow(row) {
  return {
    start: findInput(row, "start").valueAsNumber,
    end: findInput(row, "end").valueAsNumber,
    text: findText(row).value.trim(),
  };
}

/**
 * Say in a row what is wrong with it; true when something is. A row without text is not used.
 * @param {ParentNode} row
 */
export function markFault(row) {
  const cue = readRow(row);
  const fault = cue.text ? findFault(cue) : "";
  tell(findPart(row, "fault"), fault);
  for (const name of ["start", "end"]) {
    findInput(row, name).setAttribute("aria-invalid", String(fault !== ""));
  }
  return fault !== "";
}

/**
 * @param {Cue} cue
 * @param {number} time
 */
export const isShown = ({ start, end }, time) => time >= start && time < end;
