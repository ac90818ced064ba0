// What every screen has to hold, by axe's rules and by Lighthouse's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import lighthouse, { snapshot } from 'lighthouse';
import puppeteer from 'puppeteer-core';
import { check } from './accessible.mjs';
import { api, atWork, line, onStage, orderOf, phone, tokenOf } from './harness.mjs';
import { PASSWORD } from './server.mjs';

/** Where each screen of somebody at work is, once somebody has signed on. */
async function screensAtWork() {
  const token = await tokenOf('pc.frost');
  await phone.confirm('Fenwright');
  await phone.seesH1('Recorded');
  const receipt = (await phone.page.evaluate(() => location.hash)).split('/').pop();
  const { alerts } = (await api('GET', '/alerts', { token })).body;
  const [station] = (await api('GET', '/stations', { token })).body.stations;
  const { due } = (await api('GET', `/stations/${station.station_id}/due`, { token })).body;
  const marlow = due.find((it) => it.subject.family_name === 'Marlow').obligation_id;
  const { order_id: id } = await orderOf('Marlow', token);
  return [
    'today',
    'station',
    `confirm/${marlow}`,
    `wrong/${marlow}`,
    `receipt/${receipt}`,
    `mistake/${receipt}`,
    'outbox',
    'alerts',
    `alert/${alerts[0].alert_id}`,
    `hand/${alerts[0].alert_id}`,
    'find',
    `order/-/${id}`,
    `sighting/${id}`,
    `device/${id}`,
    `notify/${id}`,
    `serve/${id}`,
    `warn/${id}`,
    `concern/${id}`,
    'work',
    'me',
    'nothing',
  ];
}

const show = async (screen) => {
  await phone.page.evaluate((hash) => {
    location.hash = `#/${hash}`;
  }, screen);
  await phone.page.waitForTimeout(350);
};

/** Lighthouse's profile of a phone. */
const AS_A_PHONE = { formFactor: 'mobile', logLevel: 'error' };
const scores = ({ lhr }) =>
  Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]));
/** What does not hold, in its words. */
const findings = ({ lhr }, category) =>
  lhr.categories[category].auditRefs
    .map(({ id, weight }) => ({ ...lhr.audits[id], weight }))
    .filter((it) => it.weight > 0 && it.score !== null && it.score < 1)
    .map((it) => `${it.id}: ${it.title}`);

describe('accessibility', { concurrency: false }, () => {
  onStage();

  test('every screen is accessible, in the light and in the dark, and at 320 px', async () => {
    await atWork();
    const { page } = phone;
    const screens = await screensAtWork();
    for (const [width, scheme] of [
      [390, 'light'],
      [390, 'dark'],
      [320, 'light'],
    ]) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme: scheme });
      for (const screen of screens) {
        await show(screen);
        await check(page, `${screen} at ${width} in the ${scheme}`);
      }
    }
    await page.evaluate(() => {
      location.hash = '#/me';
    });
    await page.click('text=Lock now');
    await phone.seesH1('Enter your PIN');
    await check(page, 'locked');
    await page.click('text=Forgotten it?');
    await phone.seesH1('Sign in');
    await check(page, 'sign in');
    await phone.page.fill('#username', 'pc.frost');
    await phone.page.fill('#password', PASSWORD);
    await phone.page.click('form .btn--block');
    await phone.seesH1('Choose a PIN');
    await check(page, 'choosing a PIN');
  });

  test('Lighthouse has nothing to say of accessibility and good practice on any screen', async () => {
    await atWork({ flags: ['--remote-debugging-port=0'] });
    const screens = await screensAtWork();
    const [port] = readFileSync(join(phone.folder, 'DevToolsActivePort'), 'utf8').split('\n');
    const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
    try {
      const page = (await browser.pages()).find((it) => it.url().startsWith(line.address));
      const options = { ...AS_A_PHONE, port: Number(port), disableStorageReset: true };
      const opened = await lighthouse(
        `${line.address}/officer/`,
        { ...options, onlyCategories: ['accessibility', 'best-practices', 'performance'] },
        undefined,
        page,
      );
      // How fast it is depends on the machine: it is said, and only that it was measured is asked.
      console.log(`Lighthouse, opening the app: ${JSON.stringify(scores(opened))}`);
      assert.deepEqual(findings(opened, 'accessibility'), []);
      assert.ok(scores(opened).performance > 0);
      await phone.unlock();
      await phone.page.waitForSelector('.person');
      for (const screen of screens) {
        await show(screen);
        const seen = await snapshot(page, {
          flags: { ...AS_A_PHONE, onlyCategories: ['accessibility', 'best-practices'] },
        });
        for (const category of ['accessibility', 'best-practices'])
          assert.deepEqual(findings(seen, category), [], `${screen}: ${JSON.stringify(scores(seen))}`);
      }
    } finally {
      await browser.disconnect();
    }
  });
});
