// What is on the phone is unreadable without keys that no script can take out of the browser.
//
// * The phone's key (AES-GCM, not extractable) closes the session's token and the outbox, so that what
//   waits can be sent while the screen is locked.
// * The PIN's key (PBKDF2 of the PIN, not extractable, in memory only while unlocked) closes the list of
//   people, inside the phone's key. Nothing is wrapped that could be unwrapped: the key itself is made anew
//   from the PIN each time.
//
// The limits: whoever owns the phone's files and a way to read the browser's profile can try all the PINs
// of six digits in days. That is why the list holds only what the screens need, is gone after 12 hours, after
// five wrong PINs and when the session is revoked, and why a lost phone has to be reported.
import { forget, keep, keepLightly, kept, keysIn, write } from './db.js';

/** @typedef {import('../types').Box} Box */
const ROUNDS = 600_000;
export const TRIES_MAX = 5;
export const LIST_GOOD_FOR_MS = 12 * 60 * 60_000;
export const PIN_DIGITS = 6;
const PHOTO = 'photo/';
/** The list of people, and their photos: they go together. */
const PEOPLE = ['list', IDBKeyRange.bound(PHOTO, `${PHOTO}\uffff`)];
export const forgetList = () => forget(...PEOPLE);
/** With the PIN that closed it: another one opens nothing of it. */
export const forgetPin = () => forget('pin', ...PEOPLE);
const text = new TextEncoder();

/** @returns {Promise<CryptoKey>} */
async function phoneKey() {
  const found = await kept('phone_key');
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return navigator.locks.request('phone_key', async () => {
    const other = await kept('phone_key');
    if (other) return other;
    await keep('phone_key', made);
    return made;
  });
}

/** @param {CryptoKey} key @param {BufferSource} data @returns {Promise<Box>} */
async function close(key, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, data) };
}

/** @param {CryptoKey} key @param {Box} box */
const unclose = (key, box) =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv: /** @type {BufferSource} */ (box.iv) }, key, box.data);

/** @param {unknown} value @returns {Promise<Box>} */
export async function closed(value) {
  return close(await phoneKey(), text.encode(JSON.stringify(value)));
}

/** @param {Box} box @returns {Promise<any>} */
export async function open(box) {
  return JSON.parse(new TextDecoder().decode(await unclose(await phoneKey(), box)));
}

/** @type {CryptoKey | null} */
let pinKey = null;
export const isUnlocked = () => pinKey !== null;
export function lock() {
  pinKey = null;
}

/** @param {string} pin @param {Uint8Array} salt */
async function derived(pin, salt) {
  const typed = await crypto.subtle.importKey('raw', text.encode(pin), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: /** @type {BufferSource} */ (salt), iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, typed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Whether this officer has chosen a PIN on this phone. @param {string} account_id */
export async function hasPin(account_id) {
  return (await kept('pin'))?.account_id === account_id;
}

/** @param {string} account_id @param {string} pin */
export async function choosePin(account_id, pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derived(pin, salt);
  // Inside the phone's key, so that a copy of the record alone gives nothing to try PINs on.
  const proof = await close(
    await phoneKey(),
    text.encode(JSON.stringify(await portable(await close(key, text.encode(account_id))))),
  );
  await write(['kept'], (of) => {
    of('kept').put({ account_id, salt, proof, tries: 0 }, 'pin');
    for (const key of PEOPLE) of('kept').delete(key);
  });
  pinKey = key;
}

/** @param {Box} box */
const portable = (box) => ({ iv: Array.from(box.iv), data: Array.from(new Uint8Array(box.data)) });

/** @param {{iv: number[], data: number[]}} it @returns {Box} */
const unportable = (it) => ({ iv: Uint8Array.from(it.iv), data: Uint8Array.from(it.data).buffer });

/** @param {string} pin @returns {Promise<{ok: true} | {ok: false, left: number}>} */
export async function unlock(pin) {
  const found = await kept('pin');
  if (!found) return { ok: false, left: 0 };
  // Counted before it is tried: closing the app does not give a try back.
  await keep('pin', { ...found, tries: found.tries + 1 });
  const key = await derived(pin, found.salt);
  try {
    await unclose(key, unportable(await open(found.proof)));
  } catch {
    const left = TRIES_MAX - found.tries - 1;
    if (left <= 0) await forgetPin();
    return { ok: false, left: Math.max(0, left) };
  }
  await keep('pin', { ...found, tries: 0 });
  pinKey = key;
  return { ok: true };
}

/** In one write, so that no part is newer than another. @param {import('../types').Kept} list */
export async function keepList(list) {
  await keepTwice('list', text.encode(JSON.stringify(list)), { saved_at: Date.now() });
}

/** Inside both keys. @param {string} name @param {BufferSource} data @param {object} about what stands beside it, in clear */
async function keepTwice(name, data, about) {
  const key = pinKey;
  if (!key) return;
  const inner = await close(key, data);
  const outer = await close(await phoneKey(), inner.data);
  // Locked, or wiped, or of another officer meanwhile.
  if (pinKey !== key) return;
  await keepLightly(name, { ...about, iv: inner.iv, box: outer });
}

/** @param {CryptoKey} key of the PIN @param {{iv: Uint8Array, box: Box}} found */
const openTwice = async (key, found) =>
  unclose(key, { iv: found.iv, data: await unclose(await phoneKey(), found.box) });

/** @param {string} id @param {Blob} photo */
export async function keepPhoto(id, photo) {
  await keepTwice(PHOTO + id, await photo.arrayBuffer(), { type: photo.type });
}

/** Nothing when there is none, or it cannot be opened. @param {string} id @returns {Promise<Blob | null>} */
export async function keptPhoto(id) {
  const found = await kept(PHOTO + id);
  if (!found || !pinKey) return null;
  try {
    return new Blob([await openTwice(pinKey, found)], { type: found.type });
  } catch {
    return null;
  }
}

/** Those of people who are on the list no more go. @param {Set<string>} ids */
export async function keepOnlyPhotos(ids) {
  const keys = /** @type {string[]} */ (await keysIn(/** @type {IDBKeyRange} */ (PEOPLE[1])));
  const gone = keys.filter((key) => !ids.has(key.replace(PHOTO, '')));
  if (gone.length > 0) await forget(...gone);
}

/** Nothing when there is none, it is too old, or the phone is locked. @returns {Promise<import('../types').Kept | null>} */
export async function keptList() {
  const found = await kept('list');
  if (!found || !pinKey) return null;
  if (isStale(found.saved_at)) {
    await forgetList();
    return null;
  }
  try {
    return JSON.parse(new TextDecoder().decode(await openTwice(pinKey, found)));
  } catch {
    await forgetList();
    return null;
  }
}

/** A clock that was set back must not make it younger. @param {number} saved_at */
function isStale(saved_at) {
  const since = Date.now() - saved_at;
  return since > LIST_GOOD_FOR_MS || since < -60_000;
}

export async function forgetStaleList() {
  const found = await kept('list');
  if (found && isStale(found.saved_at)) {
    await forgetList();
    return true;
  }
  return false;
}

/** Everything about people, and the session; never what waits to be sent. */
export async function wipe() {
  pinKey = null;
  await write(['kept', 'done'], (of) => {
    for (const key of [...PEOPLE, 'session']) of('kept').delete(key);
    of('done').clear();
  });
}
