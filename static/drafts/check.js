// Whether the uploads of a draft are still on the server.

import { call, isTransient, toRefusal } from "../api.js";
import { language, say, sayCount } from "../language.js";

const MOST_NAMED = 5;

/**
 * Return those of some ids that a session does not have any more; none where no answer comes.
 * @param {string} session
 * @param {string[]} ids
 * @returns {Promise<Set<string>>}
 */
export async function findMissing(session, ids) {
  if (!ids.length) return new Set();
  try {
    const { uploads } = await call("GET", `/sessions/${session}`);
    const there = new Set(uploads);
    return new Set(ids.filter((id) => !there.has(id)));
  } catch (error) {
    if (!isTransient(error)) toRefusal(error); // a fault of ours is thrown again
    return new Set();
  }
}

/**
 * Say that a file was not sent; an empty sentence without one.
 * @param {string | undefined} name
 */
export function describeUnsent(name) {
  if (!name) return "";
  return say("{name} was not sent before the page was closed. Choose it again.", { name });
}

/**
 * Say what is gone; an empty sentence when nothing is.
 * @param {string[]} names of files
 */
export function describeMissing(names) {
  if (!names.length) return "";
  const [name] = names;
  if (names.length === 1) return say("No longer on the server: {name}. Add it again.", { name });
  const shown = names.slice(0, MOST_NAMED);
  const more = names.length - shown.length;
  const others = sayCount(more, { one: "{count} more", other: "{count} more" });
  return say("No longer on the server: {names}. Add them again.", {
    names: language.formatList(more ? [...shown, others] : shown),
  });
}
