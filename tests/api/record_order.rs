//! Orders over HTTP and in files before and after a court has made them: drafts, versions, every kind.

use compliance::Word;
use compliance::order_kind::OrderKind;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::scene::orders::{another, drafted};
use crate::zones::{entry_with, prohibition, square};

const REFERENCE: &str = "SPO/26/0001";

/// The example orders' officer, who owns the order on file and may keep it.
fn kept<'a>(app: &'a TestApp, order: &OneOrder) -> (Caller<'a>, String) {
    let owner = app.asha_mercer();
    app.import(&OneOrder { owner: Some(owner.username.clone()), ..order.clone() }.file());
    app.sweep();
    let owner = Caller::new(app, owner);
    let id = owner.get("/orders").expect(200)["orders"][0]["order_id"].as_str().unwrap().to_owned();
    (owner, id)
}

fn next(order: &OneOrder, reason: &str, in_force_from: &str) -> Value {
    json!({
        "reason": reason,
        "note": "By the court.",
        "in_force_from": in_force_from,
        "conditions": order.version(2, in_force_from)["conditions"],
    })
}

fn put_version(app: &TestApp, by: &Caller<'_>, order: &str, body: &Value) -> Value {
    by.put(&format!("/orders/{order}/versions/{}", app.new_id()), body).expect(201)
}

fn refused_at(app: &TestApp, by: &Caller<'_>, order: &str, body: &Value) -> Vec<String> {
    let answer = by.put(&format!("/orders/{order}/versions/{}", app.new_id()), body);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer.status, 422, "{problem}");
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}

fn kinds(app: &TestApp) -> Vec<String> {
    let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
    open.map(|alert| alert.kind.to_string()).collect()
}

#[test]
fn a_variation_over_http_asks_anew_and_leaves_alone_what_was_missed() {
    on_each_database(|app| {
        let (owner, id) = kept(app, &OneOrder::default());
        app.clock.set("2026-11-24T13:00:00Z");
        app.sweep();
        let fridays = OneOrder { rrule: Some("FREQ=WEEKLY;BYDAY=FR"), ..OneOrder::default() };
        let body = next(&fridays, "variation", "2026-11-25T00:00:00Z");
        let path = format!("/orders/{id}/versions/{}", app.new_id());

        let taken = owner.put(&path, &body).expect(201);
        app.sweep();

        assert_eq!(taken["version"], 2);
        assert_eq!(owner.put(&path, &body).expect(201)["record"], taken["record"]);
        let mut other = body.clone();
        other["note"] = json!("Another one.");
        owner.put(&path, &other).refused("record-conflict");
        assert_eq!(app.count("obligations WHERE state = 'missed'"), 1);
        assert_eq!(app.count("obligations WHERE state_reason = 'order_varied'"), 5);
        assert_eq!(app.count("obligations WHERE state = 'scheduled'"), 6, "Fridays");
        assert_eq!(app.count("order_versions"), 2);

        let listed = owner.get(&format!("/orders/{id}/versions")).expect(200);
        let [first, second] = listed["versions"].as_array().unwrap().as_slice() else { panic!() };
        assert_eq!(first["in_force_until"], "2026-11-25T00:00:00.000Z");
        assert_eq!(first["recorded_by_name"], Value::Null);
        assert_eq!(second["recorded_by_name"], "Officer asha.mercer");
        assert_eq!(second["reason"], "variation");
        assert_eq!(
            second["conditions"][0]["terms"]["wording"],
            "The defendant must attend the station and sign on."
        );
    });
}

