use proptest::prelude::*;

use super::answer::{Answer, AnswerRefusal, Question, RenewalChoice, ReviewConclusion, ToldHow};
use super::*;
use crate::instant::{DAY_MS, HOUR_MS};
use crate::word::Word;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn event(id: u128, happened_at: &str) -> Event {
    let happened_at = at(happened_at);
    Event { id: Uuid::from_u128(id), happened_at, known_at: happened_at }
}

/// Made on Thursday 5 November 2026 and put on file there and then.
fn order() -> OrderOnFile {
    OrderOnFile {
        id: Uuid::from_u128(1),
        kind: OrderKind::FULL,
        risk: Risk::Standard,
        begun_at: Instant::from_ms(0),
        versions: vec![event(2, "2026-11-05T11:00:00Z")],
        served: Vec::new(),
        ended: None,
        ends_on: None,
        breaches: Vec::new(),
        arrests: Vec::new(),
        custody: Vec::new(),
        reviews: Vec::new(),
        told: Vec::new(),
    }
}

/// Kind, cause and when it is over.
fn due_of(order: &OrderOnFile, now: &str) -> Vec<(TaskKind, TaskCause, String)> {
    let due = |of: Asked| (of.kind, of.cause, of.due.closes_at.to_rfc3339());
    asked(order, at(now)).into_iter().map(due).collect()
}

