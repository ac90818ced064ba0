//! What an attendance, or silence, means for one window.
//!
//! Attendance is never refused: early, late, in the wrong place or by the wrong person, it is found
//! to be what it is. A finding says what the facts show; whether it is a breach, a person decides.

#[cfg(test)]
mod tests;

use crate::instant::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS, UK};
use crate::place::Place;
use crate::trace::{EXCUSE, POLICY, Step, StepAnswer, THE_ORDER, in_hours, reasons};
use crate::window::Window;
use crate::word::words;

/// Goes up when a change of these rules could change a finding.
pub const POLICY_VERSION: i64 = 1;

/// The longest that a request travels before the server gives it up.
const TRAVEL_MS: i64 = 5 * SECOND_MS;
/// Without the phone's clock at sending, a record this fresh is taken as made on the spot.
const LIVE_MS: i64 = 2 * MINUTE_MS;
/// How long a phone may hold a record before a second person must look (`domain.md`, J9).
pub const HELD_MS_MAX: i64 = 12 * HOUR_MS;

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
    pub fn parameters(self) -> [(&'static str, i64); 6] {
        [
            ("grace_ms", self.grace_ms),
            ("early_ms", self.early_ms),
            ("travel_ms", TRAVEL_MS),
            ("live_ms", LIVE_MS),
            ("held_ms_max", HELD_MS_MAX),
            ("raised_late_after_ms", MINUTE_MS),
        ]
    }
}

/// A finding, and how it was come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub finding: Finding,
    pub steps: Vec<Step>,
}

impl Duty {
    /// What an attendance is, by the policy in force.
    pub fn assess(&self, attendance: &Attendance) -> Finding {
        self.judge(Policy::IN_FORCE, attendance).finding
    }

    /// Total: every attendance has exactly one finding. Who came is judged before where, and where
    /// before when, because a stranger's punctuality means nothing.
    pub fn judge(&self, policy: Policy, attendance: &Attendance) -> Judged {
        let mut steps = vec![true_time(attendance)];
        let outcome = self.outcome(policy, attendance, &mut steps);
        let held_ms = attendance.received_at - attendance.time.latest_at;
        let held_too_long = held_ms > HELD_MS_MAX;
        steps.push(held(held_ms, held_too_long));
        let concern = attendance.identity == IdentityResult::MatchWithConcern;
        if concern {
            let says = "The officer matched the person but recorded a concern.".to_owned();
            let step = Step::new("identity_concern", StepAnswer::Noted, POLICY, says.clone());
            steps.push(step.because("identity-concern", says));
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
            steps.push(self.early_step(counts_early));
        }
        let certainty = if concern { Certainty::Provisional } else { Certainty::Confirmed };
        let reasons = reasons(&steps);
        Judged { finding: Finding { outcome, compliance, certainty, reasons }, steps }
    }

    /// What it means that the window closed and nothing was on file, without circumstances.
    pub fn assess_silence(&self, found_at: Instant) -> Finding {
        let steps = self.silence_steps(Policy::IN_FORCE, found_at);
        Self::silence(reasons(&steps))
    }

    /// Provisional, because a phone may still hold a record that was made in time.
    pub(crate) fn silence(reasons: Vec<Reason>) -> Finding {
        Finding {
            outcome: Outcome::NotAttended,
            compliance: Compliance::NonCompliant,
            certainty: Certainty::Provisional,
            reasons,
        }
    }

    pub(crate) fn silence_steps(&self, policy: Policy, found_at: Instant) -> Vec<Step> {
        let short = "The window closed and no attendance that complies is on file.";
        let says = format!(
            "The window {} closed{} and no attendance that complies was on file.",
            self.in_words(),
            grace_in_words(policy.grace_ms),
        );
        let closed = Step::new("closed_in_silence", StepAnswer::NotMet, EXCUSE, says);
        let mut steps = vec![closed.because("closed-without-attendance", short.to_owned())];
        let late_by_ms = found_at - (self.window.closes_at + policy.grace_ms);
        if late_by_ms >= MINUTE_MS {
            let says = format!(
                "Found {} after the window closed, because the service was not watching.",
                in_hours(late_by_ms)
            );
            let late = Step::new("found_late", StepAnswer::Noted, POLICY, says.clone());
            steps.push(late.because("raised-late", says));
        }
        steps
    }

