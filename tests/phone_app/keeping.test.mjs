// What lies on the phone, whose it is, and what of it passes on: to the next officer, the next start, nobody.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ABOUT_PEOPLE,
  api,
  attendances,
  atWork,
  bearer,
  breakSeals,
  line,
  NOW,
  onStage,
  phone,
  sentSignOns,
  stored,
  tokenOf,
  until,
  version7,
} from './harness.mjs';
import { pushService } from './push_service.mjs';
import { PASSWORD } from './server.mjs';

const STATE = '/officer/state.js';
/** Goes to a screen as a link would. */
const show = (hash) =>
  phone.page.evaluate((to) => {
    location.hash = `#/${to}`;
  }, hash);
const signOut = async () => {
  await show('me');
  await phone.page.click('main >> text=Sign out');
  await phone.seesH1('Sign in');
};
const lock = async () => {
  await show('me');
  await phone.page.click('text=Lock now');
  await phone.seesH1('Enter your PIN');
};
const endSession = async () => {
  await api('DELETE', '/session', { token: bearer() });
  line.plug();
  await phone.page.click('.sync');
  await phone.seesH1('Sign in');
};
const saveOffline = async (...names) => {
  phone.isCut = true;
  line.pullApi();
  for (const name of names) {
    await phone.confirm(name);
    await phone.seesH1('Saved on this phone');
    await phone.page.click('text=Next person');
  }
};
/** Reports of concern, into the outbox. */
const report = (ids) =>
  phone.page.evaluate(
    async ([ids, at]) => {
      const { account } = await import('/officer/state.js');
      const { addPut } = await import('/officer/outbox/outbox.js');
      const body = { reporter: 'officer', reported_at: at, words: 'Seen.', about: '', place: '' };
      for (const id of ids)
        await addPut(
          account.value.account_id,
          id,
          { path: `/concerns/${id}`, body: { ...body, is_in_danger: false, station_id: null } },
          { who: '', what: 'Report', reference: '' },
        );
    },
    [ids, new Date(NOW).toISOString()],
  );
/** As when a part of the database cannot be read any more. */
const spoil = (store, key) =>
  phone.page.evaluate(
    async ([store, key]) => {
      const { kept, one, write } = await import('/officer/keep/db.js');
      const found = store === 'kept' ? await kept(key) : await one(store, key);
      const spoilt = { ...found, box: { ...found.box, data: new ArrayBuffer(64) } };
      await write([store], (of) => of(store).put(spoilt, ...(store === 'kept' ? [key] : [])));
    },
    [store, key],
  );
/** What each call to `sync` brought, and what became of it. */
const syncs = () => {
  const found = [];
  line.rewrites.set('/api/v1/sync', (answer) => {
    found.push(JSON.parse(answer).results?.map((it) => it.result));
    return answer;
  });
  return found;
};
/** The alerts of an order, as an officer sees them. */
const alertsOf = async (reference) => {
  const { alerts } = (await api('GET', '/alerts', { token: await tokenOf('pc.frost') })).body;
  return alerts.filter((it) => it.order_reference === reference);
};

