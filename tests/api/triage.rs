//! What a failure comes to: excuses that somebody else has to accept, breaches that a person of rank
//! decides, and what happens when nobody does.

use compliance::instant::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::builders::{self, OneOrder};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, at, on_each_database};
use crate::scene::triage::{case, claim, decision};

/// The first window of `OneOrder` is over.
const CLOSES_AT: &str = "2026-11-24T12:01:00Z";

struct Missed<'a> {
    app: &'a TestApp,
    owner: Caller<'a>,
    sergeant: Caller<'a>,
    inspector: Caller<'a>,
    alert: String,
}

impl<'a> Missed<'a> {
    fn at_risk(app: &'a TestApp, risk: &'static str) -> Self {
        app.import(&builders::file(&[]));
        let owner = app.owner();
        let order = OneOrder { risk, ..OneOrder::owned_by(&owner.account.username) };
        app.import(&order.file());
        app.clock.set(CLOSES_AT);
        app.sweep();
        let alert = app.alerts()[0].id.to_string();
        let (sergeant, inspector) = (app.supervisor_at("ALD"), app.supervisor_at("ALD"));
        Self { app, owner, sergeant, inspector, alert }
    }

    fn path(&self, what: &str) -> (String, String) {
        let id = self.app.new_id().to_string();
        (format!("/alerts/{}/{what}/{id}", self.alert), id)
    }

    fn claimed(&self) -> String {
        let (path, id) = self.path("excuse-claims");
        let mut body = claim();
        body["happened_at"] = json!(CLOSES_AT);
        self.owner.put(&path, &body).expect(201);
        id
    }

    fn case_opened(&self) -> String {
        let (path, id) = self.path("breach-cases");
        self.owner.put(&path, &case()).expect(201);
        id
    }

    fn decide(&self, by: &Caller<'_>, case: &str, disposition: &str) {
        let path = format!("/breach-cases/{case}/decisions/{}", self.app.new_id());
        by.put(&path, &decision(disposition)).expect(201);
    }

    fn alert_now(&self) -> Value {
        self.owner.get(&format!("/alerts/{}", self.alert)).expect(200)["alert"].clone()
    }

    fn failures(&self) -> Value {
        let order = self.alert_now()["order_id"].as_str().unwrap().to_owned();
        self.owner.get(&format!("/orders/{order}/failures")).expect(200)
    }

    fn open_kinds(&self) -> Vec<String> {
        let open = self.app.alerts().into_iter().filter(|alert| alert.close_reason.is_none());
        let mut kinds: Vec<String> = open.map(|alert| alert.kind.to_string()).collect();
        kinds.sort();
        kinds
    }

    fn after(&self, ms: i64) {
        self.app.clock.advance(ms);
        self.app.sweep();
    }

    fn supersede(&self, record: &str) -> Value {
        let path = format!("/records/{record}/supersession");
        self.sergeant.put(&path, &json!({ "reason": "Another person's." })).expect(200)
    }
}

