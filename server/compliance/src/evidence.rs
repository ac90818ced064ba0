//! What an evidence pack holds for whom. A pack for the prosecution is whole; one for disclosure holds
//! nothing that could tell the subject about a victim, a third party or where either of them is.
//!
//! The rule of disclosure is strict, because nobody can look into free text for a machine: **what a
//! person typed is withheld**, each time with a visible marker and a line in the list of redactions, for
//! a person to review. What stays is what the rules and the clocks say, the words of the court that are
//! relied on, and the names of officers and stations (`domain.md`, evidence pack; CPIA 1996).

#[cfg(test)]
mod tests;

use crate::alert::{AlertEventKind, AlertKind};
use crate::fact::FactKind;
use crate::held_record::NO_RECORD_HELD;
use crate::word::words;

words! {
    /// For whom a pack is made, and so what it leaves out.
    PackProfile {
        /// Whole, for the prosecutor and the case file.
        Prosecution = "prosecution",
        /// What may go to the defence after a person has reviewed it.
        Disclosure = "disclosure",
    }
}

words! {
    /// To whom a pack goes: what the law asks to be logged of a disclosure (DPA 2018 s.62).
    PackRecipient {
        Prosecutor = "prosecutor",
        Court = "court",
        Defence = "defence",
        AnotherForce = "another_force",
        /// For the case file; it leaves nobody's hands.
        OwnForce = "own_force",
    }
}

words! {
    /// Why something is not in a pack for disclosure.
    Withheld {
        /// Somebody typed it, and it may name anyone.
        FreeText = "free_text",
        /// Prohibitions name whom they protect, and where.
        OtherWording = "other_wording",
        /// Where somebody was or a phone stood.
        Position = "position",
        /// A whole record of a kind that is scheduled as sensitive, or is no evidence yet.
        Record = "record",
        /// The content of an entry of the ledger; its digest stays, as a link of the chain.
        LedgerEntry = "ledger_entry",
    }
}

impl Withheld {
    /// What stands in the place of what is withheld.
    pub fn marker(self) -> &'static str {
        match self {
            Self::FreeText => "[WITHHELD: free text, to be reviewed]",
            Self::OtherWording => "[WITHHELD: wording that may name a protected person or place]",
            Self::Position => "[WITHHELD: position]",
            Self::Record => "[WITHHELD: record]",
            Self::LedgerEntry => "[WITHHELD: content of a ledger entry]",
        }
    }

    pub fn why(self) -> &'static str {
        match self {
            Self::FreeText => {
                "Typed by a person; it may name a victim, a reporter or a third party. Review it in \
                 the pack for the prosecution and disclose what can be."
            }
            Self::OtherWording => {
                "Not relied on here. The subject was served with the order; its prohibitions may name \
                 a protected person or a place that tells where they are."
            }
            Self::Position => "A position may tell where a protected person is.",
            Self::Record => {
                "Not disclosed from here: scheduled as sensitive, or a draft that nobody has signed."
            }
            Self::LedgerEntry => {
                "What it is about is withheld, or may be. The entry's own digest stays, so that the chain \
                 is whole."
            }
        }
    }
}

impl PackProfile {
    pub fn withholds(self) -> bool {
        self == Self::Disclosure
    }
}

/// Where in a pack a fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactPlace {
    /// In a file that is an exhibit.
    Exhibited,
    /// Held, relevant and not relied on: on the schedule of unused material.
    Unused,
    /// Never described on a schedule that the defence gets: it may tell where a victim is.
    Sensitive,
}

/// Exhaustive, so that a new kind of fact says where it stands.
pub fn place_of(kind: FactKind) -> FactPlace {
    use FactKind as Kind;
    match kind {
        Kind::ServiceAttempted
        | Kind::StatusPeriod
        | Kind::OrderEnded
        | Kind::AppealLodged
        | Kind::AppealDecided
        | Kind::ExcuseClaimed
        | Kind::ExcuseEvidence
        | Kind::ExcuseDecided
        | Kind::BreachCaseOpened
        | Kind::BreachDecided
        | Kind::BreachAuthorised
        | Kind::BreachProgressed
        | Kind::PhotoRecorded => FactPlace::Exhibited,
        // What one is said to do, and by whom it is said; no evidence of the failure.
        Kind::WarningRecorded | Kind::WarningEnded => FactPlace::Sensitive,
        // How and when a victim is told, and how the police look after an order.
        Kind::TaskAdded | Kind::TaskReassigned | Kind::TaskDone => FactPlace::Sensitive,
        Kind::Sighting | Kind::FeedStarted | Kind::FeedEnded => FactPlace::Sensitive,
        Kind::OrderRecorded
        | Kind::VersionRecorded
        | Kind::OrderMade
        | Kind::DraftWithdrawn
        | Kind::OwnersAssigned
        | Kind::TransferRequested
        | Kind::TransferAnswered
        | Kind::ProtectedTime
        | Kind::ClashReasonGiven
        | Kind::PlanSet
        | Kind::PlanReviewed
        | Kind::ReferralMade
        | Kind::SessionScheduled
        | Kind::SessionMoved
        | Kind::SessionCancelled
        | Kind::SessionOutcome
        | Kind::SessionEvidence
        | Kind::DeviceRegistered
        | Kind::PresentationRequested
        | Kind::RequestCommunicated
        | Kind::PresentationAnswered
        | Kind::DeviceExamined
        | Kind::NotificationGiven
        | Kind::DetailsChanged
        | Kind::IdentityAsked
        | Kind::NotificationExempted => FactPlace::Unused,
    }
}

