//! However often, late and out of turn phones send what they hold, what is on file in the end is what
//! would be if each record had been sent once and in order (R9): every order has a twin to which that
//! happens.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::Word;
use compliance::access::Role;
use compliance::attendance::{HELD_MS_MAX, IdentityMethod, IdentityResult};
use compliance::instant::{DAY_MS, MINUTE_MS, SECOND_MS};
use holdfast::identity::sha256;
use holdfast::operations::Actor;
use holdfast::operations::confirm_sign_on::{Confirmation, Confirmed, confirm_sign_on};
use holdfast::operations::held_records::{ThisPhone, note_sync, note_use};
use holdfast::refusal::Refusal;
use holdfast::store::scope::Scope;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::OneOrder;
use crate::harness::caller::Caller;
use crate::harness::database::{Database, Kind};
use crate::harness::{TestApp, at};

/// An order is written out so far ahead.
const DAYS_MAX: usize = 34;
const FIRST_DAY: &str = "2026-11-24T00:00:00Z";
/// Of each day, after midnight: too early, twice in time, within the closing minute, late, very late.
const TIMES_S: [i64; 6] = [30_600, 37_800, 42_600, 43_230, 45_000, 68_400];
/// Fourteen days.
const DELAY_TICKS_MAX: usize = 14 * TIMES_S.len();
/// The second phone's clock is fast.
const CLOCK_ERRORS_MS: [i64; 2] = [0, 25 * MINUTE_MS];
/// What the number of a twin has more.
const TWIN: usize = 5_000;
const BATCH: usize = 60;

/// One record of an attendance, and how often and how late it arrives.
#[derive(Debug, Clone)]
struct Made {
    phone: usize,
    time: usize,
    identity: &'static str,
    station: &'static str,
    /// For each copy, how many ticks late, and its turn among what is sent then.
    copies: Vec<(usize, u16)>,
}

/// What is made about one duty.
fn schedule() -> impl Strategy<Value = Vec<Made>> {
    let identity = prop::sample::select(vec!["match", "match", "match", "no_match", "not_checked"]);
    let station = prop::sample::select(vec!["ALD", "ALD", "ALD", "HEX"]);
    let delay = prop_oneof![2 => Just(0), 3 => 0..8_usize, 2 => 0..=DELAY_TICKS_MAX];
    let copies = prop_oneof![
        3 => prop::collection::vec((delay.clone(), any::<u16>()), 1..=2),
        1 => prop::collection::vec((delay, any::<u16>()), 3..=5),
    ];
    let made = (0..CLOCK_ERRORS_MS.len(), 0..TIMES_S.len(), identity, station, copies).prop_map(
        |(phone, time, identity, station, copies)| Made { phone, time, identity, station, copies },
    );
    prop_oneof![
        1 => Just(Vec::new()),
        3 => prop::collection::vec(made.clone(), 1),
        1 => prop::collection::vec(made, 2),
    ]
}

fn schedules(count: usize) -> Vec<Vec<Made>> {
    // The same in every run, so that a failure is everybody's.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| schedule().new_tree(&mut runner).unwrap().current()).collect()
}

fn instant(tick: usize) -> Instant {
    let (day, time) = (tick / TIMES_S.len(), tick % TIMES_S.len());
    at(FIRST_DAY) + i64::try_from(day).unwrap() * DAY_MS + TIMES_S[time] * SECOND_MS
}

/// What goes out, by tick and phone: as it should be, and as it happens to be.
#[derive(Default)]
struct Post {
    once: BTreeMap<(usize, usize), Vec<Value>>,
    by_chance: BTreeMap<(usize, usize), Vec<(u16, Value)>>,
}

