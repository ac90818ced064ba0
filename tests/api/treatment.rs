//! Treatment: sessions, what became of them, and what providers may see and say.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{self, OneOrder, treated, with_providers};
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::{TestApp, on_each_database};

/// Of the session on Monday 23 November 2026.
const STARTS: &str = "2026-11-23T14:00:00Z";
const ENDS: &str = "2026-11-23T15:30:00Z";

/// An order that asks for one session, and its owner.
struct Case<'a> {
    owner: Caller<'a>,
    order: Uuid,
    session: Uuid,
}

fn file(owner: &str, sessions: &[(&str, &str)]) -> String {
    let order = OneOrder { starts_on: "2027-11-24", ..OneOrder::owned_by(owner) };
    with_providers(&builders::file(&[treated(order.entry(), sessions)]))
}

impl<'a> Case<'a> {
    fn set(app: &'a TestApp) -> Self {
        app.clock.set("2026-11-22T09:00:00Z");
        let owner = app.owner();
        app.import(&file(&owner.account.username, &[(STARTS, ENDS)]));
        let orders = owner.get("/orders").expect(200);
        let order = orders["orders"][0]["order_id"].as_str().unwrap().parse().unwrap();
        let mut case = Self { owner, order, session: Uuid::nil() };
        case.session = case.listed()["session_id"].as_str().unwrap().parse().unwrap();
        case
    }

    fn app(&self) -> &'a TestApp {
        self.owner.app
    }

    #[track_caller]
    fn listed(&self) -> Value {
        let path = format!("/orders/{}/sessions", self.order);
        self.owner.get(&path).expect(200)["sessions"][0].clone()
    }

    fn state(&self) -> String {
        self.listed()["state"].as_str().unwrap().to_owned()
    }

    /// By the owner, under a new id.
    #[track_caller]
    fn put(&self, what: &str, body: &Value) -> Answer {
        self.put_by(&self.owner, what, body)
    }

    #[track_caller]
    fn put_by(&self, by: &Caller<'_>, what: &str, body: &Value) -> Answer {
        let record = self.app().new_id();
        by.put(&format!("/sessions/{}/{what}/{record}", self.session), body)
    }

    /// What stays open after the sweep at a time.
    fn open_alerts_at(&self, time: &str) -> Vec<String> {
        self.app().clock.set(time);
        self.app().sweep();
        let open = self.app().alerts().into_iter();
        let open = open.filter(|alert| alert.state != compliance::alert::AlertState::Closed);
        let mut kinds: Vec<String> = open.map(|alert| alert.kind.to_string()).collect();
        let of_the_order = ["notification_overdue", "nothing_ahead", "task_overdue"];
        kinds.retain(|kind| !of_the_order.contains(&kind.as_str()));
        kinds.sort();
        kinds
    }
}

fn move_to(day: &str, by: &str, agreed_at: &str) -> Value {
    json!({
        "starts_at": format!("{day}T14:00:00Z"),
        "ends_at": format!("{day}T15:30:00Z"),
        "by": by,
        "agreed_at": agreed_at,
        "reason": "Agreed by telephone.",
    })
}

#[test]
fn a_missing_outcome_is_chased_after_24_and_48_hours_and_is_never_complied() {
    on_each_database(|app| {
        let case = Case::set(app);
        assert_eq!(case.state(), "ahead");

        assert!(case.open_alerts_at("2026-11-24T15:29:59Z").is_empty());
        assert_eq!(case.state(), "outcome_missing");
        assert_eq!(case.open_alerts_at("2026-11-24T15:30:00Z"), ["outcome_missing"]);
        assert_eq!(case.open_alerts_at("2026-11-25T15:29:59Z"), ["outcome_missing"]);
        let twice = ["outcome_missing", "outcome_missing"];
        assert_eq!(case.open_alerts_at("2026-11-25T15:30:00Z"), twice);
        assert_eq!(case.open_alerts_at("2026-12-25T15:30:00Z"), twice);
        assert_eq!(case.listed()["compliance"], "no_data");

        case.put("outcomes", &json!({ "code": "ATTC" })).expect(201);

        assert!(case.open_alerts_at("2026-12-25T15:30:01Z").is_empty());
        assert_eq!(case.state(), "compliant");
    });
}