#[test]
fn a_version_over_http_is_checked_as_one_in_a_file_and_every_fault_is_named() {
    on_each_database(|app| {
        let (owner, id) = kept(app, &OneOrder::default());
        let before = app.sql().row_counts();
        let good = next(&OneOrder::default(), "variation", "2026-11-25T00:00:00Z");
        let with = |changes: &[(&str, Value)]| {
            let mut body = good.clone();
            for (pointer, value) in changes {
                *body.pointer_mut(pointer).unwrap() = value.clone();
            }
            refused_at(app, &owner, &id, &body)
        };
        let wrong = [
            ("/conditions/0/label", json!("one")),
            ("/conditions/0/sign_on/schedules/0/opens", json!("25:00")),
        ];
        assert_eq!(
            with(&wrong),
            ["/conditions/0/label", "/conditions/0/sign_on/schedules/0/opens"]
        );
        assert_eq!(
            with(&[("/conditions/0/sign_on/station", json!("NOWHERE"))]),
            ["/conditions/0/sign_on/station"]
        );
        assert_eq!(with(&[("/reason", json!("original"))]), ["/reason"]);
        assert_eq!(with(&[("/reason", json!("renewal"))]), ["/ends_on"]);
        let unsaid = [("/reason", json!("correction")), ("/note", json!(" "))];
        assert!(with(&unsaid).contains(&"/note".to_owned()));
        let early = [("/in_force_from", json!("2026-11-01T00:00:00Z"))];
        assert_eq!(with(&early), ["/in_force_from"]);
        let mut short = good.clone();
        short["ends_on"] = json!("2027-11-02");
        assert_eq!(refused_at(app, &owner, &id, &short), ["/ends_on"]);
        assert_eq!(app.sql().row_counts(), before);
    });
}

#[test]
fn a_renewal_moves_the_end_and_what_is_warned_of() {
    on_each_database(|app| {
        let ending = OneOrder { ends_on: Some("2028-11-30"), ..OneOrder::default() };
        let (owner, id) = kept(app, &ending);
        let mut body = next(&ending, "renewal", "2026-12-01T00:00:00Z");
        body["ends_on"] = json!("2030-11-30");

        put_version(app, &owner, &id, &body);

        let order = owner.get(&format!("/orders/{id}")).expect(200);
        assert_eq!(order["ends_on"], "2030-11-30");
        app.clock.set("2028-09-02T09:00:00Z");
        app.sweep();
        assert!(!kinds(app).contains(&"order_expiring".to_owned()));
        let owner = app.supervisor_at("ALD");
        let end = json!({ "happened_at": "2028-09-01T09:00:00Z", "reason": "discharged" });
        owner.put(&format!("/orders/{id}/end/{}", app.new_id()), &end).expect(201);
        let late = next(&ending, "variation", "2028-10-01T00:00:00Z");
        let path = format!("/orders/{id}/versions/{}", app.new_id());
        owner.put(&path, &late).refused("order-has-ended");
    });
}

#[test]
fn a_draft_raises_nothing_until_a_court_has_made_it() {
    on_each_database(|app| {
        app.import(&file(&[]));
        let supervisor = app.supervisor_at("ALD");
        let id = app.new_id();
        let path = format!("/orders/{id}");
        let draft = drafted(REFERENCE.to_owned(), None);
        supervisor.put(&path, &draft).expect(201);
        supervisor.put(&path, &draft).expect(201);
        app.clock.advance(3 * 86_400_000);
        app.sweep();

        assert!(app.alerts().is_empty());
        let keeper = app.somebody(compliance::access::Role::ControlRoom, &[]);
        let listed = keeper.get("/orders").expect(200);
        assert_eq!(listed["orders"][0]["status"], "drafted");
        assert_eq!(listed["orders"][0]["made_on"], Value::Null);
        let served = json!({
            "happened_at": "2026-11-23T09:00:00Z", "outcome": "served", "method": "in_person",
            "place": "Home", "served_by": "PC Okafor", "proof": "MG11",
        });
        let attempt = format!("/orders/{id}/service-attempts/{}", app.new_id());
        keeper.put(&attempt, &served).refused("order-is-draft");
        keeper.get(&format!("/orders/{id}/card")).refused("order-is-draft");
        app.officer_at("HEX").get(&path).refused("not-found");

        let entry = another(REFERENCE.to_owned());
        app.import(&file(&[entry]));
        app.sweep();
        let order = keeper.get(&path).expect(200);
        assert_eq!(
            (&order["status"], &order["made_on"]),
            (&json!("in_force"), &json!("2026-11-02"))
        );
        let mut kinds = kinds(app);
        kinds.sort();
        assert_eq!(kinds, ["missed_sign_on", "order_unowned"]);
        let again = file(&[drafted(REFERENCE.to_owned(), None)]);
        assert_eq!(app.try_import(&again).unwrap_err()[0].pointer, "/orders/0/drafted");
    });
}

