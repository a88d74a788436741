/** Times as the acting person reads them: in their zone and their language's habits. */

import { state } from "./store.js";

const formats = new Map();

function format(options) {
  const zone = state.me?.tz ?? "UTC";
  const locale = state.me?.locale ?? "en-US";
  const key = JSON.stringify([locale, zone, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key);
}

/** A message's timestamp as a Date. */
export function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}

/** "9:04 AM" */
export function clock(date, { seconds = false } = {}) {
  return format({ hour: "numeric", minute: "2-digit", ...(seconds && { second: "2-digit" }) }).format(date);
}

/** "9:04:07.120": for what is spaced by fractions of a second. */
export function preciseClock(date) {
  return format({ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 2, hourCycle: "h23" })
    .format(date);
}

/** The day as "2026-11-22", to compare days in the reader's zone. */
export function dayKey(date) {
  const { year, month, day } = wallClock(date);
  return `${year}-${month}-${day}`;
}

const clocks = new Map();

/** The parts of an instant as the clock on the acting person's wall shows them. */
function wallClock(date) {
  const zone = state.me?.tz ?? "UTC";
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    }));
  }
  return Object.fromEntries(clocks.get(zone).formatToParts(date).map((part) => [part.type, part.value]));
}

/** "today", "yesterday", "tomorrow", or null where none of them fits. */
function nearDay(date) {
  const day = dayKey(date);
  const now = Date.now();
  if (day === dayKey(new Date(now))) return "today";
  if (day === dayKey(new Date(now - 86_400_000))) return "yesterday";
  if (day === dayKey(new Date(now + 86_400_000))) return "tomorrow";
  return null;
}

/** Return the words of the line between two days. */
export function dayName(date) {
  const near = nearDay(date);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const sameYear = dayKey(date).slice(0, 4) === dayKey(new Date()).slice(0, 4);
  return format({ weekday: "long", month: "long", day: "numeric", ...(!sameYear && { year: "numeric" }) }).format(date);
}

/** Day and time in full, for a tooltip. */
export function fullTime(date) {
  return format({ dateStyle: "full", timeStyle: "medium" }).format(date);
}

const DATE_TOKENS = {
  date_num: (date) => dayKey(date),
  date: (date) => format({ dateStyle: "long" }).format(date),
  date_slash: (date) => format({ dateStyle: "short" }).format(date),
  date_short: (date) => format({ month: "short", day: "numeric", year: "numeric" }).format(date),
  date_long: (date) => format({ dateStyle: "full" }).format(date),
  date_pretty: (date) => nearDay(date) ?? DATE_TOKENS.date(date),
  date_short_pretty: (date) => nearDay(date) ?? DATE_TOKENS.date_short(date),
  date_long_pretty: (date) => nearDay(date) ?? DATE_TOKENS.date_long(date),
  day_divider_pretty: (date) => dayName(date),
  time: (date) => clock(date),
  time_secs: (date) => clock(date, { seconds: true }),
  ago: (date) => ago(date),
};

/** Slack's `<!date^…>` template filled in; null where it has a token that Slack does not know. */
export function dateTemplate(seconds, template) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  let known = true;
  const text = template.replace(/\{(\w+)\}/g, (whole, token) => {
    if (Object.hasOwn(DATE_TOKENS, token)) return DATE_TOKENS[token](date);
    known = false;
    return whole;
  });
  return known ? text : null;
}

/** "3 minutes ago" */
export function ago(date, now = Date.now()) {
  const seconds = Math.round((date.getTime() - now) / 1000);
  const words = new Intl.RelativeTimeFormat(state.me?.locale ?? "en-US", { numeric: "auto" });
  for (const [unit, length] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(seconds, "second");
}

/** The instant of a wall-clock time ("2026-11-22T14:30") in the acting person's zone, in seconds. */
export function fromWallClock(text) {
  const guess = Date.parse(`${text}Z`);
  const once = guess - offsetAt(guess);
  return Math.round((guess - offsetAt(once)) / 1000);
}

/** The wall-clock time of an instant in the acting person's zone, as a datetime field wants it. */
export function toWallClock(seconds) {
  const { year, month, day, hour, minute } = wallClock(new Date(seconds * 1000));
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

function offsetAt(instant) {
  return Date.parse(`${toWallClock(Math.floor(instant / 60_000) * 60)}Z`) - Math.floor(instant / 60_000) * 60_000;
}