#[test]
fn an_outcome_that_is_not_complied_with_is_raised_at_once_and_a_later_one_takes_its_place() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T16:00:00Z");
        let absent = json!({ "code": "UAAB", "note": "Did not come." });
        let refused = case.put("outcomes", &absent).refused("invalid-field");
        assert_eq!(refused["errors"][0]["pointer"], "/action");
        let warned = json!({ "code": "UAAB", "action": "EA02" });
        let refused = case.put("outcomes", &warned).refused("invalid-field");
        assert_eq!(refused["errors"][0]["pointer"], "/reason");

        case.put("outcomes", &json!({ "code": "UAAB", "action": "ROM" })).expect(201);

        assert_eq!(case.open_alerts_at("2026-11-23T16:00:01Z"), ["session_not_complied"]);
        assert_eq!(case.state(), "non_compliant");

        case.put("outcomes", &json!({ "code": "AAFC" })).expect(201);

        assert!(case.open_alerts_at("2026-11-23T16:00:02Z").is_empty());
        assert_eq!(case.state(), "compliant");
        assert_eq!(app.count("facts WHERE kind = 'session_outcome'"), 2);
    });
}

#[test]
fn evidence_that_does_not_come_within_seven_days_lapses_and_is_raised() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T16:00:00Z");
        case.put("outcomes", &json!({ "code": "AAME" })).expect(201);
        assert_eq!(case.state(), "awaiting_evidence");
        assert_eq!(case.listed()["evidence_due_at"], "2026-11-30T15:30:00.000Z");

        assert!(case.open_alerts_at("2026-11-30T15:29:59Z").is_empty());
        assert_eq!(case.open_alerts_at("2026-11-30T15:30:00Z"), ["evidence_overdue"]);
        assert_eq!(case.state(), "non_compliant");

        case.put("evidence", &json!({ "state": "received" })).expect(201);
        assert!(case.open_alerts_at("2026-11-30T15:31:00Z").is_empty());
        assert_eq!(case.state(), "awaiting_evidence");
    });
}

#[test]
fn whoever_recorded_an_absence_does_not_decide_on_its_evidence() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T16:00:00Z");
        case.put("outcomes", &json!({ "code": "AAME" })).expect(201);
        let accepted = json!({ "state": "accepted", "note": "Hospital letter." });
        case.put("evidence", &accepted).refused("other-person-needed");

        let supervisor = app.supervisor_at("ALD");
        case.put_by(&supervisor, "evidence", &json!({ "state": "rejected" })).expect(201);
        assert_eq!(case.open_alerts_at("2026-11-23T16:01:00Z"), ["session_not_complied"]);
        case.put_by(&supervisor, "evidence", &accepted).expect(201);
        assert!(case.open_alerts_at("2026-11-23T16:02:00Z").is_empty());
        assert_eq!(case.state(), "compliant");
    });
}

#[test]
fn what_the_service_left_undone_is_raised_and_never_held_against_the_subject() {
    for cause in ["cancelled_by_provider", "referral_never_made"] {
        on_each_database(|app| {
            let case = Case::set(app);
            app.clock.set("2026-11-23T16:00:00Z");
            let absent = json!({ "code": "UAAB", "action": "ROM" });
            case.put("outcomes", &absent).expect(201);
            assert_eq!(case.open_alerts_at("2026-11-23T16:01:00Z"), ["session_not_complied"]);

            let body = json!({ "cause": cause, "reason": "Found out by telephone." });
            case.put("cancellations", &body).expect(201);

            assert_eq!(case.open_alerts_at("2026-11-23T16:02:00Z"), ["service_fault"]);
            assert_eq!(case.state(), "service_fault");
            assert_eq!(case.listed()["compliance"], "no_data");
            assert_eq!(case.listed()["appointment"], cause);
            // And nobody is asked for an outcome any more.
            assert_eq!(case.open_alerts_at("2026-11-26T16:02:00Z"), ["service_fault"]);
        });
    }
}

#[test]
fn a_session_that_was_moved_in_time_is_asked_for_at_its_new_time() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T13:00:00Z");
        let agreed = move_to("2026-11-27", "subject", "2026-11-23T12:59:00Z");
        case.put("moves", &agreed).expect(201);
        let listed = case.listed();
        assert_eq!(listed["starts_at"], "2026-11-27T14:00:00.000Z");
        assert_eq!((&listed["appointment"], &listed["times_moved"]), (&json!("stands"), &json!(1)));

        assert!(case.open_alerts_at("2026-11-26T15:30:00Z").is_empty());
        assert_eq!(case.open_alerts_at("2026-11-28T15:30:00Z"), ["outcome_missing"]);

        let again = move_to("2026-12-27", "provider", "2026-11-27T13:00:00Z");
        case.put("moves", &again).expect(201);
        assert!(case.open_alerts_at("2026-11-29T15:30:00Z").is_empty(), "the chase is settled");
        app.clock.set("2026-12-27T16:00:00Z");
        case.put("outcomes", &json!({ "code": "ATTC" })).expect(201);
        let late = move_to("2026-12-29", "provider", "2026-12-27T13:00:00Z");
        case.put("moves", &late).refused("session-has-outcome");
        let ahead = move_to("2026-12-29", "provider", "2026-12-28T13:00:00Z");
        case.put("moves", &ahead).refused("session-has-outcome");
    });
}

