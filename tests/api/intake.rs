//! What is taken in and what is refused when an order is put on file: drafts in a file, days that
//! cannot be, who made it, reasons that come with a version, and what a version to come drops.

use serde_json::{Value, json};

use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::scene::orders::{another, drafted};
use crate::zones::entry_with;

const REFERENCE: &str = "SPO/26/0001";

fn open(app: &TestApp, kind: &str) -> usize {
    let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
    open.filter(|alert| alert.kind.to_string() == kind).count()
}

/// The order on file, its path, and who may keep it.
fn kept<'a>(app: &'a TestApp, entry: impl Fn(&OneOrder) -> Value) -> (Caller<'a>, String) {
    let owner = app.asha_mercer();
    app.import(&with_providers(&file(&[entry(&OneOrder::owned_by(&owner.username))])));
    app.sweep();
    let owner = Caller::new(app, owner);
    let listed = owner.get("/orders").expect(200);
    let path = format!("/orders/{}", listed["orders"][0]["order_id"].as_str().unwrap());
    (owner, path)
}

#[test]
fn a_draft_in_a_file_is_taken_once_with_the_subject_and_those_who_write_it() {
    on_each_database(|app| {
        app.asha_mercer();
        let mut draft = drafted(REFERENCE.to_owned(), Some("asha.mercer"));
        draft["court"] = json!("Hexwater Magistrates' Court");
        let text = file(&[draft]);

        let done = app.import(&text);

        assert_eq!((done.orders, done.versions), (1, 0));
        let listed = app.supervisor_at("ALD").get("/orders").expect(200);
        let order = &listed["orders"][0];
        assert_eq!(
            (&order["status"], &order["owner_name"]),
            (&json!("drafted"), &json!("Officer asha.mercer"))
        );
        let before = app.sql().row_counts();
        let done = app.import(&text);
        assert_eq!((done.orders, done.changed, done.unchanged), (0, 0, 4), "{done:?}");
        assert_eq!(app.sql().row_counts(), before);
        app.sweep();
        assert!(app.alerts().is_empty());
    });
}

#[test]
fn a_draft_in_a_file_says_nothing_of_what_only_a_court_decides() {
    let said = [
        ("made_on", json!("2026-11-02")),
        ("served_at", json!("2026-11-02T16:00:00Z")),
        ("ends_on", json!("2029-11-01")),
        ("takes_effect_on", json!("2026-11-05")),
        ("versions", another(REFERENCE.to_owned())["versions"].clone()),
    ];
    on_each_database(|app| {
        let before = app.sql().row_counts();
        for (field, value) in &said {
            let mut draft = drafted(REFERENCE.to_owned(), None);
            draft[*field] = value.clone();
            let faults = app.try_import(&file(&[draft])).unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].pointer, format!("/orders/0/{field}"));
            assert_eq!(faults[0].says, "is for orders that a court has made, not drafts");
            assert!(faults[0].line.is_some());
        }
        let mut neither = drafted(REFERENCE.to_owned(), None);
        neither["drafted"] = json!(false);
        neither["court"] = json!("Hexwater Magistrates' Court");
        let faults = app.try_import(&file(&[neither])).unwrap_err();
        assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/orders/0/made_on"));
        assert!(faults[0].says.contains("or that it is drafted"), "{faults:?}");
        let unknown = drafted(REFERENCE.to_owned(), Some("nobody.here"));
        assert_eq!(app.try_import(&file(&[unknown])).unwrap_err()[0].pointer, "/orders/0/owner");
        assert_eq!(app.sql().row_counts(), before);
    });
}

/// Everything of an order that is a day or a time, by its pointer.
#[rustfmt::skip]
const DAYS: [(&str, bool); 12] = [
    ("/made_on", true),
    ("/served_at", false),
    ("/ends_on", true),
    ("/takes_effect_on", true),
    ("/subject/born_on", true),
    ("/subject/protected_times/0/from", true),
    ("/subject/protected_times/0/until", true),
    ("/versions/0/in_force_from", false),
    ("/versions/0/conditions/0/valid_from", true),
    ("/versions/0/conditions/0/valid_until", true),
    ("/versions/0/conditions/0/plan/review_on", true),
    ("/versions/0/conditions/1/treatment/sessions/0/starts_at", false),
];

