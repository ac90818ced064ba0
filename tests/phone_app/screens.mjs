// Remakes the pictures in app/screens: every screen at 390 x 844, in the light and in the dark, at the same
// time of the same day. `tests/phone-app --screens` calls it.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { openPhone, PIN } from './phone.mjs';
import { PASSWORD, startServer } from './server.mjs';
import { cable } from './cable.mjs';
import { version7 } from './ids.mjs';
import { pushService } from './push_service.mjs';

const NOW = Date.parse('2026-11-23T14:05:00Z');
/** Family name, taken on, and what they look like. */
const FACES = [
  ['Marlow', '2025-03-03', '#e0ac86', '#4a3526', '#3d5a80'],
  ['Kendi', '2026-08-14', '#8d5b3e', '#1c1512', '#a4536a'],
  ['Wolski', '2026-01-20', '#edc4a3', '#9a7b4f', '#4d6b53'],
  ['Obi', '2026-09-30', '#6f452d', '#17110e', '#c08a3e'],
  ['Fenwright', '2026-05-11', '#dba583', '#7d7a76', '#54506b'],
];
const WARNINGS = [
  ['Marlow', 'drugs', 'Was under the influence at the counter in October.'],
  ['Marlow', 'weapons', 'A lock knife was found when he was searched on 3 June.'],
  ['Obi', 'ailment', 'Has diabetes, carries insulin.'],
];
const FOLDER = new URL('../../app/screens/', import.meta.url).pathname;
mkdirSync(FOLDER, { recursive: true });

const server = await startServer(process.env.BINARY, { now: NOW, clock: '2026-11-23 14:05:00' });
const line = await cable(() => server.address);
const pushes = [await pushService(), await pushService()];
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

const put = async (path, body, bearer = token) => {
  const answer = await fetch(`${server.address}/api/v1${path}/${version7()}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
};

const phone = await openPhone(line.address);
const { page } = phone;
await somebodyIsKnown();
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
await show(`hand/${alerts.find((it) => it.kind === 'missed_sign_on').alert_id}`, 'hand-over');
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
  ['warning', 'warn'],
  ['papers-served', 'serve'],
]) {
  await show(`${screen}/${marlow.order_id}`, name);
}
await page.evaluate(
  (to) => {
    location.hash = to;
  },
  `#/notify/${due.find((it) => it.subject.family_name === 'Kendi').order_id}`,
);
await page.fill('#address', '17 Tanners Row, Alderbridge');
await page.click('.dock .btn');
await page.waitForSelector('.slip');
await take('notification-recorded');
await page.click('text=Show to the person');
await page.waitForTimeout(300);
await take('receipt-for-the-person');
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
for (const push of pushes) await push.end();
await line.end();
await server.end();
// As small as pictures of screens can be.
try {
  execFileSync('pngquant', ['--force', '--ext', '.png', '--skip-if-larger', '64', ...taken]);
} catch (error) {
  console.error(`the pictures are larger than they need be, because pngquant did not run: ${error.message}`);
}

/** Faces that nobody has, a warning or two, and colleagues with phones. */
async function somebodyIsKnown() {
  const day = await get('/stations').then(({ stations }) => get(`/stations/${stations[0].station_id}/due`));
  const orderOf = (name) => day.due.find((it) => it.subject.family_name === name).order_id;
  for (const [name, taken_on, skin, hair, shirt] of FACES) {
    const image = await drawn(skin, hair, shirt);
    await put(`/orders/${orderOf(name)}/photos`, { media_type: 'image/png', taken_on, image });
  }
  for (const [name, kind, says] of WARNINGS) await put(`/orders/${orderOf(name)}/warnings`, { kind, says });
  for (const [at, username] of ['pc.osei', 'ps.adeyemi'].entries()) {
    const signedIn = await fetch(`${server.address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD, carrier: 'bearer' }),
    });
    const { account, token: its } = await signedIn.json();
    await put('/push-subscriptions', pushes[at].subscription, its);
    const [from, until] = [NOW - 3_600_000, NOW + 6 * 3_600_000].map((it) => new Date(it).toISOString());
    const duty = { kind: 'on_duty', account_id: account.account_id, rung: 'supervisor', from, until };
    if (account.role === 'supervisor') await put('/rota', duty, its);
  }
}

async function drawn(skin, hair, shirt) {
  const other = await phone.context.newPage();
  await other.setViewportSize({ width: 240, height: 300 });
  await other.setContent(`<body style="margin:0"><svg width="240" height="300" viewBox="0 0 240 300">
    <path fill="#c9d2dc" d="M0 0h240v300H0z"/><path fill="${shirt}" d="M20 300c4-62 46-84 100-84s96 22 100 84z"/>
    <path fill="${skin}" d="M94 180h52v44c-14 20-38 20-52 0z"/><ellipse cx="120" cy="132" rx="54" ry="68" fill="${skin}"/>
    <path fill="${hair}" d="M62 128c-6-58 26-82 60-82s64 26 56 82c-6-26-18-40-30-44-20 8-48 8-64 0-12 8-18 24-22 44z"/>
    <g fill="#2b2320"><circle cx="100" cy="132" r="5"/><circle cx="140" cy="132" r="5"/></g>
    <path fill="none" stroke="#2b2320" stroke-opacity=".6" stroke-width="4" stroke-linecap="round" d="M90 118h20m20 0h20m-46 54c10 6 22 6 32 0"/></svg>`);
  const picture = await other.screenshot();
  await other.close();
  return picture.toString('base64');
}