#[test]
fn a_move_that_the_subject_asked_for_after_the_start_leaves_the_old_time_standing() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T15:00:00Z");
        let tomorrow = move_to("2026-11-27", "subject", "2026-11-23T15:01:00Z");
        let refused = case.put("moves", &tomorrow).refused("invalid-field");
        assert_eq!(refused["errors"][0]["pointer"], "/agreed_at");

        case.put("moves", &move_to("2026-11-27", "subject", "2026-11-23T14:00:00Z")).expect(201);

        let listed = case.listed();
        assert_eq!(listed["starts_at"], "2026-11-23T14:00:00.000Z");
        assert_eq!(listed["appointment"], "moved_too_late");
        assert_eq!(case.open_alerts_at("2026-11-24T15:30:00Z"), ["outcome_missing"]);
        let reasons = case.listed()["reasons"].to_string();
        assert!(reasons.contains("moved-too-late"), "{reasons}");
    });
}

#[test]
fn the_same_record_again_is_harmless_and_another_under_its_id_is_refused() {
    on_each_database(|app| {
        let case = Case::set(app);
        app.clock.set("2026-11-23T16:00:00Z");
        let path = format!("/sessions/{}/outcomes/{}", case.session, app.new_id());
        let first = case.owner.put(&path, &json!({ "code": "ATTC" })).expect(201);
        let entries = app.count("ledger_entries");
        app.clock.advance(60_000);
        assert_eq!(case.owner.put(&path, &json!({ "code": "ATTC" })).expect(201), first);
        assert_eq!(app.count("ledger_entries"), entries);
        case.owner.put(&path, &json!({ "code": "AAFC" })).refused("record-conflict");
    });
}

#[test]
fn a_session_needs_a_condition_that_asks_for_treatment() {
    on_each_database(|app| {
        let case = Case::set(app);
        let provider = case.listed()["provider_id"].clone();
        let body = |label: &str| {
            json!({
                "provider_id": provider,
                "label": label,
                "starts_at": "2026-12-07T14:00:00Z",
                "ends_at": "2026-12-07T15:30:00Z",
                "place": "12 Mill Lane",
            })
        };
        let path = format!("/orders/{}/sessions/{}", case.order, app.new_id());
        let refused = case.owner.put(&path, &body("R1")).refused("invalid-field");
        assert_eq!(refused["errors"][0]["pointer"], "/label");
        case.owner.put(&path, &body("R2")).expect(201);
        assert_eq!(app.count("timers WHERE kind = 'session_outcome'"), 2);
    });
}

/// A link of the provider with this code.
fn link(case: &Case<'_>, code: &str, expires_at: &str) -> Answer {
    let providers = case.owner.get("/providers").expect(200);
    let mut providers = providers["providers"].as_array().unwrap().iter();
    let provider = providers.rfind(|it| it["code"] == code).unwrap();
    let path = format!("/providers/{}/links", provider["provider_id"].as_str().unwrap());
    case.owner.post(&path, &json!({ "expires_at": expires_at }))
}

fn token(case: &Case<'_>, code: &str) -> String {
    let link = link(case, code, "2026-12-22T09:00:00Z").expect(201);
    link["token"].as_str().unwrap().to_owned()
}

fn as_provider(
    app: &TestApp,
    token: &str,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = body.map(|body| body.to_string().into_bytes());
    send(app.address, (method, &format!("/api/v1{path}")), &headers, body.as_deref())
}

#[test]
fn a_provider_sees_its_own_sessions_and_nothing_of_the_case() {
    on_each_database(|app| {
        let case = Case::set(app);
        let (own, others) = (token(&case, "MIND"), token(&case, "TURN"));
        let list = ("GET", "/provider/sessions");
        let seen = as_provider(app, &own, list, None);
        for secret in ["Vane", "SPO/26", "Better Relationships", &case.order.to_string()] {
            assert!(!seen.body.contains(secret), "{secret}: {}", seen.body);
        }
        let seen = seen.expect(200);
        assert_eq!(seen["sessions"][0]["session_id"], case.session.to_string());
        assert_eq!(seen["sessions"][0]["given_name"], "Terence");
        assert_eq!(seen["sessions"][0]["initials"], "TV");
        let none = as_provider(app, &others, list, None).expect(200);
        assert_eq!(none["sessions"], json!([]));
        let told = "ledger_entries WHERE act = 'list_provider_sessions'";
        assert_eq!(app.count(told), 1, "what was disclosed is in the ledger");

        for path in ["/me", "/orders", "/alerts", &format!("/orders/{}/sessions", case.order)] {
            as_provider(app, &own, ("GET", path), None).refused("not-signed-in");
        }
        case.owner.get("/provider/sessions").refused("not-signed-in");

        let path = format!("/provider/sessions/{}/outcomes/{}", case.session, app.new_id());
        let came = json!({ "attendance": "attended" });
        app.clock.set("2026-11-23T16:00:00Z");
        as_provider(app, &others, ("PUT", &path), Some(&came)).refused("not-found");
        as_provider(app, &own, ("PUT", &path), Some(&came)).expect(201);
        app.clock.set("2026-12-22T08:59:59Z");
        as_provider(app, &own, list, None).expect(200);
        app.clock.set("2026-12-22T09:00:00Z");
        as_provider(app, &own, list, None).refused("not-signed-in");
    });
}