describe('what the phone keeps', { concurrency: false }, () => {
  onStage();

  test('no name, reference or address can be read in any store', async () => {
    await atWork();
    await phone.confirm('Fenwright');
    await phone.seesH1('Recorded');
    const [alert] = await alertsOf('SPO/26/401');
    await show(`alert/${alert.alert_id}`);
    await phone.page.click('.dock .btn:has-text("I will deal with it")');
    await phone.page.waitForSelector('.note:has-text("Taken by PC Lena Frost")');
    line.rewrites.set('/api/v1/sync', (answer) => {
      const body = JSON.parse(answer);
      for (const it of body.results) {
        const detail = 'Grace Obi, SPO/26/404, of 17 Tanners Row, is not to be found';
        Object.assign(it, { result: 'rejected', receipt: undefined });
        it.problem = { type: '/problems/other', title: 'Turned away', status: 409, detail };
      }
      return JSON.stringify(body);
    });
    await show('today');
    await phone.confirm('Obi');
    await phone.seesH1('The service did not take this');
    await phone.page.waitForSelector('.done:has-text("Tanners Row")');
    const { kept, outbox, done } = await stored();
    assert.deepEqual([kept.keys.includes('list'), outbox.keys.length, done.keys.length], [true, 1, 2]);
    assert.doesNotMatch(JSON.stringify({ kept, outbox, done }), ABOUT_PEOPLE);
  });

  test('an alert is not lost with the list that it was kept in, nor the list with the screen', async () => {
    await atWork();
    await phone.tab('Alerts');
    await phone.page.waitForSelector('.alert:has-text("Daniel Marlow")');
    await phone.page.waitForTimeout(500);
    await phone.page.evaluate(async () => (await import('/officer/keep/db.js')).forget('list'));
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await phone.tab('Alerts');
    await phone.page.waitForSelector('.alert:has-text("Daniel Marlow")');
    await phone.tab('Today');
    await phone.page.waitForSelector('.person');
    await phone.page.evaluate(async () => (await import('/officer/keep/db.js')).forget('list'));
    await lock();
    await phone.unlock();
    await phone.tab('Today');
    await phone.page.waitForSelector('.person:has-text("Daniel Marlow")');
  });

  test('of what one officer looked up and was told, the next one finds nothing', async () => {
    await atWork();
    await phone.find('marl');
    await phone.page.waitForSelector('.hits .person:has-text("Marlow")');
    await signOut();
    await phone.signIn('pc.osei');
    await phone.page.waitForSelector('.person');
    await phone.tab('Find');
    assert.equal(await phone.page.inputValue('#find'), '');
    assert.equal(await phone.page.$('.hits'), null);
    // What was asked for before the screen was locked comes after it.
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    line.holds = (asked) => (asked.path.includes('query=marl') ? held : undefined);
    await phone.find('marl');
    await lock();
    release();
    await phone.page.waitForTimeout(400);
    await phone.unlock();
    await phone.tab('Find');
    await phone.page.waitForSelector('#find');
    assert.equal(await phone.page.$('.hits'), null);
  });

  test('what one officer did never goes in the name of another', async () => {
    await atWork();
    phone.isCut = true;
    line.pullApi();
    const mine = bearer();
    const ids = [version7(), version7()];
    await report(ids);
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    line.holds = (asked) => (asked.path.endsWith(ids[0]) ? held : undefined);
    line.plug();
    await phone.page.click('.sync');
    await until(() => line.seen.some((it) => it.path.endsWith(ids[0])), 'the first one is on its way');
    await phone.page.evaluate(async () => (await import('/officer/session.js')).endBecause('revoked'));
    await phone.seesH1('Sign in');
    await phone.signIn('pc.osei');
    await phone.seesH1('Today');
    await phone.page.waitForTimeout(300);
    release();
    await phone.page.waitForTimeout(1_500);
    const sent = line.seen.filter((it) => it.path.startsWith('/api/v1/concerns/'));
    assert.deepEqual(
      sent.map((it) => it.headers.authorization).filter((it) => it !== `Bearer ${mine}`),
      [],
    );
    const { keys } = (await stored()).done;
    await phone.tab('Outbox');
    await phone.page.waitForSelector('text=Nothing was recorded');
    assert.ok(keys.length <= 2);
  });

  test("another officer's refused record is neither read nor removed", async () => {
    await atWork();
    phone.isCut = true;
    breakSeals();
    await phone.confirm('Obi');
    await phone.seesH1('The service did not take this');
    await endSession();
    await phone.signIn('pc.osei');
    await phone.page.waitForSelector('.tally');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.out:has-text("another officer")');
    const shown = await phone.page.textContent('main');
    assert.doesNotMatch(shown, /Obi|SPO|not there any more/);
    assert.equal(await phone.page.$('main >> text=Remove'), null);
    await phone.page.evaluate(async () => {
      const { waiting, discard } = await import('/officer/outbox/outbox.js');
      const { account } = await import('/officer/state.js');
      const [item] = await waiting();
      await discard(item.id, account.value.account_id);
    });
    assert.equal((await stored()).outbox.keys.length, 1);
    // What waits of somebody else is no reason to stay signed in.
    await signOut();
    assert.equal((await stored()).outbox.keys.length, 1);
  });

  test('a list is shown under the name of its own station only', async () => {
    await atWork();
    await phone.page.waitForTimeout(500);
    phone.isCut = true;
    line.pullApi();
    await show('station');
    await phone.page.click('.row:has-text("Hexwater")');
    await phone.page.waitForSelector('.bar:has-text("Hexwater")');
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await phone.page.waitForSelector('.bar:has-text("Hexwater")');
    await phone.page.waitForSelector('.empty:has-text("No list of this station")');
    assert.equal(await phone.page.$('.person'), null);
    line.plug();
    await phone.page.click('.sync');
    await phone.page.waitForSelector('.person:has-text("Brennock")');
  });

  test('opened again without a signal, it still knows what time it is', async () => {
    await atWork();
    await phone.page.waitForTimeout(500);
    phone.isCut = true;
    line.pullApi();
    await phone.kill();
    await phone.start();
    await phone.unlock();
    await phone.page.waitForSelector('.person:has-text("Marlow")');
    assert.match(await phone.page.textContent('.head p'), /Monday 23 November, 14:0\d/);
  });

  test('what cannot be read stops nothing, and is not forgotten', async () => {
    await atWork();
    await phone.confirm('Fenwright');
    await phone.seesH1('Recorded');
    await phone.page.click('text=Next person');
    await saveOffline('Obi', 'Wolski');
    const { outbox, done } = await stored();
    await spoil('outbox', outbox.keys[0]);
    await spoil('done', done.keys[0]);
    await spoil('kept', 'session');
    await phone.page.reload();
    await phone.seesH1('This phone cannot be opened');
    assert.equal((await stored()).outbox.keys.length, 2);
    line.plug();
    const heard = syncs();
    await phone.page.click('text=Sign in again');
    await phone.signIn('pc.frost', { isNew: false });
    await phone.page.waitForSelector('.tally');
    await until(async () => (await attendances('Wolski')).length === 1, 'the other one was sent');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.refused:has-text("cannot be opened any more")');
    await phone.page.waitForTimeout(1_000);
    await phone.page.click('.sync');
    await until(() => heard.length >= 3, 'it asked again');
    assert.ok(
      heard.every((results) => results.includes('rejected')),
      `no call says that the phone holds nothing: ${JSON.stringify(heard)}`,
    );
    await phone.page.click('text=Remove from this phone');
    await phone.page.click('text=Remove it for good');
    await phone.page.waitForSelector('text=Nothing waits');
  });

  test('while it is locked, what was done in this session is sent, and what was done in another one waits', async () => {
    await atWork();
    await saveOffline('Obi');
    await lock();
    line.plug();
    await until(async () => (await attendances('Obi')).length === 1, 'it was sent');
    await phone.seesH1('Enter your PIN');
    await phone.unlock();
    await show('today');
    await saveOffline('Wolski');
    await endSession();
    await phone.page.fill('#username', 'pc.frost');
    await phone.page.fill('#password', PASSWORD);
    await phone.page.click('form .btn--block');
    await phone.seesH1('Enter your PIN');
    const before = sentSignOns().length;
    await phone.page.evaluate(async () => (await import('/officer/live.js')).round());
    await phone.page.waitForTimeout(1_000);
    assert.equal(sentSignOns().length, before);
    await phone.unlock();
    await until(async () => (await attendances('Wolski')).length === 1, 'it was sent');
  });

  test('a call that is refused as a whole finds the one record that it is refused for', async () => {
    await atWork();
    await saveOffline('Obi', 'Wolski', 'Fenwright');
    const heard = syncs();
    const [, bad] = await phone.page.evaluate(async () =>
      (await (await import('/officer/outbox/outbox.js')).waiting()).map((it) => it.id),
    );
    line.changes.set('/api/v1/sync', (body) => body.replace(`"check_in_id":"${bad}"`, '"check_in_id":"no id"'));
    line.plug();
    await phone.page.click('.sync');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.refused:has-text("Piotr Wolski")');
    for (const name of ['Obi', 'Fenwright']) assert.equal((await attendances(name)).length, 1, name);
    assert.ok(
      heard.filter(Boolean).every((results) => results.includes('rejected')),
      `no call says that the phone holds nothing: ${JSON.stringify(heard)}`,
    );
    line.changes.clear();
    await phone.page.click('text=Send again');
    await phone.page.waitForSelector('text=Nothing waits');
    assert.equal((await attendances('Wolski')).length, 1);
  });

  test('one that never gets an answer does not hold up the others', async () => {
    await atWork();
    phone.isCut = true;
    const ids = [version7(), version7(), version7()];
    line.losesAnswerOf = (asked) => asked.url.endsWith(ids[0]);
    await report(ids);
    await phone.page.click('.sync');
    await phone.tab('Outbox');
    await phone.page.waitForSelector('.out:has-text("No answer")');
    await phone.page.click('.sync');
    await until(async () => (await stored()).done.keys.length === 2, 'the other two are answered');
    assert.deepEqual((await stored()).outbox.keys, [ids[0]]);
  });

  test('a refused record is not shown as saved, nor a miss as attended', async () => {
    await atWork();
    phone.isCut = true;
    breakSeals();
    await phone.confirm('Obi');
    await phone.seesH1('The service did not take this');
    await phone.page.click('text=Next person');
    await phone.page.waitForSelector(
      'section[aria-labelledby="g-due_now"] .person:has-text("Grace Obi"):has-text("Record not taken")',
    );
    line.changes.clear();
    await phone.confirm('Marlow');
    await phone.seesH1('Recorded');
    await phone.page.click('text=Next person');
    await phone.page.waitForSelector(
      'section[aria-labelledby="g-attended"] .person:has-text("Marlow"):has-text("Missed")',
    );
    await phone.tab('Outbox');
    await phone.page.click('.row:has-text("Marlow")');
    await phone.page.click('text=This was a mistake');
    await phone.page.fill('#reason', 'Another person.');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    await phone.page.click('text=Back to Today');
    await phone.page.waitForSelector('section[aria-labelledby="g-overdue"] .person:has-text("Marlow")');
    const standings = await phone.page.evaluate(async (file) => {
      const { doneToday, groups, list, standing } = await import(file);
      const due = { ...groups.value.overdue[0], state: 'missed' };
      const found = {};
      for (const outcome of ['on_time', 'late', 'wrong_place', 'indeterminate', 'wrong_person', 'early']) {
        const label = { who: '', what: '', reference: '', obligation_id: due.obligation_id };
        doneToday.value = [
          { id: '1', kind: 'sign_on', made_at: 0, sent_at: 0, result: 'accepted', answer: { outcome }, label },
        ];
        found[outcome] = standing(due, Date.parse(list.value.as_of));
      }
      return found;
    }, STATE);
    assert.deepEqual(standings, {
      on_time: 'overdue',
      late: 'attended',
      wrong_place: 'overdue',
      indeterminate: 'overdue',
      wrong_person: 'overdue',
      early: 'overdue',
    });
  });

  test('pressed twice, or again after no answer, it is one record', async () => {
    await atWork();
    const press = () =>
      phone.page.evaluate(() => {
        const button = document.querySelector('.dock .btn');
        button.click();
        button.click();
      });
    phone.isCut = true;
    line.losesAnswerOf = (asked) => line.lost === 0 && asked.url.includes('/notifications/');
    await phone.find('kendi');
    await phone.page.click('.hits .person a');
    await phone.page.click('text=They tell us something');
    await phone.page.fill('#address', '17 Tanners Row, Alderbridge');
    await press();
    await phone.page.waitForSelector('.note--bad:has-text("needs a signal")');
    await phone.page.waitForTimeout(1_100);
    await press();
    await phone.seesH1('Notification recorded');
    const told = line.seen.filter((it) => it.method === 'PUT' && it.path.includes('/notifications/'));
    assert.ok(told.length >= 2);
    assert.equal(new Set(told.map((it) => it.path + it.body)).size, 1);
    await phone.find('marl');
    await phone.page.click('.hits .person a');
    await phone.page.click('text=I have seen them');
    await phone.page.waitForSelector('.note:has-text("accurate to 14 m")');
    await press();
    await phone.seesH1('Recorded');
    await show('today');
    await phone.openPerson('Obi');
    await phone.page.click('.choice:has-text("I know them")');
    await press();
    await phone.seesH1('Recorded');
    await phone.page.waitForTimeout(500);
    assert.equal(new Set(line.seen.filter((it) => it.path.includes('/sightings/')).map((it) => it.path)).size, 1);
    assert.equal((await attendances('Obi')).length, 1);
  });

  test('when somebody was seen is one thing, and when the phone found its place another', async () => {
    await atWork();
    const [alert] = await alertsOf('SPO/26/401');
    await show(`sighting/${alert.order_id}`);
    await phone.page.waitForSelector('.note:has-text("accurate to 14 m")');
    await phone.page.click('.choice:has-text("Earlier")');
    await phone.page.click('.dock .btn');
    await phone.page.waitForSelector('.note--bad:has-text("Say when")');
    await phone.page.fill('#seen', '13:40');
    await phone.page.click('.dock .btn');
    await phone.seesH1('Recorded');
    const sent = line.seen.find((it) => it.path.includes('/sightings/'));
    const body = JSON.parse(sent.body);
    // Both by the phone's clock, which is far off: what counts is the time between the two.
    const ago = Date.parse(sent.headers['phone-clock']) - Date.parse(body.seen_at);
    const expected = Date.now() - Date.parse(sent.headers['phone-clock']) + 25 * 60_000;
    assert.ok(Math.abs(ago - expected) < 60_000 * 3, `${ago} ms before it was sent`);
    assert.match(body.note, /Position of the phone at 14:0\d/);
    await phone.page.waitForSelector('.done:has-text("13:40")');
  });

  test('taking one alert of an order leaves its other one to be taken', async () => {
    await atWork();
    const [one, other] = await alertsOf('SPO/26/401');
    await show('alerts');
    await phone.page.waitForSelector('.alert');
    phone.isCut = true;
    line.pullApi();
    await show(`alert/${one.alert_id}`);
    await phone.page.click('.dock .btn:has-text("I will deal with it")');
    await phone.page.waitForSelector('.note--warn:has-text("Saved on this phone")');
    await show(`alert/${other.alert_id}`);
    await phone.page.waitForSelector('.dock .btn:has-text("I will deal with it")');
  });

  test('whether this phone is told of alerts is what the service says', async () => {
    await atWork();
    const service = await pushService();
    try {
      const id = version7();
      await phone.page.evaluate(async (id) => {
        const subscription = { endpoint: 'https://push.example/', toJSON: () => ({}) };
        PushManager.prototype.getSubscription = () => Promise.resolve(subscription);
        await (await import('/officer/keep/db.js')).keep('push_id', id);
      }, id);
      await phone.tab('Alerts');
      await phone.page.waitForSelector('.push:has-text("is not told")');
      const token = await tokenOf('pc.frost');
      await api('PUT', `/push-subscriptions/${id}`, { token, body: service.subscription });
      await phone.tab('Today');
      await phone.tab('Alerts');
      await phone.page.waitForSelector('.push:has-text("set to be told")');
      phone.isCut = true;
      line.pullApi();
      await phone.tab('Today');
      await phone.tab('Alerts');
      await phone.page.waitForSelector('.push:has-text("Not known")');
    } finally {
      await service.end();
    }
  });

  test('the worst comes first, and what is not shown is counted', async () => {
    await atWork({}, 'dc.mercer');
    const order = await phone.page.evaluate(async (file) => {
      const { alerts, openAlerts } = await import(file);
      const [any] = openAlerts.value;
      const all = ['info', 'warning', 'high', 'critical'].flatMap((severity) =>
        [true, false].map((nobody_reachable) => ({
          ...any,
          alert_id: `${severity} ${nobody_reachable}`,
          severity,
          nobody_reachable,
        })),
      );
      alerts.value = new Map(all.map((it) => [it.alert_id, it]));
      return openAlerts.value.map((it) => it.alert_id.split(' ')[0]);
    }, STATE);
    assert.deepEqual(order, ['critical', 'critical', 'high', 'high', 'warning', 'warning', 'info', 'info']);
    await phone.page.evaluate(() => {
      const fetched = window.fetch;
      const task = (number) => ({
        ...{
          task_id: `t${number}`,
          kind: 'pnc_update',
          cause: 'made',
          state: 'open',
          says: `Task ${number}`,
          order_id: 'x',
        },
        ...{ order_reference: 'SPO/26/401', subject_name: 'A B', due_at: '2026-11-24T10:00:00Z', is_overdue: false },
      });
      window.fetch = async (url, options) => {
        if (!String(url).includes('/tasks?')) return fetched(url, options);
        const from = Number(new URL(url, location.href).searchParams.get('after') ?? 0);
        const tasks = Array.from({ length: 100 }, (_, at) => task(from + at));
        return new Response(JSON.stringify({ as_of: '', tasks, next: String(from + 100) }), { status: 200 });
      };
    });
    await phone.tab('Work');
    await phone.page.waitForSelector('.row:has-text("Task 199")');
    await phone.page.waitForSelector('main >> text=The first 200 are shown. There are more');
  });
});
