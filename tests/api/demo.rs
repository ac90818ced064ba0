//! The training environment holds one of everything that the service can do, whatever the day.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read};

use compliance::Word;
use compliance::alert::AlertKind;
use compliance::concern_report::ReportStatus;
use compliance::order_kind::OrderKind;
use serde_json::Value;

use crate::commands::{Serving, said};
use crate::harness::caller::send;
use crate::scene::credentials;

/// The demo, where its records are, and who is signed in.
struct Demo {
    database: String,
    serving: Serving,
    auditor: String,
    control_room: String,
    supervisor: String,
    orders: Vec<Value>,
}

impl Demo {
    fn start(arguments: &[&str]) -> Self {
        let listen = ["demo", "--listen", "127.0.0.1:0"];
        let mut serving = Serving::start(&[&listen, arguments].concat(), &[]);
        let mut lines = serving.out.by_ref().lines().map(Result::unwrap);
        let mut after = |word: &str| {
            let line = lines.find(|line| line.trim_start().starts_with(word)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let database = format!("sqlite:{}/demo.sqlite", after("data"));
        let password = &after("password");
        let sign_in = |username: &str| {
            let body = credentials(username, password, "bearer").to_string();
            let json = [("content-type", "application/json")];
            let to = ("POST", "/api/v1/session");
            let session = send(serving.address, to, &json, Some(body.as_bytes())).expect(201);
            format!("Bearer {}", session["token"].as_str().unwrap())
        };
        let (auditor, control_room) = (sign_in("auditor"), sign_in("control.room"));
        let supervisor = sign_in("ruth.adeyemi");
        let orders = Vec::new();
        let mut demo = Self { database, serving, auditor, control_room, supervisor, orders };
        demo.orders = listed(&demo.read("/orders?limit=500")["orders"]).to_vec();
        demo
    }

    #[track_caller]
    fn get(&self, token: &str, path: &str) -> Value {
        let path = format!("/api/v1{path}");
        let headers = [("authorization", token)];
        send(self.serving.address, ("GET", &path), &headers, None).expect(200)
    }

    #[track_caller]
    fn read(&self, path: &str) -> Value {
        self.get(&self.auditor, path)
    }

    /// What every order answers there.
    fn of_orders(&self, what: &str) -> Vec<Value> {
        let path = |order: &Value| format!("/orders/{}{what}", order["order_id"].as_str().unwrap());
        self.orders.iter().map(|order| self.read(&path(order))).collect()
    }
}

fn listed(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The lists under a name, as one.
fn all<'v>(of: &'v [Value], name: &str) -> Vec<&'v Value> {
    of.iter().flat_map(|it| listed(&it[name])).collect()
}

/// How many have each word under a name.
fn counts<'v>(of: impl IntoIterator<Item = &'v Value>, name: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for it in of {
        *counts.entry(it[name].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

#[track_caller]
fn assert_counts(counts: &BTreeMap<String, usize>, expected: &[(&str, usize)]) {
    let expected = expected.iter().map(|(word, count)| ((*word).to_owned(), *count));
    assert_eq!(*counts, expected.collect());
}

/// What an officer sees before they meet somebody.
fn check_persons(demo: &Demo) {
    let subjects: Vec<Value> = demo.orders.iter().map(|it| it["subject"].clone()).collect();
    let warned = counts(all(&subjects, "warnings"), "kind");
    assert!(warned.len() > 7 && !warned.contains_key("contagious"), "{warned:?}");
    let photos: BTreeSet<&str> = subjects.iter().filter_map(|it| it["photo_id"].as_str()).collect();
    assert_eq!(photos.len(), 40);
    let path = format!("/api/v1/photos/{}", photos.first().unwrap());
    let headers = [("authorization", demo.auditor.as_str())];
    let photo = send(demo.serving.address, ("GET", &path), &headers, None);
    assert_eq!((photo.status, photo.header("content-type")), (200, Some("image/png")));
    assert!(photo.bytes.len() < 4_000, "{}", photo.bytes.len());
}

fn check_orders(demo: &Demo) {
    let kinds = counts(&demo.orders, "kind");
    let is_english = |kind: &&OrderKind| !kind.as_str().ends_with("_ni");
    let english: Vec<_> =
        OrderKind::ALL.iter().filter(is_english).map(|kind| kind.as_str()).collect();
    assert_eq!(
        kinds.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        english.into_iter().collect()
    );
    let mut statuses = counts(&demo.orders, "status");
    assert!(statuses.remove("in_force").unwrap() > 50);
    assert_counts(&statuses, &[("drafted", 1), ("made", 1), ("superseded", 1)]);
    let subjects = demo.orders.iter().map(|order| order["subject"]["subject_id"].to_string());
    assert_eq!(subjects.collect::<BTreeSet<_>>().len(), 60);
    assert_eq!(demo.orders.iter().filter(|order| order["is_owned"] == false).count(), 2);

    let whole = demo.of_orders("");
    let count = |is: &dyn Fn(&&Value) -> bool| whole.iter().filter(is).count();
    assert_eq!(count(&|it| it["is_appeal_pending"] == true && it["is_binding"] == false), 1);
    assert_eq!(count(&|it| it["replaces_id"].is_string()), 1);
    assert_eq!(count(&|it| it["end_reason"] == "replaced"), 1);
    assert_counts(
        &counts(all(&whole, "service_attempts"), "outcome"),
        &[("not_found", 1), ("wrong_address", 1)],
    );
    assert!(all(&whole, "versions").iter().any(|it| it["reason"] == "variation"));
}

fn check_devices(demo: &Demo) {
    let files = demo.of_orders("/devices");
    assert!(files.iter().filter(|file| !listed(&file["devices"]).is_empty()).count() >= 4);
    let registered = counts(all(&files, "devices"), "registered");
    assert_counts(&registered, &[("declared_by_subject", 6), ("found", 1)]);
    let states = counts(all(&files, "requests"), "state");
    let each = ["missed", "not_proved_communicated", "presented", "waiting"];
    assert_counts(&states, &each.map(|state| (state, 1)));
    assert_eq!(all(&files, "examinations").len(), 1);
}

fn check_terms(demo: &Demo) {
    let linted = demo.of_orders("/lint");
    let warnings = all(&linted, "warnings");
    let codes = counts(warnings.iter().copied(), "code");
    assert!(!codes.contains_key("home_not_known"), "{codes:?}");
    let is_ahead = |it: &&&Value| it["why"].as_str().unwrap().contains("front entrance");
    let ahead: Vec<_> = warnings.iter().filter(is_ahead).collect();
    assert!(ahead.iter().all(|it| it["code"] == "station_closed") && !ahead.is_empty());
    let clashes = all(&linted, "clashes");
    let reasons: Vec<bool> = clashes.iter().map(|it| it["reason"].is_object()).collect();
    assert_eq!((reasons.len(), reasons.iter().filter(|it| **it).count()), (2, 1), "{clashes:?}");
}

fn check_happenings(demo: &Demo) {
    let timelines = demo.of_orders("/timeline");
    let says: Vec<&str> =
        all(&timelines, "events").iter().map(|it| it["says"].as_str().unwrap()).collect();
    let is_said = |words: &[&str]| says.iter().any(|it| words.iter().all(|word| it.contains(word)));
    assert!(is_said(&["Missed sign-on", "No heating"]), "nobody found the station closed");
    assert!(is_said(&["On record as custody"]) && is_said(&["On record as hospital"]));
    assert!(is_said(&["Transfer to force"]));
    assert!(is_said(&["Appeal dismissed"]));

    let sessions = demo.of_orders("/sessions");
    let sessions = all(&sessions, "sessions");
    let states = counts(sessions.iter().copied(), "state");
    for state in ["ahead", "compliant", "non_compliant", "outcome_missing", "service_fault"] {
        assert!(states.contains_key(state), "{state}: {states:?}");
    }
    let codes = counts(sessions.iter().map(|session| &session["outcome"]), "code");
    for code in ["AAME", "AFTA", "AFTC", "ATTC", "RSSR", "UAAB"] {
        assert!(codes.contains_key(code), "{code}: {codes:?}");
    }
    assert!(sessions.iter().any(|session| session["evidence"] == "accepted"));
    assert_eq!(sessions.iter().filter(|it| it["times_moved"] == 1).count(), 1);
    let by_provider = |it: &&&Value| it["appointment"] == "cancelled_by_provider";
    assert_eq!(sessions.iter().filter(by_provider).count(), 1);
    let providers = demo.get(&demo.supervisor, "/providers");
    let links = listed(&providers["providers"]).iter().map(|it| {
        demo.get(
            &demo.supervisor,
            &format!("/providers/{}/links", it["provider_id"].as_str().unwrap()),
        )
    });
    assert_eq!(links.map(|it| listed(&it["links"]).len()).sum::<usize>(), 1);

    let notified = demo.of_orders("/notifications");
    let given = all(&notified, "given");
    assert!(given.iter().filter(|it| it["receipt_number"].is_string()).count() > 40);
}

/// Each alert that the demo has or had.
const RAISED: [AlertKind; 33] = [
    AlertKind::MissedSignOn,
    AlertKind::MissedSignOnToVerify,
    AlertKind::AttendedEarly,
    AlertKind::AttendedLate,
    AlertKind::WrongPlace,
    AlertKind::WrongPerson,
    AlertKind::IdentityConcern,
    AlertKind::HeldOnPhone,
    AlertKind::OrderUnserved,
    AlertKind::OrderServiceOverdue,
    AlertKind::OrderUnowned,
    AlertKind::OrderExpiring,
    AlertKind::TermsConflict,
    AlertKind::TransferUnanswered,
    AlertKind::StatusPeriodEnded,
    AlertKind::PlanReviewDue,
    AlertKind::PlanMissing,
    AlertKind::ConditionNotKept,
    AlertKind::ProtectedTimeClash,
    AlertKind::OutcomeMissing,
    AlertKind::SessionNotComplied,
    AlertKind::EvidenceOverdue,
    AlertKind::ServiceFault,
    AlertKind::DeviceNotPresented,
    AlertKind::RequestNotProved,
    AlertKind::DeviceSuspicion,
    AlertKind::NotificationOverdue,
    AlertKind::ZoneEntered,
    AlertKind::ZoneUncertain,
    AlertKind::ConcernReported,
    AlertKind::ReportUntriaged,
    AlertKind::ReportReviewDue,
    AlertKind::TaskOverdue,
];

/// What nobody has decided yet: there is something to do.
const WAITING: [AlertKind; 10] = [
    AlertKind::ConditionNotKept,
    AlertKind::DeviceNotPresented,
    AlertKind::DeviceSuspicion,
    AlertKind::MissedSignOn,
    AlertKind::MissedSignOnToVerify,
    AlertKind::PlanReviewDue,
    AlertKind::ProtectedTimeClash,
    AlertKind::RequestNotProved,
    AlertKind::TransferUnanswered,
    AlertKind::ZoneUncertain,
];

fn check_alerts(demo: &Demo) {
    let in_state = |state: &str| {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/alerts?state={state}&limit=500&after={after}");
            let page = demo.get(&demo.control_room, &path);
            found.extend(listed(&page["alerts"]).iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => return found,
            }
        }
    };
    let (triggered, taken) = (in_state("triggered"), in_state("acknowledged"));
    assert!(!triggered.is_empty() && !taken.is_empty());
    let waiting = counts(triggered.iter().chain(&taken), "kind");
    for kind in WAITING {
        assert!(waiting.contains_key(kind.as_str()), "{kind}: {waiting:?}");
    }
    let closed = in_state("closed");
    let kinds = counts(triggered.iter().chain(&taken).chain(&closed), "kind");
    for kind in RAISED {
        assert!(kinds.contains_key(kind.as_str()), "{kind}: {kinds:?}");
    }
    let reasons = counts(&closed, "close_reason");
    for reason in ["no_further_action", "service_fault", "resolved", "attendance_found"] {
        assert!(reasons.contains_key(reason), "{reason}: {reasons:?}");
    }
    let attention = demo.read("/supervision/attention");
    let mut unanswered = counts(listed(&attention["unanswered"]["warnings"]), "kind");
    let tasks = unanswered.remove("task_overdue").unwrap_or_default();
    assert!((1..30).contains(&tasks), "{tasks}");
    assert_counts(
        &unanswered,
        &[("plan_missing", 2), ("plan_review_due", 1), ("protected_time_clash", 1)],
    );
}

fn check_concerns(demo: &Demo) {
    let listed_as = |status: &ReportStatus| {
        let found = demo.get(&demo.control_room, &format!("/concerns?status={status}"));
        (status.as_str(), listed(&found["concerns"]).len())
    };
    let counts: Vec<_> = ReportStatus::ALL.iter().map(listed_as).collect();
    let expected = [
        ("new", 2),
        ("triaged", 1),
        ("allocated", 2),
        ("awaiting_sign_off", 1),
        ("awaiting_update", 1),
        ("closed", 1),
    ];
    assert_eq!(counts, expected);
    let open = demo.get(&demo.control_room, "/concerns");
    let open = listed(&open["concerns"]);
    assert_eq!(open.iter().filter(|it| it["order_id"].is_null()).count(), 1);
    let linked: Vec<_> = open.iter().filter(|it| it["linked_to_id"].is_string()).collect();
    assert_eq!(linked.len(), 1);
    let id = linked[0]["concern_id"].as_str().unwrap();
    let file = demo.get(&demo.control_room, &format!("/concerns/{id}"));
    assert!(!listed(&file["context"]["patterns"]).is_empty());
}

/// Some misses came to more than a decision, and some of that is still open.
fn check_outcomes(demo: &Demo) {
    let week = demo.read("/supervision/figures");
    let of = |name: &str| {
        let (group, name) = name.split_once(' ').unwrap();
        let mut all = listed(&week["figures"]).iter();
        let found = all.find(|it| it["group"] == group && it["name"] == name);
        found.and_then(|it| it["value"].as_f64()).unwrap_or_default()
    };
    for name in ["excuses accepted", "excuses rejected", "breach_dispositions arrested"] {
        assert!(of(name) >= 1.0, "{name}: {week:#}");
    }
    for name in ["excuses claimed", "breach_cases suspected", "breach_cases awaiting_authorisation"]
    {
        assert!(of(name) >= 1.0, "{name}: {week:#}");
    }
}

/// Most of what had to be done was done in time; a little of it is waiting, and late.
fn check_tasks(demo: &Demo) {
    let in_state =
        |query: &str| listed(&demo.read(&format!("/tasks?limit=500&{query}"))["tasks"]).to_vec();
    let (open, done) = (in_state("state=open"), in_state("state=done"));
    let late = open.iter().filter(|task| task["is_overdue"] == true).count();
    let in_time = |task: &&Value| task["done_at"].as_str() < task["due_at"].as_str();
    let in_time = done.iter().filter(in_time).count();
    assert!(late >= 1 && late * 4 < open.len(), "{late} of {} open are late", open.len());
    assert!(in_time * 4 > done.len() * 3 && in_time < done.len(), "{in_time} of {}", done.len());
    let kinds = counts(open.iter().chain(&done), "kind");
    for kind in ["order_review", "pnc_update", "renewal_decision", "victim_update"] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
    let causes = counts(open.iter().chain(&done), "cause");
    for cause in ["discharge", "made", "varied"] {
        assert!(causes.contains_key(cause), "{cause}: {causes:?}");
    }
    let unknown = demo.read("/orders?without_pnc_reference=true&limit=500");
    // What was made before the history.
    let unknown = listed(&unknown["orders"]).len();
    assert!(unknown > 30, "{unknown} orders");
}

/// Nothing contradicts anything but what is meant to be seen: two orders are nobody's.
fn check_invariants(demo: &Demo) {
    let now = demo.read("/status")["now"].as_str().unwrap().to_owned();
    let database = [("HOLDFAST_DATABASE", demo.database.as_str())];
    let checked = said(&["check", "--at", &now], &database);
    let faults: Vec<&str> = checked.out.lines().filter(|line| !line.starts_with("ok")).collect();
    let is_meant = |line: &&str| line.starts_with("FAULT order_owned (high), 2 times");
    assert!(faults.len() == 1 && faults.iter().all(is_meant), "{checked:?}");
}

fn check(demo: &Demo) {
    check_invariants(demo);
    check_concerns(demo);
    check_tasks(demo);
    check_outcomes(demo);
    check_orders(demo);
    check_persons(demo);
    check_devices(demo);
    check_terms(demo);
    check_happenings(demo);
    check_alerts(demo);
}

#[test]
fn the_demo_shows_one_of_everything_today() {
    check(&Demo::start(&[]));
}

/// Easter, and the clocks go forward: the hour and most holidays that a day can have.
#[test]
fn the_demo_shows_one_of_everything_on_the_day_the_clocks_change() {
    check(&Demo::start(&["--on", "2027-03-28", "--seed", "7"]));
}
