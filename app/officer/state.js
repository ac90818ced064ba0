// What the screens show: signals, written by `session.js`, `live.js` and `outbox/`, read by everybody.
import { batch, computed, signal } from '@preact/signals';
import { endWatch } from './api.js';
import { forgetPhotos } from './photos.js';
import { now } from './time.js';

/** @typedef {import('./types').Due} Due */

/** @typedef {'starting' | 'broken' | 'signed_out' | 'choosing_pin' | 'locked' | 'open'} Phase */
export const phase = signal(/** @type {Phase} */ ('starting'));
export const account = signal(/** @type {import('./types').Account | null} */ (null));
/** An auditor and whoever keeps accounts have no sign-ons to confirm and no alerts to take. */
export const isOfficer = computed(() => !['auditor', 'administrator'].includes(account.value?.role ?? ''));
export const sessionEndsAt = signal('');
/** Why the officer has to sign in again; empty when they have not been signed in. */
export const endedBecause = signal('');

export const me = signal(/** @type {import('./types').Me | null} */ (null));
export const stations = signal(/** @type {import('./types').Station[]} */ ([]));
export const stationId = signal('');
export const station = computed(() => stations.value.find((it) => it.station_id === stationId.value) ?? null);

export const list = signal(/** @type {import('./types').DueList | null} */ (null));
export const alerts = signal(/** @type {Map<string, import('./types').Alert>} */ (new Map()));
/** Up to where the service has told of changes: of the alerts here, and of no others. */
export const cursor = signal(/** @type {string | null} */ (null));
/** When the service last said how things are, by this phone's clock; 0 for never. */
export const heardAt = signal(0);
/** Whether the last try reached the service; nothing before the first. */
export const reached = signal(/** @type {boolean | null} */ (null));

/** What waits, with the labels of this officer's own opened. */
export const outbox = signal(/** @type {import('./types').Shown[]} */ ([]));
export const mine = computed(() => outbox.value.filter((item) => !item.isOthers));
export const doneToday = signal(/** @type {import('./types').Answered[]} */ ([]));
export const waitingCount = computed(() => mine.value.length);
/** A new version of the app is there and is taken at the next start. */
export const updateWaits = signal(false);
/** The browser's offer to put the app on the home screen, while it stands. */
export const installOffer = signal(/** @type {{prompt: () => Promise<unknown>} | null} */ (null));
/** The last thing that went wrong without a screen of its own to say so. */
export const trouble = signal('');

export const openAlerts = computed(() =>
  [...alerts.value.values()]
    .filter((alert) => alert.state !== 'closed')
    .sort((one, other) => rank(one) - rank(other) || one.triggered_at.localeCompare(other.triggered_at)),
);
export const newAlerts = computed(() => openAlerts.value.filter((alert) => alert.state === 'triggered'));

const SEVERITIES = ['critical', 'high', 'warning', 'info'];
/** Nobody has it, then the worst, then those of whom nobody can be told, then the oldest. @param {import('./types').Alert} alert */
const rank = (alert) =>
  (alert.state === 'triggered' ? 0 : 100) + 10 * SEVERITIES.indexOf(alert.severity) + (alert.nobody_reachable ? 0 : 1);

/** Due at another of the officer's stations, but standing at this counter. */
export const visitors = signal(/** @type {Due[]} */ ([]));
/** What was looked up stays while one of them is looked at. */
export const found = signal(
  /** @type {{query: string, orders: import('./types').Order[], next: string | null} | null} */ (null),
);
export const typed = signal('');
/** Of the day's list: the only group that is shown. */
export const filter = signal(/** @type {Standing | ''} */ (''));

/** Nothing about people stays in memory, and no answer to what was asked before comes through. */
export function forgetPeople() {
  endWatch();
  forgetPhotos();
  batch(() => {
    list.value = null;
    alerts.value = new Map();
    cursor.value = null;
    outbox.value = [];
    doneToday.value = [];
    visitors.value = [];
    found.value = null;
    typed.value = '';
    filter.value = '';
    heardAt.value = 0;
    trouble.value = '';
  });
}

/** A list is never shown under the name of another station. @param {string} id */
export function workAt(id) {
  batch(() => {
    stationId.value = id;
    if (list.value?.station_id !== id) list.value = null;
  });
}

/** Where a person stands today. @param {Due} due @param {number} at @returns {Standing} */
export function standing(due, at) {
  if (held.value.has(due.obligation_id)) return 'saved';
  if (due.state === 'fulfilled') return 'signed_on';
  if (due.state === 'cancelled') return 'cancelled';
  const outcome = recorded.value.get(due.obligation_id)?.outcome;
  if (due.state === 'missed' || Date.parse(due.closes_at) <= at) return outcome === 'late' ? 'attended' : 'overdue';
  if (outcome) return 'attended';
  return Date.parse(due.opens_at) <= at ? 'due_now' : 'later';
}

/** Obligations of which a record is in a state on this phone. @param {import('./types').Item['state']} state */
const obligations = (state) =>
  new Set(
    mine.value.flatMap(({ state: its, label }) => (its === state && label.obligation_id ? [label.obligation_id] : [])),
  );
export const held = computed(() => obligations('waiting'));
/** The service did not take them: nothing is on file. */
export const turnedAway = computed(() => obligations('refused'));

const SHOWS_ATTENDANCE = ['on_time', 'late', 'wrong_place', 'indeterminate'];
/** Obligations for which this phone has a receipt: of a sign-on out of time the list says nothing. */
export const recorded = computed(() => {
  const mistakes = new Set(
    [...doneToday.value, ...mine.value.filter((item) => item.state === 'waiting')].map(({ label }) => label.about),
  );
  /** @type {Map<string, import('./types').Receipt>} */
  const receipts = new Map();
  // The newest stand first.
  for (const { id, label, answer } of doneToday.value.toReversed())
    if (label.obligation_id && SHOWS_ATTENDANCE.includes(answer?.outcome) && !mistakes.has(id))
      receipts.set(label.obligation_id, answer);
  return receipts;
});

/** @typedef {'overdue' | 'due_now' | 'later' | 'saved' | 'attended' | 'signed_on' | 'cancelled'} Standing */
export const groups = computed(() => {
  /** @type {Record<Standing, Due[]>} */
  const all = { overdue: [], due_now: [], later: [], saved: [], attended: [], signed_on: [], cancelled: [] };
  for (const due of list.value?.due ?? []) all[standing(due, now())].push(due);
  return all;
});

/** @param {string} obligation_id */
export const dueById = (obligation_id) =>
  [...(list.value?.due ?? []), ...visitors.value].find((due) => due.obligation_id === obligation_id) ?? null;
/** @param {import('./types').Subject} subject */
export const nameOf = (subject) => `${subject.given_names} ${subject.family_name}`;
