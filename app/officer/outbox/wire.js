// How a sealed sign-on travels, and how the phone's key becomes known to the service.
import { call, Refused } from '../api.js';
import { write } from '../keep/db.js';
import { closed } from '../keep/vault.js';
import { forgetPhoneKey, phoneKey, sealingAnew } from './seal.js';

/** @typedef {import('../types').Item} Item */
/** @typedef {import('../types').Held} Held */

/** @param {string} id @param {Held} held */
export const syncItem = (id, { phone_key_id, payload, signature }) => ({
  check_in_id: id,
  phone_key_id,
  payload,
  signature,
});

/**
 * What waits, under the seal of the key that this officer has on this phone now. Another key was revoked, or
 * an earlier version of the app never enrolled it: it is signed again, and on disk before it is sent.
 * @param {{item: Item, held: Held}} opened @returns {Promise<{item: Item, held: Held}>}
 */
export async function sealedNow(opened) {
  const { item, held } = opened;
  const { phone_key_id } = await phoneKey(item.account_id);
  if (held.phone_key_id === phone_key_id) return opened;
  return sealingAnew(item.account_id, /** @type {string} */ (held.payload), async (sealed, chain) => {
    const again = { ...held, ...sealed };
    const resealed = { ...item, box: await closed(again) };
    await write(['outbox', 'kept'], (stores) => {
      stores('outbox').put(resealed);
      stores('kept').put(chain.link, chain.name);
    });
    return { item: resealed, held: again };
  });
}

/** Says that this phone holds one more than it sends: it is turned away by itself and kept nowhere. @param {string} id */
export const heldBack = (id) => ({ check_in_id: id, sign_on: null });

/**
 * Makes the officer's key on this phone known, or good for longer. One that was revoked, or that is
 * somebody else's, gives way to a new one.
 * @param {string} account_id @param {string} [token] of the session that it goes with
 */
export async function enrol(account_id, token) {
  try {
    await putKey(account_id, token);
  } catch (error) {
    const isOver = error instanceof Refused && ['phone-key-revoked', 'phone-key-conflict'].includes(error.slug);
    if (!isOver) throw error;
    await forgetPhoneKey(account_id);
    await putKey(account_id, token);
  }
}

/** @param {string} account_id @param {string} [token] */
async function putKey(account_id, token) {
  const { phone_key_id, public_key } = await phoneKey(account_id);
  await call('PUT', `/phone-keys/${phone_key_id}`, { token, body: { public_key, name: deviceName() } });
}

function deviceName() {
  const known = /iPhone|iPad|Android|Windows|Macintosh|Linux/.exec(navigator.userAgent);
  return known ? known[0] : 'phone';
}
