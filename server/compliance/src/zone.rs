//! Exclusion zones: whether a position shows that the subject was where the order forbids.
//!
//! The court's map stays the authority; a zone is how the service reads it. "Inside" is said only
//! when the whole circle of a fix's accuracy is inside (`domain.md`, J13), because drifting fixes
//! are what makes people stop looking at alerts. Nothing here finds a breach: a person does.

mod area;
mod exception;
mod hours;
mod index;
mod outline;
mod plane;
mod refusal;
#[cfg(test)]
mod tests;
mod track;

pub use area::{AREA_KM2_MAX, Area, LATITUDE_MAX, POSITIONS_MAX};
pub use exception::{Corridor, HALF_WIDTH_M_MAX, TransitException};
pub use hours::{DaySpan, WeeklyHours};
pub use index::ZoneIndex;
pub use outline::Bounds;
pub use plane::LonLat;
pub use refusal::ZoneRefusal;
pub use track::{
    FEED_SILENCE_MS_MIN, FIXES_MISSED_MAX, FeedSilence, SPEED_MPS_MAX, Step, feed_is_silent,
    feed_silence, feed_silent_from, judge_step,
};

use area::Measured;

use crate::attendance::Compliance;
use crate::instant::Instant;
use crate::order::Span;
use crate::place::Fix;
use crate::word::words;

/// A wider belt would be a zone of its own, which only the court can make.
pub const BUFFER_M_MAX: f64 = 10_000.0;
/// A phone that found its position from its internet address. Such a fix says nothing of a zone.
pub const ACCURACY_M_MAX: f64 = 50_000.0;

words! {
    /// What a position, or the lack of one, shows about one zone.
    ZoneVerdict {
        /// The whole accuracy circle is inside: at this certainty, the subject was in the zone.
        Inside = "inside",
        /// It is inside, but touches a way that the order excepts. Recorded, and no breach by
        /// itself: a person must look whether the subject was passing on that way.
        Transit = "transit",
        /// The circle is wholly outside the zone and reaches into its buffer.
        Buffer = "buffer",
        /// The circle is wholly outside zone and buffer.
        Outside = "outside",
        /// The circle crosses the zone's line, or the way between two fixes does.
        Uncertain = "uncertain",
        /// There is no usable position. Not compliance: nothing is known.
        NoFix = "no_fix",
        /// Not outside, but not within the hours for which the order names the zone.
        NotInHours = "not_in_hours",
        /// Not outside, but the zone was not in force yet or no longer.
        NotInForce = "not_in_force",
    }
}

impl ZoneVerdict {
    /// Whether somebody must be told.
    pub fn needs_a_look(self) -> bool {
        matches!(self, Self::Inside | Self::Transit | Self::Buffer | Self::Uncertain)
    }

    /// Of what a position shows about several zones, this counts the more.
    pub fn gravity(self) -> u8 {
        match self {
            Self::Outside => 0,
            Self::NotInForce => 1,
            Self::NotInHours => 2,
            Self::NoFix => 3,
            Self::Buffer => 4,
            Self::Transit => 5,
            Self::Uncertain => 6,
            Self::Inside => 7,
        }
    }

    /// What it says of compliance with the zone at that instant. What needs a look, a person decides.
    pub fn compliance(self) -> Compliance {
        match self {
            Self::NoFix => Compliance::NoData,
            verdict if verdict.needs_a_look() => Compliance::AwaitingEvidence,
            _ => Compliance::Compliant,
        }
    }
}

/// Ground that the subject must not enter, when, and what is excepted.
#[derive(Debug, Clone)]
pub struct Zone {
    area: Area,
    buffer_m: f64,
    hours: Option<WeeklyHours>,
    exceptions: Vec<TransitException>,
    span: Option<Span>,
}

