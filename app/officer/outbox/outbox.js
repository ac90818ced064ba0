// What an officer did is written to disk, signed, and kept until the server has answered whole. One module
// for the page and the worker; whoever holds the lock `outbox` sends.
//
// Every request is a PUT under an id made here, or a record of `sync`, so that sending one again is harmless:
// the bytes are those that were stored, however often they travel.
import { call, endSession, NoAnswer, Refused } from '../api.js';
import { newId } from '../ids.js';
import { all, keep, keepLightly, kept, one, write } from '../keep/db.js';
import { closed, open } from '../keep/vault.js';
import { sealing } from './seal.js';
import { enrol, sealedNow, syncItem } from './wire.js';

/** @typedef {import('../types').Item} Item */
/** @typedef {import('../types').Label} Label */
/** @typedef {import('../types').Held} Held */

const BATCH = 100;
const DONE_KEPT_MS = 12 * 60 * 60_000;
const CHANGED = 'holdfast-outbox';
/** Between the page, other tabs and the worker. */
const channel = new BroadcastChannel(CHANGED);

/** @param {() => void} tell */
export function onChange(tell) {
  channel.addEventListener('message', tell);
  local.add(tell);
}
/** @type {Set<() => void>} */
const local = new Set();
function changed() {
  channel.postMessage('changed');
  for (const tell of local) tell();
}

/** What waits or was refused, the oldest first. @returns {Promise<Item[]>} */
export async function waiting() {
  return (await all('outbox')).sort((one, other) => one.number - other.number);
}

/** What was answered today. @returns {Promise<import('../types').Done[]>} */
export async function done() {
  const found = await all('done');
  const old = found.filter((item) => Date.now() - item.sent_at > DONE_KEPT_MS);
  if (old.length > 0)
    await write(['done'], (of) => {
      for (const item of old) of('done').delete(item.id);
    });
  return found.filter((item) => !old.includes(item)).sort((one, other) => other.sent_at - one.sent_at);
}

/**
 * Puts a sign-on in the outbox. When this resolves it is on disk; when it rejects, nothing is.
 * @param {string} account_id @param {import('../types').SignOn} sign_on @param {Label} label
 * @returns {Promise<string>} its id, which is the receipt's too
 */
export async function addSignOn(account_id, sign_on, label) {
  const id = newId();
  await sealing(account_id, id, sign_on, async (sealed, chain) => {
    await put({ id, kind: 'sign_on', account_id }, { label, ...sealed }, chain);
  });
  changed();
  return id;
}

/**
 * Puts any other record in the outbox. `path` holds the id that makes sending it again harmless.
 * @param {string} account_id @param {string} id @param {import('../types').Sent} request @param {Label} label
 */
export async function addPut(account_id, id, request, label) {
  await put({ id, kind: 'put', account_id }, { label, request }, null);
  changed();
}

/** @param {{id: string, kind: Item['kind'], account_id: string}} of @param {Held} held @param {import('./seal.js').Chain | null} chain */
async function put(of, held, chain) {
  const box = await closed(held);
  const made_at = Date.now();
  const items = await all('outbox');
  const number = items.reduce((most, item) => Math.max(most, item.number), 0) + 1;
  /** @type {Item} */
  const item = { ...of, number, made_at, state: 'waiting', tries: 0, why: '', box };
  await write(['outbox', 'kept'], (stores) => {
    stores('outbox').add(item);
    if (chain) stores('kept').put(chain.link, chain.name);
  });
}

/** Takes a refused record off the list, on the officer's word. @param {string} id */
export async function discard(id) {
  // Not while it is being sent: what came of that would put it back.
  await navigator.locks.request('outbox', () =>
    write(['outbox'], (of) => {
      of('outbox').delete(id);
    }),
  );
  changed();
}

/** Asks for a refused record to be sent once more. @param {string} id */
export async function again(id) {
  await navigator.locks.request('outbox', async () => {
    const item = await one('outbox', id);
    if (item) {
      await write(['outbox'], (of) => {
        of('outbox').put({ ...item, state: 'waiting' });
      });
    }
  });
  changed();
}

/**
 * Sends what waits, and asks what has changed; the order in which things were done is kept within each
 * kind. Nobody else sends meanwhile.
 * @param {{account_id: string, always: boolean}} how `always`: ask for changes even when nothing waits
 * @returns {Promise<import('../types').Synced | null>}
 */
export function flush({ account_id, always }) {
  return navigator.locks.request('outbox', async () => {
    const mine = await readable((await waiting()).filter((item) => item.account_id === account_id));
    // Refused ones go along: a call without them would say that this phone holds nothing more.
    const signOns = mine.filter(({ item }) => item.kind === 'sign_on');
    let synced = null;
    if (always || signOns.some(({ item }) => item.state === 'waiting'))
      synced = await sendSignOns(signOns.slice(0, BATCH));
    for (const { item, held } of mine) if (item.kind === 'put' && item.state === 'waiting') await sendPut(item, held);
    return synced;
  });
}

