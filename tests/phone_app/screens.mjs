// Remakes the pictures in app/screens: every screen at 390 x 844, in the light and in the dark, at the same
// time of the same day. `tests/phone-app --screens` calls it.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { openPhone, PIN } from './phone.mjs';
import { PASSWORD, startServer } from './server.mjs';
import { cable } from './cable.mjs';

const NOW = Date.parse('2026-11-23T14:05:00Z');
const FOLDER = new URL('../../app/screens/', import.meta.url).pathname;
mkdirSync(FOLDER, { recursive: true });

const server = await startServer(process.env.BINARY, { now: NOW, clock: '2026-11-23 14:05:00' });
const line = await cable(() => server.address);
const token = await (
  await fetch(`${server.address}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'dc.mercer', password: PASSWORD, carrier: 'bearer' }),
  })
)
  .json()
  .then((it) => it.token);
const get = async (path) =>
  (await fetch(`${server.address}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json();

const phone = await openPhone(line.address);
const { page } = phone;
// The phone's clock agrees with the service's: an hour of the day that looks like work.
await page.clock.install({ time: NOW + 20_000 });
await page.reload();
const taken = [];
const take = async (name) => {
  await page.evaluate(() => scrollTo(0, 0));
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(150);
    taken.push(`${FOLDER}${name}-${colorScheme}.png`);
    await page.screenshot({ path: taken.at(-1) });
  }
};
const show = async (hash, name) => {
  await page.evaluate((to) => {
    location.hash = `#/${to}`;
  }, hash);
  await page.waitForTimeout(700);
  await take(name);
};

await page.waitForSelector('#username');
await take('sign-in');
await page.fill('#username', 'dc.mercer');
await page.fill('#password', PASSWORD);
await page.click('form .btn--block');
await page.waitForSelector('.pad');
await take('pin');
for (let time = 0; time < 2; time += 1) {
  await phone.typePin(PIN);
  await page.waitForTimeout(300);
}
await page.waitForSelector('h1:has-text("Choose your station")');
await take('station');
await phone.chooseStation();
await page.waitForTimeout(500);
for (const name of ['Fenwright', 'Lindqvist']) {
  await phone.confirm(name);
  await phone.seesH1('Recorded');
  if (name === 'Fenwright') await take('recorded');
  await page.click('text=Next person');
  await page.waitForSelector('.tally');
}
await page.waitForTimeout(400);
await take('today');
const { stations } = await get('/stations');
const { due } = await get(`/stations/${stations[0].station_id}/due`);
const marlow = due.find((it) => it.subject.family_name === 'Marlow');
await page.evaluate((to) => {
  location.hash = to;
}, `#/confirm/${marlow.obligation_id}`);
await page.waitForTimeout(600);
await page.click('.choice:has-text("I know them")');
await take('confirm');
await show(`wrong/${marlow.obligation_id}`, 'something-is-wrong');
await show('alerts', 'alerts');
const { alerts } = await get('/alerts');
await show(`alert/${alerts.find((it) => it.kind === 'missed_sign_on').alert_id}`, 'alert');
await page.evaluate(() => {
  location.hash = '#/find';
});
await page.fill('#find', 'mar');
await page.press('#find', 'Enter');
await page.waitForSelector('.hits li');
await take('find');
for (const [name, screen] of [
  ['order', 'order/-'],
  ['sighting', 'sighting'],
  ['notification', 'notify'],
  ['concern', 'concern'],
  ['papers-served', 'serve'],
]) {
  await show(`${screen}/${marlow.order_id}`, name);
}
await show('work', 'my-work');
await show('me', 'you-and-this-phone');
line.pullApi();
await page.evaluate(() => {
  location.hash = '#/today';
});
await phone.confirm('Obi');
await page.waitForSelector('.strip:has-text("No signal")');
await page.waitForTimeout(400);
await take('saved-on-this-phone');
await show('outbox', 'outbox');
await phone.end();
await line.end();
await server.end();
// As small as pictures of screens can be.
try {
  execFileSync('pngquant', ['--force', '--ext', '.png', '--skip-if-larger', '64', ...taken]);
} catch (error) {
  console.error(`the pictures are larger than they need be, because pngquant did not run: ${error.message}`);
}