fn with_every_day(reference: String) -> Value {
    let order = OneOrder { reference, ends_on: Some("2029-11-01"), ..OneOrder::default() };
    let mut entry = treated(order.entry(), &[("2026-12-01T14:00:00Z", "2026-12-01T15:30:00Z")]);
    entry["takes_effect_on"] = json!("2026-11-05");
    let span = json!({ "days": ["mon"], "opens": "09:00", "closes": "17:00" });
    entry["subject"]["protected_times"] = json!([{
        "kind": "work", "hours": { "zone": "Europe/London", "spans": [span] },
        "from": "2026-11-01", "until": "2027-11-01",
    }]);
    let condition = &mut entry["versions"][0]["conditions"][0];
    condition["valid_from"] = json!("2026-11-05");
    condition["valid_until"] = json!("2029-10-01");
    condition["plan"] = json!({ "person": "PC Okafor", "review_on": "2026-12-01" });
    entry
}

#[test]
fn a_day_in_the_year_1_or_9999_is_refused_with_its_field_in_a_file_and_over_http() {
    on_each_database(|app| {
        app.import(&with_providers(&file(&[])));
        let by = app.supervisor_at("ALD");
        let before = app.count("orders");
        for (pointer, is_day) in DAYS {
            for year in ["0001", "9999"] {
                let mut entry = with_every_day(app.new_id().simple().to_string());
                let time = if is_day { "" } else { "T16:00:00Z" };
                let value = json!(format!("{year}-11-02{time}"));
                *entry.pointer_mut(pointer).unwrap() = value;
                let refused = by.put(&format!("/orders/{}", app.new_id()), &entry);
                let refused = refused.refused("invalid-field");
                let errors = refused["errors"].as_array().unwrap();
                assert_eq!(errors[0]["pointer"], pointer, "{year} {errors:?}");
                let says = errors[0]["detail"].as_str().unwrap();
                assert!(says.contains("in the years") || says.contains("in the future"), "{says}");
                let faults = app.try_import(&with_providers(&file(&[entry]))).unwrap_err();
                assert_eq!(faults[0].pointer, format!("/orders/0{pointer}"), "{year} {faults:?}");
            }
        }
        assert_eq!(app.count("orders"), before);
        by.put(&format!("/orders/{}", app.new_id()), &with_every_day(REFERENCE.to_owned()))
            .expect(201);
    });
}

fn warned_of(taken: &Value) -> Vec<&str> {
    let warnings = taken["warnings"].as_array().into_iter().flatten();
    let about_it = warnings.filter(|it| it["code"] == "power_doubtful");
    about_it.map(|it| it["says"].as_str().unwrap()).collect()
}

#[test]
fn an_order_made_on_an_occasion_that_its_kind_does_not_know_is_taken_and_warned_of() {
    let rows = [
        ("full", "application", None),
        ("full", "conviction", Some("not confirmed")),
        ("full", "acquittal", Some("not confirmed")),
        ("interim", "conviction", Some("an interim order")),
        ("dapo", "acquittal", None),
        ("shpo", "acquittal", Some("on acquittal")),
        ("bail", "conviction", Some("on conviction")),
        ("cbo", "conviction", None),
    ];
    on_each_database(|app| {
        app.import(&file(&[]));
        let by = app.supervisor_at("ALD");
        for (kind, made_by, why) in rows {
            let mut entry = another(format!("{kind}/{made_by}"));
            entry["kind"] = json!(kind);
            entry["made_by"] = json!(made_by);
            entry["ends_on"] = json!("2031-11-01");
            entry["versions"][0]["conditions"][0]["supervised_by"] = json!("PC Okafor");
            let path = format!("/orders/{}", app.new_id());
            let taken = by.put(&path, &entry).expect(201);
            let found = warned_of(&taken);
            assert_eq!(found.len(), usize::from(why.is_some()), "{kind} {made_by}: {taken}");
            assert!(why.is_none_or(|why| found[0].contains(why)), "{kind} {made_by}: {found:?}");
            assert_eq!(by.get(&path).expect(200)["made_by"], made_by);
        }
    });
}

