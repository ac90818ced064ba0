// What an officer sees of a person before they meet them, and to whom they can turn.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { api, atWork, line, onStage, phone, stored, tokenOf, until, version7 } from './harness.mjs';

const PHOTO = readFileSync(new URL('../../app/officer/icons/app-192.png', import.meta.url));
const show = (hash) =>
  phone.page.evaluate((to) => {
    location.hash = `#/${to}`;
  }, hash);
/** Goes on record under somebody's order, by the officer in the case. */
const onFile = async (name, what, body, id = version7()) => {
  const token = await tokenOf('dc.mercer');
  const { orders } = (await api('GET', `/orders?query=${encodeURIComponent(name)}`, { token })).body;
  const answer = await api('PUT', `/orders/${orders[0].order_id}/${what}/${id}`, { token, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return { id, order_id: orders[0].order_id };
};
const photo = (name, taken_on = '2026-10-02') =>
  onFile(name, 'photos', { media_type: 'image/png', taken_on, image: PHOTO.toString('base64') });
const warning = (name, kind, says) => onFile(name, 'warnings', { kind, says });
const isDrawn = (selector) =>
  phone.page.waitForFunction((it) => document.querySelector(it)?.naturalWidth === 192, selector);

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
    await phone.page.waitForSelector('figcaption:has-text("Photo of 3 Mar 2025")');
    await phone.page.goBack();
    await phone.openPerson('Obi');
    await isDrawn('.idcard img.photo');
    assert.equal(await phone.page.$('figcaption'), null);
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
    await phone.page.waitForSelector('.person:has-text("Obi") .tag:has-text("2 warnings: Carries weapons")');
    await phone.openPerson('Obi');
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
});
