// Looking somebody up, what is recorded from there, and an owner's work.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check } from './accessible.mjs';
import { api, atWork, NOW, onStage, orderOf, open, phone, text, tokenOf, version7 } from './harness.mjs';

describe('looking up', { concurrency: false }, () => {
  onStage();

  test('a device that was asked for is prompted, and its presentation recorded', async () => {
    const token = await tokenOf('ps.adeyemi');
    const order = await orderOf('Lindqvist', token);
    const request = version7();
    const now = new Date(NOW).toISOString();
    assert.equal(
      (
        await api('PUT', `/orders/${order.order_id}/presentation-requests/${request}`, {
          token,
          body: {
            happened_at: now,
            device_id: null,
            due_at: new Date(NOW + 3_600_000).toISOString(),
            condition_label: 'R2',
          },
        })
      ).status,
      201,
    );
    await atWork();
    await phone.openPerson('Lindqvist');
    await phone.page.waitForSelector('.note--info:has-text("1 device request open")');
    await phone.page.click('text=Record what was presented');
    await phone.page.click('.choice:has-text("Presented it") >> nth=0');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
  });

  test('conditions are found, and what an officer sees is recorded', async () => {
    await atWork();
    const { page } = phone;
    await phone.find('marl');
    await page.click('.hits .person:has-text("Marlow") a');
    await phone.seesH1('Daniel Marlow');
    await page.waitForSelector('.condition:has-text("No contact with the protected person")');
    await page.click('.condition summary');
    await page.waitForSelector('blockquote:has-text("save through a solicitor")');
    await page.waitForSelector('text=Power of arrest');
    await page.click('text=I have seen them');
    await page.waitForSelector('.note:has-text("accurate to 14 m")');
    await page.fill('#note', 'Standing at the gate.');
    await page.click('.dock .btn');
    await phone.seesH1('Recorded');
    await page.waitForSelector('.note:has-text("P2: Outside")');
    await phone.tab('Find');
    await page.click('text=Report a concern');
    await page.fill('#words', 'Seen near her work again.');
    await page.click('.dock .btn');
    await phone.seesH1('Recorded');
    await page.waitForSelector('.done:has-text("Reference")');
  });

  test('somebody who comes to another station signs on there, and it is recorded as another place', async () => {
    await atWork();
    const { page } = phone;
    await phone.find('brennock');
    await page.click('.hits .person a');
    await page.click('text=They are here to sign on');
    await page.waitForSelector('.note--warn:has-text("The order names Hexwater Police Station")');
    await page.click('.choice:has-text("I know them")');
    await page.click('.dock .btn');
    await phone.seesH1('Recorded');
    assert.match(await text('.done__outcome'), /At another place/);
  });

  test('a role that has nothing to do here is told so, and can leave', async () => {
    await open();
    await phone.signIn('auditor');
    await phone.seesH1('Not for your role');
    await check(phone.page, 'not for your role');
    await phone.page.click('main >> text=You and this phone');
    await phone.page.click('text=Sign out');
    await phone.seesH1('Sign in');
  });

  test('a notification is taken and gets its numbered receipt', async () => {
    await atWork();
    const { page } = phone;
    await phone.find('kendi');
    await page.click('.hits .person a');
    await page.click('text=They tell us something');
    await page.fill('#address', '17 Tanners Row, Alderbridge');
    await page.click('.dock .btn');
    await phone.seesH1('Notification recorded');
    assert.match(await text('.done'), /N\/SPO\/26\/402\/\d/);
  });

  test('unserved papers are served from the sign-on', async () => {
    await atWork();
    const { page } = phone;
    await phone.openPerson('Reyes');
    await page.click('text=What the order says');
    await page.waitForSelector('.note--warn:has-text("Not served: it does not bind yet")');
    await page.click('text=Record that papers were served');
    await page.fill('#proof', 'BWV 26/1107');
    await page.click('.dock .btn');
    await phone.seesH1('Recorded');
  });

  test('an owner has their work in one place', async () => {
    await open();
    await phone.signIn('dc.mercer');
    await phone.chooseStation();
    await phone.tab('Work');
    await phone.seesH1('My work');
    await phone.page.waitForSelector('.alert:has-text("Missed sign-on")');
  });

  test('an owner does a task, and it is off their list', async () => {
    const token = await tokenOf('ps.adeyemi');
    const order = await orderOf('Obi', token);
    const owner = (await api('GET', '/me', { token: await tokenOf('dc.mercer') })).body.account.account_id;
    const assigned = await api('PUT', `/orders/${order.order_id}/owners/${version7()}`, {
      token,
      body: { owner, deputy: null, supervisor: null },
    });
    assert.equal(assigned.status, 201);
    await open();
    await phone.signIn('dc.mercer');
    await phone.chooseStation();
    await phone.tab('Work');
    await phone.page.click('.row:has-text("PNC") >> nth=0');
    await phone.page.waitForSelector('.dock .btn');
    await phone.page.click('.dock .btn');
    await phone.page.waitForSelector('.note--bad:has-text("Enter the reference")');
    await phone.page.fill('#reference', '26/204471K');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    const { tasks } = (await api('GET', '/tasks?kind=pnc_update', { token })).body;
    assert.equal(tasks.filter((it) => it.order_reference === order.reference).length, 0);
  });
});
