//! What makes people look, whom it reaches first, and how soon a failed delivery is tried again.

use crate::attendance::{Certainty, Finding, Outcome};
use crate::instant::{Instant, MINUTE_MS, SECOND_MS};
use crate::word::words;

words! {
    AlertKind {
        MissedSignOn = "missed_sign_on",
        /// Missed while on record as in custody, in hospital or abroad: verify, never excuse.
        MissedSignOnToVerify = "missed_sign_on_to_verify",
        AttendedEarly = "attended_early",
        AttendedLate = "attended_late",
        WrongPlace = "wrong_place",
        WrongPerson = "wrong_person",
        IdentityNotChecked = "identity_not_checked",
        IdentityConcern = "identity_concern",
        TimeUncertain = "time_uncertain",
        HeldOnPhone = "held_on_phone",
        /// Two records under one id: one of the two may be the true one.
        ConflictingRecords = "conflicting_records",
        /// A phone handed over a sign-on whose seal does not hold: somebody may have altered it.
        SealBroken = "seal_broken",
        /// A phone says that it holds nothing more, and records that it numbered have not come.
        RecordsMissing = "records_missing",
        /// Records of one phone claim one place: its app may have been copied or restored.
        RecordsForked = "records_forked",
        /// An order that asks for sign-ons has none ahead.
        NothingAhead = "nothing_ahead",
        OrderUnserved = "order_unserved",
        /// Still not served: chased again and again.
        OrderServiceOverdue = "order_service_overdue",
        OrderUnowned = "order_unowned",
        /// A phone can no longer be reached by web push.
        PhoneLost = "phone_lost",
        /// A phone does not say that it shows what it is sent: nobody counts as told by it.
        PhoneSilent = "phone_silent",
        /// The mail server says that a mailbox is not there.
        MailboxLost = "mailbox_lost",
        /// The fixed period of an order is about to be over: renew it or let it go.
        OrderExpiring = "order_expiring",
        /// Terms of two orders on one subject cannot be kept together (s.2(6)).
        TermsConflict = "terms_conflict",
        TransferUnanswered = "transfer_unanswered",
        /// Custody, hospital or a stay abroad is over: what was only verified binds again.
        StatusPeriodEnded = "status_period_ended",
        PlanReviewDue = "plan_review_due",
        /// Only a person can check a condition, and nobody is named who does.
        PlanMissing = "plan_missing",
        /// Whoever looked thinks that a condition is not kept. Suspected until a person decides.
        ConditionNotKept = "condition_not_kept",
        /// A duty falls in a time of work, education or religion, and nobody has said why (s.2(3)).
        ProtectedTimeClash = "protected_time_clash",
        /// A treatment session has ended and nobody has said what became of it.
        OutcomeMissing = "outcome_missing",
        SessionNotComplied = "session_not_complied",
        EvidenceOverdue = "evidence_overdue",
        /// The provider or the police did not do their part: nothing is held against the subject.
        ServiceFault = "service_fault",
        DeviceNotPresented = "device_not_presented",
        /// A request to present a device is not proved to have reached the subject.
        RequestNotProved = "request_not_proved",
        DeviceSuspicion = "device_suspicion",
        NotificationOverdue = "notification_overdue",
        NotificationInvalid = "notification_invalid",
        ZoneEntered = "zone_entered",
        /// While a court had suspended the order: verify.
        ZoneEnteredToVerify = "zone_entered_to_verify",
        /// A position that may be in a zone: its accuracy does not tell.
        ZoneUncertain = "zone_uncertain",
        FeedSilent = "feed_silent",
        /// No evidence for a claimed excuse came in time.
        ExcuseLapsed = "excuse_lapsed",
        /// A suspected breach is not decided, agreed to or looked at again in time.
        BreachCaseDue = "breach_case_due",
        /// Somebody is concerned, and nobody has looked at it yet.
        ConcernReported = "concern_reported",
        ReportUntriaged = "report_untriaged",
        ReportUnallocated = "report_unallocated",
        ReporterNotContacted = "reporter_not_contacted",
        ReportReviewDue = "report_review_due",
        /// A task was not done in time.
        TaskOverdue = "task_overdue",
        /// On a step of a ladder stands nobody who can be told.
        LadderUnreachable = "ladder_unreachable",
        /// Records contradict each other, or something is not as it must be: see `invariant.rs`.
        InvariantViolated = "invariant_violated",
        /// Somebody tries whether alerts arrive.
        TestAlarm = "test_alarm",
    }
}

