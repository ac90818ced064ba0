// Who is signed in on this phone, and whether its screen is locked.
import { batch } from '@preact/signals';
import { call, NoAnswer, onSessionEnd, useToken } from './api.js';
import { newId } from './ids.js';
import { keep, kept } from './keep/db.js';
import {
  closed,
  hasPin,
  choosePin,
  forgetPin,
  lock as lockVault,
  open,
  unlock as unlockVault,
  wipe,
  isUnlocked,
} from './keep/vault.js';
import { isEmpty } from './outbox/outbox.js';
import { enrol } from './outbox/wire.js';
import { account, endedBecause, forgetPeople, isOfficer, me, phase, sessionEndsAt, stations } from './state.js';
import { unlink, unsubscribe } from './push.js';
import { replace } from './router.js';
import { HOUR, MINUTE } from './time.js';

const LOCK_AFTER_MS = 5 * MINUTE;
const READS_WITHIN_MS = 8_000;
/** Of this session, by this phone's clock. */
let goodUntil = Infinity;

/**
 * What the phone knows at its start. When it cannot read that, or not in time, the screen says so; what waits
 * is not touched. A database that was not closed may answer the second time, or late.
 */
export async function begin() {
  const late = setTimeout(() => {
    if (phase.peek() === 'starting') phase.value = 'broken';
  }, READS_WITHIN_MS);
  await resume()
    .catch(() => resume())
    .catch(() => {
      phase.value = 'broken';
    });
  clearTimeout(late);
}

async function resume() {
  const session = await kept('session');
  if (!session || Date.parse(session.expires_at) < Date.now()) {
    if (session) await endBecause('expired');
    phase.value = 'signed_out';
    return;
  }
  useToken((await open(session.box)).token);
  goodUntil = Date.parse(session.expires_at);
  batch(() => {
    account.value = session.account;
    sessionEndsAt.value = session.ends_at ?? session.expires_at;
  });
  phase.value = (await hasPin(session.account.account_id)) ? 'locked' : 'choosing_pin';
}

/** @param {string} username @param {string} password */
export async function signIn(username, password) {
  const { body } = await call('POST', '/session', {
    body: { username: username.trim(), password, carrier: 'bearer' },
    isAnonymous: true,
  });
  const before = await kept('last_account');
  if (before && before !== body.account.account_id) {
    await forgetPin();
    await unlink().catch(() => {});
  }
  // The service's clock may be another than this phone's; how long a session lasts is the same on both.
  goodUntil = Date.now() + 12 * HOUR;
  const box = await closed({ token: body.token });
  await keep('session', {
    account: body.account,
    session_id: newId(),
    expires_at: new Date(goodUntil).toISOString(),
    ends_at: body.expires_at,
    box,
  });
  await keep('last_account', body.account.account_id);
  await navigator.storage?.persist?.().catch(() => false);
  useToken(body.token);
  forgetPeople();
  batch(() => {
    account.value = body.account;
    sessionEndsAt.value = body.expires_at;
    endedBecause.value = '';
  });
  // Without it what is recorded waits: the first record that the service turns away for it enrols the key.
  if (isOfficer.value) await enrol(body.account.account_id).catch(() => {});
  phase.value = (await hasPin(body.account.account_id)) ? 'locked' : 'choosing_pin';
}

/** @param {string} pin */
export async function setPin(pin) {
  await choosePin(/** @type {import('./types').Account} */ (account.value).account_id, pin);
  phase.value = 'open';
}

/** @param {string} pin */
export async function unlock(pin) {
  const tried = await unlockVault(pin);
  if (tried.ok) {
    phase.value = 'open';
    return tried;
  }
  if (tried.left === 0) await endBecause('pin');
  return tried;
}

export function lockNow() {
  if (phase.value !== 'open') return;
  lockVault();
  batch(() => {
    phase.value = 'locked';
    forgetPeople();
  });
}

/** Refused while anything of theirs waits. @returns {Promise<boolean>} */
export async function signOut() {
  if (account.value && !(await isEmpty(account.value.account_id))) return false;
  await unsubscribe().catch(() => {});
  try {
    await call('DELETE', '/session');
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
  }
  await endBecause('');
  return true;
}

/** Takes off the phone what it knows of people. What waits to be sent stays. @param {string} why */
export async function endBecause(why) {
  useToken(null);
  forgetPeople();
  await wipe();
  // Whoever signs in next begins at the beginning.
  replace('today');
  batch(() => {
    forgetPeople();
    account.value = null;
    me.value = null;
    stations.value = [];
    endedBecause.value = why;
    phase.value = 'signed_out';
  });
}

/** The password opens what the PIN no longer does; the list that it closed cannot be read any more. */
export async function forgotPin() {
  await forgetPin();
  await call('DELETE', '/session').catch(() => {});
  await endBecause('');
}

onSessionEnd(() => {
  if (phase.peek() !== 'signed_out') void endBecause('revoked');
});

let touchedAt = Date.now();
/** Locks after five minutes without a touch, also when the phone slept meanwhile. */
export function watchIdle() {
  const touch = () => {
    if (Date.now() - touchedAt > LOCK_AFTER_MS) lockNow();
    touchedAt = Date.now();
  };
  for (const kind of ['pointerdown', 'keydown', 'scroll'])
    addEventListener(kind, touch, { passive: true, capture: true });
  const look = () => {
    if (isUnlocked() && Date.now() - touchedAt > LOCK_AFTER_MS) lockNow();
    const session = phase.peek() === 'open' || phase.peek() === 'locked';
    if (session && Date.now() > goodUntil) void endBecause('expired');
  };
  setInterval(look, 5_000);
  document.addEventListener('visibilitychange', look);
}
