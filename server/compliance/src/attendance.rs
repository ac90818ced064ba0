//! What an attendance, or silence, means for one window.
//!
//! Attendance is never refused: early, late, in the wrong place or by the wrong person, it is found
//! to be what it is. A finding says what the facts show; whether it is a breach, a person decides.

use crate::instant::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS};
use crate::place::Place;
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

impl Duty {
    /// Total: every attendance has exactly one finding. Who came is judged before where, and where
    /// before when, because a stranger's punctuality means nothing.
    pub fn assess(&self, attendance: &Attendance) -> Finding {
        let mut reasons = Vec::new();
        let outcome = self.outcome(attendance, &mut reasons);
        let held_ms = attendance.received_at - attendance.time.latest_at;
        let held_too_long = held_ms > HELD_MS_MAX;
        if held_too_long {
            reasons.push(Reason {
                code: "held-on-phone",
                says: format!(
                    "The phone held the record for {}, longer than 12 hours.",
                    in_hours(held_ms)
                ),
            });
        }
        let concern = attendance.identity == IdentityResult::MatchWithConcern;
        if concern {
            reasons.push(Reason {
                code: "identity-concern",
                says: "The officer matched the person but recorded a concern.".to_owned(),
            });
        }
        let compliance = match outcome {
            Outcome::OnTime if held_too_long => Compliance::AwaitingEvidence,
            Outcome::OnTime => Compliance::Compliant,
            Outcome::Early if self.early_counts(attendance.time) && !held_too_long => {
                Compliance::Compliant
            }
            Outcome::Early | Outcome::Late | Outcome::NotAttended => Compliance::NonCompliant,
            Outcome::WrongPlace
            | Outcome::WrongPerson
            | Outcome::IdentityNotChecked
            | Outcome::Indeterminate => Compliance::AwaitingEvidence,
        };
        let certainty = if concern { Certainty::Provisional } else { Certainty::Confirmed };
        Finding { outcome, compliance, certainty, reasons }
    }

    /// What it means that the window closed and nothing was on file. Provisional, because a phone
    /// may still hold a record that was made in time.
    pub fn assess_silence(&self, found_at: Instant) -> Finding {
        let late_by_ms = found_at - self.window.closes_at;
        let mut reasons = vec![Reason {
            code: "closed-without-attendance",
            says: "The window closed and no attendance that complies is on file.".to_owned(),
        }];
        if late_by_ms >= MINUTE_MS {
            reasons.push(Reason {
                code: "raised-late",
                says: format!(
                    "Found {} after the window closed, because the service was not watching.",
                    in_hours(late_by_ms)
                ),
            });
        }
        Finding {
            outcome: Outcome::NotAttended,
            compliance: Compliance::NonCompliant,
            certainty: Certainty::Provisional,
            reasons,
        }
    }

    fn outcome(&self, attendance: &Attendance, reasons: &mut Vec<Reason>) -> Outcome {
        let mut because = |code, says: String| reasons.push(Reason { code, says });
        match attendance.identity {
            IdentityResult::NoMatch => {
                because("identity-no-match", "The person who came is not the subject.".to_owned());
                return Outcome::WrongPerson;
            }
            IdentityResult::NotChecked => {
                because("identity-not-checked", "Nobody checked who came.".to_owned());
                return Outcome::IdentityNotChecked;
            }
            IdentityResult::Match | IdentityResult::MatchWithConcern => {}
        }
        if attendance.station == StationMatch::Other {
            because("station-not-allowed", "The order does not allow this station.".to_owned());
            return Outcome::WrongPlace;
        }
        match attendance.place {
            Place::Outside { distance_m } => {
                let says = format!("The phone was {distance_m:.0} m from the station.");
                because("away-from-station", says);
                return Outcome::WrongPlace;
            }
            Place::Uncertain { distance_m } => {
                let says = format!(
                    "The phone's position, {distance_m:.0} m from the station, is too inaccurate \
                     to tell; the officer's word stands."
                );
                because("place-uncertain", says);
            }
            Place::Inside { .. } | Place::NotStated => {}
        }
        let (outcome, reason) = self.timeliness(attendance.time);
        reasons.push(reason);
        outcome
    }

