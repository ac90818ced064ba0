//! Records that phones have signed: who may sign, what a broken seal comes to, which numbers never came,
//! two phones with one key, and clocks that were set back.

pub mod phone;

use compliance::alert::AlertKind;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use holdfast::store::alerts::Alert;
use serde_json::{Value, json};
use uuid::Uuid;

use self::phone::{Phone, altered};
use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::{Answer, Caller};
use crate::harness::{TestApp, on_each_database};

/// Within the window of every duty.
const IN_TIME: &str = "2026-11-24T10:30:00Z";

/// A station at which many are due, an officer with a phone, and whoever looks after them.
struct Counter<'a> {
    app: &'a TestApp,
    officer: Caller<'a>,
    sergeant: Caller<'a>,
    phone: Phone,
    due: Vec<Value>,
}

impl<'a> Counter<'a> {
    fn open(app: &'a TestApp) -> Self {
        let owner = app.asha_mercer().username;
        app.import(&OneOrder::owned_by(&owner).times(8));
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        let (officer, sergeant) = (app.officer_at("ALD"), app.supervisor_at("ALD"));
        let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
        let due = officer.get(&list).expect(200)["due"].as_array().unwrap().clone();
        let mut phone = Phone::new(app.new_id());
        phone.enrol(&officer).expect(201);
        let beacon = sync(&officer, &[]).expect(200)["beacon"].as_str().unwrap().to_owned();
        phone.beacon = Some(beacon);
        app.clock.set(IN_TIME);
        app.sweep();
        Self { app, officer, sergeant, phone, due }
    }

    fn sign_on(&self, number: usize) -> Value {
        sign_on(&self.due[number], self.app.station("ALD"), IN_TIME)
    }

    /// The record of a duty, signed by the phone.
    fn seals(&mut self, number: usize) -> Value {
        let (id, sign_on) = (self.app.new_id(), self.sign_on(number));
        self.phone.seal(id, &sign_on)
    }

    fn results(&self, held: &[Value]) -> Vec<String> {
        let answer = sync(&self.officer, held).expect(200);
        let results = answer["results"].as_array().unwrap().iter();
        let slug = |of: &Value| {
            let kind = of["problem"]["type"].as_str().unwrap_or_default().to_owned();
            kind.replace("/problems/", " ")
        };
        results.map(|of| format!("{}{}", of["result"].as_str().unwrap(), slug(of))).collect()
    }

    fn result(&self, held: &Value) -> String {
        self.results(std::slice::from_ref(held)).remove(0)
    }

    fn check_in(&self, sealed: &Value) -> Value {
        let path = format!("/check-ins/{}", sealed["check_in_id"].as_str().unwrap());
        self.sergeant.get(&path).expect(200)
    }

    /// The alerts about what phones sign, with their states.
    fn alerts(&self) -> Vec<[String; 2]> {
        let alerts = self.about_seals().into_iter();
        let mut found: Vec<_> =
            alerts.map(|alert| [alert.kind.to_string(), alert.state.to_string()]).collect();
        found.sort();
        found
    }

    /// What they say to a supervisor.
    fn said(&self) -> Vec<String> {
        let says = |alert: Alert| {
            let answer = self.sergeant.get(&format!("/alerts/{}", alert.id)).expect(200);
            answer["alert"]["detail"].as_str().unwrap().to_owned()
        };
        let mut found: Vec<String> = self.about_seals().into_iter().map(says).collect();
        found.sort();
        found
    }

    fn about_seals(&self) -> Vec<Alert> {
        let kinds = [AlertKind::SealBroken, AlertKind::RecordsMissing, AlertKind::RecordsForked];
        let mut found = self.app.alerts();
        found.retain(|alert| kinds.contains(&alert.kind));
        found
    }

    fn acts(&self, act: &str) -> i64 {
        let mut sql = self.app.sql();
        sql.number(&format!("SELECT count(*) AS value FROM ledger_entries WHERE act = '{act}'"))
    }
}

