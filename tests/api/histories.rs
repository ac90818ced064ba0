//! Whatever happens in whatever order, what is on file stays true to the order: random histories
//! through the front door, looked at after each step.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use uuid::Uuid;

use crate::builders::OneOrder;
use crate::enumerate::counted;
use crate::harness::caller::Caller;
use crate::harness::database::{Database, Kind, Sql};
use crate::harness::{TestApp, at};

const CASES: u32 = 6;
/// When the daily sign-on may be asked for, by the hour.
const TIMES: [(u32, u32); 4] = [(10, 12), (9, 13), (14, 18), (22, 2)];
const STATIONS: [&str; 3] = ["ALD", "HEX", "THN"];

#[derive(Debug, Clone)]
enum Step {
    /// Time passes, and the sweep runs.
    Pass { hours: i64 },
    /// An officer confirms one of the duties about now.
    Confirm { which: usize, station: usize, identity: &'static str, earlier_min: i64 },
    /// A record is called a mistake.
    Mistake { which: usize },
    /// The court gives the sign-on other times.
    Vary { times: usize, in_hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let identity = prop::sample::select(vec!["match", "match", "match", "no_match", "not_checked"]);
    prop_oneof![
        4 => (1..30_i64).prop_map(|hours| Step::Pass { hours }),
        4 => (0..9_usize, 0..3_usize, identity, 0..600_i64).prop_map(
            |(which, station, identity, earlier_min)| {
                Step::Confirm { which, station, identity, earlier_min }
            }
        ),
        1 => (0..9_usize).prop_map(|which| Step::Mistake { which }),
        1 => (0..TIMES.len(), 1..60_i64)
            .prop_map(|(times, in_hours)| Step::Vary { times, in_hours }),
    ]
}

struct History<'a> {
    app: &'a TestApp,
    officer: Caller<'a>,
    /// The versions recorded: from when, and with which times.
    versions: Vec<(Instant, usize)>,
    /// What was seen before: ids of duties, and findings with their content.
    duties: BTreeSet<String>,
    findings: BTreeMap<String, String>,
    /// How each duty stood, after each step.
    stood: Vec<(Instant, BTreeMap<String, String>)>,
}

fn clock_text((opens, closes): (u32, u32)) -> [String; 2] {
    [opens, closes].map(|hour| format!("{hour:02}:00"))
}

impl History<'_> {
    fn import(&self) {
        let owner = Some("asha.mercer".to_owned());
        let order = OneOrder { owner, rrule: Some("FREQ=DAILY"), ..OneOrder::default() };
        let mut entry = order.entry();
        entry["versions"] = self
            .versions
            .iter()
            .zip(1..)
            .map(|((from, times), number)| {
                let mut version = order.version(number, &from.to_rfc3339());
                let schedule = &mut version["conditions"][0]["sign_on"]["schedules"][0];
                let [opens, closes] = clock_text(TIMES[*times]);
                schedule["opens"] = json!(opens);
                schedule["closes"] = json!(closes);
                version
            })
            .collect();
        self.app.import(&crate::builders::file(&[entry]));
    }

    fn take(&mut self, step: &Step) {
        let now = self.app.clock.now();
        match step {
            Step::Pass { hours } => {
                self.app.clock.advance(hours * HOUR_MS);
                self.app.sweep();
            }
            Step::Confirm { which, station, identity, earlier_min } => {
                let mut sql = self.app.sql();
                let near = format!(
                    "SELECT {} AS value FROM obligations WHERE closes_at > {} AND opens_at < {} \
                     ORDER BY opens_at, id",
                    sql.hex("id"),
                    (now + -DAY_MS).ms(),
                    (now + DAY_MS).ms()
                );
                let near = sql.texts(&near);
                let Some(id) = near.get(which % near.len().max(1)) else { return };
                let obligation: Uuid = id.parse().unwrap();
                let body = json!({
                    "obligation_id": obligation,
                    "station_id": self.app.station(STATIONS[*station]).to_string(),
                    "identity": { "method": "photo_on_file", "result": identity },
                    "attended_at": (now + -earlier_min * 60_000).to_rfc3339(),
                });
                let path = format!("/check-ins/{}", self.app.new_id());
                let clock = now.to_rfc3339();
                let headers = [("Phone-Clock", clock.as_str())];
                self.officer.send(("PUT", &path), &headers, Some(&body)).expect(201);
            }
            Step::Mistake { which } => {
                let mut sql = self.app.sql();
                let standing = format!(
                    "SELECT {} AS value FROM check_ins WHERE superseded_at IS NULL ORDER BY id",
                    sql.hex("id")
                );
                let standing = sql.texts(&standing);
                let Some(id) = standing.get(which % standing.len().max(1)) else { return };
                let id: Uuid = id.parse().unwrap();
                let reason = json!({ "reason": "It was his brother." });
                self.officer.put(&format!("/check-ins/{id}/supersession"), &reason).expect(200);
            }
            Step::Vary { times, in_hours } => {
                let last = self.versions.last().map_or(now, |(from, _)| *from);
                self.versions.push((last.max(now) + in_hours * HOUR_MS, *times));
                self.import();
                self.app.sweep();
            }
        }
    }

