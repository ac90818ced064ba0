// What the screens show: signals, written by `session.js`, `live.js` and `outbox/`, read by everybody.
import { computed, signal } from '@preact/signals';
import { now } from './time.js';

/** @typedef {import('./types').Due} Due */

/** `starting`, `signed_out`, `choosing_pin`, `locked`, or `open`. */
export const phase = signal(/** @type {'starting' | 'signed_out' | 'choosing_pin' | 'locked' | 'open'} */ ('starting'));
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
/** When the service last said how things are, by this phone's clock; 0 for never. */
export const heardAt = signal(0);
/** Whether the last try reached the service; nothing before the first. */
export const reached = signal(/** @type {boolean | null} */ (null));

/** What waits, with its label opened. */
export const outbox = signal(/** @type {(import('./types').Item & {label: import('./types').Label})[]} */ ([]));
export const doneToday = signal(
  /** @type {(Omit<import('./types').Done, 'box'> & {label: import('./types').Label})[]} */ ([]),
);
export const waitingCount = computed(() => outbox.value.length);
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
/** Nobody has it, then the worst, then the oldest. @param {import('./types').Alert} alert */
const rank = (alert) =>
  (alert.state === 'triggered' ? 0 : 10) + (alert.nobody_reachable ? 0 : 1) + SEVERITIES.indexOf(alert.severity);

/** Due at another of the officer's stations, but standing at this counter. */
export const visitors = signal(/** @type {Due[]} */ ([]));

/** Where a person stands today. @param {Due} due @param {number} at */
export function standing(due, at) {
  if (held.value.has(due.obligation_id)) return 'saved';
  if (due.state === 'fulfilled') return 'signed_on';
  if (due.state === 'cancelled') return 'cancelled';
  if (recorded.value.has(due.obligation_id)) return 'attended';
  if (due.state === 'missed' || Date.parse(due.closes_at) <= at) return 'overdue';
  return Date.parse(due.opens_at) <= at ? 'due_now' : 'later';
}

/** Obligations for which a record waits on this phone. */
export const held = computed(() => new Set(outbox.value.map((item) => item.label.obligation_id).filter(Boolean)));

/** Obligations for which this phone has a receipt: of a sign-on out of time the list says nothing. */
export const recorded = computed(
  () =>
    new Map(
      doneToday.value.flatMap((it) =>
        it.label.obligation_id && it.answer?.outcome && SHOWS_ATTENDANCE.includes(it.answer.outcome)
          ? [[it.label.obligation_id, it.answer]]
          : [],
      ),
    ),
);
const SHOWS_ATTENDANCE = ['on_time', 'late', 'wrong_place', 'indeterminate'];

/** @typedef {'overdue' | 'due_now' | 'later' | 'saved' | 'attended' | 'signed_on' | 'cancelled'} Standing */
export const groups = computed(() => {
  /** @type {Record<Standing, Due[]>} */
  const found = { overdue: [], due_now: [], later: [], saved: [], attended: [], signed_on: [], cancelled: [] };
  for (const due of list.value?.due ?? []) found[/** @type {Standing} */ (standing(due, now()))].push(due);
  return found;
});

/** @param {string} obligation_id */
export const dueById = (obligation_id) =>
  [...(list.value?.due ?? []), ...visitors.value].find((due) => due.obligation_id === obligation_id) ?? null;
/** @param {import('./types').Subject} subject */
export const nameOf = (subject) => `${subject.given_names} ${subject.family_name}`;