#[test]
fn a_draft_is_made_over_http_or_withdrawn_with_a_reason() {
    on_each_database(|app| {
        app.import(&file(&[]));
        let supervisor = app.supervisor_at("ALD");
        let (made, given_up) = (app.new_id(), app.new_id());
        for (id, reference) in [(made, "D/1"), (given_up, "D/2")] {
            let draft = drafted(reference.to_owned(), Some(&supervisor.account.username));
            supervisor.put(&format!("/orders/{id}"), &draft).expect(201);
        }
        let conditions =
            OneOrder::default().version(1, "2026-11-23T09:00:00Z")["conditions"].clone();
        let mut making = json!({
            "court": "Hexwater Magistrates' Court",
            "made_on": "2026-11-23",
            "in_force_from": "2026-11-23T09:00:00Z",
            "conditions": conditions,
        });
        let path = format!("/orders/{made}/making/{}", app.new_id());
        let mut short = making.clone();
        short["ends_on"] = json!("2027-01-01");
        short["conditions"][0]["wording"] = json!("");
        let refused: Value = serde_json::from_str(&supervisor.put(&path, &short).body).unwrap();
        let pointers: Vec<&Value> =
            refused["errors"].as_array().unwrap().iter().map(|it| &it["pointer"]).collect();
        assert_eq!(pointers, ["/ends_on", "/conditions/0/wording"]);

        supervisor.put(&path, &making).expect(201);
        supervisor.put(&path, &making).expect(201);
        app.sweep();

        let order = supervisor.get(&format!("/orders/{made}")).expect(200);
        assert_eq!((&order["status"], &order["court"]), (&json!("made"), &making["court"]));
        assert_eq!(kinds(app), ["order_unserved"]);
        assert_eq!(app.count("obligations WHERE state = 'scheduled'"), 6);
        making["court"] = json!("Another court");
        let again = format!("/orders/{made}/making/{}", app.new_id());
        supervisor.put(&again, &making).refused("order-is-made");

        let path = format!("/orders/{given_up}/withdrawal/{}", app.new_id());
        supervisor.put(&path, &json!({ "reason": " " })).refused("invalid-field");
        supervisor.put(&path, &json!({ "reason": "No case." })).expect(201);
        assert_eq!(
            supervisor.get(&format!("/orders/{given_up}")).expect(200)["status"],
            "withdrawn"
        );
        let making_of = format!("/orders/{given_up}/making/{}", app.new_id());
        supervisor.put(&making_of, &making).refused("order-has-ended");
        let withdrawal = format!("/orders/{made}/withdrawal/{}", app.new_id());
        supervisor.put(&withdrawal, &json!({ "reason": "x" })).refused("order-is-made");
    });
}