fn with_missed(test: impl Fn(&Missed<'_>)) {
    on_each_database(|app| test(&Missed::at_risk(app, "standard")));
}

#[test]
fn a_claim_excuses_nothing_until_somebody_else_has_accepted_it() {
    with_missed(|missed| {
        let id = missed.claimed();
        let alert = missed.alert_now();
        assert_eq!(alert["state"], "acknowledged");
        assert_eq!(alert["climbs_at"], "2026-12-02T00:00:00.000Z", "until the evidence is due");
        let decide = format!("/excuse-claims/{id}/decisions/{}", missed.app.new_id());
        let accepted = json!({ "decision": "accepted", "rationale": "The letter was seen." });
        missed.owner.put(&decide, &accepted).refused("other-person-needed");
        let evidence = format!("/excuse-claims/{id}/evidence/{}", missed.app.new_id());
        let letter = json!({ "what": "Discharge letter", "happened_at": CLOSES_AT });
        missed.owner.put(&evidence, &letter).expect(201);
        let shown = missed.failures();
        assert_eq!(shown["excuse_claims"][0]["status"], "evidence_received");
        assert_eq!(
            shown["excuse_claims"][0]["evidence_due"]["arithmetic"],
            "7 days after Tue 24 Nov 2026: Tue 1 Dec 23:59:59"
        );
        missed.sergeant.put(&decide, &accepted).expect(201);
        missed.sergeant.put(&decide, &accepted).expect(201);
        let alert = missed.alert_now();
        assert_eq!(
            (&alert["state"], &alert["close_reason"]),
            (&json!("closed"), &json!("excused"))
        );
        assert_eq!(alert["closed_by_name"], missed.sergeant.account.display_name);
        let again = format!("/excuse-claims/{id}/decisions/{}", missed.app.new_id());
        missed.inspector.put(&again, &accepted).refused("case-not-ready");
        let obligation =
            missed.app.sql().texts("SELECT state AS value FROM obligations WHERE state = 'missed'");
        assert_eq!(obligation, ["missed"], "an excused miss is still a miss");
    });
}

#[test]
fn whoever_confirmed_what_the_claim_is_about_does_not_decide_it() {
    on_each_database(|app| {
        let missed = Missed::at_risk(app, "standard");
        app.clock.advance(HOUR_MS);
        let station = app.station("ALD");
        let due = missed.sergeant.get(&format!("/stations/{station}/due")).expect(200);
        let body = builders::sign_on(&due["due"][0], station, "2026-11-24T13:01:00Z");
        missed.sergeant.put(&format!("/check-ins/{}", app.new_id()), &body).expect(201);
        let id = missed.claimed();
        let decide = format!("/excuse-claims/{id}/decisions/{}", app.new_id());
        let accepted = json!({ "decision": "accepted", "rationale": "He came later, unwell." });
        missed.sergeant.put(&decide, &accepted).refused("other-person-needed");
        missed.inspector.put(&decide, &accepted).expect(201);
    });
}

#[test]
fn a_claim_without_evidence_lapses_is_raised_and_closes_nothing() {
    with_missed(|missed| {
        let id = missed.claimed();
        missed.app.clock.set_to(at("2026-12-01T00:00:00Z") + DAY_MS + -1);
        missed.app.sweep();
        assert!(!missed.open_kinds().contains(&"excuse_lapsed".to_owned()));
        missed.after(1);
        assert!(missed.open_kinds().contains(&"excuse_lapsed".to_owned()));
        assert_eq!(missed.alert_now()["state"], "triggered", "the miss climbs again");
        assert_eq!(missed.failures()["excuse_claims"][0]["status"], "lapsed");
        // Evidence that comes late settles what was raised; somebody still decides.
        let evidence = format!("/excuse-claims/{id}/evidence/{}", missed.app.new_id());
        let letter = json!({ "what": "Custody record", "happened_at": CLOSES_AT });
        missed.owner.put(&evidence, &letter).expect(201);
        assert!(!missed.open_kinds().contains(&"excuse_lapsed".to_owned()));
        assert_eq!(missed.alert_now()["state"], "acknowledged");
    });
}

#[test]
fn a_rejected_claim_leaves_the_alert_to_be_decided() {
    with_missed(|missed| {
        let id = missed.claimed();
        let decide = format!("/excuse-claims/{id}/decisions/{}", missed.app.new_id());
        let rejected = json!({ "decision": "rejected", "rationale": "He was seen in town." });
        missed.sergeant.put(&decide, &rejected).expect(201);
        let alert = missed.alert_now();
        assert_eq!(alert["state"], "acknowledged");
        assert_eq!(alert["climbs_at"], "2026-11-25T12:01:00.000Z", "decided within a day");
        missed.case_opened();
        assert_eq!(missed.alert_now()["close_reason"], "breach_case_opened");
    });
}

#[test]
fn a_decision_on_an_excuse_that_was_a_mistake_gives_the_alert_back() {
    with_missed(|missed| {
        let id = missed.claimed();
        let record = missed.app.new_id().to_string();
        let accepted = json!({ "decision": "accepted", "rationale": "The letter was seen." });
        let path = format!("/excuse-claims/{id}/decisions/{record}");
        missed.sergeant.put(&path, &accepted).expect(201);
        let held = format!("/records/{id}/supersession");
        let why = json!({ "reason": "Another person's." });
        missed.sergeant.put(&held, &why).refused("cannot-supersede");
        missed.supersede(&record);
        let alert = missed.alert_now();
        assert_eq!(
            (&alert["state"], &alert["close_reason"]),
            (&json!("acknowledged"), &Value::Null)
        );
        assert_eq!(missed.failures()["excuse_claims"][0]["status"], "claimed");
        missed.supersede(&id);
        assert_eq!(missed.failures()["excuse_claims"], json!([]));
    });
}

#[test]
fn a_suspected_breach_is_decided_by_rank_and_ended_by_two() {
    with_missed(|missed| {
        let id = missed.case_opened();
        let path = format!("/breach-cases/{id}/decisions/{}", missed.app.new_id());
        missed.owner.put(&path, &decision("arrested")).refused("role-may-not");
        missed.app.clock.advance(2 * HOUR_MS);
        missed.decide(&missed.sergeant, &id, "arrested");
        let shown = missed.failures()["breach_cases"][0].clone();
        assert_eq!(shown["status"], "under_enquiry");
        assert_eq!(shown["decided_after_ms"], json!(2 * HOUR_MS));
        assert_eq!(shown["arrested_after_ms"], json!(2 * HOUR_MS));
        assert!(shown["offence_wording"].as_str().unwrap().starts_with("Breach of stalking"));
        let progress = json!({
            "step": "arrest", "reference": "Custody record 44/26", "happened_at": CLOSES_AT,
        });
        let path = format!("/breach-cases/{id}/progress/{}", missed.app.new_id());
        missed.owner.put(&path, &progress).expect(201);
        missed.decide(&missed.sergeant, &id, "nfa_evidential");
        assert_eq!(missed.failures()["breach_cases"][0]["status"], "awaiting_authorisation");
        let agree = |by: &Caller<'_>, is_agreed: bool| {
            let path = format!("/breach-cases/{id}/authorisations/{}", missed.app.new_id());
            by.put(&path, &json!({ "is_agreed": is_agreed, "rationale": "As the file shows." }))
        };
        agree(&missed.sergeant, true).refused("other-person-needed");
        agree(&missed.inspector, false).expect(201);
        assert_eq!(missed.failures()["breach_cases"][0]["status"], "under_enquiry");
        agree(&missed.inspector, true).refused("case-not-ready");
        missed.decide(&missed.sergeant, &id, "charged");
        let shown = missed.failures()["breach_cases"][0].clone();
        assert_eq!((&shown["status"], &shown["next_due"]), (&json!("concluded"), &Value::Null));
        assert_eq!(shown["decisions"].as_array().unwrap().len(), 3);
        assert_eq!(shown["decisions"][1]["is_agreed"], false);
        let path = format!("/breach-cases/{id}/decisions/{}", missed.app.new_id());
        missed.inspector.put(&path, &decision("warning")).refused("case-not-ready");
    });
}

