//! A miss is raised on time and put as provisional while a phone may still hold a record; once none may,
//! it is certain. A record that comes all the same takes it back, and everything stays on file.

use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use crate::builders::{self, OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};

/// The first window of `OneOrder` is over.
const CLOSES_AT: &str = "2026-11-24T12:01:00Z";

struct Place<'a> {
    app: &'a TestApp,
    owner: Caller<'a>,
    sergeant: Caller<'a>,
    due: Value,
}

impl<'a> Place<'a> {
    fn before_the_window(app: &'a TestApp, order: OneOrder) -> Self {
        app.import(&builders::file(&[]));
        let (owner, sergeant) = (app.owner(), app.supervisor_at("ALD"));
        let order = OneOrder { owner: Some(owner.account.username.clone()), ..order };
        app.import(&order.file());
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
        let due = sergeant.get(&list).expect(200)["due"][0].clone();
        Self { app, owner, sergeant, due }
    }

    /// An officer whose phone has synced before the window.
    fn phone_at(&self, station: &str) -> Caller<'a> {
        let officer = self.app.officer_at(station);
        sync(&officer, &[]).expect(200);
        officer
    }

    fn closes(&self) {
        self.app.clock.set(CLOSES_AT);
        assert_eq!(self.app.sweep().missed, 1);
    }

    fn alert(&self) -> Value {
        let id = self.app.alerts()[0].id;
        self.owner.get(&format!("/alerts/{id}")).expect(200)
    }

    fn certainty(&self) -> String {
        self.alert()["alert"]["certainty"].as_str().unwrap().to_owned()
    }

    fn waits_for(&self) -> usize {
        self.alert()["waits_for"].as_array().unwrap().len()
    }

    /// What was found of the sign-on, in the order in which it was, and what of that stands.
    fn findings(&self) -> Vec<String> {
        self.app.sql().texts(
            "SELECT outcome || ' ' || certainty || CASE WHEN superseded_at IS NULL THEN '' \
             ELSE ' superseded' END AS value FROM findings ORDER BY found_at, certainty DESC, outcome",
        )
    }

    fn record(&self, attended_at: &str) -> Value {
        let station = self.app.station("ALD");
        json!({ "check_in_id": self.app.new_id(), "sign_on": sign_on(&self.due, station, attended_at) })
    }

    fn figure(&self, name: &str) -> f64 {
        let all = self.sergeant.get("/supervision/figures?from=2026-11-23&until=2026-11-30");
        let all = all.expect(200)["figures"].as_array().unwrap().clone();
        let found = all.iter().find(|it| it["group"] == "sign_ons" && it["name"] == name);
        found.unwrap()["value"].as_f64().unwrap()
    }
}

fn sync(officer: &Caller<'_>, held: &[Value]) -> crate::harness::caller::Answer {
    let clock = officer.app.clock.now().to_rfc3339();
    let body = json!({ "cursor": null, "check_ins": held });
    officer.send(("POST", "/sync"), &[("Phone-Clock", clock.as_str())], Some(&body))
}

fn with_place(test: impl Fn(&Place<'_>)) {
    on_each_database(|app| test(&Place::before_the_window(app, OneOrder::default())));
}

#[test]
fn a_miss_is_certain_when_the_last_phone_of_its_station_has_synced_past_the_window() {
    with_place(|place| {
        let (first, second) = (place.phone_at("ALD"), place.phone_at("ALD"));
        let elsewhere = place.phone_at("HEX");
        place.closes();
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 2));
        let waited = place.alert()["waits_for"][0].clone();
        assert_eq!(waited["synced_at"], "2026-11-24T09:00:00.000Z");
        assert_eq!(waited["station_name"], "ALD Police Station");
        place.app.clock.advance(MINUTE_MS);
        sync(&elsewhere, &[]).expect(200);
        sync(&first, &[]).expect(200);
        sync(&first, &[]).expect(200);
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 1));
        assert_eq!(
            (place.figure("missed_provisional"), place.figure("missed_confirmed")),
            (1.0, 0.0)
        );
        sync(&second, &[]).expect(200);

        assert_eq!((place.certainty(), place.waits_for()), ("confirmed".to_owned(), 0));
        assert_eq!(
            place.findings(),
            ["not_attended provisional superseded", "not_attended confirmed"]
        );
        let alert = place.alert();
        assert_eq!(alert["events"][0]["kind"], "confirmed");
        assert_eq!(alert["alert"]["state"], "triggered", "somebody still has to look");
        assert_eq!(
            (place.figure("missed_provisional"), place.figure("missed_confirmed")),
            (0.0, 1.0)
        );
        assert_eq!(place.figure("provisional_findings_withdrawn"), 0.0);
        assert_eq!(place.app.count("unconfirmed_misses"), 0);
        assert!(!place.app.check().contains(&"miss_raised"));
        // Who syncs is told.
        let seen = crate::harness::eventually(|| {
            let all = sync(&first, &[]).expect(200)["alerts"].as_array().unwrap().clone();
            all.into_iter().find(|it| it["certainty"] == "confirmed")
        });
        assert_eq!(seen["kind"], "missed_sign_on");
    });
}