#[test]
fn a_version_over_http_brings_the_reasons_for_what_falls_in_protected_times() {
    on_each_database(|app| {
        let (owner, path) = kept(app, |order| order.entry());
        let span = json!({ "days": ["tue", "fri"], "opens": "09:00", "closes": "17:00" });
        let work = json!({
            "kind": "work", "hours": { "zone": "Europe/London", "spans": [span] },
            "source": "Payslip",
        });
        owner.put(&format!("{path}/protected-times/{}", app.new_id()), &work).expect(201);
        assert_eq!(open(app, "protected_time_clash"), 1);
        let fridays = OneOrder { rrule: Some("FREQ=WEEKLY;BYDAY=FR"), ..OneOrder::default() };
        let put = |from: &str, reason: Option<&str>| {
            let mut conditions = fridays.version(2, from)["conditions"].clone();
            if let Some(reason) = reason {
                conditions[0]["clash_reason"] = json!(reason);
            }
            let body = json!({
                "reason": "variation", "note": "By the court.", "in_force_from": from,
                "conditions": conditions,
            });
            owner.put(&format!("{path}/versions/{}", app.new_id()), &body)
        };
        put("2026-11-25T00:00:00Z", Some(" ")).refused("invalid-field");

        let reason = "The court heard him on it.";
        put("2026-11-25T00:00:00Z", Some(reason)).expect(201);

        assert_eq!(open(app, "protected_time_clash"), 0);
        let lint = owner.get(&format!("{path}/lint")).expect(200);
        assert_eq!(lint["clashes"][0]["reason"]["reason"], reason);
        assert_eq!(lint["clashes"].as_array().unwrap().len(), 1, "the Fridays");
        // The same duty in the next version keeps its reason; another does not.
        put("2026-11-26T00:00:00Z", None).expect(201);
        assert_eq!(open(app, "protected_time_clash"), 0);
        let tuesdays = OneOrder::default().version(2, "2026-11-27T00:00:00Z");
        let body = json!({
            "reason": "variation", "note": "By the court.", "in_force_from": "2026-11-27T00:00:00Z",
            "conditions": tuesdays["conditions"],
        });
        owner.put(&format!("{path}/versions/{}", app.new_id()), &body).expect(201);
        assert_eq!(open(app, "protected_time_clash"), 1);
    });
}

#[test]
fn a_draft_that_is_made_is_all_that_the_court_said_and_keeps_what_the_draft_said() {
    on_each_database(|app| {
        let mut interim = another("ISPO/26/0001".to_owned());
        interim["kind"] = json!("interim");
        interim["ends_on"] = json!("2027-01-31");
        let mut draft = drafted(REFERENCE.to_owned(), None);
        draft["subject"] = interim["subject"].clone();
        draft["risk"] = json!("high");
        draft["making_force"] = json!("22");
        app.import(&file(&[interim, draft]));
        // Who works at none of the stations that the order will name.
        let by = app.supervisor_at("HEX");
        let orders = by.get("/orders").expect(200);
        let mut orders = orders["orders"].as_array().unwrap().iter();
        let id = orders.find(|it| it["reference"] == REFERENCE).unwrap()["order_id"].clone();
        let path = format!("/orders/{}", id.as_str().unwrap());
        let version = OneOrder::default().version(1, "2026-11-20T10:00:00Z");
        let making = json!({
            "court": "Hexwater Magistrates' Court", "made_on": "2026-11-20",
            "made_by": "conviction", "served_at": "2026-11-20T12:00:00Z", "ends_on": "2029-11-19",
            "takes_effect_on": "2026-11-25", "replaces": "ISPO/26/0001",
            "in_force_from": "2026-11-20T10:00:00Z", "conditions": version["conditions"],
        });

        by.put(&format!("{path}/making/{}", app.new_id()), &making).expect(201);

        let order = by.get(&path).expect(200);
        let said = ["court", "made_on", "made_by", "ends_on"];
        assert_eq!(said.map(|it| &order[it]), said.map(|it| &making[it]));
        assert_eq!(order["served_at"], "2026-11-20T12:00:00.000Z");
        assert_ne!(order["replaces_id"], Value::Null);
        assert_eq!(order["binds_from"], "2026-11-25T00:00:00.000Z", "it takes effect later");
        let kept = ["risk", "making_force", "managing_force"].map(|it| &order[it]);
        assert_eq!(kept, ["high", "22", "22"]);
    });
}