#[test]
fn an_undecided_case_is_raised_when_its_time_is_over_and_settled_by_the_decision() {
    for (risk, hours) in [("standard", 24), ("high", 4)] {
        on_each_database(|app| {
            let missed = Missed::at_risk(app, risk);
            let id = missed.case_opened();
            missed.after(hours * HOUR_MS - 1);
            assert_eq!(missed.open_kinds(), [""; 0], "the alert was decided with the case");
            missed.after(1);
            assert_eq!(missed.open_kinds(), ["breach_case_due"]);
            missed.decide(&missed.sergeant, &id, "circulated");
            assert_eq!(missed.open_kinds(), [""; 0]);
            missed.after(7 * DAY_MS);
            assert!(missed.open_kinds().contains(&"breach_case_due".to_owned()), "looked at again");
            missed.decide(&missed.sergeant, &id, "charged");
            assert!(!missed.open_kinds().contains(&"breach_case_due".to_owned()));
        });
    }
}

#[test]
fn a_case_that_was_a_mistake_gives_its_alert_back() {
    with_missed(|missed| {
        let id = missed.case_opened();
        missed.after(DAY_MS);
        assert!(missed.open_kinds().contains(&"breach_case_due".to_owned()));
        missed.supersede(&id);
        assert_eq!(missed.alert_now()["state"], "triggered");
        assert!(!missed.open_kinds().contains(&"breach_case_due".to_owned()));
        assert_eq!(missed.failures()["breach_cases"], json!([]));
    });
}

#[test]
fn an_offence_that_the_order_does_not_have_is_refused_with_those_it_has() {
    with_missed(|missed| {
        let (path, _) = missed.path("breach-cases");
        let other = json!({ "offence": "FL96001", "summary": "Seen in town." });
        let problem = missed.owner.put(&path, &other).refused("invalid-field");
        assert!(problem["detail"].as_str().unwrap().contains("ST19001, ST19002"), "{problem}");
        let (path, _) = missed.path("excuse-claims");
        let late = json!({
            "ground": "ill", "claimed_by": "subject", "words": "A cold.",
            "happened_at": "2026-11-24T12:02:00Z",
        });
        missed.owner.put(&path, &late).refused("invalid-field");
        let far = json!({
            "ground": "ill", "claimed_by": "subject", "words": "A cold.",
            "happened_at": CLOSES_AT, "evidence_due_at": "2027-03-01T00:00:00Z",
        });
        let problem = missed.owner.put(&path, &far).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/evidence_due_at");
    });
}