#[test]
fn a_record_that_a_phone_held_takes_the_miss_back_before_and_after_it_was_certain() {
    for is_certain_first in [false, true] {
        with_place(|place| {
            let (first, second) = (place.phone_at("ALD"), place.phone_at("ALD"));
            place.closes();
            place.app.clock.advance(HOUR_MS);
            sync(&first, &[]).expect(200);
            if is_certain_first {
                let lost = place.alert()["waits_for"][0]["phone_id"].as_str().unwrap().to_owned();
                let reason = json!({ "reason": "Left on a bus." });
                place.sergeant.put(&format!("/phones/{lost}/loss"), &reason).expect(204);
                assert_eq!(place.certainty(), "confirmed");
                sync(&second, &[]).refused("not-signed-in");
            }
            // Found again, and signed in on anew.
            let second = match is_certain_first {
                true => Caller::new(place.app, second.account.clone()),
                false => second,
            };
            sync(&second, &[place.record("2026-11-24T10:15:00Z")]).expect(200);
            let alert = place.alert();
            assert_eq!(alert["alert"]["close_reason"], "attendance_found");
            let silence = match is_certain_first {
                true => {
                    vec!["not_attended provisional superseded", "not_attended confirmed superseded"]
                }
                false => vec!["not_attended provisional superseded"],
            };
            let found = place.findings();
            assert_eq!(found[..silence.len()], silence[..]);
            assert_eq!(found[silence.len()..], ["on_time confirmed"]);
            let withdrawn = [
                place.figure("provisional_findings_withdrawn"),
                place.figure("confirmed_misses_withdrawn"),
            ];
            assert_eq!(withdrawn, if is_certain_first { [0.0, 1.0] } else { [1.0, 0.0] });
            place.app.clock.advance(DAY_MS);
            place.app.sweep();
            assert_eq!(place.findings().len(), found.len(), "it is no miss any more");
            assert_eq!(place.app.count("unconfirmed_misses"), 0);
        });
    }
}

#[test]
fn a_phone_that_never_comes_back_keeps_a_miss_provisional_until_somebody_says_it_is_lost() {
    with_place(|place| {
        place.phone_at("ALD");
        place.closes();
        place.app.clock.advance(30 * DAY_MS);
        place.app.sweep();
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 1));
        let id = place.alert()["waits_for"][0]["phone_id"].as_str().unwrap().to_owned();
        let path = format!("/phones/{id}/loss");
        let reason = json!({ "reason": "Left on a bus, and wiped." });
        place.app.supervisor_at("HEX").put(&path, &reason).refused("not-found");
        place.sergeant.put(&path, &json!({ "reason": " " })).refused("invalid-field");
        place.sergeant.put(&path, &reason).expect(204);
        place.sergeant.put(&path, &reason).expect(204);
        assert_eq!((place.certainty(), place.waits_for()), ("confirmed".to_owned(), 0));
        let says = place.app.sql().texts(
            "SELECT reasons AS value FROM findings WHERE certainty = 'confirmed' \
             AND superseded_at IS NULL",
        );
        let says = says.iter().find(|says| says.contains("Tue 24 Nov")).unwrap();
        assert!(says.contains("is lost, and what it held with it"), "{says}");
        assert!(!says.contains("Every phone"), "{says}");
    });
}