    fn timeliness(&self, time: TrueTime) -> (Outcome, Reason) {
        let Window { opens_at, closes_at } = self.window;
        let (outcome, code, says) = if time.latest_at < opens_at {
            let ms = opens_at - time.latest_at;
            (Outcome::Early, "before-opening", format!("{} before the window.", in_hours(ms)))
        } else if time.earliest_at >= closes_at {
            let ms = time.latest_at - closes_at;
            (Outcome::Late, "after-closing", format!("{} after the window.", in_hours(ms)))
        } else if time.latest_at < closes_at && self.began_in_time(time) {
            (Outcome::OnTime, "within-window", "Within the window.".to_owned())
        } else {
            let says = "The clocks do not tell whether this was inside the window.".to_owned();
            (Outcome::Indeterminate, "time-uncertain", says)
        };
        (outcome, Reason { code, says })
    }

    fn early_counts(&self, time: TrueTime) -> bool {
        self.early_from.is_some_and(|from| from <= time.earliest_at)
    }

    /// A request's travel time alone does not put somebody before the opening: they were still there
    /// when it was sent.
    fn began_in_time(&self, time: TrueTime) -> bool {
        time.earliest_at >= self.window.opens_at || time.latest_at - time.earliest_at <= TRAVEL_MS
    }
}

