//! A week of a force as it is: phones fail or show nothing, officers are away or do not answer, the service
//! goes down and is started anew, records come late. At no moment is an alert silent, and in the end each
//! was decided by a named person, or says in red that nobody can be reached.

use compliance::Instant;
use compliance::attendance::HELD_MS_MAX;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use holdfast::identity::Identity;
use holdfast::sweeper::next_due_at;
use serde_json::{Value, json};

use self::people::{OfficersPhone, People};
use crate::builders::OneOrder;
use crate::harness::database::{Database, Kind, Sql};
use crate::harness::push_service::{PushService, Received};
use crate::harness::{TestApp, at, runtime};

mod end;
mod people;

const BEGINS_AT: &str = "2026-11-24T00:00:00Z";
const DAYS: i64 = 7;
/// After the week everybody who has a phone answers and all attend, so that what is left is decided.
const DAYS_AFTER_MAX: i64 = 4;
/// What people do happens on such minutes; what the service does, when it is due.
const GRID_MS: i64 = 5 * MINUTE_MS;
/// From then on, to the end of the week, one phone takes everything and shows nothing.
const SHOWS_UNTIL_MS: i64 = 20 * HOUR_MS;
/// Nothing lasts longer without a look.
const LOOK_MS: i64 = 4 * HOUR_MS;

/// Station, opening and closing of the daily window, owner, risk.
const ORDERS: [(&str, &str, &str, &str, &str); 10] = [
    ("ALD", "08:00", "10:00", "asha", "high"),
    ("ALD", "10:00", "12:00", "asha", "standard"),
    ("ALD", "18:00", "20:00", "ben", "high"),
    ("HEX", "08:00", "10:00", "asha", "standard"),
    ("HEX", "10:00", "12:00", "ben", "standard"),
    ("HEX", "10:00", "12:00", "ben", "high"),
    ("THN", "09:00", "11:00", "cal", "standard"),
    ("THN", "09:00", "11:00", "cal", "standard"),
    ("THN", "14:00", "16:00", "cal", "high"),
    ("THN", "22:00", "02:00", "cal", "standard"),
];