#[test]
fn an_order_that_stays_unserved_is_chased_until_it_is_served() {
    on_each_database(|app| {
        let owner = app.asha_mercer().username;
        let unserved = OneOrder { served_at: None, ..OneOrder::owned_by(&owner) };
        let mut interim =
            OneOrder { reference: "SPO/26/0002".to_owned(), ..unserved.clone() }.entry();
        interim["kind"] = json!("interim");
        interim["ends_on"] = json!("2027-06-30");
        app.import(&file(&[unserved.entry(), interim]));
        let filed_at = app.clock.now();
        let chased = |hours: i64| {
            app.clock.set_to(filed_at + hours * 3_600_000);
            app.sweep();
            kinds(app).iter().filter(|kind| *kind == "order_service_overdue").count()
        };
        assert_eq!([chased(0), chased(23), chased(25), chased(49)], [0, 0, 1, 3]);

        let owner = app.supervisor_at("ALD");
        let orders = owner.get("/orders").expect(200);
        let served = json!({
            "happened_at": "2026-11-23T09:30:00Z", "outcome": "served", "method": "in_person",
            "place": "Home", "served_by": "PC Okafor", "proof": "MG11",
        });
        for order in orders["orders"].as_array().unwrap() {
            let id = order["order_id"].as_str().unwrap();
            let path = format!("/orders/{id}/service-attempts/{}", app.new_id());
            owner.put(&path, &served).expect(201);
        }
        assert_eq!(chased(400), 0);
    });
}

#[test]
fn what_falls_in_a_courts_stay_is_verified_and_not_dropped() {
    on_each_database(|app| {
        let owner = app.asha_mercer();
        let daily = OneOrder { rrule: Some("FREQ=DAILY"), ..OneOrder::owned_by(&owner.username) };
        app.import(&file(&[entry_with(&daily, &[prohibition("P1", "exclusion_zone", square())])]));
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let listed = supervisor.get("/orders").expect(200);
        let id = listed["orders"][0]["order_id"].as_str().unwrap().to_owned();
        let appeal = json!({
            "happened_at": "2026-11-23T08:00:00Z", "stayed_from": "2026-11-24T00:00:00Z",
        });
        let appeal =
            supervisor.put(&format!("/orders/{id}/appeals/{}", app.new_id()), &appeal).expect(201);
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        let missed = &app.alerts()[0];
        assert_eq!(missed.kind.to_string(), "missed_sign_on_to_verify");
        assert!(missed.detail.contains("The court suspended the order"), "{}", missed.detail);
        let supervisor = app.supervisor_at("ALD");
        let seen = |at: &str| {
            let position = json!({ "latitude": 52.3190, "longitude": -2.7100, "accuracy_m": 5.0 });
            let body = json!({ "position": position, "seen_at": at, "source": "officer_sighting" });
            let by = app.supervisor_at("ALD");
            by.put(&format!("/orders/{id}/sightings/{}", app.new_id()), &body).expect(201);
        };
        seen("2026-11-24T12:00:30Z");
        let zone = app.alerts().into_iter().find(|it| it.kind.to_string().starts_with("zone"));
        let zone = zone.expect("it is told");
        assert_eq!(zone.kind.to_string(), "zone_entered_to_verify");
        assert!(zone.detail.contains("suspended"), "{}", zone.detail);

        let to = format!(
            "/appeals/{}/decisions/{}",
            appeal["record_id"].as_str().unwrap(),
            app.new_id()
        );
        let decision = json!({ "happened_at": "2026-11-24T12:01:00Z", "outcome": "dismissed" });
        supervisor.put(&to, &decision).expect(201);
        app.clock.set("2026-11-25T12:01:00Z");
        app.sweep();
        seen("2026-11-25T12:00:30Z");
        let kinds = kinds(app);
        assert!(kinds.contains(&"missed_sign_on".to_owned()), "{kinds:?}");
        assert!(kinds.contains(&"zone_entered".to_owned()), "{kinds:?}");
    });
}