    /// No duty goes away, and each is in exactly one state.
    fn look_at_duties(&mut self, sql: &mut Sql) {
        let ids = format!("SELECT {} AS value FROM obligations", sql.hex("id"));
        let duties: BTreeSet<String> = sql.texts(&ids).into_iter().collect();
        assert!(self.duties.is_subset(&duties), "a duty has gone away");
        let of_states: i64 = ["scheduled", "open", "fulfilled", "missed", "cancelled"]
            .iter()
            .map(|state| sql.count(&format!("obligations WHERE state = '{state}'")))
            .sum();
        assert_eq!(of_states, i64::try_from(duties.len()).unwrap());
        self.duties = duties;
        // What is fulfilled is so by a record that stands, and nothing else is.
        let stands = "SELECT count(*) AS value FROM obligations o LEFT JOIN check_ins c \
            ON c.id = o.fulfilled_by WHERE (o.state = 'fulfilled') <> \
            (c.id IS NOT NULL AND c.superseded_at IS NULL AND c.obligation_id = o.id)";
        assert_eq!(sql.number(stands), 0, "a state says what no record does");
        // What is missed has been raised, exactly once.
        let raised = "SELECT count(*) AS value FROM obligations o WHERE o.state = 'missed' AND \
            (SELECT count(*) FROM alerts a WHERE a.obligation_id = o.id \
            AND a.kind = 'missed_sign_on') <> 1";
        assert_eq!(sql.number(raised), 0, "a miss without its one alert");
    }

    /// A finding never changes; it is set aside, once.
    fn look_at_findings(&mut self, sql: &mut Sql) {
        let found = format!(
            "SELECT {} || ' ' || outcome || ' ' || compliance || ' ' || certainty || ' ' || \
             reasons || ' ' || found_at || ' set aside ' || coalesce(superseded_at, 0) AS value \
             FROM findings",
            sql.hex("id")
        );
        let found: BTreeMap<String, String> = sql
            .texts(&found)
            .into_iter()
            .map(|row| row.split_once(' ').map(|(id, said)| (id.to_owned(), said.to_owned())))
            .map(Option::unwrap)
            .collect();
        for (id, before) in &self.findings {
            let after = found.get(id).expect("a finding has gone away");
            let (said, _) = before.rsplit_once(' ').unwrap();
            assert!(before == after || before.ends_with(" 0"), "{before} became {after}");
            assert!(after.starts_with(said), "{before} became {after}");
        }
        self.findings = found;
        let standing = "SELECT count(*) AS value FROM obligations o WHERE o.state = 'missed' AND \
            NOT EXISTS (SELECT 1 FROM findings f WHERE f.obligation_id = o.id \
            AND f.superseded_at IS NULL)";
        assert_eq!(sql.number(standing), 0, "a miss without a finding that stands");
    }

    /// Windows tile the schedule of each version within the time in which it is in force, counted a
    /// second way; what lies outside asks for nothing.
    fn look_at_windows(&self, sql: &mut Sql) {
        for ((from, times), number) in self.versions.iter().zip(1_usize..) {
            let of_version = format!(
                "condition_id IN (SELECT c.id FROM conditions c JOIN order_versions v \
                 ON v.id = c.order_version_id WHERE v.number = {number})"
            );
            let enumerated = sql.numbers(&format!(
                "SELECT enumerated_until AS value FROM schedules WHERE {of_version}"
            ));
            let next = self.versions.get(number).map_or(i64::MAX, |(next, _)| next.ms());
            let until = Instant::from_ms(enumerated[0].min(next));
            let (opens, closes) = TIMES[*times];
            let asked: BTreeSet<(i64, i64)> = if *from < until {
                let from = (*from).max(at("2026-11-17T12:00:00Z"));
                let begins = "2026-11-24".parse().unwrap();
                let wanted = |day| day >= begins;
                counted(wanted, ((opens, 0), (closes, 0)), (from, until)).into_iter().collect()
            } else {
                BTreeSet::new()
            };
            let on_file = |sql: &mut Sql, which: &str| -> BTreeSet<(i64, i64)> {
                let rows = format!("FROM obligations WHERE {which} ORDER BY opens_at, closes_at");
                let opens = sql.numbers(&format!("SELECT opens_at AS value {rows}"));
                let closes = sql.numbers(&format!("SELECT closes_at AS value {rows}"));
                opens.into_iter().zip(closes).collect()
            };
            let asks = format!("{of_version} AND state NOT IN ('cancelled', 'fulfilled')");
            let asks = on_file(sql, &asks);
            let outside: Vec<_> = asks.difference(&asked).collect();
            assert!(outside.is_empty(), "version {number} asks outside its time: {outside:?}");
            let all = on_file(sql, &of_version);
            let done = on_file(sql, "state = 'fulfilled'");
            for (opens_at, closes_at) in asked.difference(&all) {
                let is_done =
                    done.iter().any(|(opens, closes)| opens < closes_at && opens_at < closes);
                assert!(is_done, "version {number} leaves a gap: {opens_at} to {closes_at}");
            }
        }
    }

