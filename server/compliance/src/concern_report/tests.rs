use proptest::prelude::*;

use super::*;
use crate::instant::{DAY_MS, HOUR_MS};
use crate::word::Word;

const REPORTED: Instant = Instant::from_ms(1_795_000_000_000);
const INVESTIGATOR: Uuid = Uuid::from_u128(1);
const SUPERVISOR: Uuid = Uuid::from_u128(2);

fn report() -> Report {
    Report::new(REPORTED, Reporter::Victim, Risk::Standard)
}

fn conclude() -> Act {
    Act::Conclude { outcome: ReportOutcome::NoOffence, rationale: "The car is another's.".into() }
}

fn told() -> Act {
    Act::Update { is_told: true, note: String::new() }
}

/// The whole way, each step with who takes it and what the report is afterwards.
fn way() -> Vec<(Act, Uuid, ReportStatus)> {
    let action = InvestigativeAction::FootageViewed;
    vec![
        (Act::Triage { risk: Risk::Standard }, SUPERVISOR, ReportStatus::Triaged),
        (Act::Allocate { to: INVESTIGATOR }, SUPERVISOR, ReportStatus::Allocated),
        (Act::Investigate { action }, INVESTIGATOR, ReportStatus::Allocated),
        (conclude(), INVESTIGATOR, ReportStatus::AwaitingSignOff),
        (Act::SignOff { is_agreed: true }, SUPERVISOR, ReportStatus::AwaitingUpdate),
        (told(), INVESTIGATOR, ReportStatus::Closed),
    ]
}

fn after(steps: usize) -> Report {
    let walk = |report: Report, (act, by, _): (Act, Uuid, ReportStatus)| {
        report.after(&act, by, REPORTED + HOUR_MS).unwrap()
    };
    way().into_iter().take(steps).fold(report(), walk)
}

#[test]
fn a_report_is_closed_by_the_whole_way_and_not_before() {
    for (steps, (_, _, status)) in (1..).zip(way()) {
        assert_eq!(after(steps).status(), status);
    }
    assert_eq!(after(way().len()).due(), []);
}

#[test]
fn no_step_can_be_left_out() {
    use ReportRefusal::{
        HasOutcome, NoOutcome, NotAllocated, NotInvestigated, NotTriaged, SignedOff,
    };
    let sign_off = Act::SignOff { is_agreed: true };
    let investigate = Act::Investigate { action: InvestigativeAction::Visited };
    let rows: [(usize, Act, ReportRefusal); 9] = [
        (0, Act::Allocate { to: INVESTIGATOR }, NotTriaged),
        (1, investigate.clone(), NotAllocated),
        (1, conclude(), NotAllocated),
        (2, conclude(), NotInvestigated),
        (3, sign_off.clone(), NoOutcome),
        (4, conclude(), HasOutcome),
        (5, sign_off, SignedOff),
        (5, Act::Reopen { reason: "New footage.".into() }, ReportRefusal::NotClosed),
        (6, investigate, ReportRefusal::Closed),
    ];
    for (steps, act, refusal) in rows {
        let refused = after(steps).after(&act, SUPERVISOR, REPORTED);
        assert_eq!(refused, Err(refusal), "{act:?} after {steps}");
    }
}

#[test]
fn word_to_the_reporter_before_the_sign_off_does_not_close_it() {
    let told_early = after(2).after(&told(), INVESTIGATOR, REPORTED).unwrap();
    assert!(told_early.contacted_at.is_some() && !told_early.is_updated);
    let silent = Act::Update { is_told: false, note: " ".into() };
    assert_eq!(after(5).after(&silent, INVESTIGATOR, REPORTED), Err(ReportRefusal::NoRationale));
    let unknown = Act::Update { is_told: false, note: "Anonymous.".into() };
    let closed = after(5).after(&unknown, INVESTIGATOR, REPORTED).unwrap();
    assert_eq!(closed.status(), ReportStatus::Closed);
}

#[test]
fn whoever_investigated_does_not_sign_off() {
    let sign_off = Act::SignOff { is_agreed: true };
    let refused = after(4).after(&sign_off, INVESTIGATOR, REPORTED);
    assert_eq!(refused, Err(ReportRefusal::OtherPersonNeeded));
    // Nor a supervisor who took part.
    let action = Act::Investigate { action: InvestigativeAction::Visited };
    let helped = after(4).after(&action, SUPERVISOR, REPORTED).unwrap();
    let refused = helped.after(&sign_off, SUPERVISOR, REPORTED);
    assert_eq!(refused, Err(ReportRefusal::OtherPersonNeeded));
    let sent_back = after(4).after(&Act::SignOff { is_agreed: false }, SUPERVISOR, REPORTED);
    assert_eq!(sent_back.unwrap().status(), ReportStatus::Allocated);
}

#[test]
fn what_was_done_after_the_sign_off_is_signed_off_anew() {
    let action = Act::Investigate { action: InvestigativeAction::Visited };
    let again = after(5).after(&action, SUPERVISOR, REPORTED).unwrap();
    assert_eq!(again.status(), ReportStatus::AwaitingSignOff);
    let sign_off = Act::SignOff { is_agreed: true };
    let refused = again.after(&sign_off, SUPERVISOR, REPORTED);
    assert_eq!(refused, Err(ReportRefusal::OtherPersonNeeded));
}

