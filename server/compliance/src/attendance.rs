//! What an attendance, or silence, means for one window.
//!
//! Attendance is never refused: early, late, in the wrong place or by the wrong person, it is found
//! to be what it is. A finding says what the facts show; whether it is a breach, a person decides.

#[cfg(test)]
mod tests;

use crate::instant::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS, UK};
use crate::place::Place;
use crate::sealed_record::{Beacon, BeaconSays};
use crate::trace::{Asked, Step, StepAnswer, StepBasis, Trace, in_hours};
use crate::window::Window;
use crate::word::words;

/// Goes up when a change of these rules could change a finding.
pub const POLICY_VERSION: i64 = 1;

/// The longest that a request travels before the server gives it up.
const TRAVEL_MS: i64 = 5 * SECOND_MS;
/// Without the phone's clock at sending, a record this fresh is taken as made on the spot.
const LIVE_MS: i64 = 2 * MINUTE_MS;
/// So much earlier than a time that the service has told it may a phone put what it signs: the officer
/// confirms, and a moment later it is sealed.
const BEACON_MARGIN_MS: i64 = MINUTE_MS;
/// How long a phone may hold a record before a second person must look (`domain.md`, J9).
pub const HELD_MS_MAX: i64 = 12 * HOUR_MS;
/// A silence that is noticed so long after the close says so: a sweep looks every second or so.
pub const RAISED_LATE_AFTER_MS: i64 = MINUTE_MS;

words! {
    /// How the person was identified.
    IdentityMethod {
        KnownToOfficer = "known_to_officer",
        PhotoOnFile = "photo_on_file",
        Document = "document",
        Fingerprint = "fingerprint",
        PhotographTaken = "photograph_taken",
    }
}

words! {
    /// What the identity check showed.
    IdentityResult {
        Match = "match",
        MatchWithConcern = "match_with_concern",
        NoMatch = "no_match",
        NotChecked = "not_checked",
    }
}

words! {
    /// What happened, as a fact.
    Outcome {
        OnTime = "on_time",
        Early = "early",
        Late = "late",
        WrongPlace = "wrong_place",
        WrongPerson = "wrong_person",
        IdentityNotChecked = "identity_not_checked",
        /// The clocks do not tell on which side of the window's edge it was.
        Indeterminate = "indeterminate",
        NotAttended = "not_attended",
    }
}

words! {
    /// What the outcome means under the order. `non_compliant` is suspected until a person decides.
    Compliance {
        Compliant = "compliant",
        NonCompliant = "non_compliant",
        AwaitingEvidence = "awaiting_evidence",
        NoData = "no_data",
    }
}

words! {
    /// Whether a fact that is still under way could change the finding.
    Certainty {
        Confirmed = "confirmed",
        Provisional = "provisional",
    }
}

/// The true time of an event, as far as the clocks bound it; both ends are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrueTime {
    pub earliest_at: Instant,
    pub latest_at: Instant,
}

impl TrueTime {
    /// `attended_at` and `phone_clock_at` are readings of the phone's clock, at the attendance and at
    /// sending; their difference is right however wrong the clock is. Without the second one only the
    /// receipt bounds the event, and only from above.
    pub fn bound(
        attended_at: Instant,
        phone_clock_at: Option<Instant>,
        received_at: Instant,
    ) -> Self {
        let held_ms = phone_clock_at.map(|clock_at| clock_at - attended_at);
        match held_ms {
            Some(held_ms) if held_ms >= 0 => {
                let latest_at = received_at + -held_ms;
                Self { earliest_at: latest_at + -TRAVEL_MS, latest_at }
            }
            None if (received_at - attended_at).abs() <= LIVE_MS => {
                Self { earliest_at: received_at + -TRAVEL_MS, latest_at: received_at }
            }
            None if attended_at < received_at => {
                Self { earliest_at: attended_at, latest_at: received_at }
            }
            _ => Self { earliest_at: received_at + -HELD_MS_MAX, latest_at: received_at },
        }
    }

    /// The same, as far as a time of the service's own in the record bounds it from below. Where the
    /// phone's clock says otherwise, the clock counts no more: between the two, anything is possible.
    pub fn after(self, beacon: Beacon, received_at: Instant) -> (Self, BeaconSays) {
        let told_at = match beacon {
            Beacon::Absent => return (self, BeaconSays::Absent),
            Beacon::NotOurs => return (self, BeaconSays::NotOurs),
            // Of two instances, one may be ahead.
            Beacon::At(at) => at.min(received_at),
        };
        if told_at > self.latest_at + BEACON_MARGIN_MS {
            let time = Self { earliest_at: told_at, latest_at: received_at };
            return (time, BeaconSays::Overrides);
        }
        let earliest_at = self.earliest_at.max(told_at).min(self.latest_at);
        (Self { earliest_at, ..self }, BeaconSays::Agrees)
    }
}