impl Post {
    fn of(app: &TestApp, schedules: &[Vec<Made>], days: usize) -> Self {
        let duties = duties(app);
        let stations: BTreeMap<_, _> =
            ["ALD", "HEX"].into_iter().map(|code| (code, app.station(code).to_string())).collect();
        let mut post = Self::default();
        for (number, schedule) in schedules.iter().enumerate() {
            let (pair, day) = (number / days + 1, number % days);
            for made in schedule {
                let tick = day * TIMES_S.len() + made.time;
                let attended_at = instant(tick) + CLOCK_ERRORS_MS[made.phone];
                let held = |order: usize| {
                    let sign_on = json!({
                        "obligation_id": duties[&(order, day)],
                        "station_id": stations[made.station],
                        "identity": { "method": "photo_on_file", "result": made.identity },
                        "attended_at": attended_at.to_rfc3339(),
                    });
                    json!({ "check_in_id": app.new_id(), "sign_on": sign_on })
                };
                let first = made.copies.iter().map(|(late, _)| tick + late).min().unwrap();
                // What a phone held for longer is judged by a person: it has to be late in both.
                let once = if instant(first) - instant(tick) > HELD_MS_MAX { first } else { tick };
                post.once.entry((once, made.phone)).or_default().push(held(pair + TWIN));
                let held = held(pair);
                for (late, turn) in &made.copies {
                    let sent = post.by_chance.entry((tick + late, made.phone)).or_default();
                    sent.push((*turn, held.clone()));
                }
            }
        }
        post
    }

    fn last_tick(&self) -> usize {
        let ticks = self.once.keys().chain(self.by_chance.keys());
        ticks.map(|(tick, _)| *tick).max().unwrap()
    }
}

/// The duty of each order, by its number, and day.
fn duties(app: &TestApp) -> BTreeMap<(usize, usize), Uuid> {
    let mut sql = app.sql();
    let all = format!(
        "SELECT {} || ' ' || orders.reference || ' ' || CAST(obligations.closes_at AS TEXT) AS value \
         FROM obligations JOIN orders ON orders.id = obligations.order_id",
        sql.hex("obligations.id")
    );
    let read = |row: &String| {
        let [id, reference, closes_at] = row.split(' ').collect::<Vec<_>>()[..] else { panic!() };
        let order = reference.rsplit('/').next().unwrap().parse().unwrap();
        let closes_at = Instant::from_ms(closes_at.parse().unwrap());
        let day = usize::try_from((closes_at - at(FIRST_DAY)) / DAY_MS).unwrap();
        ((order, day), id.parse().unwrap())
    };
    sql.texts(&all).iter().map(read).collect()
}

/// How records get from a phone to where they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Http,
    /// What a request does, without its journey.
    Operation,
}

struct Phone<'a> {
    officer: &'a Caller<'a>,
    clock_error_ms: i64,
    cursor: Value,
    way: Way,
}

impl Phone<'_> {
    fn send(&mut self, held: &[Value]) {
        match self.way {
            _ if held.is_empty() => {}
            Way::Http => self.send_over_http(held),
            Way::Operation => self.hand_over(held),
        }
    }

    fn hand_over(&self, held: &[Value]) {
        let Caller { app, account, .. } = self.officer;
        let now = app.clock.now();
        let scope = Scope { account: account.id, role: account.role };
        let actor = Actor { scope, now, identity: app.identity() };
        let token_digest = sha256(self.officer.token().as_bytes());
        let phone_clock_at = Some(now + self.clock_error_ms);
        let all: Vec<Confirmation> =
            held.iter().map(|held| confirmation(held, phone_clock_at)).collect();
        app.write(move |tx| {
            let phone = ThisPhone { token_digest };
            for one in &all {
                let confirmed = confirm_sign_on(tx, &actor, one)?;
                assert_ne!(confirmed, Confirmed::Conflict, "{one:?}");
                note_use(tx, &actor, phone, one.station)?;
            }
            note_sync(tx, &actor, phone).map_err(Refusal::from)
        });
    }

    /// Among others that nobody can take: of a duty that there is not.
    fn send_over_http(&mut self, held: &[Value]) {
        let mut held = held.to_vec();
        let mut strange = held[held.len() / 2].clone();
        strange["check_in_id"] = json!(self.officer.app.new_id());
        strange["sign_on"]["obligation_id"] = json!(self.officer.app.new_id());
        held.insert(held.len() / 2, strange.clone());
        let clock = (self.officer.app.clock.now() + self.clock_error_ms).to_rfc3339();
        let body = json!({ "cursor": self.cursor, "check_ins": held });
        let headers = [("Phone-Clock", clock.as_str())];
        let synced = self.officer.send(("POST", "/sync"), &headers, Some(&body)).expect(200);
        for result in synced["results"].as_array().unwrap() {
            let word = result["result"].as_str().unwrap();
            let is_strange = result["check_in_id"] == strange["check_in_id"];
            let expected: &[&str] =
                if is_strange { &["rejected"] } else { &["accepted", "duplicate_identical"] };
            assert!(expected.contains(&word), "{result}");
        }
        self.cursor = synced["cursor"].clone();
    }
}

