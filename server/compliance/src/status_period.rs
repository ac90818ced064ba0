//! Custody, hospital, abroad: days on which a miss is looked at in another light.
//!
//! In such a period an alert about a miss asks to verify instead of to act; it is never excused by
//! that (`domain.md`, J19). A period needs evidence and an end, and when it ends alerts are what
//! they were, without anybody doing anything.

#[cfg(test)]
mod tests;

use crate::attendance::Reason;
use crate::instant::{Instant, UK};
use crate::order_status::Appeal;
use crate::window::Window;
use crate::word::words;

words! {
    Whereabouts {
        Custody = "custody",
        Hospital = "hospital",
        Abroad = "abroad",
    }
}

words! {
    /// How an alert about a miss is put.
    MissTreatment {
        /// As any other.
        Raise = "raise",
        /// Check that what is recorded was so; the miss stays a miss until a person decides.
        Verify = "verify",
    }
}

/// A period that has evidence and an end; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPeriod {
    whereabouts: Whereabouts,
    from: Instant,
    until: Instant,
    evidence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusPeriodRefusal {
    #[error("say when the period ends: it is ended or renewed by a person, never left open")]
    WithoutEnd,
    #[error("a period cannot end before it begins")]
    EndsBeforeItBegins,
    #[error("say what shows it: a custody record, a doctor's note, a ticket")]
    WithoutEvidence,
}

/// What the periods on file make of one miss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treated {
    pub treatment: MissTreatment,
    pub reasons: Vec<Reason>,
    /// When alerts are raised as ever again; `None` if they are now.
    pub rearms_at: Option<Instant>,
}

impl Whereabouts {
    fn in_words(self) -> &'static str {
        match self {
            Self::Custody => "in custody",
            Self::Hospital => "in hospital",
            Self::Abroad => "abroad",
        }
    }
}

impl StatusPeriod {
    /// Half-open. `until` is what is known of the end so far; a longer stay is another period.
    pub fn new(
        whereabouts: Whereabouts,
        from: Instant,
        until: Option<Instant>,
        evidence: &str,
    ) -> Result<Self, StatusPeriodRefusal> {
        let until = until.ok_or(StatusPeriodRefusal::WithoutEnd)?;
        if until <= from {
            return Err(StatusPeriodRefusal::EndsBeforeItBegins);
        }
        if evidence.trim().is_empty() {
            return Err(StatusPeriodRefusal::WithoutEvidence);
        }
        Ok(Self { whereabouts, from, until, evidence: evidence.trim().to_owned() })
    }

    pub fn whereabouts(&self) -> Whereabouts {
        self.whereabouts
    }

    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }

    pub fn rearms_at(&self) -> Instant {
        self.until
    }

    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// Whether any part of the window lies in it.
    pub fn meets(&self, window: Window) -> bool {
        self.from < window.closes_at && window.opens_at < self.until
    }

    fn in_words(&self) -> String {
        format!(
            "recorded as {} from {} to {} ({})",
            self.whereabouts.in_words(),
            self.from.in_words(UK),
            self.until.in_words(UK),
            self.evidence
        )
    }
}

/// How the miss of a window is put. Only a window that periods cover from end to end is verified:
/// who was free for any part of it could have come, so that one is raised, and says the period.
pub fn treat_miss(window: Window, periods: &[StatusPeriod], now: Instant) -> Treated {
    let mut met: Vec<_> = periods.iter().filter(|period| period.meets(window)).collect();
    met.sort_unstable_by_key(|period| period.from);
    let covered_until = met.iter().fold(window.opens_at, |reached, period| {
        if period.from <= reached { reached.max(period.until) } else { reached }
    });
    let is_covered = window.opens_at < window.closes_at && window.closes_at <= covered_until;
    let (treatment, code, ending) = if is_covered {
        (MissTreatment::Verify, "status-period", "Verify it: it is no excuse by itself")
    } else {
        (MissTreatment::Raise, "status-period-in-part", "This was not the whole window")
    };
    let reasons = met
        .iter()
        .map(|period| Reason {
            code,
            says: format!("The subject is {}. {ending}.", period.in_words()),
        })
        .collect();
    Treated { treatment, reasons, rearms_at: rearms_at(periods, now) }
}

/// How the miss of a window is put while an appeal is heard. The state when the window closes counts:
/// an order that bound again by then could be obeyed, and one that was suspended is verified.
pub fn treat_stay(window: Window, appeals: &[Appeal]) -> Treated {
    let last = window.closes_at + -1;
    let met = appeals.iter().filter(|appeal| {
        appeal.stayed_from.is_some_and(|from| from < window.closes_at)
            && appeal.decided_at.is_none_or(|decided_at| window.opens_at < decided_at)
    });
    let mut treated = Treated { treatment: MissTreatment::Raise, reasons: vec![], rearms_at: None };
    for appeal in met {
        let from = appeal.stayed_from.unwrap_or(appeal.lodged_at).in_words(UK);
        let (code, until) = match appeal.decided_at {
            Some(at) if at <= last => {
                ("order-suspended-in-part", format!("until {}", at.in_words(UK)))
            }
            _ => ("order-suspended", "until it decides the appeal".to_owned()),
        };
        let ending = match appeal.is_stay_at(last) {
            true => {
                treated.treatment = MissTreatment::Verify;
                "Verify whether there was a duty"
            }
            false => "It bound again before the window closed",
        };
        let says = format!("The court suspended the order from {from} {until}. {ending}.");
        treated.reasons.push(Reason { code, says });
    }
    treated
}

/// The end of the periods that follow one another without a gap from `now` on.
pub fn rearms_at(periods: &[StatusPeriod], now: Instant) -> Option<Instant> {
    let mut in_order: Vec<_> = periods.iter().collect();
    in_order.sort_unstable_by_key(|period| period.from);
    let ends_at = in_order.iter().fold(now, |reached, period| {
        if period.from <= reached { reached.max(period.until) } else { reached }
    });
    (now < ends_at).then_some(ends_at)
}