#[test]
fn a_draft_that_was_withdrawn_is_so_once_and_says_why() {
    on_each_database(|app| {
        app.import(&file(&[drafted(REFERENCE.to_owned(), None)]));
        let by = app.supervisor_at("ALD");
        let listed = by.get("/orders").expect(200);
        let path = format!("/orders/{}", listed["orders"][0]["order_id"].as_str().unwrap());
        let reason = json!({ "reason": "No case." });
        let to = format!("{path}/withdrawal/{}", app.new_id());
        by.put(&to, &reason).expect(201);
        by.put(&to, &reason).expect(201);
        by.put(&format!("{path}/withdrawal/{}", app.new_id()), &reason).refused("order-has-ended");
        let order = by.get(&path).expect(200);
        assert_eq!(
            (&order["status"], &order["end_reason"]),
            (&json!("withdrawn"), &json!("withdrawn"))
        );
        assert_eq!(order["ended_at"], "2026-11-23T09:00:00.000Z");
        let timeline = by.get(&format!("{path}/timeline")).expect(200).to_string();
        assert!(timeline.contains("The draft was withdrawn: No case."), "{timeline}");
    });
}

#[test]
fn a_version_counts_from_its_date_to_the_orders_last_day_and_renews_one_that_is_over() {
    on_each_database(|app| {
        let daily = |order: &OneOrder| {
            let order = OneOrder {
                rrule: Some("FREQ=DAILY"),
                ends_on: Some("2028-11-01"),
                starts_on: "2026-11-20",
                ..order.clone()
            };
            order.entry()
        };
        let (owner, path) = kept(app, daily);
        let next = |reason: &str, from: &str, closes: &'static str| {
            let order = OneOrder { rrule: Some("FREQ=DAILY"), closes, ..OneOrder::default() };
            json!({
                "reason": reason, "note": "By the court.", "in_force_from": from,
                "conditions": order.version(2, from)["conditions"],
            })
        };
        let put = |by: &Caller<'_>, body: &Value| {
            by.put(&format!("{path}/versions/{}", app.new_id()), body)
        };
        for (from, why) in
            [("2028-11-02T00:00:00Z", "last day"), ("2026-11-02T11:00:00Z", "on file")]
        {
            let refused = put(&owner, &next("variation", from, "13:00")).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], "/in_force_from");
            assert!(refused.to_string().contains(why), "{refused}");
        }
        put(&owner, &next("variation", "2026-11-26T00:00:00Z", "13:00")).expect(201);
        let mut for_two_days = next("variation", "2026-11-28T00:00:00Z", "14:00");
        for_two_days["conditions"][0]["valid_from"] = json!("2026-11-29");
        for_two_days["conditions"][0]["valid_until"] = json!("2026-11-30");
        put(&owner, &for_two_days).expect(201);
        app.sweep();
        let closing = "SELECT CAST(closes_at / 86400000 - 20757 AS TEXT) || ' ' || \
             CAST(closes_at / 3600000 % 24 AS TEXT) AS value FROM obligations \
             WHERE state <> 'cancelled' AND closes_at > 1795392000000 ORDER BY closes_at";
        // Days of November, and the hour in which each window closes.
        assert_eq!(
            app.sql().texts(closing),
            ["23 12", "24 12", "25 12", "26 13", "27 13", "29 14", "30 14"]
        );

        app.clock.set("2028-11-03T09:00:00Z");
        app.sweep();
        assert_eq!(open(app, "order_expiring"), 0, "it is over");
        let supervisor = app.supervisor_at("ALD");
        assert_eq!(supervisor.get(&path).expect(200)["status"], "expired");
        let mut renewal = next("renewal", "2028-11-04T00:00:00Z", "13:00");
        renewal["ends_on"] = json!("2028-12-31");
        put(&supervisor, &renewal).expect(201);
        let order = supervisor.get(&path).expect(200);
        assert_eq!(
            (&order["status"], &order["ends_on"]),
            (&json!("in_force"), &json!("2028-12-31"))
        );
        app.sweep();
        assert_eq!(open(app, "order_expiring"), 1, "the 60 days before the new end");
    });
}

