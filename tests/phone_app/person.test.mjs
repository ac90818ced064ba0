// What an officer sees of a person before they meet them, and to whom they can turn.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { check } from './accessible.mjs';
import { api, atWork, line, NOW, onStage, orderOf, phone, stored, tokenOf, until, version7 } from './harness.mjs';
import { pushService } from './push_service.mjs';

const PHOTO = readFileSync(new URL('../../app/officer/icons/app-192.png', import.meta.url));
const show = (hash) =>
  phone.page.evaluate((to) => {
    location.hash = `#/${to}`;
  }, hash);
/** Goes on record under somebody's order, by the officer in the case. */
const onFile = async (name, what, body, id = version7()) => {
  const token = await tokenOf('dc.mercer');
  const { order_id } = await orderOf(name, token);
  const answer = await api('PUT', `/orders/${order_id}/${what}/${id}`, { token, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return { id, order_id };
};
const photo = (name, taken_on = '2026-10-02') =>
  onFile(name, 'photos', { media_type: 'image/png', taken_on, image: PHOTO.toString('base64') });
const warning = (name, kind, says) => onFile(name, 'warnings', { kind, says });
/** Somebody who can be told. */
const withPhone = async (username, { subscription }) => {
  const token = await tokenOf(username);
  const answer = await api('PUT', `/push-subscriptions/${version7()}`, { token, body: subscription });
  assert.equal(answer.status, 201);
  return token;
};
const isDrawn = async (selector) => {
  const drawn = await phone.page.waitForSelector(selector);
  await until(() => drawn.evaluate((it) => it.naturalWidth === 192), `${selector} is drawn`);
};

describe('the person', () => {
  onStage();

  test('a photo is shown, also without a signal after a reopening, and is not in clear on the phone', async () => {
    const { id } = await photo('Marlow', '2025-03-03');
    await photo('Obi');
    await atWork();
    await isDrawn('.person:has-text("Marlow") img.photo');
    await isDrawn('.person:has-text("Obi") img.photo');
    await phone.page.waitForSelector('.person:has-text("Kendi") [aria-label="No photo on file"]');
    await until(async () => (await stored()).kept.keys.filter((it) => it.startsWith('photo/')).length === 2, 'kept');
    const disk = (await stored()).kept.text;
    assert.ok(!disk.includes('PNG') && !disk.includes('IHDR'), 'a photo lies open on the phone');
    phone.isCut = true;
    line.pullApi();
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await isDrawn('.person:has-text("Marlow") img.photo');
    await phone.openPerson('Marlow');
    await isDrawn('.idcard img.photo');
    await phone.page.waitForSelector('.idcard div:has(dt:has-text("Photo of")) dd:has-text("3 Mar 2025")');
    await phone.page.goBack();
    await phone.openPerson('Obi');
    await isDrawn('.idcard img.photo');
    assert.equal(await phone.page.$('.idcard dt:has-text("Photo of")'), null);
    // Called a mistake: it is of somebody else.
    const token = await tokenOf('dc.mercer');
    const taken_back = { reason: 'Another person.' };
    const gone = await api('PUT', `/records/${id}/supersession`, { token, body: taken_back });
    assert.ok(gone.status < 300, JSON.stringify(gone));
    line.plug();
    await show('today');
    await phone.page.waitForSelector('.person:has-text("Marlow") [aria-label="No photo on file"]', { timeout: 90_000 });
    await until(async () => !(await stored()).kept.keys.includes(`photo/${id}`), 'it is off the phone');
    await show('me');
    await phone.page.click('main >> text=Sign out');
    await phone.seesH1('Sign in');
    assert.ok(!(await stored()).kept.keys.some((it) => it.startsWith('photo/')), 'a photo stays after the session');
  });

  test('a photo that does not come holds nothing up', async () => {
    const broken = await photo('Marlow');
    const late = await photo('Obi');
    line.rewrites.set(`/api/v1/photos/${broken.id}`, () => 'no picture');
    line.holds = ({ path }) => (path.endsWith(late.id) ? new Promise(() => {}) : undefined);
    await atWork();
    await until(() => line.seen.some(({ path }) => path.endsWith(late.id)), 'it is asked for');
    await phone.page.waitForSelector('.person:has-text("Marlow") [aria-label="The photo is not on this phone"]');
    await phone.confirm('Obi');
    await phone.seesH1('Recorded');
  });

  test('warnings come before the check of who it is, in words, the most dangerous first', async () => {
    await warning('Obi', 'ailment', 'Has diabetes.');
    await warning('Obi', 'weapons', 'A knife was found on her in May.');
    await atWork();
    await phone.page.waitForSelector(
      '.person:has-text("Obi") .tag:has-text("Carries weapons") + .tag:has-text("2 warnings")',
    );
    await check(phone.page, 'today with warnings');
    await phone.openPerson('Obi');
    await check(phone.page, 'confirm with warnings');
    const words = await phone.page.textContent('main');
    const at = ['2 warnings', 'Carries weapons', 'A knife was found', 'Ill or injured', 'How do you know it is them'];
    const places = at.map((it) => words.indexOf(it));
    assert.ok(!places.includes(-1), words);
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
    );
    phone.isCut = true;
    line.pullApi();
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await phone.openPerson('Obi');
    await phone.page.waitForSelector('.warnings:has-text("Carries weapons")');
  });

  test('an officer records a warning, and the next one sees it', async () => {
    await atWork();
    await phone.find('marl');
    await phone.page.click('.hits .person a');
    await phone.page.click('text=A warning to officers');
    await phone.page.click('.choice:has-text("May run")');
    await phone.page.click('.dock .btn');
    await phone.page.waitForSelector('.note--bad:has-text("Write what was seen")');
    await phone.page.fill('#says', 'Ran from the counter on Sunday.');
    await check(phone.page, 'warning');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    await show('today');
    await phone.page.waitForSelector('.person:has-text("Marlow") .tag:has-text("May run")', { timeout: 90_000 });
    await phone.find('marl');
    await phone.page.click('.hits .person a');
    await phone.page.waitForSelector('.warnings:has-text("Ran from the counter"):has-text("Since Mon 23 Nov")');
    await phone.page.waitForSelector('.warnings:has-text("or a supervisor can end a warning")');
    await check(phone.page, 'order with a warning');
  });

  test('what is open about them is offered at the sign-on, without a signal too', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    await phone.openPerson('Reyes');
    await phone.page.waitForSelector('.note--warn:has-text("has not been served")');
    await phone.page.click('text=Record that papers were served');
    await phone.seesH1('Papers were served');
  });

  test('an alert is handed over: the other officer has it, and who cannot be told is named', async () => {
    const [service, other] = [await pushService(), await pushService()];
    try {
      const colleague = await withPhone('pc.osei', service);
      const sergeant = await withPhone('ps.adeyemi', other);
      const { account_id } = (await api('GET', '/me', { token: sergeant })).body.account;
      const [from, ends] = [NOW - 3_600_000, NOW + 6 * 3_600_000].map((it) => new Date(it).toISOString());
      const duty = { kind: 'on_duty', account_id, rung: 'supervisor', from, until: ends };
      const entered = await api('PUT', `/rota/${version7()}`, { token: sergeant, body: duty });
      assert.equal(entered.status, 201, JSON.stringify(entered.body));
      await atWork();
      await phone.tab('Alerts');
      await phone.page.click('.alert:has-text("Marlow") a');
      await phone.page.waitForSelector('.dock .btn:has-text("I will deal with it")');
      const id = new URL(phone.page.url()).hash.split('/').pop();
      await phone.page.click('main >> text=Hand over');
      await phone.seesH1('Hand over');
      await phone.page.waitForSelector(
        '.choices:has-text("On duty, can be told now"):has-text("PS Ruth Adeyemi") + .choices:has-text("PC Kwame Osei")',
      );
      await phone.page.waitForSelector('.card:has-text("Cannot be told"):has-text("DC Asha Mercer")');
      await phone.page.click('.dock .btn');
      await phone.page.waitForSelector('.note--bad:has-text("Choose to whom")');
      await phone.page.click('.choice:has-text("PC Kwame Osei")');
      await phone.page.fill('#handnote', 'My shift ends.');
      await check(phone.page, 'hand over');
      phone.isCut = true;
      line.pullApi();
      await phone.page.click('.dock .btn');
      await phone.page.waitForSelector(
        '.note--warn:has-text("Hand-over to PC Kwame Osei"):has-text("Saved on this phone")',
      );
      await check(phone.page, 'alert with a hand-over that waits');
      line.plug();
      await phone.page.click('.sync');
      await service.next((it) => it.kind === 'alert' && it.alert_id === id);
      await phone.page.waitForSelector('.tl:has-text("My shift ends.")');
      const { events } = (await api('GET', `/alerts/${id}`, { token: colleague })).body;
      assert.ok(
        events.some((it) => it.kind === 'handed_over'),
        JSON.stringify(events),
      );
    } finally {
      await other.end();
      await service.end();
    }
  });

  test('a hand-over that the service does not take is said to be none', async () => {
    const service = await pushService();
    try {
      await withPhone('pc.osei', service);
      await atWork();
      await phone.tab('Alerts');
      await phone.page.click('.alert:has-text("Marlow") a');
      await phone.page.click('main >> text=Hand over');
      await phone.page.click('.choice:has-text("PC Kwame Osei")');
      phone.isCut = true;
      line.pullApi();
      await phone.page.click('.dock .btn');
      await phone.page.waitForSelector('.note--warn:has-text("Saved on this phone")');
      const id = new URL(phone.page.url()).hash.split('/').pop();
      // Nobody is there any more whom it could be handed to.
      const path = (await stored()).outbox.keys.map((key) => `/api/v1/alerts/${id}/handovers/${key}`)[0];
      line.changes.set(path, (body) => body.replace(/"to_account_id":"[^"]+"/, `"to_account_id":"${version7()}"`));
      line.plug();
      await phone.page.click('.sync');
      await phone.page.waitForSelector('.note--bad:has-text("Hand-over to PC Kwame Osei: not taken")');
    } finally {
      await service.end();
    }
  });

  test('the receipt of a notification is shown, in large letters to the person, and printed alone', async () => {
    await atWork();
    const { page } = phone;
    await phone.find('kendi');
    await page.click('.hits .person a');
    await page.click('text=They tell us something');
    await page.fill('#address', '17 Tanners Row, Alderbridge');
    await page.click('.dock .btn');
    await phone.seesH1('Notification recorded');
    await page.waitForSelector('.slip:has-text("N/SPO/26/402/1"):has-text("17 Tanners Row"):has-text("PC Lena Frost")');
    await page.waitForSelector('.slip:has-text("Wyre and Marches Police"):has-text("Alderbridge Police Station")');
    await check(page, 'receipt');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.isVisible('.unprinted'), false);
    assert.equal(await page.isVisible('.slip'), true);
    await page.emulateMedia({ media: 'screen' });
    await page.click('text=Show to the person');
    await phone.seesH1('Receipt of a notification');
    await check(page, 'receipt for the person');
    const px = await page.$$eval('.slip--large dd', (all) =>
      all.map((it) => Number.parseFloat(getComputedStyle(it).fontSize)),
    );
    assert.ok(Math.min(...px) >= 24, String(px));
    await page.click('text=Back to the officer');
    // Still there after the screen was locked.
    await page.evaluate(async () => (await import('/officer/session.js')).lockNow());
    await phone.unlock();
    await phone.seesH1('Notification recorded');
    await page.waitForSelector('.slip:has-text("N/SPO/26/402/1")');
  });
});
