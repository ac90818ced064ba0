//! What has to be done beside sign-ons: who has it, until when, and that it does not go away by itself.

mod events;
mod late;
mod life;

use compliance::instant::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};
use crate::scene::tasks::{answer, by_hand, entered, reviewed, told};

/// An order that a court made this Monday morning, on file an hour later.
pub struct Made<'a> {
    app: &'a TestApp,
    owner: Caller<'a>,
    sergeant: Caller<'a>,
    order: String,
    _phones: PushService,
}

/// Made at 08:00 on Monday 23 November 2026, and not served yet.
pub fn made_today(order: &OneOrder) -> Value {
    let mut entry = order.entry();
    entry["made_on"] = json!("2026-11-23");
    entry["served_at"] = Value::Null;
    entry["versions"][0]["in_force_from"] = json!("2026-11-23T08:00:00Z");
    entry
}

impl<'a> Made<'a> {
    pub fn at_risk(app: &'a TestApp, risk: &'static str) -> Self {
        app.import(&file(&[]));
        let (owner, sergeant, phones) =
            (app.owner(), app.supervisor_at("ALD"), PushService::start());
        Phone::of(&owner, &phones);
        Phone::of(&sergeant, &phones);
        let order = OneOrder { risk, ..OneOrder::owned_by(&owner.account.username) };
        app.import(&file(&[made_today(&order)]));
        app.sweep();
        let orders = owner.get("/orders").expect(200);
        let order = orders["orders"][0]["order_id"].as_str().unwrap().to_owned();
        Self { app, owner, sergeant, order, _phones: phones }
    }

    pub fn now(&self) -> String {
        self.app.clock.now().to_rfc3339()
    }

    pub fn after(&self, ms: i64) {
        self.app.clock.advance(ms);
        self.app.sweep();
    }

    /// Kind, cause, state and when it is due, of every task in a state.
    pub fn tasks(&self, state: &str) -> Vec<[String; 3]> {
        self.list(&format!("state={state}"))
            .iter()
            .map(|task| {
                ["kind", "cause", "due_at"].map(|name| task[name].as_str().unwrap().to_owned())
            })
            .collect()
    }

    pub fn list(&self, query: &str) -> Vec<Value> {
        let list = self.owner.get(&format!("/tasks?{query}")).expect(200);
        list["tasks"].as_array().unwrap().clone()
    }

    #[track_caller]
    pub fn task(&self, state: &str, kind: &str, cause: &str) -> Value {
        let all = self.list(&format!("state={state}&kind={kind}"));
        let found: Vec<_> = all.into_iter().filter(|task| task["cause"] == cause).collect();
        assert_eq!(found.len(), 1, "{kind} {cause}: {found:?}");
        found[0].clone()
    }

    pub fn complete(&self, task: &Value, body: &Value) -> String {
        let record = self.app.new_id().to_string();
        let id = task["task_id"].as_str().unwrap();
        self.owner.put(&format!("/tasks/{id}/completions/{record}"), body).expect(201);
        record
    }

    pub fn put(&self, what: &str, body: &Value) -> String {
        let record = self.app.new_id().to_string();
        let path = format!("/orders/{}/{what}/{record}", self.order);
        self.owner.put(&path, body).expect(201);
        record
    }

    pub fn served(&self, happened_at: &str) -> String {
        let body = json!({
            "happened_at": happened_at, "outcome": "served", "method": "in_person",
            "place": "At the station", "served_by": "PC Ines Okafor", "proof": "Statement",
        });
        self.put("service-attempts", &body)
    }

    pub fn mistaken(&self, record: &str) {
        let path = format!("/records/{record}/supersession");
        self.sergeant.put(&path, &json!({ "reason": "Another person's." })).expect(200);
    }

    pub fn open_alerts(&self, kind: &str) -> Vec<compliance::Instant> {
        let open = self.app.alerts().into_iter().filter(|alert| alert.close_reason.is_none());
        open.filter(|alert| alert.kind.to_string() == kind).map(|alert| alert.concerns_at).collect()
    }

