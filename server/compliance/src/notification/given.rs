//! A notification as it was given, and what it means for a duty.

use super::{Cause, NotificationDuty};
use crate::attendance::{Compliance, Reason};
use crate::instant::{DAY_MS, Instant, UK};
use crate::offence::{Failure, Offence, suggested};
use crate::order_kind::{ChangeDuty, OrderKind};
use crate::word::words;

/// An order on paper reaches the system within a week: silence from longer before is not known.
const BACKDATED_MS: i64 = 7 * DAY_MS;

words! {
    /// How it was told. Only attending and saying it is a notification (SPA 2019 s.10(1)).
    Manner {
        OralInPerson = "oral_in_person",
        WrittenInPerson = "written_in_person",
        Phone = "phone",
        Online = "online",
        Post = "post",
        ThroughAnother = "through_another",
    }
}

words! {
    /// Who took it (SPA 2019 s.10(1)).
    TakenBy {
        Officer = "officer",
        /// Authorised by the officer in charge of the station.
        AuthorisedPerson = "authorised_person",
        Unauthorised = "unauthorised",
    }
}

words! {
    /// What one notification is for one duty.
    Standing {
        Complied = "complied",
        /// Valid, after the deadline: it cures the failure and does not undo it.
        Late = "late",
        Invalid = "invalid",
    }
}

words! {
    /// What has become of a duty. Failing is suspected until a person decides.
    DutyState {
        Open = "open",
        Complied = "complied",
        Late = "late",
        /// Over and not cured: it goes on (SPA 2019 s.11).
        Failed = "failed",
        /// Over long before the order was put on file, and nothing is on record about it: what was
        /// done then is on paper, so it is neither complied with nor failed.
        NotKnown = "not_known",
    }
}

impl DutyState {
    pub fn compliance(self) -> Compliance {
        match self {
            Self::Complied => Compliance::Compliant,
            Self::Late | Self::Failed => Compliance::NonCompliant,
            Self::Open => Compliance::AwaitingEvidence,
            Self::NotKnown => Compliance::NoData,
        }
    }
}

words! {
    /// What may be asked of a person who notifies, to verify who it is (SPA 2019 s.10(5)-(6)).
    IdentityAsked {
        Fingerprints = "fingerprints",
        Photograph = "photograph",
        Both = "both",
    }
}

words! {
    IdentityAnswer {
        Complied = "complied",
        Refused = "refused",
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    pub given_at: Instant,
    pub manner: Manner,
    pub is_at_police_station: bool,
    /// Whether the station is in the area that `local_police_area` says.
    pub is_local_police_area: bool,
    pub taken_by: TakenBy,
    pub names: &'a [String],
    /// The home address, or where there is none the place where the subject is regularly found;
    /// for a stay elsewhere, that address.
    pub address: Option<&'a str>,
    /// The written acknowledgement that the police owe (s.10(4)).
    pub receipt_number: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub standing: Standing,
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub state: DutyState,
    /// When it was complied with, in time or late.
    pub given_at: Option<Instant>,
    /// Under which offence a failure or lateness would be recorded; suspected only.
    pub suspected: Option<&'static Offence>,
}

/// A request for fingerprints or a photograph, and the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityRequest {
    pub requested_at: Instant,
    pub asked: IdentityAsked,
    pub answer: Option<IdentityAnswer>,
}

impl IdentityRequest {
    /// Only a recorded refusal suggests an offence; no answer yet suggests nothing.
    pub fn suspected(&self, kind: OrderKind) -> Option<&'static Offence> {
        let is_refused = self.answer == Some(IdentityAnswer::Refused);
        suggested(kind.row().offences, Failure::IdentityRequest).filter(|_| is_refused)
    }
}

/// The police area to notify in: that of the home address in England and Wales, else that of the
/// court that last made the order (SPA 2019 s.10(2)).
pub fn local_police_area<Area>(of_home: Option<Area>, of_court: Area) -> Area {
    of_home.unwrap_or(of_court)
}