fn sync(officer: &Caller<'_>, held: &[Value]) -> Answer {
    sync_with_clock(officer, held, &officer.app.clock.now().to_rfc3339())
}

fn sync_with_clock(officer: &Caller<'_>, held: &[Value], clock: &str) -> Answer {
    let body = json!({ "cursor": null, "check_ins": held });
    officer.send(("POST", "/sync"), &[("Phone-Clock", clock)], Some(&body))
}

fn at_the_counter(test: impl Fn(&mut Counter<'_>)) {
    on_each_database(|app| test(&mut Counter::open(app)));
}

fn open(kind: &str) -> [String; 2] {
    [kind.to_owned(), "triggered".to_owned()]
}

fn closed(kind: &str) -> [String; 2] {
    [kind.to_owned(), "closed".to_owned()]
}

#[test]
fn a_key_is_one_phones_in_one_officers_hand_and_enrolling_it_again_only_renews_it() {
    at_the_counter(|counter| {
        let (app, officer) = (counter.app, &counter.officer);
        let first = officer.get("/phone-keys").expect(200)["phone_keys"][0].clone();
        assert_eq!(first["expires_at"], "2026-12-24T09:00:00.000Z");
        let renamed = json!({ "public_key": counter.phone.public_key(), "name": "Another name" });
        officer.put(&counter.phone.path(), &renamed).expect(201);
        let again = officer.get("/phone-keys").expect(200)["phone_keys"].clone();
        let mut expected = first.clone();
        expected["expires_at"] = json!("2026-12-24T10:30:00.000Z");
        assert_eq!(again, json!([expected]), "nothing else has changed");

        let other = app.officer_at("ALD");
        counter.phone.enrol(&other).refused("phone-key-conflict");
        let another_key = Phone::new(counter.phone.id);
        another_key.enrol(officer).refused("phone-key-conflict");
        let another_id = counter.phone.under(app.new_id());
        another_id.enrol(officer).refused("phone-key-conflict");
        another_id.enrol(&other).refused("phone-key-conflict");
        let valid = counter.phone.public_key();
        for key in ["", "AA", "not base64!", &format!("{valid}="), &valid.replace('B', "C")] {
            let body = json!({ "public_key": key, "name": "Android" });
            let path = format!("/phone-keys/{}", app.new_id());
            let refused = officer.put(&path, &body).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], "/public_key", "{key}");
        }
        assert_eq!(app.count("phone_keys"), 1);
    });
}

#[test]
fn a_supervisor_sees_and_revokes_the_keys_of_those_who_work_where_they_do_and_no_others() {
    at_the_counter(|counter| {
        let app = counter.app;
        let elsewhere = app.supervisor_at("HEX");
        let keys = |of: &Caller<'_>| {
            let keys = of.get("/phone-keys").expect(200)["phone_keys"].clone();
            keys.as_array().unwrap().len()
        };
        let colleague = app.officer_at("ALD");
        assert_eq!(
            [&counter.officer, &counter.sergeant, &colleague, &elsewhere].map(keys),
            [1, 1, 0, 0]
        );
        let path = format!("{}/revocation", counter.phone.path());
        let reason = json!({ "reason": "Two phones sign with it." });
        elsewhere.put(&path, &reason).refused("not-found");
        colleague.put(&path, &reason).refused("not-found");
        counter.sergeant.put(&path, &json!({ "reason": " " })).refused("invalid-field");
        counter.sergeant.put(&path, &reason).expect(204);
        counter.sergeant.put(&path, &json!({ "reason": "Again." })).expect(204);

        let key = counter.sergeant.get("/phone-keys").expect(200)["phone_keys"][0].clone();
        assert_eq!(key["revoked_at"], "2026-11-24T10:30:00.000Z");
        assert_eq!(key["revoked_by_name"], json!(counter.sergeant.account.display_name));
        assert_eq!(key["revoked_because"], "Two phones sign with it.");
        // The phone takes off what it knows.
        counter.officer.get("/me").refused("not-signed-in");
        counter.officer.sign_in_again();
        counter.phone.enrol(&counter.officer).refused("phone-key-revoked");
        assert_eq!(counter.acts("revoke_phone_key"), 1);
    });
}