    pub fn figure(&self, name: &str) -> Option<f64> {
        let path = "/supervision/figures?from=2026-11-16&until=2026-12-31";
        let all = self.sergeant.get(path).expect(200);
        let all = all["figures"].as_array().unwrap().clone();
        all.iter().find(|it| it["group"] == "tasks" && it["name"] == name).unwrap()["value"]
            .as_f64()
    }
}

pub fn with_made(test: impl Fn(&Made<'_>)) {
    on_each_database(|app| test(&Made::at_risk(app, "standard")));
}

fn row(kind: &str, cause: &str, due_at: &str) -> [String; 3] {
    [kind.to_owned(), cause.to_owned(), due_at.to_owned()]
}

#[test]
fn an_order_that_was_made_asks_for_the_pnc_in_a_day_the_victim_in_five_and_a_review_in_a_month() {
    with_made(|made| {
        let open = [
            row("pnc_update", "made", "2026-11-24T08:00:00.000Z"),
            row("victim_update", "made", "2026-12-01T00:00:00.000Z"),
            row("order_review", "review_due", "2026-12-25T00:00:00.000Z"),
        ];
        assert_eq!(made.tasks("open"), open);
        let victim = made.task("open", "victim_update", "made");
        assert_eq!(victim["says"], "Tell the victim that the order was made.");
        assert_eq!(
            victim["arithmetic"],
            "5 working days after Mon 23 Nov 2026: Mon 30 Nov 23:59:59"
        );
        assert_eq!(victim["basis"], "Victims' Code, Right 6");
        assert_eq!(victim["owner_name"], made.owner.account.display_name);
        assert_eq!(victim["is_overdue"], false);
        // A file that comes again, and a sweep, change nothing.
        let order = OneOrder::owned_by(&made.owner.account.username);
        made.app.import(&file(&[made_today(&order)]));
        made.app.sweep();
        assert_eq!(made.tasks("open"), open);
        assert_eq!(made.app.check(), [""; 0]);
    });
}

#[test]
fn at_high_risk_the_victim_is_told_the_next_working_day_and_the_review_is_weekly() {
    on_each_database(|app| {
        let made = Made::at_risk(app, "high");
        assert_eq!(
            made.tasks("open"),
            [
                row("pnc_update", "made", "2026-11-24T08:00:00.000Z"),
                row("victim_update", "made", "2026-11-25T00:00:00.000Z"),
                row("order_review", "review_due", "2026-12-01T00:00:00.000Z"),
            ]
        );
    });
}

#[test]
fn a_task_that_is_done_says_by_whom_when_and_how_and_the_same_again_is_harmless() {
    with_made(|made| {
        let victim = made.task("open", "victim_update", "made");
        let id = victim["task_id"].as_str().unwrap();
        let path = format!("/tasks/{id}/completions/{}", made.app.new_id());
        let body = told("2026-11-23T08:30:00Z");
        let record = made.owner.put(&path, &body).expect(201);
        assert_eq!(
            record["says"],
            "Tell the victim that the order was made. The victim was told, phone."
        );
        assert_eq!(made.owner.put(&path, &body).expect(201), record);
        made.owner.put(&path, &told("2026-11-23T08:31:00Z")).refused("record-conflict");
        let other = answer(
            "victim_update",
            json!({ "was_told": true, "how": "letter", "told_by": "PC Ines Okafor" }),
            "2026-11-23T08:30:00Z",
        );
        made.owner.put(&path, &other).refused("record-conflict");
        let again = format!("/tasks/{id}/completions/{}", made.app.new_id());
        made.owner.put(&again, &body).refused("case-not-ready");

        let done = made.owner.get(&format!("/tasks/{id}")).expect(200);
        assert_eq!(done["task"]["state"], "done");
        assert_eq!(done["task"]["done_at"], "2026-11-23T08:30:00.000Z");
        assert_eq!(done["task"]["was_done"], true);
        let record = &done["records"][0];
        assert_eq!(record["recorded_by_name"], made.owner.account.display_name);
        assert_eq!(
            record["answer"]["victim_update"],
            json!({ "was_told": true, "how": "phone", "told_by": "PC Ines Okafor" })
        );
        made.complete(&made.task("open", "pnc_update", "made"), &entered("2026-11-23T09:00:00Z"));
        assert_eq!(made.tasks("open").len(), 1, "the review");
        assert_eq!(made.figure("victim_updates_on_time_share"), Some(1.0));
        assert_eq!(made.figure("pnc_within_24_hours"), Some(1.0));
        assert_eq!(made.figure("live_orders_without_pnc_reference"), Some(0.0));
    });
}

#[test]
fn a_victim_who_is_not_told_is_not_counted_as_told() {
    with_made(|made| {
        let victim = made.task("open", "victim_update", "made");
        let why = json!({ "was_told": false, "reason": "Asked not to be contacted." });
        let body = answer("victim_update", why, &made.now());
        made.complete(&victim, &body);
        let done = made.task("done", "victim_update", "made");
        assert_eq!(done["was_done"], false);
        assert_eq!(made.figure("victim_updates_not_told"), Some(1.0));
        assert_eq!(made.figure("victim_updates_on_time_share"), None);
    });
}

#[test]
fn an_answer_that_does_not_answer_names_its_field() {
    with_made(|made| {
        let id = |kind: &str, cause: &str| {
            made.task("open", kind, cause)["task_id"].as_str().unwrap().to_owned()
        };
        let victim = id("victim_update", "made");
        let review = id("order_review", "review_due");
        let now = "2026-11-23T09:00:00Z";
        let part = |value: Value| answer("victim_update", value, now);
        let rows = [
            (&victim, entered(now), "/answer/victim_update"),
            (&victim, json!({ "happened_at": now, "answer": {} }), "/answer"),
            (&victim, told("2026-11-23T09:00:00.001Z"), "/happened_at"),
            (&victim, told("2026-11-22T23:59:59Z"), "/happened_at"),
            (
                &victim,
                part(json!({ "was_told": true, "told_by": "A" })),
                "/answer/victim_update/how",
            ),
            (&victim, part(json!({ "was_told": false })), "/answer/victim_update/reason"),
            (
                &victim,
                part(json!({ "was_told": true, "how": "phone" })),
                "/answer/victim_update/told_by",
            ),
            (
                &victim,
                part(json!({ "was_told": true, "how": "pigeon", "told_by": "A" })),
                "/answer/victim_update/how",
            ),
            (&review, reviewed(now, "2026-11-23"), "/answer/order_review/next_on"),
            (&review, reviewed(now, "2026-12-25"), "/answer/order_review/next_on"),
        ];
        for (task, body, pointer) in rows {
            let path = format!("/tasks/{task}/completions/{}", made.app.new_id());
            let refused = made.owner.put(&path, &body).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
        }
        let counter = made.app.officer_at("ALD");
        let path = format!("/tasks/{review}/completions/{}", made.app.new_id());
        counter.put(&path, &reviewed(now, "2026-12-01")).refused("role-may-not");
        assert_eq!(made.tasks("done").len(), 0);
    });
}

#[test]
fn lists_are_of_the_caller_of_a_station_or_of_all_and_come_in_pages() {
    with_made(|made| {
        let station = made.app.station("ALD");
        let hex = made.app.station("HEX");
        let count = |by: &Caller<'_>, query: &str| {
            by.get(&format!("/tasks?{query}")).expect(200)["tasks"].as_array().unwrap().len()
        };
        assert_eq!(count(&made.owner, "mine=true"), 3);
        assert_eq!(count(&made.sergeant, "mine=true"), 0);
        assert_eq!(count(&made.sergeant, &format!("station_id={station}")), 3);
        assert_eq!(count(&made.sergeant, &format!("station_id={hex}")), 0);
        assert_eq!(count(&made.app.supervisor_at("HEX"), ""), 0, "not theirs to know");
        assert_eq!(count(&made.owner, "due_before=2026-12-01T00:00:00Z"), 1);
        assert_eq!(count(&made.owner, "due_before=2026-12-01T00:00:00.001Z"), 2);
        let first = made.owner.get("/tasks?limit=2").expect(200);
        let next = first["next"].as_str().unwrap();
        let second = made.owner.get(&format!("/tasks?limit=2&after={next}")).expect(200);
        let kinds = [&first, &second].map(|page| page["tasks"].as_array().unwrap().len());
        assert_eq!((kinds, &second["next"]), ([2, 1], &Value::Null));
        made.owner.get("/tasks?after=nothing").refused("invalid-parameter");
    });
}