words! {
    Severity {
        Info = "info",
        Warning = "warning",
        High = "high",
        Critical = "critical",
    }
}

words! {
    AlertState {
        Triggered = "triggered",
        Acknowledged = "acknowledged",
        Closed = "closed",
    }
}

words! {
    AlertCloseReason {
        /// A record that arrived late shows an attendance in time.
        AttendanceFound = "attendance_found",
        /// The record that raised the alert was a mistake.
        EnteredInError = "entered_in_error",
        /// What the alert asked for has been done: an owner, proof of service, a schedule.
        Resolved = "resolved",
        // Decided by a named person.
        NoFurtherAction = "no_further_action",
        /// The police or a provider did not do their part.
        ServiceFault = "service_fault",
        Duplicate = "duplicate",
        Excused = "excused",
        BreachCaseOpened = "breach_case_opened",
    }
}

words! {
    /// What a named person can say of an alert outright. An excuse and a suspected breach have records of
    /// their own, which close it.
    AlertDecision {
        NoFurtherAction = "no_further_action",
        ServiceFault = "service_fault",
        Duplicate = "duplicate",
    }
}

impl From<AlertDecision> for AlertCloseReason {
    fn from(decision: AlertDecision) -> Self {
        match decision {
            AlertDecision::NoFurtherAction => Self::NoFurtherAction,
            AlertDecision::ServiceFault => Self::ServiceFault,
            AlertDecision::Duplicate => Self::Duplicate,
        }
    }
}

words! {
    /// What happened to an alert after it was raised.
    AlertEventKind {
        Escalated = "escalated",
        /// It climbed, and nobody on any step could be told.
        NobodyReachable = "nobody_reachable",
        Acknowledged = "acknowledged",
        /// Acknowledged and not decided in time: it climbs again.
        DecisionOverdue = "decision_overdue",
        Note = "note",
        HandedOver = "handed_over",
        Decided = "decided",
        Closed = "closed",
        Reopened = "reopened",
        /// No phone may hold a record that would take a miss back.
        Confirmed = "confirmed",
    }
}

/// What ends an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// A named person says what it was.
    Decision,
    /// It closes by itself once this is done; saying something about it does not.
    Deed(&'static str),
    /// That somebody has it is all there is to know.
    Acknowledgement,
}

words! {
    /// The force's own assessment; it drives clocks and severity only.
    Risk {
        Standard = "standard",
        High = "high",
    }
}

/// Of an alert that no rule about a duty asks for.
pub const NO_FINDING: &str = "It rests on no finding. Its detail says what was noticed.";

/// On what an alert rests, and so how it is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestsOn {
    /// That a window closed in silence.
    Silence,
    /// The record of an attendance.
    Attendance,
    /// The facts about a treatment session.
    Session,
    /// The facts about a request to present a device.
    Request,
    /// A position, or a sighting, against the order's zones.
    Place,
    /// That a tag was not heard of.
    Feed,
    /// The facts about a duty to notify.
    Notification,
    /// On something that is not replayed: what it is, and where that is told.
    NotReplayed(&'static str),
}

impl AlertKind {
    pub fn severity(self, risk: Risk) -> Severity {
        match (self, risk) {
            (Self::ZoneEntered, _) | (Self::MissedSignOn | Self::WrongPerson, Risk::High) => {
                Severity::Critical
            }
            (Self::MissedSignOn | Self::WrongPerson, Risk::Standard)
            | (
                Self::WrongPlace
                | Self::AttendedLate
                | Self::AttendedEarly
                | Self::MissedSignOnToVerify
                | Self::ZoneUncertain
                | Self::ZoneEnteredToVerify
                | Self::SessionNotComplied
                | Self::ConcernReported
                | Self::ReporterNotContacted
                | Self::ReportReviewDue
                | Self::TaskOverdue,
                Risk::High,
            )
            | (
                Self::NothingAhead
                | Self::OrderUnserved
                | Self::OrderServiceOverdue
                | Self::OrderUnowned
                | Self::DeviceNotPresented
                | Self::DeviceSuspicion
                | Self::NotificationOverdue
                | Self::ConditionNotKept
                | Self::FeedSilent
                | Self::ExcuseLapsed
                | Self::BreachCaseDue
                | Self::ReportUntriaged
                | Self::ReportUnallocated
                | Self::LadderUnreachable
                | Self::SealBroken
                | Self::RecordsMissing
                | Self::RecordsForked
                | Self::InvariantViolated
                | Self::TestAlarm,
                _,
            ) => Severity::High,
            _ => Severity::Warning,
        }
    }