#[test]
fn a_key_goes_with_the_phone_that_is_lost_and_with_the_account() {
    at_the_counter(|counter| {
        let app = counter.app;
        let colleague = app.officer_at("ALD");
        let leaving = Phone::new(app.new_id());
        leaving.enrol(&colleague).expect(201);
        let mut sql = app.sql();
        let hex = format!("SELECT {} AS value FROM station_phones", sql.hex("id"));
        let phone: Uuid = sql.texts(&hex)[0].parse().unwrap();
        let reason = json!({ "reason": "Left on a bus." });
        counter.sergeant.put(&format!("/phones/{phone}/loss"), &reason).expect(204);
        let administrator = app.administrator();
        let path = format!("/accounts/{}/disablement", colleague.account.id);
        administrator.send(("PUT", &path), &[], None).expect(204);

        let keys = counter.sergeant.get("/phone-keys").expect(200)["phone_keys"].clone();
        let because = |of: &Value| of["revoked_because"].as_str().unwrap().to_owned();
        let mut because: Vec<String> = keys.as_array().unwrap().iter().map(because).collect();
        because.sort();
        assert_eq!(because, ["Left on a bus.", "The account was disabled."]);
    });
}

#[test]
fn a_record_that_a_phone_has_signed_is_taken_in_once_and_says_how_it_was_sealed() {
    at_the_counter(|counter| {
        let (first, second) = (counter.seals(0), counter.seals(1));
        let plain = json!({ "check_in_id": counter.app.new_id(), "sign_on": counter.sign_on(2) });
        let held = [first.clone(), second.clone(), plain.clone()];
        assert_eq!(counter.results(&held), ["accepted", "accepted", "accepted"]);
        assert_eq!(counter.results(&held), vec!["duplicate_identical"; 3]);

        let seal = counter.check_in(&second)["seal"].clone();
        assert_eq!(seal["phone_key_id"], json!(counter.phone.id));
        assert_eq!((&seal["sequence"], &seal["phone_name"]), (&json!(2), &json!("Android")));
        assert_eq!(seal["beacon_says"], "agrees");
        assert_eq!(counter.check_in(&first)["finding"]["outcome"], "on_time");
        assert_eq!(counter.check_in(&plain)["seal"], Value::Null);
        assert_eq!(counter.app.count("sealed_records"), 2);
        assert!(counter.alerts().is_empty());
        assert_eq!(counter.app.check(), Vec::<&str>::new());
    });
}