#[test]
fn reviews_follow_each_other_on_the_days_that_were_agreed() {
    with_made(|made| {
        made.after(2 * DAY_MS);
        let first = made.task("open", "order_review", "review_due");
        let record = made.complete(&first, &reviewed(&made.now(), "2026-12-05"));
        let second = made.task("open", "order_review", "review_due");
        assert_eq!(second["due_at"], "2026-12-06T00:00:00.000Z");
        assert_eq!(second["arithmetic"], "as the last review agreed: Sat 5 Dec 23:59:59");
        // The first was no review: it is asked for again, and the second is not.
        made.mistaken(&record);
        let again = made.task("open", "order_review", "review_due");
        assert_eq!(again["task_id"], first["task_id"]);
        let cancelled = made.task("cancelled", "order_review", "review_due");
        assert_eq!(cancelled["task_id"], second["task_id"]);
        assert_eq!(cancelled["cancel_reason"], "entered_in_error");
        made.complete(&again, &reviewed(&made.now(), "2026-12-10"));
        let second = made.task("open", "order_review", "review_due");
        assert_eq!(
            (&second["task_id"], &second["due_at"]),
            (&cancelled["task_id"], &json!("2026-12-11T00:00:00.000Z"))
        );
        made.put("end", &json!({ "happened_at": made.now(), "reason": "discharged" }));
        let over = made.task("cancelled", "order_review", "review_due");
        assert_eq!(over["cancel_reason"], "order_over");
    });
}

