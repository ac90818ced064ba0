// Keeps what the screens show true: one round every ten seconds while somebody looks, at once after
// anything was done, and never by asking the browser whether there is a signal: it does not know.
import { batch } from '@preact/signals';
import { call, NoAnswer, onReach, Refused } from './api.js';
import { keep, keepLightly, kept } from './keep/db.js';
import { forgetStaleList, keepList, keptList, open } from './keep/vault.js';
import { done, flush, onChange, waiting } from './outbox/outbox.js';
import { endBecause } from './session.js';
import {
  account,
  alerts,
  doneToday,
  heardAt,
  isOfficer,
  list,
  me,
  outbox,
  phase,
  reached,
  stationId,
  stations,
  trouble,
} from './state.js';
import { isoDay, learnClock, now, tick } from './time.js';
import { says } from './problem.js';
import { S } from './strings.js';

const ROUND_MS = 10_000;
const ROUND_WAITING_MS = 5_000;
const LIST_AT_LEAST_MS = 60_000;

let etag = '';
let etagOf = '';
let listedAt = 0;
/** @type {Promise<void> | null} */
let running = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

onReach((answers) => {
  reached.value = answers;
});
onChange(() => {
  void showOutbox();
  // Where the browser can, the worker sends after the app was closed.
  void navigator.serviceWorker?.ready.then((it) => /** @type {any} */ (it).sync?.register('outbox')).catch(() => {});
});

/** Opens what is kept, shows it, and begins to ask. */
export async function start() {
  const known = await keptList();
  if (known && phase.value === 'open') {
    batch(() => {
      list.value = known.list;
      stations.value = known.stations;
      me.value = known.me;
      alerts.value = new Map(known.alerts.map((/** @type {import('./types').Alert} */ it) => [it.alert_id, it]));
      heardAt.value = known.heard_at;
      stationId.value = known.station_id;
    });
  }
  stationId.value = (await kept('station')) ?? stationId.value;
  await showOutbox();
  await round();
}

/** @param {string} id */
export async function chooseStation(id) {
  if (id !== stationId.value) {
    batch(() => {
      stationId.value = id;
      list.value = null;
    });
    etag = '';
  }
  await keep('station', id);
  await round();
}

/** One round; whoever asks while one runs gets another after it. */
export async function round() {
  if (running) await running;
  running ??= once().finally(() => {
    running = null;
  });
  await running;
}

async function once() {
  clearTimeout(timer);
  if (phase.value !== 'open' || !isOfficer.value) return;
  try {
    if (stations.value.length === 0 || !me.value) await learnMyself();
    await Promise.all([synced(), listed()]);
    if (phase.peek() !== 'open') return;
    heardAt.value = Date.now();
    trouble.value = '';
    await keepList({
      list: list.value,
      stations: stations.value,
      me: me.value,
      alerts: [...alerts.value.values()],
      station_id: stationId.value,
      heard_at: heardAt.value,
    });
  } catch (error) {
    if (error instanceof Refused && error.status !== 401) trouble.value = says(error);
    else if (!(error instanceof NoAnswer) && !(error instanceof Refused)) trouble.value = says(error);
  } finally {
    again();
  }
}

function again() {
  clearTimeout(timer);
  if (phase.peek() !== 'open' || document.visibilityState !== 'visible') return;
  const isHurried = reached.peek() === false || outbox.peek().some((item) => item.state === 'waiting');
  timer = setTimeout(
    () => {
      void round();
    },
    isHurried ? ROUND_WAITING_MS : ROUND_MS,
  );
}

async function learnMyself() {
  const [mine, places] = await Promise.all([call('GET', '/me'), call('GET', '/stations')]);
  batch(() => {
    me.value = mine.body;
    stations.value = places.body.stations;
    if (
      !places.body.stations.some((/** @type {import('./types').Station} */ it) => it.station_id === stationId.value)
    ) {
      stationId.value = places.body.stations.length === 1 ? places.body.stations[0].station_id : '';
    }
  });
}

/** Sends what waits and takes in what has changed. */
async function synced() {
  const who = account.value;
  if (!who) return;
  for (let isMore = true; isMore; ) {
    const asked = Date.now();
    const answer = await flush({ account_id: who.account_id, always: true });
    if (!answer || phase.peek() !== 'open') return;
    learnClock(answer.as_of, asked, Date.now());
    takeAlerts(answer.alerts);
    const isHere = answer.obligations.some((it) => it.station_id === stationId.value);
    await keepLightly('cursor', answer.cursor);
    if (isHere && listedAt !== 0 && Date.now() - listedAt > 200) await listed(true);
    isMore = answer.has_more;
  }
}

/** @param {import('./types').Alert[]} changed */
function takeAlerts(changed) {
  if (changed.length === 0) return;
  const all = new Map(alerts.value);
  for (const alert of changed) {
    if (alert.state === 'closed') all.delete(alert.alert_id);
    else all.set(alert.alert_id, alert);
  }
  alerts.value = all;
}

/** Puts an alert that was fetched or changed by itself in its place. @param {import('./types').Alert} alert */
export const takeAlert = (alert) => takeAlerts([alert]);

async function listed(isForced = false) {
  const id = stationId.value;
  if (!id) return;
  const isNewDay = list.value !== null && list.value.date !== isoDay(now());
  if (!isForced && !isNewDay && list.value?.station_id === id && etag && Date.now() - listedAt < LIST_AT_LEAST_MS)
    return;
  const asked = Date.now();
  /** @type {Record<string, string>} */
  const headers = etag && etagOf === id && !isNewDay ? { 'if-none-match': etag } : {};
  const answer = await call('GET', `/stations/${id}/due`, { headers });
  if (stationId.value !== id || phase.peek() !== 'open') return;
  listedAt = Date.now();
  if (answer.status === 304) return;
  etag = answer.etag ?? '';
  etagOf = id;
  learnClock(answer.body.as_of, asked, Date.now());
  list.value = answer.body;
}

/** @param {import('./types').Item} item @returns {Promise<import('./types').Label>} */
async function labelOf(item) {
  try {
    return (await open(item.box)).label;
  } catch {
    return { who: '', what: S.outbox.unreadable, reference: '' };
  }
}

/** Reads the outbox again, with the labels that only an unlocked screen shows. */
export async function showOutbox() {
  const [items, answered] = await Promise.all([waiting(), done()]);
  const shown = await Promise.all(items.map(async (item) => ({ ...item, label: await labelOf(item) })));
  const told = await Promise.all(answered.map(async ({ box, ...item }) => ({ ...item, label: await open(box) })));
  batch(() => {
    outbox.value = shown;
    if (phase.value === 'open') doneToday.value = told;
  });
}

/** What makes the app ask again, besides its own clock. */
export function watch() {
  let before = Date.now();
  setInterval(() => {
    tick.value = Date.now();
    // The phone slept, or its clock was set.
    if (Math.abs(tick.value - before) > 15_000) void round();
    before = tick.value;
  }, 1_000);
  addEventListener('online', () => {
    void round();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void round();
  });
  setInterval(async () => {
    if (await forgetStaleList()) await endBecause('expired');
  }, 60_000);
}