#[test]
fn a_record_whose_seal_does_not_hold_is_turned_away_by_itself_and_told_once() {
    at_the_counter(|counter| {
        let (app, phone) = (counter.app, counter.phone.clone());
        let (id, said) = (app.new_id(), counter.sign_on(0));
        let sealed = phone.clone().seal(id, &said);
        let mut of_another_key = sealed.clone();
        of_another_key["signature"] = Phone::new(phone.id).signed(id, b"?")["signature"].clone();
        let mut under_another_id = sealed.clone();
        under_another_id["check_in_id"] = json!(app.new_id());
        let number = |number: i64| {
            let mut said = phone.says(id, &said);
            said["sequence"] = json!(number);
            phone.signed(id, said.to_string().as_bytes())
        };
        let mut no_digest = phone.says(id, &said);
        no_digest["previous_digest"] = json!("AAAA");
        let broken = [
            altered(&sealed, "\"match\"", "\"no_match\""),
            of_another_key,
            under_another_id,
            phone.signed(id, b"no JSON"),
            number(0),
            number(i64::MAX),
            phone.signed(id, no_digest.to_string().as_bytes()),
            json!({ "payload": "", "signature": "!", "check_in_id": id, "phone_key_id": phone.id }),
        ];
        for (at, mut record) in broken.into_iter().enumerate() {
            // Each by itself.
            if record["check_in_id"] == json!(id) && at > 0 {
                record["check_in_id"] = json!(app.new_id());
            }
            let fine = json!({ "check_in_id": app.new_id(), "sign_on": counter.sign_on(1) });
            for _ in 0..2 {
                let results = counter.results(&[record.clone(), fine.clone()]);
                assert_eq!(results[0], "rejected seal-broken", "{at}");
                assert!(results[1] != "rejected", "{at}");
            }
            assert_eq!(counter.alerts(), vec![open("seal_broken"); at + 1], "{at}");
            assert_eq!(counter.acts("refuse_seal"), i64::try_from(at).unwrap() + 1);
        }
        let said = counter.said().join("\n");
        for why in ["was changed after it", "cannot be read, although", "under another number"] {
            assert!(said.contains(why), "{said}");
        }
        assert!(said.contains(&counter.officer.account.display_name), "{said}");
        assert_eq!(app.count("sealed_records"), 0);
        // Nothing is lost: the phone still has the record as it was signed.
        assert_eq!(counter.result(&sealed), "accepted");
    });
}

#[test]
fn a_phone_that_keeps_a_broken_record_has_not_handed_over_everything() {
    at_the_counter(|counter| {
        let sealed = counter.seals(0);
        counter.app.clock.set("2026-11-24T12:01:00Z");
        counter.app.sweep();
        let altered = altered(&sealed, "\"match\"", "\"no_match\"");
        assert_eq!(counter.result(&altered), "rejected seal-broken");
        let waits = "SELECT count(*) AS value FROM unconfirmed_misses";
        assert_eq!(counter.app.sql().number(waits), 8);
        assert_eq!(counter.result(&sealed), "accepted");
        assert_eq!(counter.app.sql().number(waits), 0);
    });
}

#[test]
fn only_a_key_of_ones_own_that_is_enrolled_good_and_not_revoked_signs_anything() {
    at_the_counter(|counter| {
        let app = counter.app;
        let mut stranger = Phone::new(app.new_id());
        let unknown = stranger.seal(app.new_id(), &counter.sign_on(0));
        assert_eq!(counter.result(&unknown), "rejected phone-key-unknown");
        assert!(counter.alerts().is_empty(), "the phone enrols the key and sends it again");
        stranger.enrol(&counter.officer).expect(201);
        assert_eq!(counter.result(&unknown), "accepted");

        let colleague = app.officer_at("ALD");
        let mut theirs = Phone::new(app.new_id());
        theirs.enrol(&colleague).expect(201);
        let of_another = theirs.seal(app.new_id(), &counter.sign_on(1));
        assert_eq!(counter.result(&of_another), "rejected phone-key-unknown");
        assert_eq!(counter.alerts(), [open("seal_broken")]);
        assert!(counter.said()[0].contains("with the key of another account"));
        assert_eq!(app.count("sealed_records"), 1, "it is no record of that phone");

        // Made when the key had expired, and taken in once it is enrolled again.
        let late = json!({ "check_in_id": app.new_id(), "sign_on": counter.sign_on(2) });
        app.clock.advance(30 * DAY_MS);
        let now = app.clock.now().to_rfc3339();
        let mut said = late["sign_on"].clone();
        said["attended_at"] = json!(now);
        let id: Uuid = late["check_in_id"].as_str().unwrap().parse().unwrap();
        let expired = counter.phone.seal(id, &said);
        assert_eq!(counter.result(&expired), "rejected phone-key-expired");
        assert_eq!(counter.alerts(), [open("seal_broken")]);
        counter.phone.enrol(&counter.officer).expect(201);
        assert_eq!(counter.result(&expired), "accepted");
    });
}