/// A sync looks at all that it may make certain, however much lies at the station that it cannot.
#[test]
fn misses_that_wait_for_another_phone_keep_no_other_from_becoming_certain() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let (owner, officer) = (app.owner(), app.officer_at("ALD"));
        let away = app.officer_at("ALD");
        app.import(&OneOrder::owned_by(&owner.account.username).times(210));
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        sync(&away, &[]).expect(200);
        sync(&officer, &[]).expect(200);
        app.clock.set(CLOSES_AT);
        assert_eq!(app.sweep().missed, 210);
        app.clock.advance(MINUTE_MS);
        sync(&officer, &[]).expect(200);
        assert_eq!(app.count("unconfirmed_misses"), 210, "the other phone is away");
        // Who signs out has handed over everything first.
        away.delete("/session").expect(204);
        assert_eq!(app.count("unconfirmed_misses"), 0);
        assert_eq!(app.count("alerts WHERE certainty = 'confirmed'"), 210);
    });
}

#[test]
fn whoever_signs_out_is_not_waited_for_and_a_session_that_ran_out_is_spoken_for_by_the_next() {
    with_place(|place| {
        let (leaves, runs_out) = (place.phone_at("ALD"), place.phone_at("ALD"));
        place.closes();
        leaves.delete("/session").expect(204);
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 1));
        // Past the end of every session of that morning.
        place.app.clock.advance(13 * HOUR_MS);
        place.app.sweep();
        assert_eq!(place.waits_for(), 1);
        let other = place.app.officer_at("ALD");
        sync(&other, &[]).expect(200);
        assert_eq!(place.waits_for(), 1, "another officer's phone does not speak for it");
        // They sign in anew.
        sync(&runs_out, &[]).expect(200);
        assert_eq!(place.certainty(), "confirmed");
    });
}

#[test]
fn where_no_phone_is_known_a_miss_is_certain_when_no_record_could_count_any_more() {
    with_place(|place| {
        place.closes();
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 0));
        place.app.clock.advance(12 * HOUR_MS - 1);
        place.app.sweep();
        assert_eq!(place.certainty(), "provisional");
        place.app.clock.advance(1);
        place.app.sweep();
        assert_eq!(place.certainty(), "confirmed");
    });
}

#[test]
fn a_phone_that_keeps_a_record_back_has_not_handed_over_everything() {
    with_place(|place| {
        let phone = place.phone_at("ALD");
        place.closes();
        place.app.clock.advance(MINUTE_MS);
        let unreadable = json!({ "check_in_id": place.app.new_id(), "sign_on": {} });
        let answer = sync(&phone, &[unreadable]).expect(200);
        assert_eq!(answer["results"][0]["result"], "rejected");
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 1));
        sync(&phone, &[]).expect(200);
        assert_eq!(place.certainty(), "confirmed");
    });
}

#[test]
fn a_phone_at_a_station_that_the_order_allows_beside_is_waited_for_too() {
    on_each_database(|app| {
        let order = OneOrder { alternates: vec!["HEX"], ..OneOrder::default() };
        let place = Place::before_the_window(app, order);
        let (here, beside) = (place.phone_at("ALD"), place.phone_at("HEX"));
        place.closes();
        assert_eq!(place.waits_for(), 2);
        app.clock.advance(MINUTE_MS);
        sync(&here, &[]).expect(200);
        assert_eq!((place.certainty(), place.waits_for()), ("provisional".to_owned(), 1));
        sync(&beside, &[]).expect(200);
        assert_eq!(place.certainty(), "confirmed");
    });
}

/// Whoever confirms is known to have a phone there, also where they do not work.
#[test]
fn a_phone_that_has_confirmed_at_a_station_is_waited_for_there() {
    with_place(|place| {
        let visitor = place.app.supervisor_at("ALD");
        let station = place.app.station("HEX");
        let body = sign_on(&place.due, station, "2026-11-24T09:00:00Z");
        visitor.put(&format!("/check-ins/{}", place.app.new_id()), &body).expect(201);
        let phones = "SELECT s.code AS value FROM station_phones p \
                      JOIN stations s ON s.id = p.station_id ORDER BY s.code";
        assert_eq!(place.app.sql().texts(phones), ["HEX"]);
    });
}
