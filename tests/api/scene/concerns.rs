//! Reports of concern about the case, brought as far as each operation needs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{NOW, Scene};
use crate::harness::caller::{Caller, send};
use crate::operations::OPERATIONS;

/// From a sister who rings.
pub fn told(order: Option<Uuid>) -> Value {
    json!({
        "reporter": "family_member",
        "reported_at": NOW,
        "words": "He stood across the road from her work again and took pictures.",
        "about": "Terence Vane",
        "happened_at": "2026-11-23T17:40:00Z",
        "place": "Market Street",
        "order_id": order,
        "is_in_danger": false,
        "name": "Ines Quill",
        "contact": "07700 900123",
        "contact_safely": "Text first, never after six.",
    })
}

/// Through the public form.
pub fn public() -> Value {
    json!({
        "reporter": "family_member",
        "words": "He stood across the road from her work again and took pictures.",
        "about": "Terence Vane",
        "place": "Market Street",
        "is_in_danger": false,
        "name": "Ines Quill",
        "contact": "07700 900123",
        "contact_safely": "Text first, never after six.",
    })
}

/// What each act is sent with, by the last part of its address.
pub fn act(what: &str, to: Uuid) -> Value {
    match what {
        "triages" => json!({ "risk": "high" }),
        "allocations" => json!({ "to_account_id": to, "note": "Ring the shop first." }),
        "actions" => json!({ "action": "footage_viewed", "note": "Nobody on it." }),
        "conclusions" => {
            json!({ "outcome": "not_established", "rationale": "The camera was off that day." })
        }
        "sign-offs" => json!({ "is_agreed": true }),
        "updates" => json!({ "is_told": true, "note": "Rang her: nothing could be shown." }),
        "reviews" => json!({ "note": "Go on." }),
        "reopenings" => json!({ "reason": "A second camera has turned up." }),
        "links" => json!({ "to_concern_id": to, "note": "The same evening." }),
        other => panic!("{other} is nothing that is done with a report"),
    }
}

/// A report, and those who take it as far as is wanted.
struct Course<'a> {
    report: Uuid,
    supervisor: Caller<'a>,
    officer: Caller<'a>,
}

impl<'a> Course<'a> {
    fn begin(scene: &Scene<'a>) -> Self {
        let app = scene.app;
        let (supervisor, officer) = (app.supervisor_at("ALD"), app.officer_at("ALD"));
        let course = Self { report: app.new_id(), supervisor, officer };
        course.another(scene, course.report);
        course
    }

    fn another(&self, scene: &Scene<'_>, id: Uuid) {
        let told = told(Some(scene.ids["order_id"]));
        self.supervisor.put(&format!("/concerns/{id}"), &told).expect(201);
    }

    fn by(&self, who: &Caller<'_>, what: &str, to: Uuid) -> u16 {
        let path = format!("/concerns/{}/{what}/{}", self.report, who.app.new_id());
        who.put(&path, &act(what, to)).status
    }

    /// Given to the caller if it can be, because officers do only what they were given.
    fn allocated_to(&self, caller: &Caller<'_>) {
        assert_eq!(self.by(&self.supervisor, "triages", Uuid::nil()), 201);
        let is_given = self.by(&self.supervisor, "allocations", caller.account.id.uuid()) == 201;
        let officer = self.officer.account.id.uuid();
        assert!(is_given || self.by(&self.supervisor, "allocations", officer) == 201);
    }

    fn done(&self, acts: &[&str]) {
        for what in acts {
            let is_overseen = matches!(*what, "triages" | "allocations" | "sign-offs");
            let who = if is_overseen { &self.supervisor } else { &self.officer };
            assert_eq!(self.by(who, what, self.officer.account.id.uuid()), 201, "{what}");
        }
    }
}

/// Puts a report on file, as far as the operation needs it.
fn begun(scene: &Scene<'_>, id: &str, caller: &Caller<'_>) -> Uuid {
    let course = Course::begin(scene);
    match id {
        "allocate_concern" => course.done(&["triages"]),
        "record_concern_action" | "update_reporter" => course.allocated_to(caller),
        "conclude_concern" => {
            course.allocated_to(caller);
            assert_eq!(course.by(&course.supervisor, "actions", Uuid::nil()), 201);
        }
        "sign_off_concern" => {
            course.done(&["triages", "allocations", "actions", "conclusions"]);
        }
        "reopen_concern" => course.done(&[
            "triages",
            "allocations",
            "actions",
            "conclusions",
            "sign-offs",
            "updates",
        ]),
        _ => {}
    }
    course.report
}

pub fn body(
    scene: &Scene<'_>,
    id: &str,
    caller: &Caller<'_>,
    ids: &mut BTreeMap<&'static str, Uuid>,
) -> Option<Value> {
    let app = scene.app;
    let what = match id {
        "submit_concern" | "follow_concern" => {
            // Whoever was asked before has reported from here, too.
            app.sql().execute("DELETE FROM throttles");
            if id == "submit_concern" {
                return Some(public());
            }
            let json = [("content-type", "application/json")];
            let body = public().to_string();
            let to = ("POST", "/api/v1/public/concerns");
            let receipt = send(app.address, to, &json, Some(body.as_bytes())).expect(201);
            return Some(json!({ "reference": receipt["reference"], "secret": receipt["secret"] }));
        }
        "record_concern" => {
            ids.insert("concern_id", app.new_id());
            return Some(told(Some(scene.ids["order_id"])));
        }
        "list_concerns" | "get_concern" => "",
        "triage_concern" => "triages",
        "allocate_concern" => "allocations",
        "record_concern_action" => "actions",
        "conclude_concern" => "conclusions",
        "sign_off_concern" => "sign-offs",
        "update_reporter" => "updates",
        "review_concern" => "reviews",
        "reopen_concern" => "reopenings",
        "link_concern" => "links",
        _ => return None,
    };
    // In the scene of nothing there is none, and whoever may not ask needs none.
    let row = OPERATIONS.iter().find(|row| row.id == id).unwrap();
    let is_needed = row.roles.contains(&caller.account.role) && !scene.ids["order_id"].is_nil();
    let report = if is_needed { begun(scene, id, caller) } else { Uuid::nil() };
    ids.insert("concern_id", report);
    ids.insert("act_id", app.new_id());
    let to = match what {
        "" => return None,
        "links" if is_needed => begun(scene, id, caller),
        "allocations" => app.officer_at("ALD").account.id.uuid(),
        _ => Uuid::nil(),
    };
    Some(act(what, to))
}