#[test]
fn what_was_made_while_a_key_was_good_is_taken_in_when_it_has_expired() {
    at_the_counter(|counter| {
        let sealed = counter.seals(0);
        counter.app.clock.advance(31 * DAY_MS);
        assert_eq!(counter.result(&sealed), "accepted");
    });
}

/// The record is on the server even if the phone is wiped, and people know of it.
#[test]
fn what_a_revoked_key_has_signed_is_turned_away_kept_and_told() {
    at_the_counter(|counter| {
        let sealed = counter.seals(0);
        let path = format!("{}/revocation", counter.phone.path());
        counter.sergeant.put(&path, &json!({ "reason": "Stolen." })).expect(204);
        counter.officer.sign_in_again();
        for _ in 0..2 {
            assert_eq!(counter.result(&sealed), "rejected phone-key-revoked");
        }
        assert_eq!(counter.alerts(), [open("seal_broken")]);
        assert!(counter.said()[0].contains("with a key that was revoked"));
        assert_eq!(counter.app.count("sealed_records"), 1);
        assert_eq!(counter.app.count("check_ins"), 0);

        // The officer has signed in, enrolled another key, and signs it again.
        let mut anew = Phone::new(counter.app.new_id());
        anew.enrol(&counter.officer).expect(201);
        let id = sealed["check_in_id"].as_str().unwrap().parse().unwrap();
        let again = anew.seal(id, &counter.sign_on(0));
        assert_eq!(counter.result(&again), "accepted");
        assert_eq!(counter.check_in(&again)["seal"]["phone_key_id"], json!(anew.id));
    });
}

#[test]
fn numbers_that_are_missing_once_a_phone_holds_nothing_more_are_told_once_until_they_come() {
    at_the_counter(|counter| {
        let all: Vec<Value> = (0..7).map(|number| counter.seals(number)).collect();
        let some = [all[0].clone(), all[4].clone(), all[6].clone()];
        assert_eq!(counter.results(&some), vec!["accepted"; 3]);
        assert_eq!(counter.alerts(), [open("records_missing"), open("records_missing")]);
        let said = counter.said();
        assert!(said[0].starts_with("Number 6 never came"), "{said:?}");
        assert!(said[1].starts_with("Numbers 2 to 4 never came"), "{said:?}");
        counter.results(&some);
        counter.results(&[]);
        assert_eq!(counter.alerts().len(), 2);
        assert_eq!(counter.acts("note_missing_records"), 2);

        counter.results(&[all[3].clone(), all[1].clone()]);
        assert_eq!(counter.alerts(), vec![open("records_missing"); 2], "number 3 is missing");
        counter.results(&[all[2].clone()]);
        assert_eq!(counter.alerts(), [closed("records_missing"), open("records_missing")]);
        counter.results(&[all[5].clone()]);
        counter.results(&all);
        assert_eq!(counter.alerts(), vec![closed("records_missing"); 2]);
        assert_eq!(counter.app.check(), Vec::<&str>::new());
    });
}

#[test]
fn records_that_come_late_twice_and_out_of_turn_are_neither_missing_nor_forked() {
    at_the_counter(|counter| {
        let all: Vec<Value> = (0..6).map(|number| counter.seals(number)).collect();
        let order = [4, 1, 4, 0, 5, 3, 2, 1];
        let by_chance: Vec<Value> = order.iter().map(|at| all[*at].clone()).collect();
        counter.results(&by_chance);
        counter.results(&all);
        assert!(counter.alerts().is_empty(), "{:?}", counter.alerts());
        assert_eq!(counter.app.count("sealed_records"), 6);
    });
}