/// Which station the person attended, as the order sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StationMatch {
    Named,
    Alternate,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attendance {
    pub time: TrueTime,
    pub received_at: Instant,
    /// What a time of the service's own in the record said; the time is bounded by it already.
    pub beacon: BeaconSays,
    pub station: StationMatch,
    pub place: Place,
    pub identity: IdentityResult,
}

/// What the order asks for in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    pub window: Window,
    /// When the order says "by" a time: from when on coming before the opening complies.
    pub early_from: Option<Instant>,
}

/// Why a finding is what it is: a stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: &'static str,
    pub says: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub outcome: Outcome,
    pub compliance: Compliance,
    pub certainty: Certainty,
    pub reasons: Vec<Reason>,
}

impl Finding {
    /// Only a compliant attendance ends the wait for one.
    pub fn fulfils(&self) -> bool {
        self.compliance == Compliance::Compliant
    }
}

/// What could be turned about how a window is judged. What holds is `IN_FORCE`: the order's own minutes
/// (`domain.md`, J3). Anything else is a question, asked of the past (`back_test.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long after the close an attendance still complies; a miss is found so much later.
    pub grace_ms: i64,
    /// How long before the opening an attendance complies already.
    pub early_ms: i64,
}

impl Policy {
    pub const IN_FORCE: Self = Self { grace_ms: 0, early_ms: 0 };

    /// Every number that these rules compare with, by name.
    pub fn parameters(self) -> [(&'static str, i64); 7] {
        [
            ("grace_ms", self.grace_ms),
            ("early_ms", self.early_ms),
            ("travel_ms", TRAVEL_MS),
            ("live_ms", LIVE_MS),
            ("beacon_margin_ms", BEACON_MARGIN_MS),
            ("held_ms_max", HELD_MS_MAX),
            ("raised_late_after_ms", RAISED_LATE_AFTER_MS),
        ]
    }
}

impl Duty {
    /// What an attendance is, by the policy in force.
    pub fn assess(&self, attendance: &Attendance) -> Finding {
        self.judge(Policy::IN_FORCE, attendance)
    }

    /// Total: every attendance has exactly one finding. Who came is judged before where, and where
    /// before when, because a stranger's punctuality means nothing.
    pub fn judge(&self, policy: Policy, attendance: &Attendance) -> Finding {
        self.weigh(policy, attendance, Trace::of_reasons()).0
    }

    /// The same finding, and every rule that was asked.
    pub fn explain(&self, policy: Policy, attendance: &Attendance) -> (Finding, Vec<Step>) {
        self.weigh(policy, attendance, Trace::of_steps())
    }

    fn weigh(
        &self,
        policy: Policy,
        attendance: &Attendance,
        mut trace: Trace,
    ) -> (Finding, Vec<Step>) {
        true_time(attendance, &mut trace);
        beacon(attendance, &mut trace);
        let outcome = self.outcome(policy, attendance, &mut trace);
        let held_too_long = held(attendance, &mut trace);
        let concern = attendance.identity == IdentityResult::MatchWithConcern;
        if concern {
            let says = "The officer matched the person but recorded a concern.".to_owned();
            let asked = ("identity_concern", StepAnswer::Noted, StepBasis::Policy);
            trace.remark(asked, Reason { code: "identity-concern", says });
        }
        let counts_early = self.early_counts(attendance.time);
        let compliance = match outcome {
            Outcome::OnTime if held_too_long => Compliance::AwaitingEvidence,
            Outcome::OnTime => Compliance::Compliant,
            Outcome::Early if counts_early && !held_too_long => Compliance::Compliant,
            Outcome::Early | Outcome::Late | Outcome::NotAttended => Compliance::NonCompliant,
            Outcome::WrongPlace
            | Outcome::WrongPerson
            | Outcome::IdentityNotChecked
            | Outcome::Indeterminate => Compliance::AwaitingEvidence,
        };
        if outcome == Outcome::Early {
            self.tell_whether_early_counts(counts_early, &mut trace);
        }
        let certainty = if concern { Certainty::Provisional } else { Certainty::Confirmed };
        let (reasons, steps) = trace.written();
        (Finding { outcome, compliance, certainty, reasons }, steps)
    }

