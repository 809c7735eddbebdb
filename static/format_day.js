// Days as people write them in the page's language.

import { language, say } from "./language.js";

const { locale } = language;
const DAY = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const YEAR = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });

/**
 * Write a day: `today`, `12 July`, `12 July 2025`.
 * @param {number} moment ms since 1970
 * @param {number} [now]
 */
export function formatDay(moment, now = Date.now()) {
  const [date, today] = [new Date(moment), new Date(now)];
  const near = nameDay(date, now);
  if (near) return near;
  return date.getFullYear() === today.getFullYear() ? DAY.format(date) : YEAR.format(date);
}

/**
 * Write a day, and for today and yesterday the time: `today, 14:05`.
 * @param {number} moment ms since 1970
 * @param {number} [now]
 */
export function formatMoment(moment, now = Date.now()) {
  const day = nameDay(new Date(moment), now);
  return day ? `${day}, ${TIME.format(moment)}` : formatDay(moment, now);
}

/**
 * Return the name of a day that is near; an empty one for others.
 * @param {Date} date
 * @param {number} now
 */
function nameDay(date, now) {
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return say("today");
  today.setDate(today.getDate() - 1); // a day has not always 24 hours
  return date.toDateString() === today.toDateString() ? say("yesterday") : "";
}