/// It is the officer's to discard then, and nothing is missing.
#[test]
fn a_record_that_is_turned_away_for_what_it_says_has_come_all_the_same() {
    at_the_counter(|counter| {
        let app = counter.app;
        let mut nowhere = counter.sign_on(0);
        nowhere["obligation_id"] = json!(app.new_id());
        let refused = counter.phone.seal(app.new_id(), &nowhere);
        let unreadable = counter.phone.seal(app.new_id(), &json!({ "attended_at": IN_TIME }));
        let fine = counter.seals(1);
        let results = counter.results(&[refused.clone(), unreadable.clone(), fine]);
        assert_eq!(results, ["rejected not-found", "rejected invalid-field", "accepted"]);
        let answer = sync(&counter.officer, &[unreadable]).expect(200);
        let pointer = answer["results"][0]["problem"]["errors"][0]["pointer"].clone();
        assert_eq!(pointer, "/check_ins/0/payload");
        counter.results(&[]);
        assert!(counter.alerts().is_empty(), "{:?}", counter.alerts());
        assert_eq!(app.count("sealed_records"), 3);
        assert_eq!(counter.result(&refused), "rejected not-found");
        assert_eq!(app.check(), Vec::<&str>::new());
    });
}

#[test]
fn a_phone_that_was_restored_from_a_copy_is_found_and_what_it_records_is_judged_all_the_same() {
    at_the_counter(|counter| {
        let before = counter.seals(0);
        let mut copy = counter.phone.clone();
        let (second, third) = (counter.seals(1), counter.seals(2));
        assert_eq!(counter.results(&[before, second, third]), vec!["accepted"; 3]);
        let of_copy: Vec<Value> =
            (3..6).map(|at| copy.seal(counter.app.new_id(), &counter.sign_on(at))).collect();
        assert_eq!(counter.results(&of_copy), vec!["accepted"; 3]);
        counter.results(&of_copy);
        assert_eq!(counter.alerts(), [open("records_forked")]);
        let says = counter.said().remove(0);
        assert!(says.starts_with("Two different records came under number 2 of"), "{says}");
        assert_eq!(counter.acts("note_forked_records"), 1);
        assert_eq!(counter.app.count("sealed_records"), 6);
        for record in &of_copy {
            assert_eq!(counter.check_in(record)["finding"]["outcome"], "on_time");
        }
    });
}

#[test]
fn a_record_that_does_not_follow_the_one_before_is_a_fork_whichever_comes_first() {
    for in_turn in [true, false] {
        at_the_counter(|counter| {
            let first = counter.seals(0);
            let (id, said) = (counter.app.new_id(), counter.sign_on(1));
            let mut said = counter.phone.says(id, &said);
            said["previous_digest"] = json!("A".repeat(43));
            let second = counter.phone.signed(id, said.to_string().as_bytes());
            let mut held = vec![first, second];
            if !in_turn {
                held.reverse();
            }
            assert_eq!(counter.results(&held), vec!["accepted"; 2]);
            assert_eq!(counter.alerts(), [open("records_forked")]);
            let said = counter.said();
            assert!(said[0].starts_with("Number 2 of"), "{said:?}");
        });
    }
}

/// As if it had been made in time: the clock is set back for the officer's tap, and put right for the call.
fn backdated(counter: &mut Counter<'_>, beacon: Option<String>) -> Value {
    counter.app.clock.set("2026-11-24T12:40:00Z");
    let told = sync(&counter.officer, &[]).expect(200)["beacon"].as_str().unwrap().to_owned();
    counter.phone.beacon = beacon.or(Some(told));
    counter.app.clock.set("2026-11-24T12:41:00Z");
    counter.app.sweep();
    let sealed = counter.seals(0);
    assert_eq!(counter.result(&sealed), "accepted");
    counter.check_in(&sealed)
}