    /// "from Tue 24 Nov, 10:00 to the end of Tue 24 Nov, 12:00"
    pub fn in_words(&self) -> String {
        let Window { opens_at, closes_at } = self.window;
        let last = closes_at + -1;
        format!("from {} to the end of {}", opens_at.in_words(UK), last.in_words(UK))
    }

    fn outcome(&self, policy: Policy, attendance: &Attendance, trace: &mut Trace) -> Outcome {
        identity(attendance.identity, trace)
            .or_else(|| station(attendance.station, trace))
            .or_else(|| position(attendance.place, trace))
            .unwrap_or_else(|| self.timeliness(policy, attendance.time, trace))
    }

    fn timeliness(&self, policy: Policy, time: TrueTime, trace: &mut Trace) -> Outcome {
        let Window { opens_at, closes_at } = self.window;
        let at = || time.latest_at.in_words(UK);
        let grace = || grace_in_words(policy.grace_ms);
        let asked = |answer| ("within_window", answer, StepBasis::TheOrder);
        if time.latest_at < opens_at + -policy.early_ms {
            let by = in_hours(opens_at - time.latest_at);
            let short = Reason { code: "before-opening", says: format!("{by} before the window.") };
            trace.remark_at_length(asked(StepAnswer::NotMet), short, |_| {
                format!(
                    "Signed on at {}, {} before the window opened at {}, less a margin of {} min.",
                    at(),
                    by.to_lowercase(),
                    opens_at.in_words(UK),
                    policy.early_ms / MINUTE_MS
                )
            });
            Outcome::Early
        } else if time.earliest_at >= closes_at + policy.grace_ms {
            let by = in_hours(time.latest_at - closes_at);
            let short = Reason { code: "after-closing", says: format!("{by} after the window.") };
            trace.remark_at_length(asked(StepAnswer::NotMet), short, |_| {
                format!(
                    "Signed on at {}, {} after the window closed at the end of {}{}.",
                    at(),
                    by.to_lowercase(),
                    (closes_at + -1).in_words(UK),
                    grace()
                )
            });
            Outcome::Late
        } else if time.latest_at < closes_at + policy.grace_ms && self.began_in_time(policy, time) {
            let short = Reason { code: "within-window", says: "Within the window.".to_owned() };
            trace.remark_at_length(asked(StepAnswer::Met), short, |_| {
                format!("Signed on at {}, in the window {}{}.", at(), self.in_words(), grace())
            });
            Outcome::OnTime
        } else {
            let says = "The clocks do not tell whether this was inside the window.".to_owned();
            let short = Reason { code: "time-uncertain", says };
            trace.remark_at_length(asked(StepAnswer::NotKnown), short, |_| {
                format!(
                    "Signed on between {} and {}: an edge of the window {}{} lies between.",
                    time.earliest_at.in_words(UK),
                    at(),
                    self.in_words(),
                    grace()
                )
            });
            Outcome::Indeterminate
        }
    }

    fn early_counts(&self, time: TrueTime) -> bool {
        self.early_from.is_some_and(|from| from <= time.earliest_at)
    }

    fn tell_whether_early_counts(&self, counts: bool, trace: &mut Trace) {
        let answer = if counts { StepAnswer::Met } else { StepAnswer::NotMet };
        trace.note(("early_counts", answer, StepBasis::TheOrder), || match self.early_from {
            Some(from) if counts => {
                format!("The order says \"by\": from {} on it complies.", from.in_words(UK))
            }
            Some(from) => {
                format!("The order says \"by\", but from {} on only.", from.in_words(UK))
            }
            None => "The order names a window, so coming before it does not comply.".to_owned(),
        });
    }

