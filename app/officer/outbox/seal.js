// Each confirmation is signed with the phone's own key, numbered, and names the one before it, so that the
// server sees what is missing and what was made twice. The key cannot be taken out by a script; it is no
// hardware key, and whoever has the browser's files may find it. Each officer who uses the phone has one of
// their own, which is enrolled, expires and can be revoked.
import { fromBase64url, newId, toBase64url } from '../ids.js';
import { forget, keep, kept } from '../keep/db.js';

export const APP_VERSION = '1';
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const text = new TextEncoder();

/** @typedef {{phone_key_id: string, keys: CryptoKeyPair, public_key: string}} PhoneKey */
/** The last record that a key has signed. @typedef {{sequence: number, digest: string}} Link */
/** The new end of a chain, and under which name it is kept. @typedef {{name: string, link: Link}} Chain */
/** @typedef {{payload: string, signature: string, phone_key_id: string}} Sealed */
/** @typedef {{check_in_id: string, sign_on: import('../types').SignOn, beacon: string | null, made_at: string}} Said */

/** @param {string} account_id */
const keyName = (account_id) => `seal-key:${account_id}`;
/** @param {string} phone_key_id */
const chainName = (phone_key_id) => `seal-chain:${phone_key_id}`;

/** With which an officer signs on this phone: made once. @param {string} account_id @returns {Promise<PhoneKey>} */
export function phoneKey(account_id) {
  return navigator.locks.request('seal-phone', async () => {
    const found = await kept(keyName(account_id));
    if (found) return found;
    const keys = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
    const made = { phone_key_id: newId(), keys, public_key: toBase64url(point) };
    await keep(keyName(account_id), made);
    return made;
  });
}

/** What was signed with it, another signs again. @param {string} account_id */
export const forgetPhoneKey = (account_id) => forget(keyName(account_id));

/**
 * Seals one sign-on, and has the caller put it on disk together with the new end of the chain, so that
 * either both are there or neither is.
 * @template T
 * @param {string} account_id @param {string} check_in_id @param {import('../types').SignOn} sign_on
 * @param {(sealed: Sealed, chain: Chain) => Promise<T>} commit
 * @returns {Promise<T>}
 */
export async function sealing(account_id, check_in_id, sign_on, commit) {
  const beacon = (await kept('beacon')) ?? null;
  return sealed(account_id, { check_in_id, sign_on, beacon, made_at: new Date().toISOString() }, commit);
}

/**
 * The same for what another key had signed: with the times that it was made at.
 * @template T
 * @param {string} account_id @param {string} payload @param {(sealed: Sealed, chain: Chain) => Promise<T>} commit
 * @returns {Promise<T>}
 */
export function sealingAnew(account_id, payload, commit) {
  const { check_in_id, sign_on, beacon, made_at } = JSON.parse(new TextDecoder().decode(fromBase64url(payload)));
  return sealed(account_id, { check_in_id, sign_on, beacon, made_at }, commit);
}

/**
 * @template T
 * @param {string} account_id @param {Said} it @param {(sealed: Sealed, chain: Chain) => Promise<T>} commit
 * @returns {Promise<T>}
 */
function sealed(account_id, { check_in_id, sign_on, beacon, made_at }, commit) {
  return navigator.locks.request('seal', async () => {
    const { phone_key_id, keys } = await phoneKey(account_id);
    const name = chainName(phone_key_id);
    /** @type {Link} */
    const last = (await kept(name)) ?? { sequence: 0, digest: '' };
    const sequence = last.sequence + 1;
    const previous_digest = last.digest;
    const said = { check_in_id, sign_on, sequence, previous_digest, beacon, made_at, app_version: APP_VERSION };
    const payload = text.encode(JSON.stringify(said));
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, payload);
    const digest = toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', payload)));
    const it = {
      payload: toBase64url(payload),
      signature: toBase64url(new Uint8Array(signature)),
      phone_key_id,
    };
    return commit(it, { name, link: { sequence, digest } });
  });
}