    /// Exhaustive: a new kind of alert does not compile until somebody has said what ends it.
    pub fn answered_by(self) -> AnsweredBy {
        let deed = match self {
            Self::NothingAhead => "Record a version with a schedule, or the order's end.",
            Self::OrderUnserved | Self::OrderServiceOverdue => "Record that the order was served.",
            Self::OrderUnowned => "Name somebody who answers for the order.",
            Self::TransferUnanswered => "Record the other force's answer.",
            Self::PlanReviewDue => "Record the review.",
            Self::PlanMissing => "Name somebody who looks whether the condition is kept.",
            Self::ProtectedTimeClash => "Say why the duty stands, or move it.",
            Self::OutcomeMissing => "Record what became of the session.",
            Self::EvidenceOverdue => "Record the evidence, or another outcome.",
            Self::RequestNotProved => "Record how the request reached the subject.",
            Self::ExcuseLapsed => "Record the evidence, or decide on the claim.",
            Self::BreachCaseDue => {
                "Decide on the case, agree to the decision, or record how it goes on."
            }
            Self::ConcernReported | Self::ReportUntriaged => "Triage the report.",
            Self::ReportUnallocated => "Give the report to somebody who investigates it.",
            Self::ReporterNotContacted => "Record that whoever reported was contacted, or why not.",
            Self::ReportReviewDue => "Record a supervisor's review of the report.",
            Self::TaskOverdue => "Do the task, and record that it was done.",
            Self::OrderExpiring => {
                "Record what was decided about the end of the order, or the version with a new end."
            }
            Self::LadderUnreachable => "Put somebody on duty for it, or set another ladder.",
            Self::InvariantViolated => {
                "Run `holdfast check` and mend what it names; it closes when nothing is left."
            }
            Self::PhoneSilent => "Open the app on that phone, or take the phone off.",
            Self::TestAlarm => return AnsweredBy::Acknowledgement,
            Self::MissedSignOn
            | Self::MissedSignOnToVerify
            | Self::AttendedEarly
            | Self::AttendedLate
            | Self::WrongPlace
            | Self::WrongPerson
            | Self::IdentityNotChecked
            | Self::IdentityConcern
            | Self::TimeUncertain
            | Self::HeldOnPhone
            | Self::ConflictingRecords
            | Self::SealBroken
            | Self::RecordsMissing
            | Self::RecordsForked
            | Self::PhoneLost
            | Self::MailboxLost
            | Self::TermsConflict
            | Self::StatusPeriodEnded
            | Self::ConditionNotKept
            | Self::SessionNotComplied
            | Self::ServiceFault
            | Self::DeviceNotPresented
            | Self::DeviceSuspicion
            | Self::NotificationOverdue
            | Self::NotificationInvalid
            | Self::ZoneEntered
            | Self::ZoneEnteredToVerify
            | Self::ZoneUncertain
            | Self::FeedSilent => return AnsweredBy::Decision,
        };
        AnsweredBy::Deed(deed)
    }

    /// Whether it is about a window that closed in silence.
    pub fn is_miss(self) -> bool {
        matches!(self, Self::MissedSignOn | Self::MissedSignOnToVerify)
    }