    /// "from Tue 24 Nov, 10:00 to the end of Tue 24 Nov, 12:00"
    pub fn in_words(&self) -> String {
        let Window { opens_at, closes_at } = self.window;
        let last = closes_at + -1;
        format!("from {} to the end of {}", opens_at.in_words(UK), last.in_words(UK))
    }

    fn outcome(&self, policy: Policy, attendance: &Attendance, steps: &mut Vec<Step>) -> Outcome {
        let (who, step) = identity(attendance.identity);
        steps.push(step);
        if let Some(outcome) = who {
            return outcome;
        }
        let (allowed, step) = station(attendance.station);
        steps.push(step);
        if let Some(outcome) = allowed {
            return outcome;
        }
        let (there, step) = position(attendance.place);
        steps.push(step);
        if let Some(outcome) = there {
            return outcome;
        }
        let (outcome, step) = self.timeliness(policy, attendance.time);
        steps.push(step);
        outcome
    }

    fn timeliness(&self, policy: Policy, time: TrueTime) -> (Outcome, Step) {
        let Window { opens_at, closes_at } = self.window;
        let at = time.latest_at.in_words(UK);
        let grace = grace_in_words(policy.grace_ms);
        let step = |answer, says| Step::new("within_window", answer, THE_ORDER, says);
        if time.latest_at < opens_at + -policy.early_ms {
            let by = in_hours(opens_at - time.latest_at);
            let says = format!(
                "Signed on at {at}, {} before the window opened at {}, less a margin of {} min.",
                by.to_lowercase(),
                opens_at.in_words(UK),
                policy.early_ms / MINUTE_MS
            );
            let short = format!("{by} before the window.");
            (Outcome::Early, step(StepAnswer::NotMet, says).because("before-opening", short))
        } else if time.earliest_at >= closes_at + policy.grace_ms {
            let by = in_hours(time.latest_at - closes_at);
            let says = format!(
                "Signed on at {at}, {} after the window closed at the end of {}{grace}.",
                by.to_lowercase(),
                (closes_at + -1).in_words(UK)
            );
            let short = format!("{by} after the window.");
            (Outcome::Late, step(StepAnswer::NotMet, says).because("after-closing", short))
        } else if time.latest_at < closes_at + policy.grace_ms && self.began_in_time(policy, time) {
            let says = format!("Signed on at {at}, in the window {}{grace}.", self.in_words());
            let short = "Within the window.".to_owned();
            (Outcome::OnTime, step(StepAnswer::Met, says).because("within-window", short))
        } else {
            let says = format!(
                "Signed on between {} and {at}: an edge of the window {}{grace} lies between.",
                time.earliest_at.in_words(UK),
                self.in_words()
            );
            let short = "The clocks do not tell whether this was inside the window.".to_owned();
            let step = step(StepAnswer::NotKnown, says);
            (Outcome::Indeterminate, step.because("time-uncertain", short))
        }
    }

    fn early_counts(&self, time: TrueTime) -> bool {
        self.early_from.is_some_and(|from| from <= time.earliest_at)
    }

    fn early_step(&self, counts: bool) -> Step {
        let (answer, says) = match self.early_from {
            Some(from) if counts => (
                StepAnswer::Met,
                format!("The order says \"by\": from {} on it complies.", from.in_words(UK)),
            ),
            Some(from) => (
                StepAnswer::NotMet,
                format!("The order says \"by\", but from {} on only.", from.in_words(UK)),
            ),
            None => (
                StepAnswer::NotMet,
                "The order names a window, so coming before it does not comply.".to_owned(),
            ),
        };
        Step::new("early_counts", answer, THE_ORDER, says)
    }