fn codes(check_in: &Value) -> Vec<String> {
    let reasons = check_in["finding"]["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_clock_that_was_set_back_does_not_undo_the_time_that_the_service_had_told_the_phone() {
    at_the_counter(|counter| {
        let found = backdated(counter, None);
        assert_eq!(found["finding"]["outcome"], "late");
        assert_eq!(codes(&found), ["clock-before-beacon", "after-closing"]);
        let says = found["finding"]["reasons"][0]["says"].as_str().unwrap();
        assert!(says.contains("before Tue 24 Nov, 12:40"), "{says}");
        assert_eq!(found["earliest_at"], "2026-11-24T12:40:00.000Z");
        assert_eq!(found["latest_at"], "2026-11-24T12:41:00.000Z");
        assert_eq!(found["seal"]["beacon_says"], "overrides");
        let finding = found["finding"]["finding_id"].as_str().unwrap();
        let why = counter.sergeant.get(&format!("/findings/{finding}/why")).expect(200);
        assert_eq!(why["made_again"]["agrees"], true, "{why}");
        let cited = why["facts"].as_array().unwrap().iter();
        let cited: Vec<&str> = cited.map(|fact| fact["says"].as_str().unwrap()).collect();
        let sealed = |says: &&str| says.contains("Signed by the phone as its number 1");
        assert!(cited.iter().any(sealed), "{cited:?}");
        assert_eq!(counter.app.check(), Vec::<&str>::new());
    });
}

#[test]
fn a_beacon_that_is_none_of_the_services_is_left_out_of_account_and_said_so() {
    at_the_counter(|counter| {
        let found = backdated(counter, Some("of-another".to_owned()));
        assert_eq!(found["finding"]["outcome"], "on_time");
        assert_eq!(codes(&found), ["beacon-unknown", "within-window"]);
        assert_eq!(found["seal"]["beacon_says"], "not_ours");
        let finding = found["finding"]["finding_id"].as_str().unwrap();
        let why = counter.sergeant.get(&format!("/findings/{finding}/why")).expect(200);
        assert_eq!(why["made_again"]["agrees"], true, "{why}");
    });
}

#[test]
fn a_beacon_bounds_a_record_that_came_without_the_phones_clock() {
    at_the_counter(|counter| {
        let sealed = counter.seals(0);
        counter.app.clock.advance(HOUR_MS);
        let body = json!({ "cursor": null, "check_ins": [sealed] });
        counter.officer.post("/sync", &body).expect(200);
        let found = counter.check_in(&sealed);
        assert_eq!(found["earliest_at"], "2026-11-24T10:30:00.000Z");

        counter.phone.beacon =
            Some(sync(&counter.officer, &[]).expect(200)["beacon"].as_str().unwrap().to_owned());
        counter.app.clock.advance(10 * MINUTE_MS);
        // A clock three hours fast, and nothing to set it right by.
        let (id, mut fast) = (counter.app.new_id(), counter.sign_on(1));
        fast["attended_at"] = json!("2026-11-24T14:35:00Z");
        let sealed = counter.phone.seal(id, &fast);
        let body = json!({ "cursor": null, "check_ins": [sealed] });
        counter.officer.post("/sync", &body).expect(200);
        let found = counter.check_in(&sealed);
        assert_eq!(found["earliest_at"], "2026-11-24T11:30:00.000Z");
        assert_eq!(found["finding"]["outcome"], "on_time", "it lies between the two");
    });
}

#[test]
fn a_record_is_plain_or_sealed_and_nothing_between() {
    at_the_counter(|counter| {
        let sealed = counter.seals(0);
        let mut both = sealed.clone();
        both["sign_on"] = counter.sign_on(0);
        let mut unsigned = sealed.clone();
        unsigned.as_object_mut().unwrap().remove("signature");
        let neither = json!({ "check_in_id": counter.app.new_id() });
        let results = counter.results(&[both, unsigned, neither, sealed]);
        let refused = "rejected invalid-field";
        assert_eq!(results, [refused, refused, refused, "accepted"]);
    });
}
