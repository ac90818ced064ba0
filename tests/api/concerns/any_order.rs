//! Whatever is done with reports, by whomever and in whatever order: none is closed that the nightly look,
//! which knows nothing of the rules, would not call investigated.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use crate::harness::caller::Caller;
use crate::harness::on_each_database;
use crate::scene::concerns::act;

const REPORTS: usize = 6;
const STEPS: usize = 60;

const ACTS: [&str; 9] = [
    "triages",
    "allocations",
    "actions",
    "conclusions",
    "sign-offs",
    "updates",
    "reviews",
    "reopenings",
    "links",
];

/// What would come next if all went well; now and then something else.
fn next<'a>(status: &str, below: &dyn Fn(u64) -> usize) -> &'a str {
    if below(3) == 0 {
        return ACTS[below(9)];
    }
    match status {
        "new" => "triages",
        "triaged" => "allocations",
        "allocated" => ["actions", "conclusions"][below(2)],
        "awaiting_sign_off" => "sign-offs",
        "awaiting_update" => "updates",
        _ => "reopenings",
    }
}

fn body(what: &str, to: Uuid, below: &dyn Fn(u64) -> usize) -> Value {
    match what {
        "sign-offs" => json!({ "is_agreed": below(4) > 0, "note": "Looked through." }),
        "updates" => json!({ "is_told": below(2) == 0, "note": "Could not be reached." }),
        _ => act(what, to),
    }
}

#[test]
fn in_whatever_order_things_are_done_nothing_is_closed_that_was_not_investigated() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let identity = holdfast::identity::Identity::seeded(11);
        let below = |bound: u64| usize::try_from(identity.below(bound)).unwrap();
        let people: [&Caller<'_>; 4] =
            [&desk.supervisor, &desk.other_supervisor, &desk.owner, &desk.officer];
        let reports: Vec<Uuid> = (0..REPORTS).map(|_| desk.told()).collect();
        let mut statuses = vec!["new".to_owned(); REPORTS];
        let (mut closed, mut refused) = (0, 0);
        for _ in 0..REPORTS * STEPS {
            let at = below(6);
            let what = next(&statuses[at], &below);
            let to = if what == "links" {
                reports[below(6)]
            } else {
                people[below(4)].account.id.uuid()
            };
            let answer = desk.send(people[below(4)], reports[at], what, &body(what, to, &below));
            assert!(answer.status < 500, "{what}: {answer:?}");
            if answer.status != 201 {
                refused += 1;
                continue;
            }
            let status = answer.json["status"].as_str().unwrap().to_owned();
            if status == "closed" && statuses[at] != "closed" {
                closed += 1;
            }
            statuses[at] = status;
            assert_eq!(desk.violations(), 0, "after {what} by whoever it was");
        }
        assert!(closed > 5, "{closed}");
        assert!(refused > 50, "{refused}");
        assert_eq!(app.count("concern_reports"), i64::try_from(REPORTS).unwrap());
    });
}