    /// A request's travel time alone does not put somebody before the opening: they were still there
    /// when it was sent.
    fn began_in_time(&self, policy: Policy, time: TrueTime) -> bool {
        time.earliest_at >= self.window.opens_at + -policy.early_ms
            || time.latest_at - time.earliest_at <= TRAVEL_MS
    }
}

/// " plus 0 min of grace"
fn grace_in_words(grace_ms: i64) -> String {
    format!(" plus {} min of grace", grace_ms / MINUTE_MS)
}

fn true_time(attendance: &Attendance) -> Step {
    let TrueTime { earliest_at, latest_at } = attendance.time;
    let says = format!(
        "By both clocks it was between {} and {}; the record came in on {}.",
        earliest_at.in_full(UK),
        latest_at.in_full(UK),
        attendance.received_at.in_full(UK)
    );
    Step::new("true_time", StepAnswer::Noted, POLICY, says)
}

fn held(held_ms: i64, too_long: bool) -> Step {
    let by = in_hours(held_ms);
    if too_long {
        let says = format!("The phone held the record for {by}, longer than 12 hours.");
        let step = Step::new("held_on_phone", StepAnswer::NotMet, POLICY, says.clone());
        return step.because("held-on-phone", says);
    }
    let by = by.to_lowercase();
    let says = format!("The phone held the record for {by}, not longer than 12 hours.");
    Step::new("held_on_phone", StepAnswer::Met, POLICY, says)
}

fn identity(result: IdentityResult) -> (Option<Outcome>, Step) {
    let step = |answer, says: &str| Step::new("identity", answer, THE_ORDER, says.to_owned());
    match result {
        IdentityResult::NoMatch => {
            let says = "The person who came is not the subject.";
            let step = step(StepAnswer::NotMet, says);
            (Some(Outcome::WrongPerson), step.because("identity-no-match", says.to_owned()))
        }
        IdentityResult::NotChecked => {
            let says = "Nobody checked who came.";
            let step = step(StepAnswer::NotKnown, says);
            let step = step.because("identity-not-checked", says.to_owned());
            (Some(Outcome::IdentityNotChecked), step)
        }
        IdentityResult::Match | IdentityResult::MatchWithConcern => {
            (None, step(StepAnswer::Met, "The officer identified the subject."))
        }
    }
}

fn station(station: StationMatch) -> (Option<Outcome>, Step) {
    let step = |answer, says: &str| Step::new("station", answer, THE_ORDER, says.to_owned());
    match station {
        StationMatch::Other => {
            let says = "The order does not allow this station.";
            let step = step(StepAnswer::NotMet, says);
            (Some(Outcome::WrongPlace), step.because("station-not-allowed", says.to_owned()))
        }
        StationMatch::Named => (None, step(StepAnswer::Met, "It is the station of the order.")),
        StationMatch::Alternate => {
            (None, step(StepAnswer::Met, "The order allows this station beside its own."))
        }
    }
}

fn position(place: Place) -> (Option<Outcome>, Step) {
    let step = |answer, says: String| Step::new("position", answer, POLICY, says);
    match place {
        Place::Outside { distance_m } => {
            let says = format!("The phone was {distance_m:.0} m from the station.");
            let step = step(StepAnswer::NotMet, says.clone());
            (Some(Outcome::WrongPlace), step.because("away-from-station", says))
        }
        Place::Uncertain { distance_m } => {
            let says = format!(
                "The phone's position, {distance_m:.0} m from the station, is too inaccurate \
                 to tell; the officer's word stands."
            );
            (None, step(StepAnswer::NotKnown, says.clone()).because("place-uncertain", says))
        }
        Place::Inside { distance_m } => {
            let says = format!("The phone was {distance_m:.0} m from the middle of the station.");
            (None, step(StepAnswer::Met, says))
        }
        Place::NotStated => {
            let says = "The phone stated no position; the officer's word stands.".to_owned();
            (None, step(StepAnswer::NotKnown, says))
        }
    }
}