#[track_caller]
fn check_due(order: &OrderOnFile, now: &str, expected: &[(&str, &str, &str)]) {
    let found = due_of(order, now);
    let found: Vec<_> = found
        .iter()
        .filter(|(kind, ..)| *kind != TaskKind::OrderReview)
        .map(|(kind, cause, due)| (kind.as_str(), cause.as_str(), due.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn each_event_asks_for_its_own_tasks() {
    let (victim, pnc) = ("victim_update", "pnc_update");
    let made =
        [(victim, "made", "2026-11-13T00:00:00.000Z"), (pnc, "made", "2026-11-06T11:00:00.000Z")];
    let when = "2026-11-12T15:00:00Z";
    let ended = |reason| OrderOnFile { ended: Some((event(3, when), reason)), ..order() };
    let stay = Stay {
        id: Uuid::from_u128(3),
        from: at("2026-11-10T15:00:00Z"),
        until: at(when),
        known_at: at("2026-11-10T16:00:00Z"),
    };
    let next_day = "2026-11-14T00:00:00.000Z";
    type Row = (OrderOnFile, Vec<(&'static str, &'static str, &'static str)>);
    let rows: Vec<Row> = vec![
        (order(), vec![]),
        (
            OrderOnFile {
                versions: vec![event(2, "2026-11-05T11:00:00Z"), event(3, when)],
                ..order()
            },
            vec![(victim, "varied", next_day), (pnc, "varied", "2026-11-13T15:00:00.000Z")],
        ),
        (
            OrderOnFile { served: vec![event(3, when)], ..order() },
            vec![(victim, "served", "2026-11-20T00:00:00.000Z")],
        ),
        (
            OrderOnFile { breaches: vec![event(3, when)], ..order() },
            vec![(victim, "breach", next_day)],
        ),
        (
            OrderOnFile { arrests: vec![event(3, when)], ..order() },
            vec![(victim, "arrest", next_day)],
        ),
        (OrderOnFile { custody: vec![stay], ..order() }, vec![(victim, "release", next_day)]),
        (
            ended(EndReason::Discharged),
            vec![(victim, "discharge", next_day), (pnc, "discharge", "2026-11-13T15:00:00.000Z")],
        ),
        (ended(EndReason::Replaced), vec![(pnc, "discharge", "2026-11-13T15:00:00.000Z")]),
    ];
    for (order, expected) in rows {
        let expected: Vec<_> = made.iter().copied().chain(expected).collect();
        check_due(&order, "2026-11-12T16:00:00Z", &expected);
    }
}

#[test]
fn at_high_risk_the_victim_is_told_the_next_working_day_whatever_happened() {
    let order =
        OrderOnFile { risk: Risk::High, served: vec![event(3, "2026-11-06T09:00:00Z")], ..order() };
    check_due(
        &order,
        "2026-11-06T10:00:00Z",
        &[
            ("victim_update", "made", "2026-11-07T00:00:00.000Z"),
            ("pnc_update", "made", "2026-11-06T11:00:00.000Z"),
            ("victim_update", "served", "2026-11-10T00:00:00.000Z"),
        ],
    );
}

/// 25 December 2026 is a Friday; Monday 28 is a bank holiday in its place of Boxing Day's. Saint
/// Patrick's Day is one in Northern Ireland only.
#[test]
fn working_days_are_those_of_the_part_of_the_kingdom_whose_order_it_is() {
    let rows = [
        (OrderKind::FULL, "2026-12-24T15:00:00Z", "2026-12-30T00:00:00.000Z"),
        (OrderKind::FULL, "2027-03-16T15:00:00Z", "2027-03-18T00:00:00.000Z"),
        (OrderKind::FULL_NI, "2027-03-16T15:00:00Z", "2027-03-19T00:00:00.000Z"),
        // Where the list ends, weekdays are counted.
        (OrderKind::FULL, "2035-12-31T15:00:00Z", "2036-01-02T00:00:00.000Z"),
        (OrderKind::FULL, "2036-12-24T15:00:00Z", "2036-12-26T00:00:00.000Z"),
    ];
    for (kind, arrested, due) in rows {
        let order = OrderOnFile { kind, arrests: vec![event(3, arrested)], ..order() };
        let found = due_of(&order, arrested);
        let (.., found) = found.iter().find(|(_, cause, _)| *cause == TaskCause::Arrest).unwrap();
        assert_eq!(found, due, "{kind} {arrested}");
    }
}

#[test]
fn what_reaches_the_file_more_than_a_week_late_asks_for_no_task() {
    let late = |ms| {
        let known_at = at("2026-11-05T11:00:00Z") + ms;
        let made = Event { known_at, ..event(2, "2026-11-05T11:00:00Z") };
        OrderOnFile { versions: vec![made], ..order() }
    };
    let count = |order: &OrderOnFile| {
        asked(order, at("2027-06-01T00:00:00Z"))
            .iter()
            .filter(|of| of.kind != TaskKind::OrderReview)
            .count()
    };
    assert_eq!(count(&late(7 * DAY_MS)), 2);
    assert_eq!(count(&late(7 * DAY_MS + 1)), 0);
    let before = OrderOnFile { begun_at: at("2026-11-05T11:00:00.001Z"), ..order() };
    assert_eq!(count(&before), 0, "on file before tasks were kept");
}

#[test]
fn custody_that_goes_on_is_no_release() {
    let stay = |id, from: &str, until: &str| Stay {
        id: Uuid::from_u128(id),
        from: at(from),
        until: at(until),
        known_at: at(from),
    };
    let first = stay(3, "2026-11-10T00:00:00Z", "2026-11-12T00:00:00Z");
    let longer = stay(4, "2026-11-12T00:00:00Z", "2026-11-20T00:00:00Z");
    let same = stay(5, "2026-11-11T00:00:00Z", "2026-11-12T00:00:00Z");
    let apart = stay(6, "2026-11-12T00:00:00.001Z", "2026-11-20T00:00:00Z");
    let rows = [
        (vec![first], "2026-11-11T23:59:59Z", vec![]),
        (vec![first], "2026-11-12T00:00:00Z", vec![3]),
        (vec![first, longer], "2026-11-13T00:00:00Z", vec![]),
        (vec![first, longer], "2026-11-20T00:00:00Z", vec![4]),
        (vec![first, same], "2026-11-13T00:00:00Z", vec![3]),
        (vec![first, apart], "2026-11-20T00:00:00Z", vec![3, 6]),
    ];
    for (custody, now, expected) in rows {
        let order = OrderOnFile { custody, ..order() };
        let asked = asked(&order, at(now)).into_iter();
        let found: Vec<u128> = asked
            .filter(|of| of.cause == TaskCause::Release)
            .map(|of| of.event.as_u128())
            .collect();
        assert_eq!(found, expected, "{now}");
    }
}

#[test]
fn an_order_that_is_over_releases_nobody_and_is_not_reviewed() {
    let stay = Stay {
        id: Uuid::from_u128(9),
        from: at("2026-11-10T00:00:00Z"),
        until: at("2026-11-12T00:00:00Z"),
        known_at: at("2026-11-10T00:00:00Z"),
    };
    let ended = Some((event(3, "2026-11-11T00:00:00Z"), EndReason::Discharged));
    let order = OrderOnFile { custody: vec![stay], ended, ..order() };
    let causes: Vec<_> =
        due_of(&order, "2026-11-20T00:00:00Z").into_iter().map(|(_, cause, _)| cause).collect();
    assert!(!causes.contains(&TaskCause::Release) && !causes.contains(&TaskCause::ReviewDue));
}

#[test]
fn an_order_is_reviewed_monthly_or_weekly_and_then_when_the_last_look_agreed() {
    let review = |order: &OrderOnFile| {
        let all = asked(order, at("2026-11-12T00:00:00Z")).into_iter();
        let mut reviews = all.filter(|of| of.kind == TaskKind::OrderReview);
        let one = reviews.next().map(|of| (of.key, of.due.closes_at.to_rfc3339()));
        assert!(reviews.next().is_none());
        one
    };
    let key = |n| format!("order_review:{}:{n}", Uuid::from_u128(1));
    let due = |n, at: &str| Some((key(n), at.to_owned()));
    assert_eq!(review(&order()), due(1, "2026-12-07T00:00:00.000Z"));
    let high = OrderOnFile { risk: Risk::High, ..order() };
    assert_eq!(review(&high), due(1, "2026-11-13T00:00:00.000Z"));
    let once = vec![Reviewed { next_on: day("2026-11-30") }];
    let again = OrderOnFile { reviews: once, ..order() };
    assert_eq!(review(&again), due(2, "2026-12-01T00:00:00.000Z"));
    assert_eq!(review(&OrderOnFile { versions: Vec::new(), ..order() }), None, "a draft");
    let over = OrderOnFile { ends_on: Some(day("2026-11-11")), ..order() };
    assert_eq!(review(&over), None);
}

#[test]
fn a_renewal_is_decided_between_the_first_warning_and_the_last_day() {
    let ending = OrderOnFile { ends_on: Some(day("2028-11-30")), ..order() };
    let interim = OrderOnFile { kind: OrderKind::INTERIM, ..ending.clone() };
    let rows = [
        (&ending, "2028-08-31T22:59:59Z", false),
        (&ending, "2028-08-31T23:00:00Z", true),
        // Nobody has decided: it stays.
        (&ending, "2029-02-01T00:00:00Z", true),
        (&interim, "2028-11-08T23:59:59Z", false),
        (&interim, "2028-11-09T00:00:00Z", true),
    ];
    for (order, now, is_asked) in rows {
        let renewal =
            asked(order, at(now)).into_iter().find(|it| it.kind == TaskKind::RenewalDecision);
        assert_eq!(renewal.is_some(), is_asked, "{now}");
        if let Some(renewal) = renewal {
            assert_eq!(renewal.due.closes_at, at("2028-11-30T00:00:00Z"));
            assert_eq!(renewal.due.arithmetic, "before Thu 30 Nov 2028, the last day");
        }
    }
    let filed_late = OrderOnFile {
        versions: vec![Event {
            known_at: at("2028-12-01T00:00:00Z"),
            ..event(2, "2026-11-05T11:00:00Z")
        }],
        ..ending.clone()
    };
    assert!(
        asked(&filed_late, at("2029-01-01T00:00:00Z"))
            .iter()
            .all(|it| it.kind != TaskKind::RenewalDecision)
    );
    let causes = |order: &OrderOnFile, now: &str| -> Vec<TaskCause> {
        asked(order, at(now)).into_iter().map(|it| it.cause).collect()
    };
    assert!(!causes(&ending, "2028-11-30T23:59:59Z").contains(&TaskCause::Expiry));
    assert!(causes(&ending, "2028-12-01T00:00:00Z").contains(&TaskCause::Expiry));
}

#[test]
fn whoever_was_told_something_wrong_is_told_so() {
    let served = event(3, "2026-11-06T09:00:00Z");
    let told = Told {
        task: Uuid::from_u128(77),
        key: key(TaskKind::VictimUpdate, TaskCause::Served, served.id),
        kind: TaskKind::VictimUpdate,
        cause: TaskCause::Served,
        noticed_at: None,
    };
    let now = "2026-11-09T10:00:00Z";
    let corrections = |order: &OrderOnFile| -> Vec<(Uuid, String)> {
        let all = asked(order, at(now)).into_iter();
        let corrections = all.filter(|of| of.cause == TaskCause::Corrected);
        corrections.map(|of| (of.event, of.due.closes_at.to_rfc3339())).collect()
    };
    let right = OrderOnFile { served: vec![served], told: vec![told.clone()], ..order() };
    assert_eq!(corrections(&right), []);
    let wrong = OrderOnFile { served: Vec::new(), ..right.clone() };
    let due = "2026-11-11T00:00:00.000Z".to_owned();
    assert_eq!(corrections(&wrong), [(told.task, due)]);
    let noticed = Told { noticed_at: Some(at("2026-11-06T10:00:00Z")), ..told };
    let wrong = OrderOnFile { told: vec![noticed], ..wrong };
    let due = "2026-11-10T00:00:00.000Z".to_owned();
    assert_eq!(
        corrections(&wrong),
        [(Uuid::from_u128(77), due)],
        "counted from when it was noticed"
    );
}

#[test]
fn that_an_order_was_served_is_told_once() {
    let (first, second) = (event(3, "2026-11-06T09:00:00Z"), event(4, "2026-11-07T09:00:00Z"));
    let services = |order: &OrderOnFile| -> Vec<Uuid> {
        let all = asked(order, at("2026-11-09T10:00:00Z")).into_iter();
        all.filter(|of| of.cause == TaskCause::Served).map(|of| of.event).collect()
    };
    let twice = OrderOnFile { served: vec![first, second], ..order() };
    assert_eq!(services(&twice), [first.id]);
    let told = Told {
        task: Uuid::from_u128(77),
        key: key(TaskKind::VictimUpdate, TaskCause::Served, second.id),
        kind: TaskKind::VictimUpdate,
        cause: TaskCause::Served,
        noticed_at: None,
    };
    // The earlier one was put on file after the victim had been told of the later one.
    let told = OrderOnFile { told: vec![told], ..twice };
    assert_eq!(services(&told), [second.id]);
}

#[test]
fn no_task_names_more_than_the_victim() {
    for kind in TaskKind::ALL {
        for cause in TaskCause::ALL {
            let says = cause.says(*kind);
            let is_by_hand = *cause == TaskCause::Asked && *kind != TaskKind::PncUpdate;
            assert_eq!(says.is_empty(), is_by_hand, "{kind} {cause}");
            assert!(says.is_empty() || says.ends_with('.'), "{says}");
        }
    }
}

fn question(kind: TaskKind) -> Question {
    Question { kind, happened_at: at("2026-11-05T11:00:00Z"), risk: Risk::Standard, ends_on: None }
}

fn answers() -> Vec<Answer> {
    let text = || "As agreed.".to_owned();
    let next_on = day("2026-12-01");
    vec![
        Answer::Told { how: ToldHow::Phone, by: text() },
        Answer::NotTold { reason: text() },
        Answer::Entered { reference: text() },
        Answer::Reviewed { conclusion: ReviewConclusion::NoChange, note: text(), next_on },
        Answer::Decided { choice: RenewalChoice::Renew, reason: text() },
        Answer::Done { note: text() },
    ]
}

fn check(question: Question, answer: &Answer, done_at: &str) -> Result<(), AnswerRefusal> {
    answer::check_answer(&question, answer, (at(done_at), at("2026-11-12T10:00:00Z")))
}

#[test]
fn a_task_is_answered_as_what_it_is() {
    for kind in TaskKind::ALL {
        for answer in answers() {
            let found = check(question(*kind), &answer, "2026-11-12T10:00:00Z");
            let expected = match answer.kind() == *kind {
                true => Ok(()),
                false => Err(AnswerRefusal::OtherKind(*kind)),
            };
            assert_eq!(found, expected, "{kind} {answer:?}");
        }
    }
}

#[test]
fn an_answer_says_something_and_is_neither_before_its_event_nor_ahead() {
    let told = &answers()[0];
    let of = |done_at| check(question(TaskKind::VictimUpdate), told, done_at);
    assert_eq!(of("2026-11-12T10:00:00.001Z"), Err(AnswerRefusal::InFuture));
    assert_eq!(of("2026-11-04T23:59:59.999Z"), Err(AnswerRefusal::BeforeItHappened));
    assert_eq!(of("2026-11-05T00:00:00Z"), Ok(()), "the hour of what happened may not be known");
    let empty = || " ".to_owned();
    let rows = [
        (Answer::Told { how: ToldHow::Letter, by: empty() }, "told_by"),
        (Answer::NotTold { reason: empty() }, "reason"),
        (Answer::Entered { reference: empty() }, "reference"),
        (
            Answer::Reviewed {
                conclusion: ReviewConclusion::NoChange,
                note: empty(),
                next_on: day("2026-11-20"),
            },
            "note",
        ),
        (Answer::Decided { choice: RenewalChoice::Renew, reason: empty() }, "reason"),
        (Answer::Done { note: empty() }, "note"),
    ];
    for (answer, field) in rows {
        let found = check(question(answer.kind()), &answer, "2026-11-12T09:00:00Z");
        assert_eq!(found, Err(AnswerRefusal::NothingSaid(field)), "{answer:?}");
    }
}

#[test]
fn the_next_review_is_ahead_and_not_far_off() {
    let of = |risk, next_on| {
        let answer = Answer::Reviewed {
            conclusion: ReviewConclusion::NoChange,
            note: "Nothing new.".to_owned(),
            next_on: day(next_on),
        };
        let question = Question { risk, ..question(TaskKind::OrderReview) };
        check(question, &answer, "2026-11-12T09:00:00Z").is_ok()
    };
    let rows = [
        (Risk::Standard, "2026-11-12", false),
        (Risk::Standard, "2026-11-13", true),
        (Risk::Standard, "2026-12-13", true),
        (Risk::Standard, "2026-12-14", false),
        (Risk::High, "2026-11-19", true),
        (Risk::High, "2026-11-20", false),
    ];
    for (risk, next_on, is_fit) in rows {
        assert_eq!(of(risk, next_on), is_fit, "{risk} {next_on}");
    }
}

#[test]
fn what_has_run_out_can_only_have_been_let_go() {
    for choice in RenewalChoice::ALL {
        let answer = Answer::Decided { choice: *choice, reason: "The victim asked.".to_owned() };
        let of = |ends_on| {
            let question =
                Question { ends_on: Some(day(ends_on)), ..question(TaskKind::RenewalDecision) };
            check(question, &answer, "2026-11-12T09:00:00Z").is_ok()
        };
        assert!(of("2026-11-12"), "{choice}");
        assert_eq!(of("2026-11-11"), *choice == RenewalChoice::LetLapse, "{choice}");
    }
}

#[test]
fn the_first_whose_account_is_in_use_owns_a_task() {
    type Row = ([Option<u8>; 3], &'static [u8], Option<u8>);
    let rows: [Row; 5] = [
        ([Some(1), Some(2), Some(3)], &[4], Some(1)),
        ([Some(9), Some(2), Some(3)], &[4], Some(2)),
        ([None, None, Some(3)], &[4], Some(3)),
        ([Some(9), None, None], &[9, 4, 5], Some(4)),
        ([None, None, None], &[9], None),
    ];
    for (answering, supervisors, expected) in rows {
        assert_eq!(owner(answering, supervisors, |account| account != 9), expected);
    }
}

prop_compose! {
    fn an_event(base: Instant)(
        id in 10..60_u128,
        after_h in 0..2_000_i64,
        late_h in 0..400_i64,
    ) -> Event {
        let happened_at = base + after_h * HOUR_MS;
        Event { id: Uuid::from_u128(id), happened_at, known_at: happened_at + late_h * HOUR_MS }
    }
}

prop_compose! {
    fn an_order()(
        events in prop::collection::vec(an_event(at("2026-11-05T11:00:00Z")), 0..12),
        split in 0..4_u128,
        ended in prop::option::of(an_event(at("2026-11-06T11:00:00Z"))),
        ends_in in prop::option::of(1..200_u64),
        is_high in any::<bool>(),
        stays in prop::collection::vec((0..900_i64, 1..900_i64), 0..4),
    ) -> OrderOnFile {
        let mut order = order();
        let from = at("2026-11-05T11:00:00Z");
        for (number, event) in (0_u128..).zip(events) {
            // Each record has an id of its own.
            let event = Event { id: Uuid::from_u128(100 + number), ..event };
            match (number + split) % 4 {
                0 => order.versions.push(event),
                1 => order.served.push(event),
                2 => order.breaches.push(event),
                _ => order.arrests.push(event),
            }
        }
        order.ended = ended.map(|event| (event, EndReason::Discharged));
        order.ends_on = ends_in.map(|days| day("2026-11-05") + Days::new(days));
        if is_high {
            order.risk = Risk::High;
        }
        order.custody = (1_000_u128..).zip(stays).map(|(id, (begins, lasts))| Stay {
            id: Uuid::from_u128(id),
            from: from + begins * HOUR_MS,
            until: from + (begins + lasts) * HOUR_MS,
            known_at: from + begins * HOUR_MS,
        }).collect();
        order
    }
}

proptest! {
    #[test]
    fn every_task_has_a_key_of_its_own_and_is_due_after_what_asks_for_it(
        order in an_order(),
        after_h in 0..6_000_i64,
    ) {
        let now = at("2026-11-05T11:00:00Z") + after_h * HOUR_MS;
        let asked = asked(&order, now);
        let keys: std::collections::BTreeSet<_> = asked.iter().map(|of| &of.key).collect();
        prop_assert_eq!(keys.len(), asked.len());
        for of in &asked {
            prop_assert!(of.due.closes_at > of.happened_at, "{:?}", of);
            prop_assert!(!of.due.arithmetic.is_empty());
        }
    }

    #[test]
    fn what_is_asked_changes_at_no_other_time_than_is_said(
        order in an_order(),
        after_h in 0..6_000_i64,
        more_ms in 1..400 * DAY_MS,
    ) {
        let now = at("2026-11-05T11:00:00Z") + after_h * HOUR_MS;
        let keys = |now| asked(&order, now).into_iter().map(|of| of.key).collect::<Vec<_>>();
        let later = now + more_ms;
        if next_change(&order, now).is_none_or(|at| at > later) {
            prop_assert_eq!(keys(now), keys(later));
        }
    }

    #[test]
    fn nothing_is_asked_for_an_event_that_is_taken_away(order in an_order()) {
        let now = at("2027-11-05T11:00:00Z");
        for arrest in &order.arrests {
            let mut without = order.clone();
            without.arrests.retain(|it| it.id != arrest.id);
            prop_assert!(asked(&without, now).iter().all(|of| of.event != arrest.id));
            let is_recent = arrest.happened_at >= arrest.known_at + -BACKDATED_MS;
            let is_asked = asked(&order, now).iter().any(|of| of.event == arrest.id);
            prop_assert_eq!(is_asked, is_recent);
        }
    }
}
