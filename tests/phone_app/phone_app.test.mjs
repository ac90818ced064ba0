// The officers' phone app in a real browser against the real service.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  ABOUT_PEOPLE,
  api,
  attendances,
  atWork,
  bearer,
  breakSeals,
  line,
  onStage,
  open,
  phone,
  sentSignOns,
  server,
  stored,
  text,
  tokenOf,
  until,
  version7,
} from './harness.mjs';
import { PIN } from './phone.mjs';
import { pushService } from './push_service.mjs';

const KILLS = Number(process.env.KILLS ?? 50);

describe('the phone app', { concurrency: false }, () => {
  onStage();

  test('a whole shift with a signal', async () => {
    await atWork();
    const { page } = phone;
    assert.deepEqual(await page.$$eval('.tally b', (all) => all.map((it) => it.textContent)), ['2', '5', '3', '0']);
    await phone.openPerson('Fenwright');
    await page.waitForSelector('.fact--ok:has-text("At the station")');
    await page.waitForSelector('.fact--ok:has-text("In time")');
    await page.click('.choice:has-text("I know them")');
    await page.evaluate(() => {
      const its = { tapped: 0, recorded: 0 };
      Object.assign(window, { its });
      addEventListener('click', () => (its.tapped = performance.now()), { capture: true, once: true });
      const look = () => {
        const isThere = document.querySelector('h1')?.textContent.startsWith('Recorded');
        if (isThere && !its.recorded) its.recorded = performance.now();
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await page.click('.dock .btn:has-text("Confirm at")');
    await phone.seesH1('Recorded');
    const took = await page.evaluate(() => window.its.recorded - window.its.tapped);
    console.log(`from tap to "Recorded": ${Math.round(took)} ms`);
    assert.match(await text('.done p'), /signed on at \d\d:\d\d:\d\d/);
    assert.match(await text('.done__outcome'), /In time/);
    assert.match(await text('.kv--receipt dd'), /^[0-9A-F]{4}\s[0-9A-F]{4}$/);
    await page.click('text=Next person');
    await page.waitForSelector('.tally--signed_on b:text-is("1")');
    await page.waitForSelector('section[aria-labelledby="g-signed_on"] .person:has-text("Fenwright")');

    await phone.confirm('Marlow');
    await phone.seesH1('Recorded');
    assert.match(await text('.done__outcome'), /Late/);
    await page.click('text=Next person');
    await page.waitForSelector('section[aria-labelledby="g-attended"] .person:has-text("Marlow")');

    await phone.openPerson('Wolski');
    await page.click('text=Something is wrong');
    await page.click('.choice:has-text("It is somebody else")');
    await page.click('.dock .btn');
    await page.waitForSelector('.note--bad:has-text("Write what happened")');
    await page.fill('#what', 'His brother came.');
    await page.click('.choice:has-text("With their document")');
    await page.click('.dock .btn');
    await phone.seesH1('Recorded');
    assert.match(await text('.done__outcome'), /Somebody else came/);
    assert.equal((await attendances('Fenwright')).length, 1);
  });

  test('a late sign-on and a wrong place are said before anything is pressed', async () => {
    await atWork({ position: { latitude: 52.45, longitude: -2.85, accuracy: 20 } });
    await phone.openPerson('Marlow');
    await phone.page.waitForSelector('.fact--warn:has-text("late")');
    await phone.page.waitForSelector('.fact--warn:has-text("Not at the station")');
  });

  test('a phone that may not know where it is confirms all the same', async () => {
    await atWork({ permissions: [], position: null });
    await phone.openPerson('Obi');
    await phone.page.waitForSelector('.fact:has-text("Position is switched off")');
    await phone.page.click('.choice:has-text("I know them")');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    const [sent] = sentSignOns();
    const { payload } = JSON.parse(sent.body).check_ins[0];
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url').toString()).sign_on.position, undefined);
  });

  test('a position that is not accurate says that it cannot tell', async () => {
    await atWork({ position: { latitude: 52.4128, longitude: -2.8461, accuracy: 900 } });
    await phone.openPerson('Obi');
    await phone.page.waitForSelector('.fact:has-text("Perhaps at the station")');
    assert.equal(await phone.page.$('.fact--ok:has-text("station")'), null, 'unknown is never green');
  });

  test('without a signal, killed and opened again, it is recorded exactly once', async () => {
    await atWork();
    await phone.page.waitForTimeout(500);
    phone.isCut = true;
    line.pull();
    await phone.confirm('Obi');
    await phone.seesH1('Saved on this phone');
    await phone.page.waitForSelector('.strip:has-text("No signal")');
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await phone.page.waitForSelector('.tally');
    await phone.page.waitForSelector('section[aria-labelledby="g-saved"] .person:has-text("Obi")');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.out:has-text("Grace Obi")');
    assert.equal((await attendances('Obi')).length, 0);
    line.plug();
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 20_000 });
    await phone.page.waitForSelector('.row:has-text("Grace Obi") .tag--ok');
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('thrown out of memory while something waits, and loaded again beside its worker, it is recorded once', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    await phone.confirm('Obi');
    await phone.seesH1('Saved on this phone');
    const gone = phone.page;
    phone.page = await phone.context.newPage();
    await gone.close();
    await phone.page.goto(`${line.address}/officer/`);
    await phone.unlock();
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.out:has-text("Grace Obi")');
    line.plug();
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 20_000 });
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('when the answer is lost after the work is done, it is recorded exactly once', async () => {
    await atWork();
    phone.isCut = true;
    line.losesAnswerOf = (asked, seen) =>
      line.lost === 0 && asked.url === '/api/v1/sync' && JSON.parse(seen.body).check_ins.length > 0;
    await phone.confirm('Obi');
    await phone.seesH1('Recorded');
    assert.equal(line.lost, 1);
    const sent = sentSignOns();
    assert.ok(sent.length >= 2, 'it was sent again');
    assert.equal(
      new Set(sent.map((it) => JSON.stringify(JSON.parse(it.body).check_ins))).size,
      1,
      'the same bytes each time',
    );
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('a new version of the app leaves a full outbox alone', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    for (const name of ['Obi', 'Wolski', 'Fenwright']) {
      await phone.confirm(name);
      await phone.seesH1('Saved on this phone');
      await phone.page.click('text=Next person');
      await phone.page.waitForSelector('.tally');
    }
    line.rewrites.set('/officer/sw.js', (script) => script.replace(/const BUILD = '\w+'/, "const BUILD = 'another'"));
    await phone.page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
    });
    await phone.page.waitForSelector('.strip:has-text("A new version")');
    await until(
      () => phone.page.evaluate(async () => (await caches.keys()).join() === 'holdfast-officer-another'),
      'the old files are gone',
    );
    await phone.page.click('text=Restart now');
    await phone.unlock();
    await phone.tab('Outbox');
    await until(async () => (await phone.page.$$('.out')).length === 3, 'three wait');
    line.plug();
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 20_000 });
    for (const name of ['Obi', 'Wolski', 'Fenwright']) assert.equal((await attendances(name)).length, 1, name);
  });

  test('a full phone says that nothing was saved', async () => {
    await atWork();
    const wire = await phone.context.newCDPSession(phone.page);
    await phone.openPerson('Obi');
    await phone.page.click('.choice:has-text("I know them")');
    await wire.send('Storage.overrideQuotaForOrigin', { origin: line.address, quotaSize: 1 });
    await phone.page.waitForTimeout(33_000);
    await phone.page.click('.dock .btn');
    await phone.page.waitForSelector('.note--bad:has-text("no room left")');
    await phone.seesH1('Grace Obi');
    assert.equal((await attendances('Obi')).length, 0);
    await wire.send('Storage.overrideQuotaForOrigin', { origin: line.address });
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('signing out is refused while something waits', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    await phone.confirm('Obi');
    await phone.seesH1('Saved on this phone');
    await phone.page.goto(`${line.address}/officer/#/me`);
    await phone.page.click('text=Sign out');
    await phone.page.waitForSelector('.note--bad:has-text("waits to be sent")');
    line.plug();
    await phone.tab('Outbox');
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 20_000 });
    await phone.page.goto(`${line.address}/officer/#/me`);
    await phone.page.click('text=Sign out');
    await phone.seesH1('Sign in');
  });

  test('a revoked session wipes the list, keeps what waits, and sends it after signing in', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    await phone.confirm('Obi');
    await phone.seesH1('Saved on this phone');
    await api('DELETE', '/session', { token: bearer() });
    line.plug();
    await phone.seesH1('Sign in');
    await phone.page.waitForSelector('.note:has-text("1 record on this phone waits")');
    const { keys } = (await stored()).kept;
    assert.ok(!keys.includes('list') && !keys.includes('session'), keys.join());
    await phone.signIn('pc.frost', { isNew: false });
    await phone.page.waitForSelector('.tally');
    await until(async () => (await attendances('Obi')).length === 1, 'it was sent');
  });

  test('another officer does not send what the first one did', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    await phone.confirm('Obi');
    await phone.seesH1('Saved on this phone');
    await api('DELETE', '/session', { token: bearer() });
    line.plug();
    await phone.seesH1('Sign in');
    await phone.signIn('pc.osei');
    await phone.page.waitForSelector('.tally');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.out:has-text("to sign in")');
    await phone.page.waitForTimeout(1_500);
    assert.equal((await attendances('Obi')).length, 0);
  });

  test('five wrong PINs wipe what is known of people', async () => {
    await atWork();
    await phone.confirm('Fenwright');
    await phone.seesH1('Recorded');
    await phone.page.waitForTimeout(300);
    const before = await stored();
    assert.ok(before.kept.keys.includes('list') && before.done.keys.length === 1, 'there is something to wipe');
    await phone.page.goto(`${line.address}/officer/#/me`);
    await phone.page.click('text=Lock now');
    await phone.seesH1('Enter your PIN');
    for (let left = 4; left > 0; left -= 1) {
      await phone.typePin('999999');
      await phone.page.waitForSelector(`.note--bad:has-text("${left} ${left === 1 ? 'try' : 'tries'} left")`);
    }
    await phone.typePin('999999');
    await phone.seesH1('Sign in');
    await phone.page.waitForSelector('.note:has-text("Five wrong PINs")');
    const { kept, outbox, done } = await stored();
    assert.deepEqual(
      kept.keys.filter((it) => ['list', 'session', 'pin', 'cursor'].includes(it)),
      [],
    );
    assert.deepEqual([outbox.keys, done.keys], [[], []]);
    assert.doesNotMatch(JSON.stringify({ kept, outbox, done }), ABOUT_PEOPLE);
  });

  test("no script can take the phone's key out", async () => {
    await atWork();
    const isExtractable = await phone.page.evaluate(async () => {
      const { account_id } = (await (await import('/officer/keep/db.js')).kept('session')).account;
      const { keys } = await (await import('/officer/outbox/seal.js')).phoneKey(account_id);
      return keys.privateKey.extractable;
    });
    assert.equal(isExtractable, false);
  });

  test('an alert is pushed without a name, opened, taken, and answered for', async () => {
    await atWork({}, 'ps.adeyemi');
    const service = await pushService();
    try {
      const token = await tokenOf('ps.adeyemi');
      assert.equal(
        (await api('PUT', `/push-subscriptions/${version7()}`, { token, body: service.subscription })).status,
        201,
      );
      await phone.openPerson('Wolski');
      await phone.page.click('text=Something is wrong');
      await phone.page.click('.choice:has-text("I am not sure")');
      await phone.page.click('.choice:has-text("With a photo")');
      await phone.page.fill('#what', 'Looks older than in the photo.');
      await phone.page.click('.dock .btn');
      await phone.seesH1('Recorded');
      const worker = phone.context.serviceWorkers()[0];
      const { text: plain } = await service.next((it) => it.kind === 'alert');
      const message = JSON.parse(plain);
      const wire = await phone.context.newCDPSession(phone.page);
      const registration = new Promise((resolve) => {
        wire.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          if (registrations[0]) resolve(registrations[0]);
        });
      });
      await wire.send('ServiceWorker.enable');
      await wire.send('ServiceWorker.deliverPushMessage', {
        origin: line.address,
        registrationId: (await registration).registrationId,
        data: plain,
      });
      await until(
        () => line.seen.some((it) => it.path === '/api/v1/receipts' && /displayed/.test(it.body)),
        'it says that it was displayed',
      );
      const shown = await worker.evaluate(async () =>
        (await self.registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag })),
      );
      assert.doesNotMatch(JSON.stringify(shown), /Wolski|Piotr|SPO/);
      assert.equal(shown[0].tag, message.alert_id);
      await worker.evaluate(async () => {
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      });
      await phone.page.waitForURL(`**/officer/#/alert/${message.alert_id}`);
      await until(
        () => line.seen.some((it) => it.path === '/api/v1/receipts' && /opened/.test(it.body)),
        'it says that it was opened',
      );
      await phone.page.click('.dock .btn:has-text("I will deal with it")');
      await phone.page.waitForSelector('.note:has-text("Taken by PS Ruth Adeyemi")');
      const { body } = await api('GET', `/alerts/${message.alert_id}`, { token });
      assert.equal(body.alert.state, 'acknowledged');
      assert.ok(
        body.deliveries.some((it) => it.displayed_at && it.opened_at),
        'receipts are on file',
      );
      await phone.page.click('text=Add a note');
      await phone.page.fill('#said', 'Rang the station.');
      await phone.page.click('text=Save the note');
      await phone.page.waitForSelector('.tl li:has-text("Rang the station.")');
    } finally {
      await service.end();
    }
  });

  test("what the service turns away stays, says why, and goes only on the officer's word", async () => {
    await atWork();
    phone.isCut = true;
    breakSeals();
    await phone.confirm('Obi');
    await phone.seesH1('The service did not take this');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.refused:has-text("not as this phone signed it")');
    await phone.page.click('text=Remove from this phone');
    await phone.page.waitForSelector('[role=alert]:has-text("gone for good")');
    await phone.page.click('text=Keep it');
    line.changes.clear();
    await phone.page.click('text=Send again');
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 20_000 });
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('it locks after five minutes, and forgets after twelve hours', async () => {
    await open();
    await phone.page.clock.install();
    await phone.page.reload();
    await phone.signIn();
    await phone.chooseStation();
    await phone.page.clock.fastForward('04:00');
    await phone.page.waitForSelector('.tally');
    await phone.page.clock.fastForward('06:00');
    await phone.seesH1('Enter your PIN');
    await phone.typePin();
    await phone.page.waitForSelector('.tally');
    await phone.page.clock.fastForward('13:00:00');
    await phone.seesH1('Sign in');
    await phone.page.waitForSelector('.note:has-text("12 hours")');
    assert.equal(await phone.page.evaluate(async () => (await import('/officer/keep/db.js')).kept('list')), undefined);
    // Whoever signs in again has another twelve hours.
    await phone.signIn('pc.frost', { isNew: false });
    await phone.page.waitForSelector('.tally');
    await phone.page.clock.fastForward('00:30');
    await phone.page.waitForTimeout(500);
    await phone.page.waitForSelector('.tally');
  });

  test('the page says what it runs, the worker fetches all of it, and nothing travels twice', async () => {
    const page = await fetch(`${server.address}/officer/`);
    const policy = page.headers.get('content-security-policy');
    const html = await page.text();
    const map = html.match(/<script type="importmap">([^]*?)<\/script>/)[1];
    assert.ok(policy.includes(`'sha256-${createHash('sha256').update(map).digest('base64')}'`), policy);
    assert.doesNotMatch(policy, /unsafe/);
    const script = await (await fetch(`${server.address}/officer/sw.js`)).text();
    const files = JSON.parse(script.match(/JSON\.parse\('(.*)'\)/)[1]);
    assert.ok(
      files.includes('/officer/main.js') &&
        files.includes('/officer/vendor/preact.js') &&
        !files.includes('/officer/sw.js'),
    );
    assert.ok(script.includes(`BUILD = '${html.match(/data-build="(\w+)"/)[1]}'`), 'page and worker are of one build');
    for (const file of [...files, ...Object.values(JSON.parse(map).imports)]) {
      const answer = await fetch(`${server.address}${file}`);
      assert.equal(answer.status, 200, file);
      const again = await fetch(`${server.address}${file}`, {
        headers: { 'if-none-match': answer.headers.get('etag') },
      });
      assert.equal(again.status, 304, file);
    }
    assert.equal((await fetch(`${server.address}/officer/types.d.ts`)).status, 404);
    assert.equal(
      (await fetch(`${server.address}/officer`, { redirect: 'manual' })).headers.get('location'),
      '/officer/',
    );
  });

  test(`killed ${KILLS} times at any moment, nothing that was shown as saved is lost or doubled`, async () => {
    await atWork();
    phone.isCut = true;
    const shown = new Set();
    let taps = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      if (kill % 2 === 0) line.pullApi();
      else line.plug();
      await phone.openPerson('Fenwright');
      await phone.page.click('.choice:has-text("I know them")');
      taps += 1;
      await phone.page.click('.dock .btn:has-text("Confirm at")');
      if (kill % 3 !== 0) {
        await phone.page.waitForURL(/#\/receipt\//);
        shown.add(phone.page.url().split('/').pop());
      }
      // Anywhere between the tap and the answer; most often at once.
      const delay = kill % 2 === 0 ? 0 : (kill * 37) % 130;
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      await phone.kill();
      await phone.start();
      await phone.seesLock();
      await phone.page.keyboard.type(PIN);
      await phone.page.waitForSelector('.person');
    }
    line.plug();
    await phone.tab('Outbox');
    await phone.page.waitForSelector('text=Nothing waits', { timeout: 30_000 });
    const token = await tokenOf('ps.adeyemi');
    for (const id of shown)
      assert.equal((await api('GET', `/check-ins/${id}`, { token })).status, 200, `${id} was shown as saved`);
    const sent = new Set(sentSignOns().flatMap((it) => JSON.parse(it.body).check_ins.map((one) => one.check_in_id)));
    const stored = (await attendances('Fenwright')).length;
    assert.equal(stored, sent.size, 'each once');
    assert.ok(stored >= shown.size && stored <= taps, `${shown.size} shown, ${stored} stored, ${taps} taps`);
    console.log(`${KILLS} kills: ${taps} taps, ${shown.size} shown as saved, ${stored} on file`);
  });

  test('a heartbeat is answered', async () => {
    await atWork();
    const wire = await phone.context.newCDPSession(phone.page);
    const registration = new Promise((resolve) => {
      wire.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        if (registrations[0]) resolve(registrations[0]);
      });
    });
    await wire.send('ServiceWorker.enable');
    phone.isCut = true;
    await wire.send('ServiceWorker.deliverPushMessage', {
      origin: line.address,
      registrationId: (await registration).registrationId,
      data: JSON.stringify({
        kind: 'heartbeat',
        priority: 'info',
        receipt_url: '/api/v1/receipts',
        receipt_token: 'none',
      }),
    });
    await until(
      () => line.seen.some((it) => it.path === '/api/v1/receipts' && /displayed/.test(it.body)),
      'it says that it was displayed',
    );
  });

  test('it can be installed, is small, and opens with the service stopped', async () => {
    await atWork();
    const wire = await phone.context.newCDPSession(phone.page);
    const { installabilityErrors } = await wire.send('Page.getInstallabilityErrors');
    assert.deepEqual(
      installabilityErrors.filter((it) => it.errorId !== 'in-incognito'),
      [],
    );
    await phone.page.waitForTimeout(600);
    const paths = [...new Set(line.seen.map((it) => it.path).filter((it) => /^\/(officer|app)\//.test(it)))];
    let bytes = 0;
    for (const path of paths)
      bytes += Number(
        (
          await fetch(`${server.address}${path}`, { headers: { 'accept-encoding': 'gzip' }, method: 'GET' })
        ).headers.get('content-length'),
      );
    console.log(`first load: ${paths.length} files, ${Math.round(bytes / 1000)} kB on the wire`);
    assert.ok(bytes < 200_000, `${bytes} bytes`);
    phone.isCut = true;
    await server.stop();
    await phone.page.reload();
    await phone.unlock();
    await phone.page.waitForSelector('.person:has-text("Marlow")');
    await phone.page.waitForSelector('.strip:has-text("No signal")');
  });
});