/// Whether an alert is about a report that somebody made, about where the subject was, or about what a
/// victim is to be told: its being there can tell who reported, where a zone is, or how they are reached.
pub fn is_sensitive_alert(kind: AlertKind) -> bool {
    matches!(
        kind,
        AlertKind::ConcernReported
            | AlertKind::ReportUntriaged
            | AlertKind::ReportUnallocated
            | AlertKind::ReporterNotContacted
            | AlertKind::ReportReviewDue
            | AlertKind::ZoneEntered
            | AlertKind::ZoneEnteredToVerify
            | AlertKind::ZoneUncertain
            | AlertKind::FeedSilent
            | AlertKind::TaskOverdue
    )
}

/// Whether a person typed what is said of an event of an alert.
pub fn is_typed_event(kind: AlertEventKind) -> bool {
    use AlertEventKind as Kind;
    match kind {
        Kind::Note | Kind::HandedOver | Kind::Decided => true,
        Kind::Escalated
        | Kind::NobodyReachable
        | Kind::Acknowledged
        | Kind::DecisionOverdue
        | Kind::Closed
        | Kind::Reopened
        | Kind::Confirmed => false,
    }
}

/// Whether the sentence of a reason is the rules' own from end to end. Whatever is not on this list is
/// withheld: what shows a stay and why a counter is shut were typed, and stand in the sentence.
pub fn is_open_reason(code: &str) -> bool {
    const OPEN: [&str; 23] = [
        "after-closing",
        "away-from-station",
        "bank-holiday",
        "bank-holidays-not-known",
        "beacon-unknown",
        "before-opening",
        "clock-before-beacon",
        "closed-without-attendance",
        "held-on-phone",
        "identity-concern",
        "identity-no-match",
        "identity-not-checked",
        NO_RECORD_HELD,
        "order-suspended",
        "order-suspended-in-part",
        "outside-hours",
        "place-uncertain",
        "possible-police-fault",
        "raised-late",
        "station-not-allowed",
        "time-uncertain",
        "window-too-long",
        "within-window",
    ];
    OPEN.contains(&code)
}

/// Whether the defence may read when an entry of the ledger was made, by whom and about what; whatever
/// is not on this list is withheld. What was recorded is under a seal in every entry, read or not.
pub fn is_open_entry(act: &str) -> bool {
    const OPEN: [&str; 11] = [
        "confirm_sign_on",
        "find_missed",
        "confirm_missed",
        "raise_alert",
        "alert_event",
        "acknowledge_alert",
        "close_alert",
        "get_check_in",
        "get_order",
        "get_order_timeline",
        READ_FOR_PACK,
    ];
    OPEN.contains(&act)
}

/// That a case was read for a pack, and that the pack was made, as the ledger has it.
pub const READ_FOR_PACK: &str = "get_evidence_pack";
pub const MADE_PACK: &str = "made_evidence_pack";

/// Initials for the reference of an exhibit, as "AM" of "DC Asha Mercer": the capitals with which words
/// begin, but for a rank in front. Empty when there are none.
pub fn initials(display_name: &str) -> String {
    /// Only in capitals: Di is a name.
    const ABBREVIATIONS: [&str; 8] = ["PC", "DC", "PS", "DS", "DI", "CI", "DCI", "PCSO"];
    const WORDS: [&str; 14] = [
        "ch",
        "constable",
        "dr",
        "dsupt",
        "insp",
        "inspector",
        "mr",
        "mrs",
        "ms",
        "officer",
        "sergeant",
        "sgt",
        "superintendent",
        "supt",
    ];
    let is_rank = |word: &&str| {
        let word = word.trim_end_matches('.');
        ABBREVIATIONS.contains(&word) || WORDS.contains(&word.to_lowercase().as_str())
    };
    let words = display_name.split_whitespace().skip_while(is_rank);
    words.filter_map(|word| word.chars().next()).filter(|first| first.is_uppercase()).collect()
}
