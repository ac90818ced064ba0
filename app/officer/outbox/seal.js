// Each confirmation is signed with the phone's own key, numbered, and names the one before it, so that the
// server sees what is missing and what was made twice. The key cannot be taken out by a script; it is no
// hardware key, and whoever has the browser's files may find it. It is enrolled, expires and can be revoked.
import { toBase64url, newId } from '../ids.js';
import { keep, kept } from '../keep/db.js';

export const APP_VERSION = '1';
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const text = new TextEncoder();

/** @typedef {{phone_id: string, keys: CryptoKeyPair, public_key: string}} Phone */
/** @typedef {{sequence: number, digest: string}} Chain */

/** This phone, as it will be enrolled: made once. @returns {Promise<Phone>} */
export function thisPhone() {
  return navigator.locks.request('seal-phone', async () => {
    const found = await kept('phone');
    if (found) return found;
    const keys = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
    const made = { phone_id: newId(), keys, public_key: toBase64url(point) };
    await keep('phone', made);
    return made;
  });
}

/**
 * Seals one sign-on, and has the caller put it on disk together with the new end of the chain, so that
 * either both are there or neither is.
 * @template T
 * @param {string} check_in_id
 * @param {import('../types').SignOn} sign_on
 * @param {(sealed: {payload: string, signature: string, phone_id: string}, chain: Chain) => Promise<T>} commit
 * @returns {Promise<T>}
 */
export function sealing(check_in_id, sign_on, commit) {
  return navigator.locks.request('seal', async () => {
    const phone = await thisPhone();
    /** @type {Chain} */
    const last = (await kept('chain')) ?? { sequence: 0, digest: '' };
    const sequence = last.sequence + 1;
    const said = {
      check_in_id,
      sign_on,
      sequence,
      previous_digest: last.digest,
      beacon: (await kept('beacon')) ?? null,
      made_at: new Date().toISOString(),
      app_version: APP_VERSION,
    };
    const payload = text.encode(JSON.stringify(said));
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, phone.keys.privateKey, payload);
    const digest = toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', payload)));
    const sealed = {
      payload: toBase64url(payload),
      signature: toBase64url(new Uint8Array(signature)),
      phone_id: phone.phone_id,
    };
    return commit(sealed, { sequence, digest });
  });
}