#[test]
fn the_history_of_the_order_tells_what_a_failure_came_to() {
    with_missed(|missed| {
        let id = missed.case_opened();
        missed.decide(&missed.sergeant, &id, "arrested");
        let order = missed.alert_now()["order_id"].as_str().unwrap().to_owned();
        let told =
            missed.sergeant.get(&format!("/orders/{order}/timeline")).expect(200).to_string();
        for says in
            ["A breach is suspected: ST19001.", "Decided on the suspected breach: arrested."]
        {
            assert!(told.contains(says), "{says}: {told}");
        }
    });
}

#[test]
fn what_is_known_about_a_failure_is_checked_by_itself_and_decides_nothing() {
    with_missed(|missed| {
        let report = || missed.owner.get(&format!("/alerts/{}/triage", missed.alert)).expect(200);
        let answers = |report: &Value| -> Vec<(String, String)> {
            let word = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
            let checks = report["checks"].as_array().unwrap();
            checks.iter().map(|check| (word(check, "check"), word(check, "answer"))).collect()
        };
        let expected = |changed: &[(&str, &str)]| -> Vec<(String, String)> {
            let usual = [
                ("order_in_force", "clear"),
                ("order_served", "clear"),
                ("order_stayed", "clear"),
                // By its hours ALD is shut on Tuesdays.
                ("station_open", "look"),
                ("whereabouts", "not_known"),
                ("service_up", "clear"),
                ("records", "clear"),
            ];
            let answer = |(check, answer): (&str, &str)| {
                let other = changed.iter().find(|(name, _)| *name == check);
                (check.to_owned(), other.map_or(answer, |(_, other)| other).to_owned())
            };
            usual.into_iter().map(answer).collect()
        };
        let before = report();
        assert_eq!(answers(&before), expected(&[]), "{before}");
        assert_eq!(before["counters"]["missed"], 1);

        let order = before["alert"]["order_id"].as_str().unwrap().to_owned();
        let period = json!({
            "evidence": "Custody sergeant, by phone", "whereabouts": "custody",
            "from": "2026-11-24T08:00:00Z", "until": "2026-11-24T20:00:00Z",
        });
        let path = format!("/orders/{order}/status-periods/{}", missed.app.new_id());
        missed.sergeant.put(&path, &period).expect(201);
        let shut = json!({ "from_on": "2026-11-24", "reason": "A burst pipe." });
        let station = missed.app.station("ALD");
        let path = format!("/stations/{station}/closures/{}", missed.app.new_id());
        missed.sergeant.put(&path, &shut).expect(201);
        missed.app.clock.advance(HOUR_MS);
        let due = missed.sergeant.get(&format!("/stations/{station}/due")).expect(200);
        let body = builders::sign_on(&due["due"][0], station, "2026-11-24T13:01:00Z");
        missed.inspector.put(&format!("/check-ins/{}", missed.app.new_id()), &body).expect(201);

        let after = report();
        let changed = [("whereabouts", "look"), ("records", "look")];
        assert_eq!(answers(&after), expected(&changed), "{after}");
        let station = &after["checks"][3]["says"];
        assert!(station.as_str().unwrap().contains("A burst pipe."), "{station}");
        assert_eq!(
            (&after["counters"]["missed"], &after["counters"]["attended_late"]),
            (&json!(0), &json!(1))
        );
        assert_eq!(missed.alert_now()["close_reason"], Value::Null, "it decides nothing");
        let id = missed.case_opened();
        missed.decide(&missed.sergeant, &id, "charged");
        let counted = report()["counters"].clone();
        assert_eq!(
            (&counted["breach_cases"], &counted["breaches_concluded"]),
            (&json!(1), &json!(1))
        );
    });
}

#[test]
fn what_was_raised_late_says_that_the_service_may_have_been_down() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let owner = app.owner();
        app.import(&OneOrder::owned_by(&owner.account.username).file());
        app.clock.set_to(at(CLOSES_AT) + 3 * HOUR_MS);
        app.sweep();
        let path = format!("/alerts/{}/triage", app.alerts()[0].id);
        let report = owner.get(&path).expect(200);
        let checks = report["checks"].as_array().unwrap();
        let service = checks.iter().find(|check| check["check"] == "service_up").unwrap();
        assert_eq!(service["answer"], "look");
        assert!(service["says"].as_str().unwrap().contains("180 min late"), "{service}");
    });
}