#[test]
fn what_was_reopened_goes_the_whole_way_again() {
    let reopened =
        after(6).after(&Act::Reopen { reason: "A letter.".into() }, SUPERVISOR, REPORTED);
    let reopened = reopened.unwrap();
    assert_eq!(reopened.status(), ReportStatus::Allocated);
    let refused = reopened.after(&conclude(), INVESTIGATOR, REPORTED);
    assert_eq!(refused, Err(ReportRefusal::NotInvestigated));
    let empty = Act::Reopen { reason: String::new() };
    assert_eq!(after(6).after(&empty, SUPERVISOR, REPORTED), Err(ReportRefusal::NoRationale));
}

#[test]
fn the_clocks_are_those_of_the_policy() {
    let due = |report: &Report| -> Vec<(ReportClock, i64)> {
        let after = |(clock, due): (ReportClock, Deadline)| (clock, due.closes_at - REPORTED);
        report.due().into_iter().map(after).collect()
    };
    use ReportClock::{Allocation, ReporterContact, SupervisorReview, Triage};
    let review = (SupervisorReview, 72 * HOUR_MS);
    let contact = (ReporterContact, DAY_MS);
    assert_eq!(due(&report()), [(Triage, DAY_MS), contact, review]);
    let high = Report::new(REPORTED, Reporter::Anonymous, Risk::High);
    assert_eq!(due(&high), [(Triage, HOUR_MS), review]);
    assert_eq!(due(&after(1)), [(Allocation, DAY_MS), contact, review]);
    assert_eq!(due(&after(2)), [contact, review]);
    let spoke = Act::Investigate { action: InvestigativeAction::SpokeToReporter };
    assert_eq!(due(&after(2).after(&spoke, INVESTIGATOR, REPORTED).unwrap()), [review]);
}

fn any_act() -> impl Strategy<Value = Act> {
    let text = prop_oneof![Just(String::new()), Just("Because.".to_owned())];
    let action = proptest::sample::select(InvestigativeAction::ALL.to_vec());
    let outcome = proptest::sample::select(ReportOutcome::ALL.to_vec());
    let risk = proptest::sample::select(Risk::ALL.to_vec());
    prop_oneof![
        risk.prop_map(|risk| Act::Triage { risk }),
        (1_u128..4).prop_map(|to| Act::Allocate { to: Uuid::from_u128(to) }),
        action.prop_map(|action| Act::Investigate { action }),
        (outcome, text.clone())
            .prop_map(|(outcome, rationale)| Act::Conclude { outcome, rationale }),
        any::<bool>().prop_map(|is_agreed| Act::SignOff { is_agreed }),
        (any::<bool>(), text.clone()).prop_map(|(is_told, note)| Act::Update { is_told, note }),
        Just(Act::Review),
        text.prop_map(|reason| Act::Reopen { reason }),
    ]
}

/// What the model remembers of a report since it was made or reopened, without the rule's help.
#[derive(Default)]
struct Seen {
    allocated: bool,
    investigators: Vec<Uuid>,
    concluded_by: Option<Uuid>,
    signed_off_by: Option<Uuid>,
    is_told_after: bool,
}

impl Seen {
    fn see(&mut self, act: &Act, by: Uuid) {
        match act {
            Act::Allocate { .. } => self.allocated = true,
            Act::Investigate { .. } => {
                self.investigators.push(by);
                self.signed_off_by = None;
                self.is_told_after = false;
            }
            Act::Conclude { .. } => self.concluded_by = Some(by),
            Act::SignOff { is_agreed: true } => self.signed_off_by = Some(by),
            Act::SignOff { is_agreed: false } => self.concluded_by = None,
            Act::Update { is_told, note } => {
                let is_word = *is_told || !note.is_empty();
                self.is_told_after |= self.signed_off_by.is_some() && is_word;
            }
            Act::Reopen { .. } => *self = Self { allocated: self.allocated, ..Self::default() },
            Act::Triage { .. } | Act::Review => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_path_closes_a_report_that_was_not_investigated(
        acts in proptest::collection::vec((any_act(), 1_u128..4), 0..40),
    ) {
        let (mut at, mut seen) = (report(), Seen::default());
        for (act, by) in acts {
            let by = Uuid::from_u128(by);
            let Ok(next) = at.after(&act, by, REPORTED) else { continue };
            seen.see(&act, by);
            at = next;
            prop_assert_eq!(at.due().is_empty(), at.status() == ReportStatus::Closed);
            if at.status() == ReportStatus::Closed {
                prop_assert!(seen.allocated && !seen.investigators.is_empty());
                prop_assert!(seen.concluded_by.is_some() && seen.is_told_after);
                let signed = seen.signed_off_by.unwrap();
                prop_assert!(seen.concluded_by != Some(signed));
                prop_assert!(!seen.investigators.contains(&signed));
            }
        }
    }

    #[test]
    fn every_open_report_can_still_be_closed(
        acts in proptest::collection::vec((any_act(), 1_u128..4), 0..40),
    ) {
        let walk = |report: Report, (act, by): (Act, u128)| {
            report.after(&act, Uuid::from_u128(by), REPORTED).unwrap_or(report)
        };
        let mut report = acts.into_iter().fold(report(), walk);
        let fresh = Uuid::from_u128(9);
        for (act, by, _) in way() {
            let by = if matches!(act, Act::SignOff { .. }) { fresh } else { by };
            if let Ok(next) = report.after(&act, by, REPORTED) {
                report = next;
            }
        }
        prop_assert_eq!(report.status(), ReportStatus::Closed);
    }
}
