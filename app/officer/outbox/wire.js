// How a sealed sign-on travels. The one place to change when the server takes sealed records:
// set IS_SEALED to true, and nothing else.
import { call } from '../api.js';
import { fromBase64url } from '../ids.js';
import { thisPhone } from './seal.js';

const IS_SEALED = false;

/** @param {string} id @param {import('../types').Held} held */
export function syncItem(id, held) {
  const { payload = '', signature, phone_id } = held;
  if (IS_SEALED) return { check_in_id: id, phone_id, payload, signature };
  return { check_in_id: id, sign_on: JSON.parse(new TextDecoder().decode(fromBase64url(payload))).sign_on };
}

/** Says that this phone holds one more than it sends: it is turned away by itself and kept nowhere. @param {string} id */
export const heldBack = (id) => ({ check_in_id: id, sign_on: null });

/** Makes the phone's public key known; doing it twice changes nothing. @param {string} name */
export async function enrol(name) {
  const { phone_id, public_key } = await thisPhone();
  if (!IS_SEALED) return;
  await call('PUT', `/phones/${phone_id}`, { body: { public_key, name } });
}
