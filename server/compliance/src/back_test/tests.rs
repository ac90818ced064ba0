use super::*;
use crate::alert::AlertCloseReason;
use crate::escalation::Step;
use crate::instant::MINUTE_MS;
use crate::replay::{About, Closed, Warning};

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn ladder() -> Ladder {
    let step = |rung, minutes| Step { rung, wait_ms: minutes * MINUTE_MS };
    let steps = vec![step(Rung::Owner, 15), step(Rung::Supervisor, 30)];
    Ladder { steps, decide_within_ms: DAY_MS }
}

fn everybody(rung: Rung, _: Instant) -> Vec<Candidate<Rung>> {
    vec![Candidate { account: rung, reachable: true }]
}

#[test]
fn only_a_year_that_is_over_is_replayed() {
    let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
    let policy = |grace_ms, early_ms| Policy { grace_ms, early_ms };
    let rows = [
        ((from, until), policy(0, 0), Ok(())),
        ((from, until), policy(GRACE_MS_MAX, GRACE_MS_MAX), Ok(())),
        ((until, from), policy(0, 0), Err(BackTestFault::EndsFirst)),
        ((from, from), policy(0, 0), Err(BackTestFault::EndsFirst)),
        ((from + -200 * DAY_MS, until), policy(0, 0), Err(BackTestFault::TooLong)),
        ((from, until + 1), policy(0, 0), Err(BackTestFault::NotOver)),
        ((from, until), policy(GRACE_MS_MAX + 1, 0), Err(BackTestFault::Grace)),
        ((from, until), policy(-1, 0), Err(BackTestFault::Grace)),
        ((from, until), policy(0, -1), Err(BackTestFault::Early)),
    ];
    for (span, proposed, expected) in rows {
        assert_eq!(check(span, (proposed, &[]), until), expected, "{span:?} {proposed:?}");
    }
    let waits = |waits_ms: &[i64]| check((from, until), (policy(0, 0), waits_ms), until);
    assert_eq!(waits(&[WAIT_MS_MIN; STEPS_MAX]), Ok(()));
    assert_eq!(waits(&[WAIT_MS_MIN; STEPS_MAX + 1]), Err(BackTestFault::TooManySteps));
    assert_eq!(waits(&[WAIT_MS_MAX, WAIT_MS_MIN - 1]), Err(BackTestFault::Wait));
    assert_eq!(waits(&[WAIT_MS_MAX + 1]), Err(BackTestFault::Wait));
}

#[test]
fn an_alert_climbs_until_it_is_answered_and_no_further() {
    let raised = at("2026-11-24T12:00:00Z");
    let told = |minutes: i64| -> Vec<(i64, Vec<Rung>)> {
        let found = tellings(&ladder(), (raised, raised + minutes * MINUTE_MS), everybody);
        found.into_iter().map(|it| ((it.at - raised) / MINUTE_MS, it.told)).collect()
    };
    assert_eq!(told(0), [(0, vec![Rung::Owner])]);
    assert_eq!(told(15), [(0, vec![Rung::Owner])]);
    assert_eq!(told(16), [(0, vec![Rung::Owner]), (15, vec![Rung::Supervisor])]);
    assert_eq!(told(46).last(), Some(&(45, vec![Rung::Supervisor])));
    assert_eq!(told(1_000_000).len(), TELLINGS_MAX);
}

#[test]
fn nobody_to_tell_is_counted_as_nobody() {
    let raised = at("2026-11-24T12:00:00Z");
    let nobody = |_: Rung, _: Instant| Vec::<Candidate<Rung>>::new();
    let found = tellings(&ladder(), (raised, raised + 6 * MINUTE_MS), nobody);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|telling| telling.told.is_empty()));
}

#[test]
fn the_night_is_local_and_from_ten_to_six() {
    let rows = [
        ("2026-11-24T21:59:59Z", false),
        ("2026-11-24T22:00:00Z", true),
        ("2026-11-24T05:59:59Z", true),
        ("2026-11-24T06:00:00Z", false),
        ("2026-07-24T21:00:00Z", true),
        ("2026-07-24T05:00:00Z", false),
    ];
    let mut load = Load::default();
    for (text, expected) in rows {
        assert_eq!(wakes(at(text)), expected, "{text}");
        load.tell(at(text));
    }
    assert_eq!((load.told(), load.woken()), (6, 3));
}

#[test]
fn alerts_are_counted_by_kind_certainty_and_end() {
    let warning = |kind, certainty, closed| Warning {
        about: About::Record(1),
        kind,
        certainty,
        raised_at: at("2026-11-24T12:00:00Z"),
        closed,
    };
    let closed = Closed { at: at("2026-11-24T13:00:00Z"), why: AlertCloseReason::AttendanceFound };
    let missed = Replayed {
        standing: DutyStanding::Missed,
        fulfilled_by: None,
        noticed_at: None,
        warnings: vec![
            warning(AlertKind::MissedSignOn, Certainty::Provisional, Some(closed)),
            warning(AlertKind::AttendedLate, Certainty::Confirmed, None),
        ],
    };
    let mut tally = Tally::default();
    tally.count(&missed);
    tally.count(&missed);

    let count = KindCount { raised: 2, provisional: 2, superseded: 2 };
    assert_eq!(tally.alerts[&AlertKind::MissedSignOn], count);
    let count = KindCount { raised: 2, provisional: 0, superseded: 0 };
    assert_eq!(tally.alerts[&AlertKind::AttendedLate], count);
    assert_eq!((tally.raised(), tally.windows), (4, 2));
    let mut later = missed.clone();
    later.warnings[0].raised_at = at("2026-11-24T12:10:00Z");
    assert!(!differs(&missed, &later), "ten minutes later is the same alert");
    later.warnings.pop();
    assert!(differs(&missed, &later));
}