#[test]
fn a_task_by_hand_is_asked_for_done_and_taken_back_like_any_other() {
    with_made(|made| {
        let id = made.app.new_id();
        let path = format!("/orders/{}/tasks/{id}", made.order);
        let added = made.sergeant.put(&path, &by_hand()).expect(201);
        assert_eq!(made.sergeant.put(&path, &by_hand()).expect(201), added);
        let task = made.task("open", "by_hand", "asked");
        assert_eq!(task["owner_name"], made.owner.account.display_name);
        let mut early = by_hand();
        early["due_at"] = json!(made.now());
        let other = format!("/orders/{}/tasks/{}", made.order, made.app.new_id());
        made.sergeant.put(&other, &early).refused("invalid-field");
        early["kind"] = json!("victim_update");
        made.sergeant.put(&other, &early).refused("invalid-field");
        // The id of a task that the service asked for by itself.
        let own = made.task("open", "pnc_update", "made");
        let own = format!("/orders/{}/tasks/{}", made.order, own["task_id"].as_str().unwrap());
        made.sergeant.put(&own, &by_hand()).refused("record-conflict");
        let note = json!({ "note": "The school was rung." });
        let record = made.complete(&task, &answer("by_hand", note, &made.now()));
        let held = format!("/records/{id}/supersession");
        made.sergeant.put(&held, &json!({ "reason": "No." })).refused("cannot-supersede");
        made.mistaken(&record);
        made.mistaken(&id.to_string());
        let task = made.task("cancelled", "by_hand", "asked");
        assert_eq!(task["cancel_reason"], "entered_in_error");
    });
}

#[test]
fn nothing_that_is_told_of_a_task_names_a_protected_person() {
    with_made(|made| {
        made.after(30 * DAY_MS + HOUR_MS);
        let texts: Vec<String> = made
            .app
            .sql()
            .texts("SELECT says AS value FROM tasks")
            .into_iter()
            .chain(made.app.alerts().into_iter().map(|alert| alert.detail))
            .collect();
        assert!(texts.iter().any(|text| text.contains("the victim")));
        assert!(texts.iter().all(|text| !text.contains("Vane")), "{texts:?}");
    });
}