#[test]
fn a_link_is_good_for_ninety_days_at_most_and_only_its_digest_is_kept() {
    on_each_database(|app| {
        let case = Case::set(app);
        link(&case, "MIND", "2027-02-20T09:00:00Z").expect(201);
        for wrong in ["2027-02-20T09:00:00.001Z", "2026-11-22T09:00:00Z"] {
            let refused = link(&case, "MIND", wrong).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], "/expires_at");
        }
        assert_eq!(app.count("provider_links"), 1);
    });
}

#[test]
fn a_providers_word_is_marked_as_such_and_never_overrules_an_officers() {
    on_each_database(|app| {
        let case = Case::set(app);
        let own = token(&case, "MIND");
        let report = |attendance: &str| {
            let path = format!("/provider/sessions/{}/outcomes/{}", case.session, app.new_id());
            let body = json!({ "attendance": attendance });
            as_provider(app, &own, ("PUT", &path), Some(&body))
        };
        report("attended").refused("invalid-field");
        app.clock.set("2026-11-23T16:00:00Z");

        report("did_not_attend").expect(201);
        assert_eq!(case.open_alerts_at("2026-11-23T16:01:00Z"), ["session_not_complied"]);
        let outcome = case.listed()["outcome"].clone();
        assert_eq!(outcome["is_providers_word"], true);
        assert_eq!(outcome["action"], "ROM");

        case.put("outcomes", &json!({ "code": "AAFC" })).expect(201);
        report("did_not_attend").expect(201);
        assert!(case.open_alerts_at("2026-11-23T16:03:00Z").is_empty());
        assert_eq!(case.listed()["outcome"]["code"], "AAFC");
    });
}

#[test]
fn sessions_are_taken_in_once_and_repeated_in_a_new_version_they_stay_the_same() {
    on_each_database(|app| {
        let case = Case::set(app);
        let before = app.sql().row_counts();
        let text = file(&case.owner.account.username, &[(STARTS, ENDS)]);
        assert_eq!(app.import(&text).unchanged, 6, "three stations, two providers, an order");
        assert_eq!(app.sql().row_counts(), before);

        let mut varied: Value = serde_json::from_str(&text).unwrap();
        let versions = varied["orders"][0]["versions"].as_array_mut().unwrap();
        let mut second = versions[0].clone();
        (second["number"], second["reason"]) = (json!(2), json!("variation"));
        second["in_force_from"] = json!("2026-11-22T12:00:00Z");
        versions.push(second);
        app.import(&varied.to_string());
        assert_eq!(app.count("facts WHERE kind = 'session_scheduled'"), 1);
    });
}

#[test]
fn a_treatment_that_cannot_be_is_refused_with_its_field() {
    let at = "/orders/0/versions/0/conditions/1/treatment";
    let wrong: [(&str, Value, &str); 5] = [
        ("provider", json!("NONE"), "/provider"),
        ("programme", json!(""), "/programme"),
        ("referred", json!(false), "/sessions"),
        (
            "sessions",
            json!([{ "starts_at": ENDS, "ends_at": STARTS, "place": "x" }]),
            "/sessions/0/ends_at",
        ),
        (
            "sessions",
            json!([{ "starts_at": "noon", "ends_at": ENDS, "place": "x" }]),
            "/sessions/0/starts_at",
        ),
    ];
    on_each_database(|app| {
        app.account("asha.mercer", compliance::access::Role::Owner, &[]);
        for (field, value, pointer) in &wrong {
            let mut text: Value =
                serde_json::from_str(&file("asha.mercer", &[(STARTS, ENDS)])).unwrap();
            *text.pointer_mut(&format!("{at}/{field}")).unwrap() = value.clone();
            let faults = app.try_import(&text.to_string()).unwrap_err();
            assert_eq!(faults[0].pointer, format!("{at}{pointer}"), "{faults:?}");
        }
        assert_eq!(app.count("facts"), 0);
    });
}