/// "2 h 05 min", "35 min", "under a minute".
fn in_hours(ms: i64) -> String {
    let minutes = ms.max(0) / MINUTE_MS;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "Under a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPENS: i64 = 10 * HOUR_MS;
    const CLOSES: i64 = 12 * HOUR_MS + MINUTE_MS;

    fn duty() -> Duty {
        let window =
            Window { opens_at: Instant::from_ms(OPENS), closes_at: Instant::from_ms(CLOSES) };
        Duty { window, early_from: None }
    }

    fn at(ms: i64) -> Attendance {
        let now = Instant::from_ms(ms);
        Attendance {
            time: TrueTime::bound(now, Some(now), now),
            received_at: now,
            station: StationMatch::Named,
            place: Place::NotStated,
            identity: IdentityResult::Match,
        }
    }

    #[track_caller]
    fn check(attendance: Attendance, outcome: Outcome, compliance: Compliance) {
        let finding = duty().assess(&attendance);
        assert_eq!((finding.outcome, finding.compliance), (outcome, compliance), "{finding:?}");
    }

    #[test]
    fn the_window_is_judged_to_the_millisecond() {
        check(at(OPENS - 1), Outcome::Early, Compliance::NonCompliant);
        check(at(OPENS), Outcome::OnTime, Compliance::Compliant);
        check(at(CLOSES - 1), Outcome::OnTime, Compliance::Compliant);
        check(at(CLOSES), Outcome::Indeterminate, Compliance::AwaitingEvidence);
        check(at(CLOSES + TRAVEL_MS), Outcome::Late, Compliance::NonCompliant);
    }

    #[test]
    fn early_complies_only_when_the_order_says_by() {
        let by = Duty { early_from: Some(Instant::from_ms(OPENS - 2 * HOUR_MS)), ..duty() };
        assert!(by.assess(&at(OPENS - HOUR_MS)).fulfils());
        assert!(!by.assess(&at(OPENS - 3 * HOUR_MS)).fulfils(), "another day is not by the time");
        assert!(!duty().assess(&at(OPENS - HOUR_MS)).fulfils());
    }

    #[test]
    fn who_came_outweighs_where_and_where_outweighs_when() {
        let stranger = Attendance {
            identity: IdentityResult::NoMatch,
            station: StationMatch::Other,
            ..at(OPENS - 1)
        };
        check(stranger, Outcome::WrongPerson, Compliance::AwaitingEvidence);
        let elsewhere = Attendance { station: StationMatch::Other, ..at(OPENS - 1) };
        check(elsewhere, Outcome::WrongPlace, Compliance::AwaitingEvidence);
        let far = Attendance { place: Place::Outside { distance_m: 4200.0 }, ..at(OPENS) };
        check(far, Outcome::WrongPlace, Compliance::AwaitingEvidence);
        let unchecked = Attendance { identity: IdentityResult::NotChecked, ..at(OPENS) };
        check(unchecked, Outcome::IdentityNotChecked, Compliance::AwaitingEvidence);
    }

    #[test]
    fn an_allowed_station_and_an_inaccurate_fix_do_not_stand_against_the_officer() {
        let alternate = Attendance { station: StationMatch::Alternate, ..at(OPENS) };
        check(alternate, Outcome::OnTime, Compliance::Compliant);
        let vague = Attendance { place: Place::Uncertain { distance_m: 300.0 }, ..at(OPENS) };
        check(vague, Outcome::OnTime, Compliance::Compliant);
    }

    #[test]
    fn a_concern_about_identity_fulfils_provisionally() {
        let concern = Attendance { identity: IdentityResult::MatchWithConcern, ..at(OPENS) };
        let finding = duty().assess(&concern);
        assert!(finding.fulfils());
        assert_eq!(finding.certainty, Certainty::Provisional);
    }

    #[test]
    fn a_record_held_without_signal_is_judged_by_when_it_was_made_whatever_the_clock_said() {
        let wrong_by_ms = 3 * HOUR_MS;
        let made = Instant::from_ms(OPENS + wrong_by_ms);
        let sent = Instant::from_ms(CLOSES + HOUR_MS + wrong_by_ms);
        let received_at = Instant::from_ms(CLOSES + HOUR_MS);
        let time = TrueTime::bound(made, Some(sent), received_at);
        check(Attendance { time, received_at, ..at(0) }, Outcome::OnTime, Compliance::Compliant);
    }

    #[test]
    fn a_record_held_longer_than_twelve_hours_needs_a_second_look() {
        let received_at = Instant::from_ms(OPENS + HELD_MS_MAX + MINUTE_MS);
        let time = TrueTime::bound(Instant::from_ms(OPENS), Some(received_at), received_at);
        let held = Attendance { time, received_at, ..at(0) };
        check(held, Outcome::OnTime, Compliance::AwaitingEvidence);
    }

    #[test]
    fn a_phone_that_hides_its_clock_is_believed_only_on_the_spot() {
        let received_at = Instant::from_ms(CLOSES + HOUR_MS);
        let time = TrueTime::bound(Instant::from_ms(OPENS), None, received_at);
        let late = Attendance { time, received_at, ..at(0) };
        check(late, Outcome::Indeterminate, Compliance::AwaitingEvidence);
        let received_at = Instant::from_ms(OPENS + MINUTE_MS);
        let time = TrueTime::bound(Instant::from_ms(OPENS), None, received_at);
        let live = Attendance { time, received_at, ..at(0) };
        check(live, Outcome::OnTime, Compliance::Compliant);
    }

    #[test]
    fn silence_says_how_late_it_was_found() {
        let on_time = duty().assess_silence(Instant::from_ms(CLOSES + 200));
        assert_eq!(on_time.reasons.len(), 1);
        let late = duty().assess_silence(Instant::from_ms(CLOSES + 3 * HOUR_MS + 12 * MINUTE_MS));
        assert!(late.reasons.iter().any(|r| r.says.contains("3 h 12 min")), "{late:?}");
    }

    proptest! {
        #[test]
        fn a_wrong_phone_clock_never_changes_a_finding(
            attended in 0..24 * HOUR_MS,
            held in 0..HOUR_MS,
            wrong_by in -30 * HOUR_MS..30 * HOUR_MS,
        ) {
            let received_at = Instant::from_ms(attended + held);
            let judged = |wrong_by: i64| {
                let made = Instant::from_ms(attended + wrong_by);
                let time = TrueTime::bound(made, Some(received_at + wrong_by), received_at);
                duty().assess(&Attendance { time, received_at, ..at(0) })
            };
            prop_assert_eq!(judged(0), judged(wrong_by));
        }

        #[test]
        fn only_a_possible_attendance_inside_the_window_fulfils(
            attended in 0..24 * HOUR_MS,
            clock in proptest::option::of(0..24 * HOUR_MS),
            received in 0..24 * HOUR_MS,
        ) {
            let received_at = Instant::from_ms(received);
            let time = TrueTime::bound(
                Instant::from_ms(attended),
                clock.map(Instant::from_ms),
                received_at,
            );
            prop_assert!(time.earliest_at <= time.latest_at);
            prop_assert!(time.latest_at <= received_at);
            if duty().assess(&Attendance { time, received_at, ..at(0) }).fulfils() {
                prop_assert!(duty().window.contains(time.latest_at));
            }
        }
    }
}
