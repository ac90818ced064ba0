//! What must be true of the records at every moment, however they came about. Each is looked for by a
//! query of its own, which shares nothing with what the service itself goes by: of two that count the
//! same thing in the same way, neither checks the other.

use crate::alert::Severity;
use crate::word::words;

words! {
    Invariant {
        OrderOwned = "order_owned",
        WindowOnFile = "window_on_file",
        WindowJudged = "window_judged",
        StateProved = "state_proved",
        MissRaised = "miss_raised",
        MissDecided = "miss_decided",
        AlertTold = "alert_told",
        AlertClimbs = "alert_climbs",
        ClosingProved = "closing_proved",
        DeliveryProved = "delivery_proved",
        LeaseFrees = "lease_frees",
        JobMoves = "job_moves",
        LookTaken = "look_taken",
        ReportInvestigated = "report_investigated",
        TaskAsked = "task_asked",
        TaskOwned = "task_owned",
        TaskChased = "task_chased",
        SealProved = "seal_proved",
        NumbersChecked = "numbers_checked",
        LedgerFits = "ledger_fits",
    }
}

impl Invariant {
    pub fn says(self) -> &'static str {
        match self {
            Self::OrderOwned => "Every order in force has an owner whose account is in use.",
            Self::WindowOnFile => {
                "Every window of a schedule is on file as far as it is said to be written out."
            }
            Self::WindowJudged => "No window that is over is still waiting for its finding.",
            Self::StateProved => {
                "Every sign-on is in the one state that its records and findings give."
            }
            Self::MissRaised => {
                "Every missed sign-on has exactly one finding of silence that stands, and an alert."
            }
            Self::MissDecided => {
                "Every missed sign-on is decided within three times the time that its ladder gives, \
                 or waits for the evidence of an excuse."
            }
            Self::AlertTold => {
                "Every alert that nobody has was put on its way to somebody, or says that nobody can \
                 be reached."
            }
            Self::AlertClimbs => "Every open alert has a next step, and it is not overdue.",
            Self::ClosingProved => {
                "Every alert that was taken or closed says by whom and why, and the records agree."
            }
            Self::DeliveryProved => {
                "Whatever is said to be delivered has its attempt, and every attempt has its job."
            }
            Self::LeaseFrees => "No lease holds a job for longer than an attempt may take.",
            Self::JobMoves => "Every job is settled with an outcome, under way or due soon.",
            Self::LookTaken => "Nothing that was to be looked at again is overdue.",
            Self::ReportInvestigated => {
                "No report of concern is closed that was not given to somebody, looked into, concluded \
                 with reasons, signed off by another person and answered."
            }
            Self::TaskAsked => {
                "Everything that happened to an order, and of which a victim or the PNC has to be told, \
                 has its task."
            }
            Self::TaskOwned => "Every open task has an owner whose account is in use.",
            Self::TaskChased => {
                "Every open task that was not done in time has an open alert, and no other has one."
            }
            Self::SealProved => {
                "Every sign-on that came signed by a phone has, on file, what was signed, with a key of \
                 whoever confirmed it."
            }
            Self::NumbersChecked => {
                "Every number that a phone has given and that did not come was reported."
            }
            Self::LedgerFits => "Every chain of the ledger fits, entry by entry.",
        }
    }

    /// What its ids are ids of.
    pub fn names(self) -> &'static str {
        match self {
            Self::OrderOwned => "order",
            Self::WindowOnFile => "schedule",
            Self::WindowJudged | Self::StateProved | Self::MissRaised => "obligation",
            Self::MissDecided
            | Self::AlertTold
            | Self::AlertClimbs
            | Self::ClosingProved
            | Self::DeliveryProved
            | Self::LeaseFrees
            | Self::JobMoves => "alert",
            Self::LookTaken | Self::TaskAsked | Self::TaskChased => "order",
            Self::TaskOwned => "task",
            Self::SealProved => "check-in",
            Self::NumbersChecked => "phone key",
            Self::ReportInvestigated => "report",
            Self::LedgerFits => "chain",
        }
    }

    /// Critical is what no later look can mend: silence that nobody will notice, a record that was
    /// changed.
    pub fn severity(self) -> Severity {
        match self {
            Self::WindowOnFile
            | Self::WindowJudged
            | Self::StateProved
            | Self::MissRaised
            | Self::ReportInvestigated
            | Self::TaskAsked
            | Self::SealProved
            | Self::LedgerFits => Severity::Critical,
            Self::OrderOwned
            | Self::MissDecided
            | Self::AlertTold
            | Self::AlertClimbs
            | Self::ClosingProved
            | Self::DeliveryProved
            | Self::LeaseFrees
            | Self::JobMoves
            | Self::LookTaken
            | Self::TaskOwned
            | Self::TaskChased
            | Self::NumbersChecked => Severity::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word;

    #[test]
    fn every_invariant_says_in_one_sentence_what_holds() {
        for invariant in Invariant::ALL {
            let says = invariant.says();
            assert!(says.ends_with('.') && says.matches(". ").count() == 0, "{says}");
        }
        let said: std::collections::BTreeSet<_> =
            Invariant::ALL.iter().map(|it| it.says()).collect();
        assert_eq!(said.len(), Invariant::ALL.len());
    }
}
