// What the forms share: one record for each, kept on the phone until it is sent.
import { useRef } from 'preact/hooks';
import { newId } from '../ids.js';
import { addPut } from '../outbox/outbox.js';
import { round } from '../live.js';
import { replace } from '../router.js';
import { account } from '../state.js';
import { now } from '../time.js';

/**
 * What a form makes at its first press, and no other at any later one: pressing twice, or again after no
 * answer, is the same record. `at` is by the service's clock.
 */
export function useRecord() {
  const made = useRef(/** @type {{id: string, at: string} | null} */ (null));
  return () => (made.current ??= { id: newId(), at: new Date(now()).toISOString() });
}

export const accountId = () => /** @type {import('../types').Account} */ (account.value).account_id;

/** On disk when it resolves. @param {string} id @param {string} path @param {unknown} body @param {import('../types').Label} label */
export const save = (id, path, body, label) => addPut(accountId(), id, { path, body }, label);

/** @param {string} id @param {string} path @param {unknown} body @param {import('../types').Label} label */
export async function saveAndLeave(id, path, body, label) {
  await save(id, path, body, label);
  replace('saved', id);
  void round();
}

/** @param {Record<string, string>} words @returns {[string, string][]} */
export const options = (words) => Object.entries(words);
