// One phone: a real Chromium with its own folder, which survives being killed.
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD } from './server.mjs';
import { STATION } from './seed.mjs';

export const PIN = '271828';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openPhone(
  address,
  {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-phone.')),
    position = { ...STATION, accuracy: 14 },
    permissions = ['geolocation', 'notifications'],
    flags = [],
    ...more
  } = {},
) {
  const phone = { folder, context: null, page: null, faults: [], isCut: false };
  phone.start = async () => {
    phone.context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: [...FLAGS, ...flags],
      viewport: { width: 390, height: 844 },
      locale: 'en-GB',
      timezoneId: 'Europe/London',
      geolocation: position ?? undefined,
      permissions,
      ...more,
    });
    phone.page = phone.context.pages()[0] ?? (await phone.context.newPage());
    phone.page.setDefaultTimeout(15_000);
    phone.page.on('pageerror', (error) => phone.faults.push(`error: ${error.message}`));
    phone.page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // What the browser itself says of a cable that the test has pulled, or of a refusal that it has caused.
      if (/Failed to load resource|net::ERR_|ServiceWorker.*fetch/.test(message.text()) && phone.isCut) return;
      phone.faults.push(`${message.type()}: ${message.text()} ${message.location().url}`);
    });
    await phone.page.goto(`${address}/officer/`);
  };
  /** As when the battery is taken out. */
  phone.kill = async () => {
    const pid = Number(readlinkSync(join(folder, 'SingletonLock')).split('-').pop());
    const closed = new Promise((resolve) => phone.context.once('close', resolve));
    process.kill(pid, 'SIGKILL');
    await closed;
  };
  phone.end = async () => {
    await phone.context.close().catch(() => {});
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  phone.typePin = async (pin = PIN) => {
    for (const digit of pin) await phone.page.click(`.pad button:text-is("${digit}")`);
  };
  phone.signIn = async (username = 'pc.frost', { isNew = true } = {}) => {
    const { page } = phone;
    await page.fill('#username', username);
    await page.fill('#password', PASSWORD);
    await page.click('form .btn--block');
    await page.waitForSelector('.pad');
    await phone.typePin();
    if (isNew) {
      await page.waitForSelector('h1:has-text("Enter it again")');
      await phone.typePin();
    }
  };
  phone.chooseStation = async (name = 'Alderbridge') => {
    await phone.page.click(`.row:has-text("${name}")`);
    await phone.page.waitForSelector('.person');
  };
  phone.seesLock = async () => {
    // A browser that was killed mends its files first.
    await phone.page.waitForSelector('.pad', { timeout: 30_000 }).catch(async (error) => {
      throw new Error(`it shows "${await phone.page.innerText('body')}"; ${phone.faults.join('; ')}`, { cause: error });
    });
  };
  phone.unlock = async () => {
    await phone.seesLock();
    await phone.typePin();
  };
  phone.tab = (name) => phone.page.click(`.tabs a:has-text("${name}")`);
  phone.find = async (text) => {
    await phone.tab('Find');
    await phone.page.waitForSelector('#find');
    // With the next frame the heading takes the focus: a key pressed before then would be its.
    await phone.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await phone.page.fill('#find', text);
    await phone.page.press('#find', 'Enter');
  };
  phone.seesH1 = (text) => phone.page.waitForSelector(`h1:has-text("${text}")`);
  phone.openPerson = async (name) => {
    await phone.page.click(`.person:has-text("${name}") a`);
    await phone.seesH1(name);
  };
  /** The three taps. */
  phone.confirm = async (name) => {
    await phone.openPerson(name);
    await phone.page.click('.choice:has-text("I know them")');
    await phone.page.click('.dock .btn:has-text("Confirm at")');
  };
  await phone.start();
  return phone;
}