    /// A request's travel time alone does not put somebody before the opening: they were still there
    /// when it was sent.
    fn began_in_time(&self, policy: Policy, time: TrueTime) -> bool {
        time.earliest_at >= self.window.opens_at + -policy.early_ms
            || time.latest_at - time.earliest_at <= TRAVEL_MS
    }
}

/// " plus 0 min of grace"
pub(crate) fn grace_in_words(grace_ms: i64) -> String {
    format!(" plus {} min of grace", grace_ms / MINUTE_MS)
}

fn true_time(attendance: &Attendance, trace: &mut Trace) {
    trace.note(("true_time", StepAnswer::Noted, StepBasis::Policy), || {
        let TrueTime { earliest_at, latest_at } = attendance.time;
        format!(
            "By both clocks it was between {} and {}; the record came in on {}.",
            earliest_at.in_full(UK),
            latest_at.in_full(UK),
            attendance.received_at.in_full(UK)
        )
    });
}

/// What a time of the service's own in the record has to say.
fn beacon(attendance: &Attendance, trace: &mut Trace) {
    let asked = |answer| -> Asked { ("beacon", answer, StepBasis::Policy) };
    match attendance.beacon {
        BeaconSays::Absent => {}
        BeaconSays::Agrees => trace.note(asked(StepAnswer::Met), || {
            "The phone signed a time of the service's own with it, and its clock agrees.".to_owned()
        }),
        BeaconSays::Overrides => {
            let says = format!(
                "The phone's clock puts it before {}, when the service had already answered that \
                 phone. It was made after that.",
                attendance.time.earliest_at.in_words(UK)
            );
            let reason = Reason { code: "clock-before-beacon", says };
            trace.remark(asked(StepAnswer::NotMet), reason);
        }
        BeaconSays::NotOurs => {
            let says = "The time of the service that the phone signed with it is none that the \
                        service knows. It is left out of account."
                .to_owned();
            trace.remark(asked(StepAnswer::NotKnown), Reason { code: "beacon-unknown", says });
        }
    }
}

/// Whether the phone held it for too long.
fn held(attendance: &Attendance, trace: &mut Trace) -> bool {
    let held_ms = attendance.received_at - attendance.time.latest_at;
    let asked = |answer| ("held_on_phone", answer, StepBasis::Policy);
    let too_long = held_ms > HELD_MS_MAX;
    if too_long {
        let by = in_hours(held_ms);
        let says = format!("The phone held the record for {by}, longer than 12 hours.");
        trace.remark(asked(StepAnswer::NotMet), Reason { code: "held-on-phone", says });
    } else {
        trace.note(asked(StepAnswer::Met), || {
            let by = in_hours(held_ms).to_lowercase();
            format!("The phone held the record for {by}, not longer than 12 hours.")
        });
    }
    too_long
}

fn identity(result: IdentityResult, trace: &mut Trace) -> Option<Outcome> {
    let asked = |answer| -> Asked { ("identity", answer, StepBasis::TheOrder) };
    match result {
        IdentityResult::NoMatch => {
            let says = "The person who came is not the subject.".to_owned();
            let reason = Reason { code: "identity-no-match", says };
            trace.remark(asked(StepAnswer::NotMet), reason);
            Some(Outcome::WrongPerson)
        }
        IdentityResult::NotChecked => {
            let says = "Nobody checked who came.".to_owned();
            let reason = Reason { code: "identity-not-checked", says };
            trace.remark(asked(StepAnswer::NotKnown), reason);
            Some(Outcome::IdentityNotChecked)
        }
        IdentityResult::Match | IdentityResult::MatchWithConcern => {
            trace.note(asked(StepAnswer::Met), || "The officer identified the subject.".to_owned());
            None
        }
    }
}

fn station(station: StationMatch, trace: &mut Trace) -> Option<Outcome> {
    let asked = |answer| -> Asked { ("station", answer, StepBasis::TheOrder) };
    let says = match station {
        StationMatch::Other => {
            let says = "The order does not allow this station.".to_owned();
            let reason = Reason { code: "station-not-allowed", says };
            trace.remark(asked(StepAnswer::NotMet), reason);
            return Some(Outcome::WrongPlace);
        }
        StationMatch::Named => "It is the station of the order.",
        StationMatch::Alternate => "The order allows this station beside its own.",
    };
    trace.note(asked(StepAnswer::Met), || says.to_owned());
    None
}

fn position(place: Place, trace: &mut Trace) -> Option<Outcome> {
    let asked = |answer| -> Asked { ("position", answer, StepBasis::Policy) };
    match place {
        Place::Outside { distance_m } => {
            let says = format!("The phone was {distance_m:.0} m from the station.");
            trace.remark(asked(StepAnswer::NotMet), Reason { code: "away-from-station", says });
            return Some(Outcome::WrongPlace);
        }
        Place::Uncertain { distance_m } => {
            let says = format!(
                "The phone's position, {distance_m:.0} m from the station, is too inaccurate \
                 to tell; the officer's word stands."
            );
            trace.remark(asked(StepAnswer::NotKnown), Reason { code: "place-uncertain", says });
        }
        Place::Inside { distance_m } => trace.note(asked(StepAnswer::Met), || {
            format!("The phone was {distance_m:.0} m from the middle of the station.")
        }),
        Place::NotStated => trace.note(asked(StepAnswer::NotKnown), || {
            "The phone stated no position; the officer's word stands.".to_owned()
        }),
    }
    None
}