/// The meaning of one position for one zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub verdict: ZoneVerdict,
    /// Metres from the zone's line: negative inside, 0 on it. `None` without a position.
    pub margin_m: Option<f64>,
    pub accuracy_m: Option<f64>,
    /// A sentence that an officer could read aloud.
    pub reason: String,
}

impl Zone {
    /// A zone at all hours, from the start of its order to its end, without exceptions.
    pub fn new(area: Area, buffer_m: f64) -> Result<Self, ZoneRefusal> {
        let bare = Self { area, buffer_m: 0.0, hours: None, exceptions: Vec::new(), span: None };
        bare.with_buffer_m(buffer_m)
    }

    /// The same ground with another belt around it.
    pub fn with_buffer_m(self, buffer_m: f64) -> Result<Self, ZoneRefusal> {
        check_buffer_m(buffer_m)?;
        Ok(Self { buffer_m, ..self })
    }

    pub fn within_hours(self, hours: WeeklyHours) -> Self {
        Self { hours: Some(hours), ..self }
    }

    pub fn excepting(mut self, exception: TransitException) -> Self {
        self.exceptions.push(exception);
        self
    }

    /// Different terms may have different periods (Stalking Protection Act 2019 s.3).
    pub fn in_force(self, span: Span) -> Result<Self, ZoneRefusal> {
        if span.until.is_some_and(|until| until <= span.from) {
            return Err(ZoneRefusal::EndsBeforeItBegins);
        }
        Ok(Self { span: Some(span), ..self })
    }

    /// The same for a span that is known to have a length, or to be over before it begins: such a
    /// zone is never in force.
    pub fn in_force_during(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }

    pub fn area(&self) -> &Area {
        &self.area
    }

    pub fn buffer_m(&self) -> f64 {
        self.buffer_m
    }

    pub fn hours(&self) -> Option<&WeeklyHours> {
        self.hours.as_ref()
    }

    pub fn exceptions(&self) -> &[TransitException] {
        &self.exceptions
    }

    /// Total: every fix, and the lack of one, has exactly one verdict. The accuracy circle is
    /// widened by what the measurement itself may be wrong by, so that both "inside" and "outside"
    /// hold. Uncertain means that the subject may have been in the zone; a circle that only may
    /// have left the buffer is in the buffer, because the buffer is ours and not the court's.
    pub fn judge(&self, fix: Option<Fix>, at: Instant) -> Judgement {
        let Some(fix) = fix else { return no_fix("No position is known for this time.", None) };
        match self.measured_verdict(fix, at) {
            Some((verdict, measured)) => self.explained(verdict, measured, fix),
            None => no_fix("The position that was reported cannot be used.", Some(fix)),
        }
    }

    /// The verdict without its sentence; `None` if the fix cannot be used.
    fn measured_verdict(&self, fix: Fix, at: Instant) -> Option<(ZoneVerdict, Measured)> {
        if !is_usable(fix) {
            return None;
        }
        let measured = self.area.measure(fix.position);
        let verdict = match ground_verdict(measured, fix.accuracy_m, self.buffer_m) {
            ZoneVerdict::Outside => ZoneVerdict::Outside,
            _ if !self.is_in_force(at) => ZoneVerdict::NotInForce,
            _ if !self.is_in_hours(at) => ZoneVerdict::NotInHours,
            ZoneVerdict::Inside if self.corridor_at(fix).is_some() => ZoneVerdict::Transit,
            verdict => verdict,
        };
        Some((verdict, measured))
    }

