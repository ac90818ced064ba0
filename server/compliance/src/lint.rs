//! What a clerk should ask the court or the owner about before an order is relied on.
//!
//! A term must be clear, realistic, easily kept and enforceable (*Parsons & Morgan* [2017] EWCA
//! Crim 2163). Warnings never block: the court's wording governs (`domain.md`, J27).

mod duties;
mod places;
#[cfg(test)]
mod tests;
mod times;
mod wording;

use chrono_tz::Tz;

pub use duties::TRAVEL_KMH;
pub use places::{HomeNews, home};
pub use times::{WINDOW_MS_MIN, clashing};

use crate::alert::Severity;
use crate::holidays::Holidays;
use crate::opening::OpeningHours;
use crate::order::Span;
use crate::order_kind::{MadeBy, OrderKind};
use crate::place::Position;
use crate::window::Window;
use crate::word::words;
use crate::zone::{WeeklyHours, Zone};

words! {
    LintCode {
        /// The wording asks for sign-ons and there is no schedule.
        MissingSchedule = "missing_schedule",
        MissingTime = "missing_time",
        MissingStation = "missing_station",
        StationClosed = "station_closed",
        StationPartlyClosed = "station_partly_closed",
        /// Whether a station is open then cannot be said: the list of bank holidays ends before.
        HoursNotKnown = "hours_not_known",
        WindowShort = "window_short",
        DutiesClash = "duties_clash",
        TravelUnattainable = "travel_unattainable",
        HomeInZone = "home_in_zone",
        HomeInBuffer = "home_in_buffer",
        /// There are zones, and nobody can say whether the subject lives in one.
        HomeNotKnown = "home_not_known",
        DutyInZone = "duty_in_zone",
        ZonesOverlap = "zones_overlap",
        ZonesContradict = "zones_contradict",
        VagueWords = "vague_words",
        ProtectedTime = "protected_time",
        /// No power is known to make an order of this kind on the occasion on which it was made.
        PowerDoubtful = "power_doubtful",
    }
}

words! {
    /// Times that terms must avoid as far as practicable, Stalking Protection Act 2019 s.2(3).
    ProtectedKind {
        Work = "work",
        Education = "education",
        Religion = "religion",
    }
}

#[derive(Debug, Clone)]
pub struct ProtectedTime {
    pub kind: ProtectedKind,
    pub hours: WeeklyHours,
    /// While the subject works, studies or worships there; windows by when they close.
    pub span: Span,
}

/// An order as the intake form describes it.
#[derive(Debug, Clone)]
pub struct OrderDescription {
    pub kind: OrderKind,
    pub made_by: MadeBy,
    /// The zone in which times are said.
    pub zone: Tz,
    pub conditions: Vec<DescribedCondition>,
    /// The subject's own, never the protected person's.
    pub home: Option<Position>,
    pub protected_times: Vec<ProtectedTime>,
    pub holidays: Holidays,
}

#[derive(Debug, Clone)]
pub struct DescribedCondition {
    /// What the clerk knows it by: "2", "Sign on".
    pub label: String,
    pub wording: String,
    pub term: Term,
}

#[derive(Debug, Clone)]
pub enum Term {
    SignOn { windows: Vec<Window>, stations: Vec<StationFacts> },
    Treatment { sessions: Vec<Window>, place: Option<Position> },
    Zone(Box<Zone>),
    Other,
}

/// `None` is what is not known; nothing is warned of then.
#[derive(Debug, Clone)]
pub struct StationFacts {
    pub name: String,
    pub position: Option<Position>,
    pub opening: Option<OpeningHours>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintWarning {
    pub code: LintCode,
    pub severity: Severity,
    /// The labels of the conditions it is about.
    pub conditions: Vec<String>,
    pub why: String,
    pub what_to_do: &'static str,
}

impl LintCode {
    /// High is what cannot be kept or will alarm every day; the rest can be lived with.
    pub fn severity(self) -> Severity {
        match self {
            Self::MissingSchedule
            | Self::MissingTime
            | Self::MissingStation
            | Self::StationClosed
            | Self::DutiesClash
            | Self::HomeInZone
            | Self::DutyInZone => Severity::High,
            Self::StationPartlyClosed
            | Self::WindowShort
            | Self::TravelUnattainable
            | Self::HomeInBuffer
            | Self::ZonesContradict
            | Self::ProtectedTime
            | Self::PowerDoubtful
            | Self::VagueWords => Severity::Warning,
            Self::ZonesOverlap | Self::HomeNotKnown | Self::HoursNotKnown => Severity::Info,
        }
    }