#[test]
fn a_variation_that_drops_treatment_cancels_what_is_ahead_and_one_that_keeps_it_does_not() {
    on_each_database(|app| {
        let sessions = [
            ("2026-11-24T14:00:00Z", "2026-11-24T15:30:00Z"),
            ("2026-12-08T14:00:00Z", "2026-12-08T15:30:00Z"),
        ];
        let owner = app.asha_mercer();
        let entry = treated(OneOrder::owned_by(&owner.username).entry(), &sessions);
        app.import(&with_providers(&file(std::slice::from_ref(&entry))));
        app.sweep();
        let owner = Caller::new(app, owner);
        let listed = owner.get("/orders").expect(200);
        let id = listed["orders"][0]["order_id"].as_str().unwrap().to_owned();
        let states = || {
            let listed = owner.get(&format!("/orders/{id}/sessions")).expect(200);
            let state = |it: &Value| it["state"].as_str().unwrap().to_owned();
            listed["sessions"].as_array().unwrap().iter().map(state).collect::<Vec<_>>()
        };
        let mut keeps = next(&OneOrder::default(), "variation", "2026-11-30T00:00:00Z");
        keeps["conditions"] = entry["versions"][0]["conditions"].clone();
        put_version(app, &owner, &id, &keeps);
        assert_eq!(states(), ["ahead", "ahead"]);

        let drops = next(&OneOrder::default(), "variation", "2026-12-01T00:00:00Z");
        put_version(app, &owner, &id, &drops);

        assert_eq!(states(), ["ahead", "no_longer_asked"]);
        app.clock.set("2026-12-20T09:00:00Z");
        app.sweep();
        let kinds = app.alert_kinds();
        assert!(!kinds.contains(&"service_fault".to_owned()), "{kinds:?}");
        assert!(kinds.contains(&"outcome_missing".to_owned()), "what was held is asked for");
    });
}

