// What an officer did is written to disk, signed, and kept until the server has answered whole. One module
// for the page and the worker; whoever holds the lock `outbox` sends.
//
// Every request is a PUT under an id made here, or a record of `sync`, so that sending one again is harmless:
// the bytes are those that were stored, however often they travel.
import { call, endSession, NoAnswer, Refused, slugOf } from '../api.js';
import { newId } from '../ids.js';
import { all, keepLightly, kept, one, write } from '../keep/db.js';
import { closed, open } from '../keep/vault.js';
import { sealing } from './seal.js';
import { enrol, heldBack, sealedNow, syncItem } from './wire.js';

/** @typedef {import('../types').Item} Item */
/** @typedef {import('../types').Label} Label */
/** @typedef {import('../types').Held} Held */
/** @typedef {import('../types').Synced} Synced */

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

/** What waits or was refused, whoever did it, the oldest first. @returns {Promise<Item[]>} */
export async function waiting() {
  return (await all('outbox')).sort((one, other) => one.number - other.number);
}

/** What was answered today of what an officer did. @param {string} account_id @returns {Promise<import('../types').Done[]>} */
export async function done(account_id) {
  const found = await all('done');
  const old = found.filter((item) => Date.now() - item.sent_at > DONE_KEPT_MS);
  if (old.length > 0)
    await write(['done'], (of) => {
      for (const item of old) of('done').delete(item.id);
    });
  return found
    .filter((item) => !old.includes(item) && item.account_id === account_id)
    .sort((one, other) => other.sent_at - one.sent_at);
}

/**
 * Puts a sign-on in the outbox. When this resolves it is on disk; when it rejects, nothing is.
 * @param {string} account_id @param {string} id its id, which is the receipt's too
 * @param {import('../types').SignOn} sign_on @param {Label} label
 */
export async function addSignOn(account_id, id, sign_on, label) {
  if (!(await isKnown(id, account_id)))
    await sealing(account_id, id, sign_on, async (sealed, chain) => {
      await put({ id, kind: 'sign_on', account_id }, { label, ...sealed }, chain);
    });
  changed();
}

/**
 * Puts any other record in the outbox. `path` holds the id that makes sending it again harmless.
 * @param {string} account_id @param {string} id @param {import('../types').Sent} request @param {Label} label
 */
export async function addPut(account_id, id, request, label) {
  if (!(await isKnown(id, account_id))) await put({ id, kind: 'put', account_id }, { label, request }, null);
  changed();
}

/** The same record a second time is the first one; one that was refused is asked for again. @param {string} id @param {string} account_id */
async function isKnown(id, account_id) {
  const [waits, answered] = await Promise.all([one('outbox', id), one('done', id)]);
  if (waits?.state === 'refused') await again(id, account_id);
  return Boolean(waits ?? answered);
}

/** @param {{id: string, kind: Item['kind'], account_id: string}} of @param {Held} held @param {import('./seal.js').Chain | null} chain */
async function put(of, held, chain) {
  if (await one('outbox', of.id)) return;
  const box = await closed(held);
  const made_at = Date.now();
  const [items, session] = await Promise.all([all('outbox'), kept('session')]);
  const number = items.reduce((most, item) => Math.max(most, item.number), 0) + 1;
  const session_id = session?.account.account_id === of.account_id ? session.session_id : '';
  /** @type {Item} */
  const item = { ...of, session_id, number, made_at, state: 'waiting', tries: 0, why: '', box };
  await write(['outbox', 'kept'], (stores) => {
    stores('outbox').add(item);
    if (chain) stores('kept').put(chain.link, chain.name);
  });
}

/** Takes a refused record off the list, on the word of whoever made it. @param {string} id @param {string} account_id */
export async function discard(id, account_id) {
  // Not while it is being sent: what came of that would put it back.
  await navigator.locks.request('outbox', async () => {
    const item = await one('outbox', id);
    if (item?.account_id === account_id)
      await write(['outbox'], (of) => {
        of('outbox').delete(id);
      });
  });
  changed();
}

/** Asks for a refused record to be sent once more. @param {string} id @param {string} account_id */
export async function again(id, account_id) {
  await navigator.locks.request('outbox', async () => {
    const item = await one('outbox', id);
    if (item?.account_id === account_id)
      await write(['outbox'], (of) => {
        of('outbox').put({ ...item, state: 'waiting' });
      });
  });
  changed();
}