#[test]
fn whoever_varies_an_order_that_named_no_station_may_still_know_of_it() {
    on_each_database(|app| {
        let mut entry = another(REFERENCE.to_owned());
        let sign_on = entry["versions"][0]["conditions"].take();
        let mut no_contact = sign_on[0].clone();
        no_contact["kind"] = json!("other");
        no_contact["polarity"] = json!("prohibition");
        no_contact.as_object_mut().unwrap().remove("sign_on");
        entry["versions"][0]["conditions"] = json!([no_contact]);
        app.import(&file(&[entry]));
        let by = app.supervisor_at("HEX");
        let listed = by.get("/orders").expect(200);
        let path = format!("/orders/{}", listed["orders"][0]["order_id"].as_str().unwrap());
        let body = json!({
            "reason": "variation", "note": "By the court.",
            "in_force_from": "2026-11-24T00:00:00Z", "conditions": sign_on,
        });
        by.put(&format!("{path}/versions/{}", app.new_id()), &body).expect(201);
        by.get(&path).expect(200);
        app.supervisor_at("THN").get(&path).refused("not-found");
    });
}

/// What only a person can check, with a plan and without one, and treatment that nobody arranged.
fn watched(order: &OneOrder) -> Value {
    let by_person = |label: &str| {
        json!({
            "label": label, "polarity": "prohibition", "kind": "other",
            "wording": "The defendant must not.", "plain_words": "Do not.",
        })
    };
    let mut planned = by_person("P1");
    planned["plan"] = json!({ "person": "PC Okafor", "review_on": "2026-11-30" });
    let mut entry = treated(entry_with(order, &[planned, by_person("P2")]), &[]);
    entry["versions"][0]["conditions"][3]["treatment"]["referred"] = json!(false);
    entry
}

#[test]
fn what_a_version_to_come_drops_is_looked_after_until_it_begins_and_not_a_day_longer() {
    for (from, is_dropped) in [("2026-11-29T00:00:00Z", true), ("2026-12-02T00:00:00Z", false)] {
        on_each_database(|app| {
            let (owner, path) = kept(app, watched);
            assert_eq!([open(app, "plan_missing"), open(app, "service_fault")], [2, 1]);
            let body = json!({
                "reason": "variation", "note": "By the court.", "in_force_from": from,
                "conditions": OneOrder::default().version(2, from)["conditions"],
            });
            owner.put(&format!("{path}/versions/{}", app.new_id()), &body).expect(201);
            app.clock.set("2026-11-28T23:59:59Z");
            app.sweep();
            assert_eq!([open(app, "plan_missing"), open(app, "service_fault")], [2, 1]);

            app.clock.set("2026-12-01T09:00:00Z");
            app.sweep();

            let found =
                ["plan_missing", "service_fault", "plan_review_due"].map(|it| open(app, it));
            let left = usize::from(!is_dropped);
            assert_eq!(found, [2 * left, left, left], "from {from}");
            app.clock.set("2026-12-02T00:00:00Z");
            app.sweep();
            let found =
                ["plan_missing", "service_fault", "plan_review_due"].map(|it| open(app, it));
            assert_eq!(found, [0, 0, 0], "from {from}");
        });
    }
}