    /// How each duty stands now, for the explanations to be held against it at the end.
    fn remember(&mut self, sql: &mut Sql) {
        let states = format!("SELECT {} || ' ' || state AS value FROM obligations", sql.hex("id"));
        let states = sql.texts(&states).into_iter();
        let states = states.map(|row| row.split_once(' ').map(|(id, is)| (id.into(), is.into())));
        self.stood.push((self.app.clock.now(), states.map(Option::unwrap).collect()));
        // What happens next is known later.
        self.app.clock.advance(1);
        self.app.sweep();
    }

    /// Every finding made again is the one on file; as known at any earlier step, its duty stands as it
    /// stood then; and as known now, as it stands.
    fn look_at_explanations(&self, seed: usize) {
        let mut sql = self.app.sql();
        let duty = sql.hex("obligation_id");
        let all = format!("SELECT {} || ' ' || {duty} AS value FROM findings", sql.hex("id"));
        for (number, row) in sql.texts(&all).iter().enumerate() {
            let (finding, duty) = row.split_once(' ').unwrap();
            let finding: Uuid = finding.parse().unwrap();
            let (at, stood) = &self.stood[(seed + number * 7) % self.stood.len()];
            let path = format!("/findings/{finding}/why?as_known_at={}", at.to_rfc3339());
            let why = self.officer.get(&path).expect(200);
            assert_eq!(why["made_again"]["agrees"], true, "{why:#}");
            for field in ["outcome", "compliance", "certainty"] {
                assert_eq!(why["made_again"]["found"][field], why["finding"][field]);
            }
            let on_file = why["duty"]["state"].as_str().unwrap();
            let now = why["as_known_now"]["standing"].as_str().unwrap();
            assert_eq!(standing_of(on_file), now, "as known now: {why:#}");
            if let Some(stood) = stood.get(duty) {
                let then = why["as_known_then"]["standing"].as_str().unwrap();
                assert_eq!(standing_of(stood), then, "as known at {at}: {why:#}");
            }
        }
    }

    /// A back-test that changes nothing counts what there was.
    fn look_at_back_test(&self) {
        let proposal = json!({
            "from": "2026-11-01T00:00:00Z",
            "until": self.app.clock.now().to_rfc3339(),
        });
        let report = self.officer.post("/back-tests", &proposal).expect(200);
        assert_eq!(report["current"], report["proposed"]);
        assert_eq!(report["differing"], json!([]));
        let on_file = crate::back_test::on_file(self.app);
        assert_eq!(crate::back_test::raised(&report["current"]), on_file, "{report:#}");
    }

    fn look(&mut self) {
        let mut sql = self.app.sql();
        self.look_at_duties(&mut sql);
        self.look_at_findings(&mut sql);
        self.look_at_windows(&mut sql);
        self.remember(&mut sql);
    }
}

/// Every order of these histories is served, so what is cancelled was varied.
fn standing_of(state: &str) -> &str {
    match state {
        "scheduled" | "open" => "pending",
        "cancelled" => "not_asked_for",
        other => other,
    }
}

fn live_through(kind: Kind, steps: &[Step]) {
    let app = TestApp::start(Database::migrated(kind));
    app.asha_mercer();
    app.import(&crate::builders::file(&[]));
    let officer = app.somebody(compliance::access::Role::Supervisor, &STATIONS);
    let versions = vec![(at("2026-11-02T11:00:00Z"), 0)];
    let (duties, findings) = Default::default();
    let stood = Vec::new();
    let mut history = History { app: &app, officer, versions, duties, findings, stood };
    history.import();
    app.sweep();
    for step in steps {
        history.take(step);
        history.look();
    }
    history.look_at_explanations(steps.len());
    history.look_at_back_test();
    // Nobody decides in these histories; everything else holds, whatever has happened.
    app.sweep();
    app.run_jobs();
    let violated = app.check();
    assert!(violated.iter().all(|name| *name == "miss_decided"), "{violated:?}");
}

#[test]
fn no_history_loses_a_duty_changes_a_finding_or_asks_outside_a_versions_time() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        // The same histories in every run, so that a failure is everybody's.
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let lived = runner.run(&prop::collection::vec(step(), 20..40), |steps| {
            live_through(kind, &steps);
            Ok(())
        });
        lived.unwrap_or_else(|failure| panic!("on {kind:?}: {failure}"));
    }
}