    fn is_in_force(&self, at: Instant) -> bool {
        self.span.is_none_or(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }

    fn is_in_hours(&self, at: Instant) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.contains(at))
    }

    /// Whether the zone bound the subject at any time of `[from, to]`.
    fn applied_between(&self, from: Instant, to: Instant) -> bool {
        let in_force =
            self.span.is_none_or(|span| span.from <= to && span.until.is_none_or(|end| from < end));
        in_force && self.hours.as_ref().is_none_or(|hours| hours.meet(from, to))
    }

    fn corridor_at(&self, fix: Fix) -> Option<&str> {
        self.exceptions.iter().find_map(|exception| match exception {
            TransitException::Corridor(corridor) if corridor.may_hold(fix) => Some(corridor.name()),
            _ => None,
        })
    }

    fn explained(&self, verdict: ZoneVerdict, measured: Measured, fix: Fix) -> Judgement {
        let accuracy_m = fix.accuracy_m;
        let margin_m = measured.margin_m;
        let away_m = margin_m.abs();
        let edge = if margin_m > 0.0 { "outside" } else { "inside" };
        let mut reason = match verdict {
            ZoneVerdict::Inside if margin_m >= 0.0 => {
                "The position is on the zone's line, which belongs to the zone.".to_owned()
            }
            ZoneVerdict::Inside => format!(
                "The position is {away_m:.0} m inside the zone's line and accurate to \
                 {accuracy_m:.0} m: all of it is inside."
            ),
            ZoneVerdict::Transit => format!(
                "The position is inside the zone, on or near {}, which the order allows to be \
                 travelled: look whether the subject was passing.",
                self.corridor_at(fix).unwrap_or("a route")
            ),
            ZoneVerdict::Buffer => format!(
                "The position is {away_m:.0} m outside the zone and reaches into its buffer of \
                 {:.0} m.",
                self.buffer_m
            ),
            ZoneVerdict::Uncertain => format!(
                "The position is {away_m:.0} m {edge} the zone's line but accurate only to \
                 {accuracy_m:.0} m: it may be inside or outside."
            ),
            ZoneVerdict::NotInHours => "The order names the zone for other hours.".to_owned(),
            ZoneVerdict::NotInForce => "The zone was not in force at this time.".to_owned(),
            ZoneVerdict::Outside | ZoneVerdict::NoFix => {
                format!("The position is {away_m:.0} m outside the zone.")
            }
        };
        if matches!(verdict, ZoneVerdict::Inside | ZoneVerdict::Uncertain) {
            reason.push_str(&self.excepted_in_words());
        }
        Judgement { verdict, margin_m: Some(margin_m), accuracy_m: Some(accuracy_m), reason }
    }

    /// What no position can settle: ways that the order excepts in words only.
    fn excepted_in_words(&self) -> String {
        let names: Vec<&str> = self.exceptions.iter().map(TransitException::name).collect();
        if names.is_empty() {
            return String::new();
        }
        format!(" The order allows travel on {}: check whether that applies.", names.join(", "))
    }
}

/// Whether a belt may be so wide.
pub fn check_buffer_m(buffer_m: f64) -> Result<(), ZoneRefusal> {
    let is_fit = (0.0..=BUFFER_M_MAX).contains(&buffer_m);
    if is_fit { Ok(()) } else { Err(ZoneRefusal::BufferOutOfRange { buffer_m }) }
}

fn ground_verdict(measured: Measured, accuracy_m: f64, buffer_m: f64) -> ZoneVerdict {
    let doubt_m = accuracy_m + measured.error_m;
    if measured.margin_m + doubt_m <= 0.0 {
        ZoneVerdict::Inside
    } else if measured.margin_m - doubt_m <= 0.0 {
        ZoneVerdict::Uncertain
    } else if measured.margin_m - doubt_m <= buffer_m {
        ZoneVerdict::Buffer
    } else {
        ZoneVerdict::Outside
    }
}

/// A fix is used only if it names a place on Earth and how well it knows it.
fn is_usable(fix: Fix) -> bool {
    fix.position.is_on_earth() && (0.0..=ACCURACY_M_MAX).contains(&fix.accuracy_m)
}

fn no_fix(reason: &str, fix: Option<Fix>) -> Judgement {
    Judgement {
        verdict: ZoneVerdict::NoFix,
        margin_m: None,
        accuracy_m: fix.map(|fix| fix.accuracy_m),
        reason: reason.to_owned(),
    }
}
