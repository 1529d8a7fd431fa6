// Times as the shop's clock has them.

import { zone } from "./page.js";

const make = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
const CLOCK = make({ hour: "2-digit", minute: "2-digit" });
const DAY = make({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = make({ day: "numeric", month: "short" });
const FULL = make({ dateStyle: "full", timeStyle: "long" });
const STAMP = make({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

/** @param {string} at */
export const clock = (at) => CLOCK.format(new Date(at));
/** @param {string} at */
export const day = (at) => DAY.format(new Date(at));
/** Date and time, as short as is clear. @param {string} at */
export const when = (at) => (sameDay(at, new Date()) ? clock(at) : `${SHORT_DAY.format(new Date(at))}, ${clock(at)}`);
/** @param {string} at */
export const stamp = (at) => STAMP.format(new Date(at));

/** A `time` element with the whole stamp on hover. @param {string} at @param {string} [words] */
export function time(at, words = clock(at)) {
  const made = document.createElement("time");
  made.dateTime = at;
  made.title = FULL.format(new Date(at));
  made.textContent = words;
  return made;
}

/** How long ago, in one word: 5 m, 3 h, 2 d. @param {string} at */
export function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 60_000));
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} m`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** @param {string} left @param {string|Date} right */
function sameDay(left, right) {
  return DAY.format(new Date(left)) === DAY.format(new Date(right));
}