/// What a request reads into it, but for the text, which only has to be the same each time.
fn confirmation(held: &Value, phone_clock_at: Option<Instant>) -> Confirmation {
    let sign_on = &held["sign_on"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Confirmation {
        seal: None,
        id: text(&held["check_in_id"]).parse().unwrap(),
        obligation: text(&sign_on["obligation_id"]).parse().unwrap(),
        station: text(&sign_on["station_id"]).parse().unwrap(),
        identity_method: IdentityMethod::parse(&text(&sign_on["identity"]["method"])).unwrap(),
        identity_result: IdentityResult::parse(&text(&sign_on["identity"]["result"])).unwrap(),
        attended_at: at(&text(&sign_on["attended_at"])),
        phone_clock_at,
        fix: None,
        note: String::new(),
        corrects: None,
        body: sign_on.to_string(),
    }
}

/// Everything on file about the duties of the twins, or of the others, without what tells when a
/// record came: which of several fulfilled a duty, and what was raised because it came late.
fn on_file(app: &TestApp, of_twins: bool) -> BTreeSet<String> {
    let of = "orders.reference || '|' || CAST(o.closes_at AS TEXT) || '|' || ";
    let from = " AS value FROM obligations o JOIN orders ON orders.id = o.order_id ";
    let queries = [
        format!("SELECT {of} o.state {from}"),
        format!(
            "SELECT {of} accounts.username || CAST(c.attended_at AS TEXT) {from} \
             JOIN check_ins c ON c.obligation_id = o.id \
             JOIN accounts ON accounts.id = c.confirmed_by"
        ),
        format!(
            "SELECT {of} f.outcome || f.compliance || f.certainty || f.reasons || \
             COALESCE(CAST(c.attended_at AS TEXT) || accounts.username, ' of silence') {from} \
             JOIN findings f ON f.obligation_id = o.id \
             LEFT JOIN check_ins c ON c.id = f.check_in_id \
             LEFT JOIN accounts ON accounts.id = c.confirmed_by WHERE f.superseded_at IS NULL"
        ),
        format!(
            "SELECT {of} a.kind || a.state || CAST(a.concerns_at AS TEXT) {from} \
             JOIN alerts a ON a.obligation_id = o.id WHERE a.kind <> 'held_on_phone' \
             AND NOT (a.kind = 'missed_sign_on' AND a.close_reason = 'attendance_found')"
        ),
    ];
    let mut sql = app.sql();
    let mut found = BTreeSet::new();
    for (nth, query) in queries.iter().enumerate() {
        for row in sql.texts(query) {
            let (reference, rest) = row.split_once('|').unwrap();
            let number: usize = reference.rsplit('/').next().unwrap().parse().unwrap();
            if (number > TWIN) == of_twins {
                let mut line = format!("{nth} {}|{rest}", number % TWIN);
                // Two of the same are not one.
                while found.contains(&line) {
                    line.push_str(" again");
                }
                found.insert(line);
            }
        }
    }
    found
}

fn import(app: &TestApp, pairs: usize, days: usize) {
    let rrule: &'static str = format!("FREQ=DAILY;COUNT={days}").leak();
    let entry = |number: usize| {
        let reference = format!("SPO/26/{number:04}");
        let rrule = Some(rrule);
        OneOrder { reference, rrule, ..OneOrder::default() }.entry()
    };
    let numbers = (1..=pairs).chain(1 + TWIN..=pairs + TWIN);
    app.import(&crate::builders::file(&numbers.map(entry).collect::<Vec<_>>()));
    app.sweep();
}

fn arrive_by_chance(kind: Kind, way: Way, (count, days): (usize, usize)) {
    let app = TestApp::start(Database::migrated(kind));
    let schedules = schedules(count);
    import(&app, count.div_ceil(days), days);
    let officers = [0, 1].map(|_| app.somebody(Role::Officer, &["ALD", "HEX"]));
    let phone = |number: usize| Phone {
        officer: &officers[number],
        clock_error_ms: CLOCK_ERRORS_MS[number],
        cursor: Value::Null,
        way,
    };
    let mut phones = [0, 1].map(phone);
    let mut post = Post::of(&app, &schedules, days);
    let mut sql = app.sql();
    for tick in 0..=post.last_tick() {
        app.clock.set_to(instant(tick));
        app.sweep();
        // Nobody is there to be told; escalation has tests of its own.
        let rest = "UPDATE alerts SET climbs_at = 9000000000000 WHERE climbs_at < 9000000000000";
        sql.execute(rest);
        for (number, phone) in phones.iter_mut().enumerate() {
            let once = post.once.remove(&(tick, number)).unwrap_or_default();
            once.chunks(BATCH).for_each(|held| phone.send(held));
            let mut by_chance = post.by_chance.remove(&(tick, number)).unwrap_or_default();
            by_chance.sort_by_key(|(turn, _)| *turn);
            for held in by_chance.chunks(BATCH) {
                let is_answer_lost = held[0].0 % 4 == 0;
                let held: Vec<Value> = held.iter().map(|(_, held)| held.clone()).collect();
                if is_answer_lost {
                    phone.send(&held[..held.len() / 2]);
                }
                phone.send(&held);
            }
        }
    }
    app.sweep();
    let (expected, found) = (on_file(&app, true), on_file(&app, false));
    let differ: Vec<_> = expected.symmetric_difference(&found).collect();
    if let Some(first) = differ.first() {
        let duty = first.split_once(' ').unwrap().1.rsplit_once('|').unwrap().0;
        let lines = |of: &BTreeSet<String>| -> Vec<String> {
            of.iter().filter(|line| line.contains(&format!(" {duty}|"))).cloned().collect()
        };
        let (pair, closes_at) = duty.split_once('|').unwrap();
        let day = (Instant::from_ms(closes_at.parse().unwrap()) - at(FIRST_DAY)) / DAY_MS;
        let number = (pair.parse::<usize>().unwrap() - 1) * days + usize::try_from(day).unwrap();
        panic!(
            "on {kind:?}: {} lines differ. {:#?} became {:#?} and not {:#?}",
            differ.len(),
            schedules[number],
            lines(&found),
            lines(&expected)
        );
    }
    assert!(expected.len() > 3 * count, "{} lines", expected.len());
}

#[test]
fn ten_thousand_schedules_of_held_records_end_as_if_each_had_been_sent_once_in_order() {
    arrive_by_chance(Kind::Sqlite, Way::Operation, (10_000, DAYS_MAX));
}

#[test]
fn schedules_of_held_records_end_the_same_when_they_come_by_http() {
    arrive_by_chance(Kind::Sqlite, Way::Http, (300, 6));
}

#[test]
fn schedules_of_held_records_end_the_same_when_they_come_by_http_on_postgresql() {
    arrive_by_chance(Kind::Postgres, Way::Http, (300, 6));
}
