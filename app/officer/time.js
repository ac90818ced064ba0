// Times as officers read them. The service's clock decides; the phone's is only held against it.
import { signal } from '@preact/signals';
import { MINUTE } from './span.js';

export { MINUTE, span } from './span.js';

const ZONE = 'Europe/London';
export const HOUR = 60 * MINUTE;

/** How far the service's clock is ahead of this phone's, in milliseconds. */
export const offset = signal(0);
/** Moves once a second while the page is seen, so that what depends on the time is drawn anew. */
export const tick = signal(Date.now());

/** By the service's clock, as well as this phone knows it. */
export const now = () => tick.value + offset.value;

let isLearnt = false;
/** What the phone knew when it was last open, until the service says how it is. @param {number} offset_ms */
export function recallClock(offset_ms) {
  if (!isLearnt) offset.value = offset_ms;
}

/** @param {string} instant @param {number} asked_at @param {number} answered_at */
export function learnClock(instant, asked_at, answered_at) {
  isLearnt = true;
  const measured = Date.parse(instant) - (asked_at + answered_at) / 2;
  // Less than the way there and back is no difference.
  if (Math.abs(measured - offset.peek()) > Math.max(1_000, answered_at - asked_at)) offset.value = measured;
}

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const longDay = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'long', day: 'numeric', month: 'long' });
const bornDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

/** @param {string | number} at */
function read(at) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const { type, value } of parts.formatToParts(typeof at === 'number' ? at : Date.parse(at))) found[type] = value;
  // One engine says "Sept" where the others say "Sep".
  found.month = found.month.slice(0, 3);
  return found;
}

/** "14:05" @param {string | number} at */
export const clock = (at) => {
  const it = read(at);
  return `${it.hour}:${it.minute}`;
};
/** "14:05:09" @param {string | number} at */
export const clockSeconds = (at) => {
  const it = read(at);
  return `${it.hour}:${it.minute}:${it.second}`;
};
/** "Mon 23 Nov, 14:05" @param {string | number} at */
export const dayAndClock = (at) => {
  const it = read(at);
  return `${it.weekday} ${it.day} ${it.month}, ${it.hour}:${it.minute}`;
};
/** "Mon 23 Nov" @param {string | number} at */
export const shortDay = (at) => {
  const it = read(at);
  return `${it.weekday} ${it.day} ${it.month}`;
};
/** "Monday 23 November" @param {number} at */
export const wholeDay = (at) => longDay.format(at).replace(',', '');
/** "14 March 1992" @param {string} date */
export const born = (date) => bornDay.format(Date.parse(`${date}T00:00:00Z`));
/** "3 Mar 2025" @param {string} date */
export const dayOf = (date) => {
  const it = read(`${date}T12:00:00Z`);
  return `${it.day} ${it.month} ${it.year}`;
};
/** "2026-11-23" @param {number} at */
export function isoDay(at) {
  const found = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
  return found.format(at);
}

/** The last instant before `at` when clocks showed "13:40"; nothing when that is no time. @param {string} clock_time @param {number} at */
export function timeOfDay(clock_time, at) {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(clock_time) ?? [];
  if (!hours) return 0;
  const shown = read(at);
  const since = (Number(shown.hour) - Number(hours)) * 60 + Number(shown.minute) - Number(minutes);
  const back = since < 0 ? since + 24 * 60 : since;
  const found = Math.floor(at / MINUTE) * MINUTE - back * MINUTE;
  // Between the two the clocks may have been changed.
  return [found, found - HOUR, found + HOUR].find((it) => clock(it) === `${hours}:${minutes}`) ?? found;
}

/** The minute that the order states is the last one inside. @param {string} closes_at */
export const lastMinute = (closes_at) => clock(Date.parse(closes_at) - 1);

/** @param {string} date @param {number} at */
export function age(date, at) {
  const [year, month, day] = date.split('-').map(Number);
  const [thisYear, thisMonth, thisDay] = isoDay(at).split('-').map(Number);
  const hadBirthday = thisMonth > month || (thisMonth === month && thisDay >= day);
  return thisYear - year - (hadBirthday ? 0 : 1);
}

/** As with an age: when the day has come round again. @param {string} date @param {number} at */
export const isOverAYearOld = (date, at) => age(date, at) >= 1;

/** Today by its clock, another day with its name. @param {string | number} at @param {number} today */
export function whenShort(at, today) {
  const instant = typeof at === 'number' ? at : Date.parse(at);
  return isoDay(instant) === isoDay(today) ? clock(instant) : dayAndClock(instant);
}

/** "2026-11-24T10:30:02.000Z", by this phone's own clock. @param {number} [at] an instant by the service's */
export const phoneClock = (at) => new Date(at === undefined ? Date.now() : at - offset.peek()).toISOString();