/** Whether anything that an officer did is left that the server has not answered. @param {string} account_id */
export const isEmpty = async (account_id) => (await all('outbox')).every((item) => item.account_id !== account_id);

/**
 * Sends what waits, and asks what has changed. Nobody else sends meanwhile, and all of it goes with the
 * session that is there when it begins, whatever happens to that one until the end.
 * @param {{cursor: string | null, isOpen: boolean}} how `isOpen`: an unlocked screen asks, so that what has
 *   changed is wanted and what was done in an earlier session of the same officer may go
 * @returns {Promise<(Synced & {account_id: string}) | null>} nothing when nothing was asked
 */
export function flush({ cursor, isOpen }) {
  return navigator.locks.request('outbox', async () => {
    const session = await kept('session');
    if (!session || Date.parse(session.expires_at) < Date.now()) return null;
    const { account_id } = session.account;
    const { token } = await open(session.box);
    const items = await waiting();
    const may = items.filter(
      (item) => item.account_id === account_id && (isOpen || item.session_id === session.session_id),
    );
    const opened = await readable(may);
    // Refused ones go along, for the service may have learnt; but not one for which a whole call was refused.
    const signOns = opened.filter(
      ({ item }) => item.kind === 'sign_on' && (item.state === 'waiting' || item.why !== 'alone'),
    );
    const isMore = items.filter((item) => item.kind === 'sign_on').length > signOns.length;
    let synced = null;
    if (isOpen || signOns.some(({ item }) => item.state === 'waiting'))
      synced = await sendSignOns(waitingFirst(signOns).slice(0, BATCH), { token, cursor, isMore });
    await sendPuts(
      waitingFirst(opened).filter(({ item }) => item.kind === 'put' && item.state === 'waiting'),
      token,
    );
    return synced && { ...synced, account_id };
  });
}

/** @typedef {{item: Item, held: Held}} Opened */
/** One that is refused again and again must not stand before the others. @param {Opened[]} opened */
const waitingFirst = (opened) =>
  opened.toSorted(
    ({ item: one }, { item: other }) =>
      Number(one.state === 'refused') - Number(other.state === 'refused') || one.number - other.number,
  );

/** One that cannot be opened holds up no others; it stays until its officer says that it may go. @param {Item[]} items */
async function readable(items) {
  /** @type {Opened[]} */
  const found = [];
  for (const item of items) {
    try {
      found.push({ item, held: await open(item.box) });
    } catch {
      if (item.state !== 'refused' || item.why !== 'unreadable')
        await write(['outbox'], (of) => {
          of('outbox').put({ ...item, state: 'refused', why: 'unreadable' });
        });
    }
  }
  return found;
}

/** @typedef {{token: string, cursor: string | null, isMore: boolean}} How */
/**
 * `isMore`: this phone holds more than goes along. A call that brings everything says that nothing is left,
 * and a miss may become certain by it.
 * @param {Opened[]} opened @param {How} how @returns {Promise<Synced>}
 */
async function sync(opened, { token, cursor, isMore }) {
  for (const it of opened) Object.assign(it, await sealedNow(it));
  const check_ins = opened.map(({ item, held }) => syncItem(item.id, held));
  const { body } = await call('POST', '/sync', {
    token,
    body: { cursor, check_ins: isMore ? [...check_ins, heldBack(newId())].slice(0, BATCH) : check_ins },
    headers: { 'phone-clock': new Date().toISOString() },
  });
  for (const [at, it] of opened.entries()) await settle(it, body.results[at]);
  await mindKey(opened, body.results, token);
  if (body.beacon) await keepLightly('beacon', body.beacon);
  if (opened.length > 0) changed();
  return { ...body, isAfresh: cursor === null };
}

/** @param {Opened[]} opened @param {How} how @returns {Promise<Synced>} */
async function sendSignOns(opened, how) {
  try {
    return await sync(opened, how);
  } catch (error) {
    // A cursor of a database that was restored from a copy is of no use; the records are.
    if (error instanceof Refused && how.cursor && error.problem?.errors?.some((it) => it.pointer === '/cursor'))
      return sendSignOns(opened, { ...how, cursor: null });
    if (error instanceof Refused && !error.isPassing && opened.length > 0) return bisect(opened, how);
    await failed(opened, error);
    throw error;
  }
}

