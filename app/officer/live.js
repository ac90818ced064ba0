// Keeps what the screens show true: one round every ten seconds while somebody looks, at once after
// anything was done, and never by asking the browser whether there is a signal: it does not know.
import { batch } from '@preact/signals';
import { call, NoAnswer, onReach, Refused, watchNow } from './api.js';
import { keep, kept } from './keep/db.js';
import { forgetStaleList, keepList, keptList, open } from './keep/vault.js';
import { done, flush, onChange, waiting } from './outbox/outbox.js';
import { showPhotosOf } from './photos.js';
import { endBecause } from './session.js';
import {
  account,
  alerts,
  cursor,
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
  workAt,
} from './state.js';
import { isoDay, learnClock, now, offset, recallClock, tick } from './time.js';
import { says } from './problem.js';
import { S } from './strings.js';

const ROUND_MS = 10_000;
const ROUND_WAITING_MS = 5_000;
const LIST_AT_LEAST_MS = 60_000;

let listedAt = 0;
/** @type {{of: number, ends: Promise<void>} | null} */
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

/** What an earlier version of the app kept lacks what it did not know of, and is asked for afresh. @param {import('./types').DueList | null} kept */
function whole(kept) {
  if (!kept || kept.due.every((due) => due.subject.warnings)) return kept;
  const due = kept.due.map((it) => ({ ...it, open_requests: 0, subject: { ...it.subject, warnings: [] } }));
  return { ...kept, due, etag: '' };
}

/** Opens what is kept, shows it, and begins to ask. */
export async function start() {
  const asked = watchNow();
  const [known, station] = await Promise.all([keptList(), kept('station')]);
  if (asked !== watchNow()) return;
  listedAt = 0;
  batch(() => {
    if (known) {
      list.value = whole(known.list);
      stations.value = known.stations;
      me.value = known.me;
      alerts.value = new Map(known.alerts.map((it) => [it.alert_id, it]));
      cursor.value = known.cursor ?? null;
      heardAt.value = known.heard_at;
      recallClock(known.offset_ms ?? 0);
    }
    workAt(station ?? stationId.value);
  });
  await showOutbox();
  void showPhotos();
  await round();
}

/** @param {string} id */
export async function chooseStation(id) {
  workAt(id);
  await keep('station', id);
  await round();
}

/** One round; whoever asks while one runs gets another after it, but not after one of before the lock. */
export async function round() {
  if (running?.of === watchNow()) await running.ends;
  if (running?.of !== watchNow()) {
    const begun = { of: watchNow(), ends: once() };
    running = begun;
    void begun.ends.finally(() => {
      if (running === begun) running = null;
    });
  }
  await running?.ends;
}

async function once() {
  clearTimeout(timer);
  const asked = watchNow();
  try {
    if (phase.value === 'locked') await sentLocked();
    if (phase.value !== 'open' || !isOfficer.value) return;
    if (stations.value.length === 0 || !me.value) await learnMyself();
    await Promise.all([synced(), listed()]);
    if (asked !== watchNow()) return;
    heardAt.value = Date.now();
    trouble.value = '';
    await keepList({
      list: list.value,
      stations: stations.value,
      me: me.value,
      alerts: [...alerts.value.values()],
      cursor: cursor.value,
      heard_at: heardAt.value,
      offset_ms: offset.value,
    });
    void showPhotos();
  } catch (error) {
    if (asked !== watchNow() || error instanceof NoAnswer || (error instanceof Refused && error.status === 401)) return;
    trouble.value = says(error);
  } finally {
    again();
  }
}

/** @type {number | null} */
let showing = null;
/** Beside the round, which waits for no picture. */
async function showPhotos() {
  const asked = watchNow();
  // Of no list nothing is known: what is kept stays.
  if (showing === asked || !list.peek()) return;
  showing = asked;
  await showPhotosOf(list.peek()).catch(() => {});
  if (showing === asked) showing = null;
}

/** What was done in this session goes out behind the locked screen; nothing is taken in there. */
async function sentLocked() {
  if (outbox.peek().some((item) => item.state === 'waiting')) await flush({ cursor: null, isOpen: false });
}

function again() {
  clearTimeout(timer);
  const waits = outbox.peek().some((item) => item.state === 'waiting');
  const isAsking = phase.peek() === 'open' || (phase.peek() === 'locked' && waits);
  if (!isAsking || document.visibilityState !== 'visible') return;
  const isHurried = reached.peek() === false || waits;
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
    /** @type {import('./types').Station[]} */
    const its = places.body.stations;
    if (!its.some((it) => it.station_id === stationId.value)) workAt(its.length === 1 ? its[0].station_id : '');
  });
}

/** Sends what waits and takes in what has changed. */
async function synced() {
  const asked = watchNow();
  for (let isMore = true; isMore; ) {
    const asked_at = Date.now();
    const answer = await flush({ cursor: cursor.value, isOpen: true });
    if (asked !== watchNow()) return;
    // Ended or taken over in another window of this phone: what is shown here grows old.
    if (answer?.account_id !== account.value?.account_id || !answer) throw new NoAnswer('of another session');
    learnClock(answer.as_of, asked_at, Date.now());
    batch(() => {
      if (answer.isAfresh) alerts.value = new Map();
      takeAlerts(answer.alerts);
      cursor.value = answer.cursor;
    });
    const isHere = answer.obligations.some((it) => it.station_id === stationId.value);
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
  const known = list.value?.station_id === id && list.value.date === isoDay(now()) ? list.value : null;
  if (!isForced && known?.etag && Date.now() - listedAt < LIST_AT_LEAST_MS) return;
  const asked_at = Date.now();
  /** @type {Record<string, string>} */
  const headers = known?.etag ? { 'if-none-match': known.etag } : {};
  const answer = await call('GET', `/stations/${id}/due`, { headers });
  if (stationId.value !== id) return;
  listedAt = Date.now();
  if (answer.status === 304) return;
  learnClock(answer.body.as_of, asked_at, Date.now());
  list.value = { ...answer.body, etag: answer.etag ?? '' };
}

const UNREADABLE = { who: '', what: S.outbox.unreadable, reference: '' };
/** @param {import('./types').Item} item @param {string | undefined} reader @returns {Promise<import('./types').Shown>} */
async function shown({ box, ...item }, reader) {
  const isOthers = item.account_id !== reader;
  if (isOthers || phase.peek() !== 'open')
    return { ...item, isOthers, label: { who: '', what: S.outbox.closed, reference: '' } };
  const { label, problem } = await open(box).catch(() => ({ label: UNREADABLE }));
  return { ...item, isOthers, label, problem };
}

let readings = 0;
/** Reads the outbox again, with the labels that only an unlocked screen shows, and only to whoever did it. */
export async function showOutbox() {
  readings += 1;
  const [asked, reading] = [watchNow(), readings];
  const reader = account.peek()?.account_id;
  const [items, answered] = await Promise.all([waiting(), reader ? done(reader) : []]);
  const shownItems = await Promise.all(items.map((item) => shown(item, reader)));
  const isOpen = phase.peek() === 'open';
  const told = isOpen
    ? await Promise.all(
        answered.map(async ({ box, ...item }) => ({
          ...item,
          ...(await open(box).catch(() => ({ label: UNREADABLE, answer: null }))),
        })),
      )
    : [];
  // A later reading knows more.
  if (asked !== watchNow() || reading !== readings) return;
  batch(() => {
    outbox.value = shownItems;
    doneToday.value = told;
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
