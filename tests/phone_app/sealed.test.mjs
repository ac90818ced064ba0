// What the phone signs, and what the service makes of it.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { api, attendances, atWork, line, onStage, phone, sentSignOns, tokenOf, until } from './harness.mjs';

/** What the service says of the sign-ons that were sent, and of what phones sign. */
const seals = async () => {
  const token = await tokenOf('ps.adeyemi');
  const ids = new Set(sentSignOns().flatMap((it) => JSON.parse(it.body).check_ins.map((held) => held.check_in_id)));
  const all = [];
  for (const id of ids) all.push((await api('GET', `/check-ins/${id}`, { token })).body.seal);
  return all;
};
const phoneKeys = async () => (await api('GET', '/phone-keys', { token: await tokenOf('ps.adeyemi') })).body.phone_keys;
const alertsAboutSeals = async () => {
  const { alerts } = (await api('GET', '/alerts', { token: await tokenOf('ps.adeyemi') })).body;
  return alerts.filter((it) => /seal_broken|records_missing|records_forked/.test(it.kind));
};

describe('sealed records', { concurrency: false }, () => {
  onStage();

  test("each record is signed with the phone's own key, numbered, and names the one before", async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    for (const name of ['Obi', 'Wolski']) {
      await phone.confirm(name);
      await phone.seesH1('Saved on this phone');
      await phone.page.click('text=Next person');
    }
    const { items, point } = await phone.page.evaluate(async () => {
      const { waiting } = await import('/officer/outbox/outbox.js');
      const { open } = await import('/officer/keep/vault.js');
      const { phoneKey } = await import('/officer/outbox/seal.js');
      const items = await waiting();
      return {
        items: await Promise.all(items.map((item) => open(item.box))),
        point: (await phoneKey(items[0].account_id)).public_key,
      };
    });
    const bytes = Buffer.from(point, 'base64url');
    const key = createPublicKey({
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: bytes.subarray(1, 33).toString('base64url'),
        y: bytes.subarray(33).toString('base64url'),
      },
      format: 'jwk',
    });
    let digest = '';
    for (const [at, item] of items.entries()) {
      const payload = Buffer.from(item.payload, 'base64url');
      assert.ok(
        verify('sha256', payload, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(item.signature, 'base64url')),
        'the signature fits',
      );
      const said = JSON.parse(payload.toString());
      assert.deepEqual([said.sequence, said.previous_digest], [at + 1, digest]);
      assert.deepEqual(Object.keys(said), [
        'check_in_id',
        'sign_on',
        'sequence',
        'previous_digest',
        'beacon',
        'made_at',
        'app_version',
      ]);
      digest = createHash('sha256').update(payload).digest('base64url');
    }
  });
  test('what two phones of one officer sign arrives as sealed, each under its own key', async () => {
    for (const [name, second] of [
      ['Obi', 'Wolski'],
      ['Fenwright', 'Lindqvist'],
    ]) {
      await atWork();
      for (const person of [name, second]) {
        await phone.confirm(person);
        await phone.seesH1('Recorded');
        await phone.page.click('text=Next person');
      }
    }
    const found = await seals();
    assert.deepEqual(
      found.map((it) => it.sequence),
      [1, 2, 1, 2],
    );
    assert.equal(new Set(found.map((it) => it.phone_key_id)).size, 2);
    assert.ok(
      found.every((it) => it.beacon_says === 'agrees' && it.phone_name === 'Linux'),
      JSON.stringify(found),
    );
    assert.deepEqual(await alertsAboutSeals(), []);
  });

  test('two officers on one phone have a key each', async () => {
    await atWork();
    await phone.confirm('Obi');
    await phone.seesH1('Recorded');
    await phone.page.goto(`${line.address}/officer/#/me`);
    await phone.page.click('text=Sign out');
    await phone.seesH1('Sign in');
    await phone.signIn('pc.osei');
    await phone.page.waitForSelector('.person');
    await phone.confirm('Wolski');
    await phone.seesH1('Recorded');
    assert.deepEqual(
      (await seals()).map((it) => it.sequence),
      [1, 1],
    );
    assert.deepEqual((await phoneKeys()).map((it) => it.account_name).sort(), ['PC Kwame Osei', 'PC Lena Frost']);
  });

  test('a phone whose key is revoked forgets what it knows, and what waits goes out under a new key', async () => {
    await atWork();
    await phone.confirm('Obi');
    await phone.seesH1('Recorded');
    await phone.page.click('text=Next person');
    phone.isCut = true;
    line.pullApi();
    await phone.confirm('Wolski');
    await phone.seesH1('Saved on this phone');
    const [key] = await phoneKeys();
    const revoked = await api('PUT', `/phone-keys/${key.phone_key_id}/revocation`, {
      token: await tokenOf('ps.adeyemi'),
      body: { reason: 'Two phones sign with it.' },
    });
    assert.equal(revoked.status, 204);
    line.plug();
    await phone.seesH1('Sign in');
    const left = await phone.page.evaluate(async () => {
      const { all, kept } = await import('/officer/keep/db.js');
      return { list: await kept('list'), session: await kept('session'), waits: (await all('outbox')).length };
    });
    assert.deepEqual(left, { list: undefined, session: undefined, waits: 1 });
    await phone.signIn('pc.frost', { isNew: false });
    await until(async () => (await attendances('Wolski')).length === 1, 'it goes out by itself');
    const found = await seals();
    assert.deepEqual(
      found.map((it) => [it.sequence, it.phone_key_id === key.phone_key_id]),
      [
        [1, true],
        [1, false],
      ],
    );
    assert.deepEqual(await alertsAboutSeals(), []);
  });

  test('a key that the service does not know is enrolled, and nobody has to look at the record', async () => {
    await atWork();
    const [first] = await phoneKeys();
    await phone.page.evaluate(async (account) => {
      await (await import('/officer/outbox/seal.js')).forgetPhoneKey(account);
    }, first.account_id);
    await phone.confirm('Obi');
    await phone.seesH1('Recorded');
    const keys = await phoneKeys();
    assert.equal(keys.length, 2);
    assert.notEqual((await seals())[0].phone_key_id, first.phone_key_id);
    assert.deepEqual(await alertsAboutSeals(), []);
  });
});
