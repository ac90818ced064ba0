// One service, the cable to it, and one phone for each case; and what cases ask of them.
import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';
import { cable } from './cable.mjs';
export { version7 } from './ids.mjs';
import { openPhone } from './phone.mjs';
import { PEOPLE } from './seed.mjs';
import { PASSWORD, startServer } from './server.mjs';

// Ten past two on a Monday, whenever this runs: the phone's clock is then days off, as phones' clocks are.
export const NOW = Date.parse('2026-11-23T14:05:00Z');
const CLOCK = '2026-11-23 14:05:00';

/** What nobody may read on the phone: names, references, and the address of the cases. */
export const ABOUT_PEOPLE = new RegExp(
  [
    ...PEOPLE.flatMap(([given, family]) => [`${given} ${family}`, `${family}, `]),
    'SPO/26',
    'AL-26',
    'Tanners Row',
  ].join('|'),
);

export let server, line, phone;
const phones = [];

export function onStage() {
  beforeEach(async () => {
    server = await startServer(process.env.BINARY, { now: NOW, clock: CLOCK });
    line = await cable(() => server.address);
  });
  afterEach(async () => {
    const faults = phones.flatMap((it) => it.faults);
    for (const it of phones.splice(0)) await it.end();
    await line.end();
    await server.end();
    assert.deepEqual(faults, [], 'the browser had something to complain about');
  });
}

export const api = async (method, path, { token, body } = {}) => {
  const answer = await fetch(`${server.address}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
};
export const tokenOf = async (username) =>
  (await api('POST', '/session', { body: { username, password: PASSWORD, carrier: 'bearer' } })).body.token;
export const open = async (options) => {
  phone = await openPhone(line.address, options);
  phones.push(phone);
  return phone;
};
export const atWork = async (options, username = 'pc.frost') => {
  await open(options);
  await phone.signIn(username);
  await phone.chooseStation();
  await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  return phone;
};

/** The session that the phone showed last. */
export const bearer = () =>
  line.seen.findLast((it) => it.headers.authorization).headers.authorization.replace('Bearer ', '');
export const sentSignOns = () =>
  line.seen.filter((it) => it.path === '/api/v1/sync' && JSON.parse(it.body).check_ins.length > 0);
/** On the way to the service, from now on: it turns them away. */
export const breakSeals = () =>
  line.changes.set('/api/v1/sync', (body) =>
    body.replace(/"signature":"(.)/g, (all, first) => `"signature":"${first === 'A' ? 'B' : 'A'}`),
  );
/** Somebody's first order. */
export const orderOf = async (name, token) =>
  (await api('GET', `/orders?query=${encodeURIComponent(name)}`, { token })).body.orders[0];
/** What the service has on file about attendance under somebody's order. */
export const attendances = async (name) => {
  const token = await tokenOf('ps.adeyemi');
  const { order_id } = await orderOf(name, token);
  const { events } = (await api('GET', `/orders/${order_id}/timeline`, { token })).body;
  return events.filter((it) => /attend|check_in|sign/.test(it.kind) && !/miss|alert|window/.test(it.kind));
};
export const text = (selector) => phone.page.textContent(selector);
export const until = async (look, what) => {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`not within 15 s: ${what}`);
};
/** Every store of the phone's database, byte for byte: keys, and values as text. */
export const stored = () =>
  phone.page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.open('holdfast-officer').onsuccess = async ({ target: { result: database } }) => {
          const asked = (request) =>
            new Promise((done) => {
              request.onsuccess = () => done(request.result);
            });
          const readable = (_, value) =>
            value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : value;
          const found = {};
          for (const name of database.objectStoreNames) {
            const store = () => database.transaction(name).objectStore(name);
            found[name] = {
              keys: await asked(store().getAllKeys()),
              text: JSON.stringify(await asked(store().getAll()), readable),
            };
          }
          database.close();
          resolve(found);
        };
      }),
  );