/** @typedef {{item: Item, held: Held}} Opened */
/** One that cannot be opened must not hold up the others; the outbox goes on showing it. @param {Item[]} items */
async function readable(items) {
  /** @type {Opened[]} */
  const found = [];
  for (const item of items) {
    try {
      found.push({ item, held: await open(item.box) });
    } catch {
      await retried(item, 'unreadable');
    }
  }
  return found;
}

/** @param {Opened[]} opened @returns {Promise<import('../types').Synced>} */
async function sendSignOns(opened) {
  for (const it of opened) it.held = await sealedNow(it.item, it.held);
  const items = opened.map(({ item }) => item);
  const check_ins = opened.map(({ item, held }) => syncItem(item.id, held));
  const cursor = (await kept('cursor')) ?? null;
  let body;
  try {
    ({ body } = await call('POST', '/sync', {
      body: { cursor, check_ins },
      headers: { 'phone-clock': new Date().toISOString() },
    }));
  } catch (error) {
    // A cursor of a database that was restored from a copy is of no use; the records are.
    if (error instanceof Refused && cursor && error.problem?.errors?.some((it) => it.pointer === '/cursor')) {
      await keep('cursor', null);
      return sendSignOns(opened);
    }
    await failed(items, error);
    throw error;
  }
  for (const [at, { item, held }] of opened.entries()) await settle(item, held.label, body.results[at]);
  await mindKey(opened, body.results);
  if (body.beacon) await keepLightly('beacon', body.beacon);
  if (items.length > 0) changed();
  return body;
}

/** @param {import('../types').Problem | undefined} problem */
const slugOf = (problem) => problem?.type.split('/').pop() ?? '';
const KEY_PROBLEMS = ['phone-key-unknown', 'phone-key-expired', 'phone-key-revoked'];

/**
 * Enrols the key when the service does not know it, or knows it as expired. After one that was revoked, the
 * phone takes off what it knows; what waits stays, and is signed again once somebody has signed in.
 * @param {Opened[]} opened @param {import('../types').SyncResult[]} results
 */
async function mindKey(opened, results) {
  const found = results.map((it) => slugOf(it.problem));
  if (found.includes('phone-key-revoked')) return endSession();
  if (found.some((slug) => KEY_PROBLEMS.includes(slug))) await enrol(opened[0].item.account_id).catch(() => {});
}

/** @param {Item} item @param {Label} label @param {import('../types').SyncResult | undefined} result */
async function settle(item, label, result) {
  if (!result || result.result === 'try_again') return retried(item, 'busy');
  // The phone puts it right by itself: nobody has to look at the record.
  if (result.problem && KEY_PROBLEMS.includes(slugOf(result.problem))) return retried(item, 'busy');
  if (result.result === 'rejected') return refused(item, result.problem);
  return finished(item, label, result.result, result.receipt ?? result.problem ?? null);
}

/** @param {Item} item @param {Held} held */
async function sendPut(item, held) {
  const { path, body } = /** @type {import('../types').Sent} */ (held.request);
  try {
    const answer = await call('PUT', path, { body, headers: { 'phone-clock': new Date().toISOString() } });
    await finished(item, held.label, 'accepted', answer.body);
  } catch (error) {
    await failed([item], error);
    if (!(error instanceof Refused) || error.isPassing) throw error;
  }
  changed();
}

/** @param {Item[]} items @param {unknown} error */
async function failed(items, error) {
  for (const item of items) {
    if (error instanceof Refused && !error.isPassing) await refused(item, error.problem ?? undefined);
    else
      await retried(
        item,
        error instanceof NoAnswer ? 'no_answer' : error instanceof Refused && error.status === 401 ? 'session' : 'busy',
      );
  }
  if (items.length > 0) changed();
}

/** @param {Item} item @param {string} why */
const retried = (item, why) =>
  write(['outbox'], (of) => {
    of('outbox').put({ ...item, tries: item.tries + 1, why });
  });

/** @param {Item} item @param {import('../types').Problem} [problem] */
const refused = (item, problem) =>
  write(['outbox'], (of) => {
    of('outbox').put({ ...item, tries: item.tries + 1, state: 'refused', why: 'refused', problem });
  });

/** Off the outbox and on the day's list in one step. @param {Item} item @param {Label} label @param {string} result @param {any} answer */
async function finished(item, label, result, answer) {
  const box = await closed(label);
  const { id, kind, made_at } = item;
  // Lost in a power cut, it is sent once more and gets the same answer.
  await write(
    ['outbox', 'done'],
    (of) => {
      of('outbox').delete(id);
      of('done').put({ id, kind, made_at, sent_at: Date.now(), result, answer, box });
    },
    'relaxed',
  );
}

/** Whether anything is left that the server has not answered. */
export const isEmpty = async () => (await all('outbox')).length === 0;