/// What goes wrong, from which hour of the week on and for how many hours.
const FAILURES: [(i64, i64, Failure); 8] = [
    (11, 1, Failure::ServiceDown),
    (34, 2, Failure::PushDown),
    (57, 3, Failure::ServiceDown),
    (60, 0, Failure::PhoneLost("asha")),
    (92, 1, Failure::ServiceDown),
    (95, 9, Failure::PushDown),
    (110, 0, Failure::ServiceDown),
    (134, 5, Failure::ServiceDown),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    ServiceDown,
    /// The push service takes nothing.
    PushDown,
    /// The push service says that the phone is gone. A day later its owner has another.
    PhoneLost(&'static str),
}

/// A window of the week, and what truly happened in it.
#[derive(Debug)]
struct Window {
    obligation: uuid::Uuid,
    station: &'static str,
    closes_at: Instant,
    attended_at: Option<Instant>,
    /// When the service heard of it.
    came_at: Option<Instant>,
}

impl Window {
    /// Whether a record of an attendance in time came while it still counted by itself.
    fn is_fulfilled(&self) -> bool {
        let came = self.attended_at.zip(self.came_at);
        came.is_some_and(|(attended_at, came_at)| came_at - attended_at <= HELD_MS_MAX)
    }
}

/// Somebody attends: at the window's time, with a phone that has no signal for so long.
struct Visit {
    at: Instant,
    window: usize,
    phone: usize,
    without_signal_ms: i64,
}

struct Week {
    app: TestApp,
    sql: Sql,
    service: PushService,
    chance: Identity,
    people: People,
    phones: Vec<OfficersPhone>,
    windows: Vec<Window>,
    /// The next one last.
    visits: Vec<Visit>,
    /// Messages that somebody will open then.
    opened_at: Vec<(Instant, &'static str, Received)>,
    /// Who took which alert, and when they mean to decide it.
    taken: Vec<(Instant, &'static str, String)>,
    /// When nothing ran.
    down: Vec<(Instant, Instant)>,
    /// At how many looks the front page said that nobody can be reached.
    red_looks: usize,
    passes: usize,
}

impl Week {
    fn begin(kind: Kind) -> Self {
        let app = TestApp::start(Database::migrated(kind));
        app.import(&crate::builders::file(&[]));
        let service = PushService::start();
        let people = People::of(&app, &service);
        let order = |(number, of): (usize, (_, _, _, &str, _))| {
            let (station, opens, closes, owner, risk) = of;
            let reference = format!("SPO/26/{number:04}");
            let (owner, rrule) = (Some(owner.to_owned()), Some("FREQ=DAILY"));
            let order = OneOrder { reference, owner, risk, rrule, ..OneOrder::default() };
            OneOrder { station, opens, closes, ..order }.entry()
        };
        let orders: Vec<Value> = (1..).zip(ORDERS).map(order).collect();
        app.import(&crate::builders::file(&orders));
        app.clock.set(BEGINS_AT);
        app.sweep();
        let phones = OfficersPhone::at_each_station(&app);
        let (sql, chance) = (app.sql(), Identity::seeded(26));
        let windows = windows(&app);
        let mut week = Self {
            app,
            sql,
            service,
            chance,
            people,
            phones,
            windows,
            visits: Vec::new(),
            opened_at: Vec::new(),
            taken: Vec::new(),
            down: Vec::new(),
            red_looks: 0,
            passes: 0,
        };
        week.plan_visits();
        week
    }

    fn now(&self) -> Instant {
        self.app.clock.now()
    }

    fn is_over(&self) -> bool {
        self.now() >= at(BEGINS_AT) + DAYS * DAY_MS
    }

    fn happens(&self, of_a_hundred: u64) -> bool {
        self.chance.below(100) < of_a_hundred
    }

    /// As long as that at the most, on the grid.
    fn ms_below(&self, hours: i64) -> i64 {
        let steps = u64::try_from(hours * HOUR_MS / GRID_MS).unwrap();
        i64::try_from(self.chance.below(steps)).unwrap() * GRID_MS
    }

    /// Most attend in time; the officer's phone has a signal, or holds the record for up to two days. After
    /// the week all attend.
    fn plan_visits(&mut self) {
        let ends_at = at(BEGINS_AT) + DAYS * DAY_MS;
        let mut visits = Vec::new();
        for number in 0..self.windows.len() {
            let Window { closes_at, station, .. } = self.windows[number];
            let is_after = closes_at > ends_at;
            // The night of the longest failure: nobody can be told of it.
            let is_dark = station == "THN" && closes_at == at("2026-11-28T02:01:00Z");
            if is_dark || !is_after && !self.happens(65) {
                continue;
            }
            let at = closes_at + -MINUTE_MS + -GRID_MS + -self.ms_below(1);
            let has_signal = is_after || self.happens(60);
            let without_signal_ms = if has_signal { 0 } else { GRID_MS + self.ms_below(40) };
            let of_station = self.phones.iter().enumerate().filter(|(_, of)| of.station == station);
            let choice: Vec<usize> = of_station.map(|(phone, _)| phone).collect();
            let phone = choice[usize::from(self.happens(50))];
            visits.push(Visit { at, window: number, phone, without_signal_ms });
        }
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.at));
        self.visits = visits;
    }

    /// Until the next thing happens, by itself or because somebody does it.
    fn pass(&mut self) {
        self.passes += 1;
        let now = self.next_at();
        match self.failure(Failure::ServiceDown, now) {
            Some((from, until)) if self.down.last().is_none_or(|(down, _)| *down != from) => {
                self.app.stop();
                self.app.clock.set_to(until.max(now));
                self.app.start_again(false);
                self.down.push((from, self.now()));
            }
            _ => self.app.clock.set_to(now),
        }
        self.fail();
        self.app.sweep();
        self.deliver();
        self.attend();
        self.hand_over();
        self.open();
        self.decide();
        self.deliver();
        self.look();
    }

    fn next_at(&mut self) -> Instant {
        let now = self.now();
        let later = |due: Instant| if due > now { due } else { now + MINUTE_MS };
        let swept_at = self.app.read(next_due_at).map(later);
        let jobs =
            "SELECT run_at AS value FROM jobs WHERE settled_at IS NULL ORDER BY run_at LIMIT 1";
        let sent_at = self.sql.numbers(jobs).first().copied().map(Instant::from_ms);
        let failures = FAILURES.iter().flat_map(|(from, hours, _)| [*from, from + hours]);
        let failures = failures.map(|hour| at(BEGINS_AT) + hour * HOUR_MS);
        let phones = self.phones.iter().map(OfficersPhone::syncs_at);
        let people = self.opened_at.iter().map(|(at, ..)| *at);
        let people = people.chain(self.taken.iter().map(|(at, ..)| *at));
        let people = people.chain(self.visits.last().map(|visit| visit.at));
        let planned = failures.chain(phones).filter(|at| *at > now).chain(people.map(later));
        // What is tried again after seconds can wait for a minute here.
        let sent_at = sent_at.map(|at| at.max(now + MINUTE_MS));
        let all = planned.chain(swept_at).chain(sent_at).chain([now + LOOK_MS]);
        all.min().unwrap()
    }

    /// From when until when something of that kind goes on.
    fn failure(&self, of: Failure, now: Instant) -> Option<(Instant, Instant)> {
        let span = |from: i64, hours: i64| {
            let from = at(BEGINS_AT) + from * HOUR_MS;
            (from, from + hours * HOUR_MS)
        };
        let spans = FAILURES.iter().filter(|(.., kind)| *kind == of);
        let mut spans = spans.map(|(from, hours, _)| span(*from, *hours));
        spans.find(|(from, until)| *from <= now && now < (*until).max(*from + MINUTE_MS))
    }

    fn fail(&mut self) {
        let is_down = self.failure(Failure::PushDown, self.now()).is_some();
        self.service.fails_with(is_down.then_some("503 Service Unavailable"));
        let hour = (self.now() - at(BEGINS_AT)) / HOUR_MS;
        for (from, _, failure) in FAILURES {
            let Failure::PhoneLost(name) = failure else { continue };
            if hour >= from + 24 {
                self.people.has_phone_again(&self.app, &self.service, name);
            } else if hour >= from {
                self.people.loses_phone(&self.service, name);
            }
        }
        let is_shown = self.now() < at(BEGINS_AT) + SHOWS_UNTIL_MS || self.is_over();
        self.people.shows("cal", is_shown);
    }

    /// Runs the outbox dry. Phones say what they show, and whoever will open a message does so soon.
    fn deliver(&mut self) {
        while runtime().block_on(self.app.worker.run_due()).unwrap() > 0 {}
        let is_down = self.failure(Failure::PushDown, self.now()).is_some();
        for question in self.service.take_heartbeats() {
            if is_down {
                continue;
            }
            if let Some((_, person)) = self.people.reached_by(&question) {
                person.show(&self.app, &question);
            }
        }
        for message in self.service.take() {
            // Nothing that was refused has arrived.
            if is_down {
                continue;
            }
            let Some((name, person)) = self.people.reached_by(&message) else { continue };
            person.show(&self.app, &message);
            let (answers, shows) = (person.answers, person.shows);
            if shows && (self.is_over() || self.happens(answers)) {
                let at = self.now() + if self.is_over() { 0 } else { self.ms_below(1) };
                self.opened_at.push((at, name, message));
            }
        }
    }

    fn attend(&mut self) {
        while self.visits.last().is_some_and(|visit| visit.at <= self.now()) {
            let visit = self.visits.pop().unwrap();
            let window = &mut self.windows[visit.window];
            window.attended_at = Some(visit.at);
            let record = json!({
                "check_in_id": self.app.new_id(),
                "sign_on": {
                    "obligation_id": window.obligation,
                    "station_id": self.app.station(window.station).to_string(),
                    "identity": { "method": "photo_on_file", "result": "match" },
                    "attended_at": visit.at.to_rfc3339(),
                },
            });
            let has_signal_at = visit.at + visit.without_signal_ms;
            self.phones[visit.phone].holds((visit.window, record), has_signal_at);
        }
    }

    fn hand_over(&mut self) {
        let now = self.now();
        for phone in self.phones.iter_mut().filter(|phone| phone.syncs_at() <= now) {
            for window in phone.sync(&self.app) {
                self.windows[window].came_at = Some(now);
            }
        }
    }

    /// Whoever has a message opens it and takes what it tells of.
    fn open(&mut self) {
        let now = self.now();
        let (due, rest): (Vec<_>, _) =
            std::mem::take(&mut self.opened_at).into_iter().partition(|(at, ..)| *at <= now);
        self.opened_at = rest;
        for (_, name, message) in due {
            let Some(alert) = self.people.opens(&self.app, name, &message) else { continue };
            let after = if self.is_over() { 0 } else { HOUR_MS + self.ms_below(30) };
            self.taken.push((now + after, name, alert));
        }
    }

    /// Some forget, until it climbs to somebody else.
    fn decide(&mut self) {
        let now = self.now();
        let (due, rest): (Vec<_>, _) =
            std::mem::take(&mut self.taken).into_iter().partition(|(at, ..)| *at <= now);
        self.taken = rest;
        for (_, name, alert) in due {
            if self.is_over() || self.happens(85) {
                self.people.decides(&self.app, name, &alert);
            }
        }
    }
}

/// Every window from the beginning to the end, the days after included.
fn windows(app: &TestApp) -> Vec<Window> {
    let mut sql = app.sql();
    let until = at(BEGINS_AT) + (DAYS + DAYS_AFTER_MAX + 1) * DAY_MS;
    let all = format!(
        "SELECT {} || ' ' || stations.code || ' ' || CAST(closes_at AS TEXT) AS value \
         FROM obligations JOIN stations ON stations.id = obligations.station_id \
         WHERE closes_at < {} ORDER BY closes_at, obligations.id",
        sql.hex("obligations.id"),
        until.ms()
    );
    let read = |row: &String| {
        let [id, code, closes_at] = row.split(' ').collect::<Vec<_>>()[..] else { panic!() };
        Window {
            obligation: id.parse().unwrap(),
            station: ["ALD", "HEX", "THN"].into_iter().find(|is| *is == code).unwrap(),
            closes_at: Instant::from_ms(closes_at.parse().unwrap()),
            attended_at: None,
            came_at: None,
        }
    };
    sql.texts(&all).iter().map(read).collect()
}

fn live_through(kind: Kind) {
    let mut week = Week::begin(kind);
    while !week.is_over() {
        week.pass();
    }
    assert_eq!(week.down.len(), 5);
    assert!(week.red_looks > 0, "somebody could always be reached");
    let gives_up_at = week.now() + DAYS_AFTER_MAX * DAY_MS;
    let open = "SELECT count(*) AS value FROM alerts WHERE close_reason IS NULL";
    // Whoever waits for a phone is answered within a day or two.
    while week.now() < gives_up_at + -2 * DAY_MS || week.sql.number(open) > 0 {
        assert!(week.now() < gives_up_at, "{:#?}", week.open_alerts());
        week.pass();
    }
    week.look_back();
}

#[test]
fn a_week_of_failing_phones_absent_officers_restarts_and_late_records_leaves_no_alert_silent() {
    live_through(Kind::Sqlite);
}

#[test]
fn the_same_week_on_postgresql_leaves_no_alert_silent() {
    live_through(Kind::Postgres);
}