/** The call was refused as a whole: it is refused without records too, or one of them is at fault. @param {Opened[]} opened @param {How} how */
async function bisect(opened, how) {
  const held = { ...how, isMore: true };
  const answer = await sync([], held);
  await sendHalves(opened, held);
  changed();
  return answer;
}

/** @param {Opened[]} opened @param {How} how @returns {Promise<void>} */
async function sendHalves(opened, how) {
  const middle = Math.ceil(opened.length / 2);
  for (const half of [opened.slice(0, middle), opened.slice(middle)]) {
    if (half.length === 0) continue;
    try {
      await sync(half, how);
    } catch (error) {
      const isAtFault = error instanceof Refused && !error.isPassing;
      if (!isAtFault) {
        await failed(half, error);
        throw error;
      }
      if (half.length > 1) await sendHalves(half, how);
      else await refused(half[0], error.problem ?? undefined, 'alone');
    }
  }
}

/** What the phone puts right by itself: nobody has to look at the record. */
const KEY_PROBLEMS = ['phone-key-unknown', 'phone-key-expired', 'phone-key-revoked'];

/**
 * Enrols the key when the service does not know it, or knows it as expired. After one that was revoked, the
 * phone takes off what it knows; what waits stays, and is signed again once somebody has signed in.
 * @param {Opened[]} opened @param {import('../types').SyncResult[]} results @param {string} token
 */
async function mindKey(opened, results, token) {
  const found = results.map((it) => slugOf(it.problem));
  if (found.includes('phone-key-revoked')) return endSession();
  if (found.some((slug) => KEY_PROBLEMS.includes(slug))) await enrol(opened[0].item.account_id, token).catch(() => {});
}

/** @param {Opened} it @param {import('../types').SyncResult | undefined} result */
async function settle(it, result) {
  if (!result || result.result === 'try_again') return retried(it.item, 'busy');
  if (KEY_PROBLEMS.includes(slugOf(result.problem))) return retried(it.item, 'busy');
  if (result.result === 'rejected') return refused(it, result.problem);
  return finished(it, result.result, result.receipt ?? result.problem ?? null);
}

/** One that fails does not hold up the others; when nothing answers, the rest is tried later. @param {Opened[]} opened @param {string} token */
async function sendPuts(opened, token) {
  let wrong;
  // What was tried least goes first: one that breaks every connection would else be in the way of all.
  for (const it of opened.toSorted((one, other) => one.item.tries - other.item.tries)) {
    const { path, body } = /** @type {import('../types').Sent} */ (it.held.request);
    try {
      const answer = await call('PUT', path, { token, body, headers: { 'phone-clock': new Date().toISOString() } });
      await finished(it, 'accepted', answer.body);
    } catch (error) {
      await failed([it], error);
      if (error instanceof NoAnswer || (error instanceof Refused && error.status === 401)) throw error;
      if (!(error instanceof Refused) || error.isPassing) wrong = error;
    }
    changed();
  }
  if (wrong) throw wrong;
}

/** @param {Opened[]} opened @param {unknown} error */
async function failed(opened, error) {
  for (const it of opened) {
    if (error instanceof Refused && !error.isPassing) await refused(it, error.problem ?? undefined);
    else
      await retried(
        it.item,
        error instanceof NoAnswer ? 'no_answer' : error instanceof Refused && error.status === 401 ? 'session' : 'busy',
      );
  }
  if (opened.length > 0) changed();
}

/** @param {Item} item @param {string} why */
const retried = (item, why) =>
  write(['outbox'], (of) => {
    of('outbox').put({ ...item, tries: item.tries + 1, why });
  });

/** What the service says about it may name somebody: into the box. @param {Opened} it @param {import('../types').Problem} [problem] */
async function refused({ item, held }, problem, why = 'refused') {
  const box = await closed({ ...held, problem });
  await write(['outbox'], (of) => {
    of('outbox').put({ ...item, tries: item.tries + 1, state: 'refused', why, box });
  });
}

/** Off the outbox and on the day's list in one step. @param {Opened} it @param {string} result @param {any} answer */
async function finished({ item, held }, result, answer) {
  const box = await closed({ label: held.label, answer });
  const { id, kind, account_id, made_at } = item;
  // Lost in a power cut, it is sent once more and gets the same answer.
  await write(
    ['outbox', 'done'],
    (of) => {
      of('outbox').delete(id);
      of('done').put({ id, kind, account_id, made_at, sent_at: Date.now(), result, box });
    },
    'relaxed',
  );
}