impl NotificationDuty {
    /// Total: every notification has one standing for a duty, with every reason against it.
    pub fn judge(&self, given: &Given<'_>) -> Judged {
        let mut reasons = self.faults(given);
        let is_valid = reasons.is_empty();
        let is_late = self.deadline.is_over(given.given_at);
        if is_late {
            let at = given.given_at.in_words(UK);
            let says = format!("Given on {at}, after the period: {}.", self.deadline.arithmetic);
            reasons.push(Reason { code: "after-deadline", says });
        }
        if given.receipt_number.is_none_or(|number| number.trim().is_empty()) {
            let says = "The police have not acknowledged it in writing, as they must (s.10(4)).";
            reasons.push(Reason { code: "not-acknowledged", says: says.to_owned() });
        }
        let standing = match (is_valid, is_late) {
            (false, _) => Standing::Invalid,
            (true, true) => Standing::Late,
            (true, false) => Standing::Complied,
        };
        Judged { standing, reasons }
    }

    /// What has become of the duty by `now`: the first valid notification decides. One in time is
    /// never undone by a later one, and one that was late stays late.
    pub fn settle(&self, given: &[Given<'_>], now: Instant) -> Settled {
        let first = given
            .iter()
            .filter(|given| given.given_at <= now)
            .filter(|given| self.judge(given).standing != Standing::Invalid)
            .map(|given| given.given_at)
            .min();
        let state = match first {
            Some(given_at) if self.deadline.is_over(given_at) => DutyState::Late,
            Some(_) => DutyState::Complied,
            None if self.deadline.is_over(now) => DutyState::Failed,
            None => DutyState::Open,
        };
        let is_failure = matches!(state, DutyState::Late | DutyState::Failed);
        Settled { state, given_at: first, suspected: self.offence().filter(|_| is_failure) }
    }

    /// The same of an order that was put on file at `filed_at`: silence from long before then says
    /// nothing.
    pub fn settle_filed(&self, given: &[Given<'_>], now: Instant, filed_at: Instant) -> Settled {
        let settled = self.settle(given, now);
        let is_silent = settled.state == DutyState::Failed && given.is_empty();
        if is_silent && self.deadline.closes_at < filed_at + -BACKDATED_MS {
            return Settled { state: DutyState::NotKnown, given_at: None, suspected: None };
        }
        settled
    }

    /// What keeps it from being a notification under this duty at all.
    fn faults(&self, given: &Given<'_>) -> Vec<Reason> {
        let method = self.kind.row().notification.map_or("", |rule| rule.method_basis);
        let mut faults = Vec::new();
        let mut fault = |is_fault: bool, code, says: &str| {
            if is_fault {
                faults.push(Reason { code, says: says.to_owned() });
            }
        };
        let says = format!("It must be told in person and by word of mouth ({method}).");
        fault(given.manner != Manner::OralInPerson, "not-oral-in-person", &says);
        let says = format!("It must be told at a police station ({method}).");
        fault(!given.is_at_police_station, "not-at-police-station", &says);
        let says = format!("The station is not in the local police area ({method}).");
        fault(!given.is_local_police_area, "wrong-police-area", &says);
        let says = format!(
            "It was taken by neither an officer nor a person authorised by the officer in charge \
             ({method})."
        );
        fault(given.taken_by == TakenBy::Unauthorised, "taken-by-unauthorised", &says);
        let is_before = self.counts_from.is_some_and(|from| given.given_at < from);
        fault(is_before, "before-the-duty", "It was told before the duty began.");
        let has_name = given.names.iter().any(|name| !name.trim().is_empty());
        let has_address = given.address.is_some_and(|address| !address.trim().is_empty());
        let (needs_name, needs_address) = match &self.cause {
            Cause::Initial | Cause::ExemptionEnded(_) | Cause::Periodic => (true, true),
            Cause::Changed { duty: ChangeDuty::Name, what } => {
                let is_told = given.names.iter().any(|name| plain(name) == plain(what));
                fault(!is_told, "name-not-told", &format!("The name {what} was not told."));
                (false, false)
            }
            Cause::Changed { duty: ChangeDuty::CeasedToHaveHome, .. } => (false, false),
            Cause::Changed { .. } => (false, true),
        };
        fault(needs_name && !has_name, "no-name", "No name was told.");
        fault(needs_address && !has_address, "no-address", "No address was told.");
        faults
    }
}

/// A name without the accidents of writing: case and spaces.
fn plain(name: &str) -> String {
    name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