    fn what_to_do(self) -> &'static str {
        match self {
            Self::MissingSchedule => "Enter it as a sign-on, with its station, days and times.",
            Self::MissingTime => "Enter the days and times; if the order has none, ask the court.",
            Self::MissingStation => "Name the station; if the order names none, ask the court.",
            Self::StationClosed => {
                "Ask for a variation, or for another station; a miss here would be ours."
            }
            Self::StationPartlyClosed => "Tell the subject the hours, or add another station.",
            Self::HoursNotKnown => "Look again when the list of bank holidays has been renewed.",
            Self::WindowShort => "Check the times against the order; ask for a longer window.",
            Self::DutiesClash => "Move one of the two, or ask the court which of them governs.",
            Self::TravelUnattainable => "Move one of the two, or allow a nearer station.",
            Self::HomeInZone => "Check the area and the address; ask the court before serving.",
            Self::HomeInBuffer => "Make the buffer smaller, or every evening raises an alert.",
            Self::HomeNotKnown => "Enter where the subject lives, or check it by hand on the map.",
            Self::DutyInZone => "Choose another place for the duty, or ask for an exception.",
            Self::ZonesOverlap => "Check whether one zone would do.",
            Self::ZonesContradict => "Ask the court which hours and exceptions hold there.",
            Self::PowerDoubtful => "Check on what occasion it was made; ask the court which power.",
            Self::VagueWords => "Agree in writing with the owner how it will be read.",
            Self::ProtectedTime => {
                "Move it if the order allows; if not, a supervisor notes why it stands (s.2(3))."
            }
        }
    }

    fn warn(self, conditions: &[&str], why: String) -> LintWarning {
        LintWarning {
            code: self,
            severity: self.severity(),
            conditions: conditions.iter().map(|label| (*label).to_owned()).collect(),
            why,
            what_to_do: self.what_to_do(),
        }
    }
}

/// Every warning about the order, condition by condition and the worst first within each part.
pub fn lint(order: &OrderDescription) -> Vec<LintWarning> {
    let mut warnings = Vec::from_iter(power(order.kind, order.made_by));
    for condition in &order.conditions {
        warnings.extend(wording::lint(condition));
        warnings.extend(times::lint(order, condition));
    }
    warnings.extend(duties::lint(order));
    warnings.extend(places::lint(order));
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.severity));
    warnings
}

/// Whether the kind's row knows of a power to make it then. An application is what is on file when
/// nobody has said: that is nothing to hold against the order.
fn power(kind: OrderKind, made_by: MadeBy) -> Option<LintWarning> {
    let row = kind.row();
    if made_by == MadeBy::Application || row.made_by.contains(&made_by) {
        return None;
    }
    let (which, statute) = (row.in_a_sentence, row.statute);
    let why = match row.made_by_unconfirmed.contains(&made_by) {
        true => format!("A power to make {which} on {made_by} is not confirmed to be in force."),
        false => format!("No power to make {which} on {made_by} is known ({statute})."),
    };
    Some(LintCode::PowerDoubtful.warn(&[], why))
}

/// "the one on Mon 23 Nov, 14:05", or how many there are and when the first is.
fn first_of(windows: &[Window], zone: Tz) -> String {
    let Some(first) = windows.first() else { return String::new() };
    let when = first.opens_at.in_words(zone);
    match windows.len() {
        1 => format!("the one on {when}"),
        count => format!("{count}, the first on {when}"),
    }
}