/// Of each kind: the day its first notification counts from, whether it must end, the last day that
/// is too early, and whether the supervisor of a requirement must be named. Made 2026-11-02, served
/// on the 3rd, in effect from the 5th.
type Row = (&'static str, Option<&'static str>, bool, Option<&'static str>, bool);

#[rustfmt::skip]
const KINDS: [Row; 12] = [
    ("full", Some("2026-11-06T00:00:00.000Z"), false, Some("2028-10-31"), false),
    ("interim", Some("2026-11-06T00:00:00.000Z"), true, None, false),
    ("full_ni", Some("2026-11-06T00:00:00.000Z"), true, Some("2028-10-31"), false),
    ("interim_ni", Some("2026-11-06T00:00:00.000Z"), true, None, false),
    ("dapo", Some("2026-11-05T00:00:00.000Z"), false, None, true),
    ("kcpo", Some("2026-11-08T00:00:00.000Z"), false, None, false),
    // Counted from the conviction, which is not on file.
    ("shpo", None, false, Some("2031-10-31"), false),
    ("restraining", None, false, None, false),
    ("non_molestation", None, false, None, false),
    ("cbo", None, false, None, true),
    ("bail", None, false, None, false),
    ("community", None, false, None, false),
];

#[test]
fn every_kind_of_order_is_put_on_file_by_the_rules_of_its_row() {
    assert_eq!(KINDS.len(), OrderKind::ALL.len());
    on_each_database(|app| {
        app.import(&file(&[]));
        let supervisor = app.supervisor_at("ALD");
        for (kind, first_notification, must_end, too_early, names_supervisor) in KINDS {
            let mut entry = another(format!("KIND/{kind}"));
            entry["kind"] = json!(kind);
            entry["served_at"] = json!("2026-11-03T09:00:00Z");
            entry["takes_effect_on"] = json!("2026-11-05");
            entry["ends_on"] = json!("2031-11-01");
            entry["versions"][0]["conditions"][0]["supervised_by"] = json!("PC Okafor");
            let put = |entry: &Value| {
                let id = app.new_id();
                let answer = supervisor.put(&format!("/orders/{id}"), entry);
                (id, answer)
            };
            let refuses = |field: &str, value: Value, is_refused: bool, pointer: &str| {
                let mut other = entry.clone();
                other["reference"] = json!(app.new_id().simple().to_string());
                *other.pointer_mut(field).unwrap() = value;
                let (_, answer) = put(&other);
                assert_eq!(answer.status == 422, is_refused, "{kind} {field}: {answer:?}");
                assert!(!is_refused || answer.body.contains(pointer), "{kind}: {answer:?}");
            };
            refuses("/ends_on", Value::Null, must_end, "/ends_on");
            if let Some(day) = too_early {
                refuses("/ends_on", json!(day), true, "/ends_on");
            }
            let supervised = "/versions/0/conditions/0/supervised_by";
            refuses(supervised, json!(""), names_supervisor, supervised);

            let (id, answer) = put(&entry);
            answer.expect(201);
            let order = supervisor.get(&format!("/orders/{id}")).expect(200);
            assert_eq!(order["kind"], kind);
            let told = supervisor.get(&format!("/orders/{id}/notifications")).expect(200);
            let mut duties = told["duties"].as_array().unwrap().iter();
            let initial = duties.find(|duty| duty["cause"] == "initial");
            let closes_at = initial.map(|duty| duty["closes_at"].as_str().unwrap());
            assert_eq!(closes_at, first_notification, "{kind}: {told}");
            let card = supervisor.get(&format!("/orders/{id}/card"));
            let has_duty = OrderKind::parse(kind).unwrap().row().notification.is_some();
            assert_eq!(card.body.contains("Tell the police your name"), has_duty, "{kind}");
        }
    });
}

#[test]
fn an_order_that_a_court_made_by_itself_arrives_unowned_and_is_raised_at_once() {
    on_each_database(|app| {
        app.import(&file(&[]));
        let supervisor = app.supervisor_at("ALD");
        for made_by in ["conviction", "acquittal"] {
            let mut entry = another(format!("OWN/{made_by}"));
            entry["made_by"] = json!(made_by);
            let id = app.new_id();
            supervisor.put(&format!("/orders/{id}"), &entry).expect(201);
            assert_eq!(supervisor.get(&format!("/orders/{id}")).expect(200)["made_by"], made_by);
        }
        app.sweep();
        assert_eq!(kinds(app), ["order_unowned", "order_unowned"]);
    });
}

#[test]
fn a_full_order_that_replaces_an_interim_one_asks_for_no_first_notification_again() {
    on_each_database(|app| {
        app.import(&file(&[]));
        let supervisor = app.supervisor_at("ALD");
        let mut interim = another("ISPO/1".to_owned());
        interim["kind"] = json!("interim");
        interim["ends_on"] = json!("2027-01-31");
        let first = app.new_id();
        supervisor.put(&format!("/orders/{first}"), &interim).expect(201);
        let given = json!({
            "duties": [{ "cause": "initial" }], "given_at": "2026-11-03T10:05:00Z",
            "manner": "oral_in_person", "station_id": app.station("ALD").to_string(),
            "in_local_police_area": true, "taken_by": "officer", "taken_by_name": "PC Lena Frost",
            "names": ["Terence Vane"], "home_address": "17 Tanners Row, Alderbridge",
        });
        let told = format!("/orders/{first}/notifications/{}", app.new_id());
        supervisor.put(&told, &given).expect(201);
        let mut full = another("SPO/2".to_owned());
        full["replaces"] = json!("ISPO/1");
        full["subject"] = interim["subject"].clone();
        let second = app.new_id();
        supervisor.put(&format!("/orders/{second}"), &full).expect(201);

        let end = json!({ "happened_at": "2026-11-20T09:00:00Z", "reason": "replaced" });
        supervisor.put(&format!("/orders/{first}/end/{}", app.new_id()), &end).expect(201);

        assert_eq!(supervisor.get(&format!("/orders/{first}")).expect(200)["status"], "superseded");
        let order = supervisor.get(&format!("/orders/{second}")).expect(200);
        assert_eq!(order["replaces_id"], json!(first));
        let told = supervisor.get(&format!("/orders/{second}/notifications")).expect(200);
        let duties = told["duties"].as_array().unwrap();
        assert!(duties.iter().all(|duty| duty["cause"] != "initial"), "{told}");
    });
}