    /// On what an alert of the kind rests. Exhaustive: of a new kind somebody has to say it.
    pub fn rests_on(self) -> RestsOn {
        let says = match self {
            Self::MissedSignOn | Self::MissedSignOnToVerify => return RestsOn::Silence,
            Self::AttendedEarly
            | Self::AttendedLate
            | Self::WrongPlace
            | Self::WrongPerson
            | Self::IdentityNotChecked
            | Self::IdentityConcern
            | Self::TimeUncertain
            | Self::HeldOnPhone => return RestsOn::Attendance,
            Self::OutcomeMissing
            | Self::SessionNotComplied
            | Self::EvidenceOverdue
            | Self::ServiceFault => return RestsOn::Session,
            Self::DeviceNotPresented | Self::RequestNotProved => return RestsOn::Request,
            Self::ZoneEntered | Self::ZoneEnteredToVerify | Self::ZoneUncertain => {
                return RestsOn::Place;
            }
            Self::FeedSilent => return RestsOn::Feed,
            Self::NotificationOverdue | Self::NotificationInvalid => return RestsOn::Notification,
            Self::DeviceSuspicion => {
                "It rests on what an examination found; it is listed with the order's devices."
            }
            Self::ConflictingRecords => {
                "It rests on two records under one id; both are kept, and neither is judged."
            }
            Self::SealBroken => {
                "It rests on a record that was not taken in; what came is in the ledger as a digest."
            }
            Self::RecordsMissing => {
                "It rests on the numbers of a phone's records; which have come, is looked at as they come."
            }
            Self::RecordsForked => {
                "It rests on two records of one phone; both are kept, and each is judged by itself."
            }
            Self::NothingAhead
            | Self::OrderUnserved
            | Self::OrderServiceOverdue
            | Self::OrderUnowned
            | Self::PhoneLost
            | Self::PhoneSilent
            | Self::MailboxLost
            | Self::OrderExpiring
            | Self::TermsConflict
            | Self::TransferUnanswered
            | Self::StatusPeriodEnded
            | Self::PlanReviewDue
            | Self::PlanMissing
            | Self::ConditionNotKept
            | Self::ProtectedTimeClash
            | Self::ExcuseLapsed
            | Self::BreachCaseDue
            | Self::ConcernReported
            | Self::ReportUntriaged
            | Self::ReportUnallocated
            | Self::ReporterNotContacted
            | Self::ReportReviewDue
            | Self::TaskOverdue
            | Self::LadderUnreachable
            | Self::InvariantViolated
            | Self::TestAlarm => NO_FINDING,
        };
        RestsOn::NotReplayed(says)
    }

    /// What a finding about an attendance asks people to look at, if anything.
    pub fn of(finding: &Finding) -> Option<Self> {
        let kind = match finding.outcome {
            Outcome::Early if finding.fulfils() => return None,
            Outcome::Early => Self::AttendedEarly,
            Outcome::Late => Self::AttendedLate,
            Outcome::WrongPlace => Self::WrongPlace,
            Outcome::WrongPerson => Self::WrongPerson,
            Outcome::IdentityNotChecked => Self::IdentityNotChecked,
            Outcome::Indeterminate => Self::TimeUncertain,
            Outcome::NotAttended => Self::MissedSignOn,
            Outcome::OnTime if !finding.fulfils() => Self::HeldOnPhone,
            Outcome::OnTime if finding.certainty == Certainty::Provisional => Self::IdentityConcern,
            Outcome::OnTime => return None,
        };
        Some(kind)
    }
}

/// Somebody who could be told, and whether any phone of theirs can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<Account> {
    pub account: Account,
    pub reachable: bool,
}

/// When to try a delivery again: at the time the push service asked for, else after 5 s doubling to
/// at most 5 minutes. For ever: an alert that could not be delivered is never discarded.
pub fn retry_at(now: Instant, attempts: i64, retry_after_ms: Option<i64>) -> Instant {
    const MOST_MS: i64 = 5 * MINUTE_MS;
    const ASKED_MS_MAX: i64 = 60 * MINUTE_MS;
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(10);
    let own_ms = ((5 * SECOND_MS) << doublings).min(MOST_MS);
    now + retry_after_ms.map_or(own_ms, |asked_ms| asked_ms.clamp(SECOND_MS, ASKED_MS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_back_off_and_never_end() {
        let wait = |attempts, asked| retry_at(Instant::from_ms(0), attempts, asked).ms();
        assert_eq!(
            [1, 2, 3, 7, 1000].map(|n| wait(n, None)),
            [5, 10, 20, 300, 300].map(|s| s * 1000)
        );
        assert_eq!(wait(1, Some(90_000)), 90_000);
        assert_eq!(wait(1, Some(-4)), SECOND_MS);
        assert_eq!(wait(1, Some(i64::MAX)), 60 * MINUTE_MS);
    }
}
