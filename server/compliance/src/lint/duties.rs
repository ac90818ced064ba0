//! Two duties that one person cannot both keep.

use super::{LintCode, LintWarning, OrderDescription, Term};
use crate::instant::{HOUR_MS, Instant, MINUTE_MS};
use crate::place::Position;
use crate::window::Window;

/// Along the straight line, which is shorter than any road: a bus in the country with its waits. A
/// duty that needs more is out of reach for somebody without a car.
pub const TRAVEL_KMH: f64 = 30.0;
/// A sign-on keeps the subject at the counter about this long.
const SIGNING_MS: i64 = 5 * MINUTE_MS;
/// Duties further apart in time than this can be reached from anywhere in Great Britain.
const APART_MS_MAX: i64 = 36 * HOUR_MS;

#[derive(Debug, Clone, Copy)]
struct Duty<'a> {
    label: &'a str,
    window: Window,
    /// A session asks to be there throughout, a sign-on for one moment of the window.
    must_stay: bool,
    term: &'a Term,
}

impl Duty<'_> {
    /// The earliest time at which the subject can be done.
    fn leaves_at(&self) -> Instant {
        if self.must_stay { self.window.closes_at } else { self.window.opens_at + SIGNING_MS }
    }

    /// The latest time at which coming still counts.
    fn arrives_by(&self) -> Instant {
        if self.must_stay { self.window.opens_at } else { self.window.closes_at + -MINUTE_MS }
    }

    fn places(&self) -> Vec<Position> {
        match self.term {
            Term::SignOn { stations, .. } => {
                stations.iter().filter_map(|station| station.position).collect()
            }
            Term::Treatment { place, .. } => place.iter().copied().collect(),
            Term::Zone(_) | Term::Other => Vec::new(),
        }
    }

    /// The shortest way between any two places of the duties; 0 where a place is not known.
    fn apart_m(&self, other: &Duty<'_>) -> f64 {
        let (here, there) = (self.places(), other.places());
        let ways = here.iter().flat_map(|a| there.iter().map(|b| a.distance_m(*b)));
        ways.min_by(f64::total_cmp).unwrap_or(0.0)
    }
}

pub(super) fn lint(order: &OrderDescription) -> Vec<LintWarning> {
    let mut duties = duties(order);
    duties.sort_by_key(|duty| (duty.window, duty.label));
    let mut warnings: Vec<LintWarning> = Vec::new();
    for (at, one) in duties.iter().enumerate() {
        let later = duties.iter().skip(at + 1);
        let near =
            later.take_while(|other| other.window.opens_at - one.window.closes_at < APART_MS_MAX);
        for other in near {
            let Some(warning) = judge(order, one, other) else { continue };
            // Schedules repeat; the first of each pair of conditions is enough to act on.
            let is_known = warnings
                .iter()
                .any(|known| known.code == warning.code && known.conditions == warning.conditions);
            if !is_known {
                warnings.push(warning);
            }
        }
    }
    warnings
}

fn duties(order: &OrderDescription) -> Vec<Duty<'_>> {
    let of = |condition: &'_ super::DescribedCondition| -> (Vec<Window>, bool) {
        match &condition.term {
            Term::SignOn { windows, .. } => (windows.clone(), false),
            Term::Treatment { sessions, .. } => (sessions.clone(), true),
            Term::Zone(_) | Term::Other => (Vec::new(), false),
        }
    };
    let conditions = order.conditions.iter();
    conditions
        .flat_map(|condition| {
            let (windows, must_stay) = of(condition);
            windows.into_iter().map(move |window| Duty {
                label: condition.label.as_str(),
                window,
                must_stay,
                term: &condition.term,
            })
        })
        .collect()
}

fn judge(order: &OrderDescription, one: &Duty<'_>, other: &Duty<'_>) -> Option<LintWarning> {
    let spare_ms = (other.arrives_by() - one.leaves_at()).max(one.arrives_by() - other.leaves_at());
    let mut labels = [one.label, other.label];
    labels.sort_unstable();
    let (one_opens, other_opens) =
        (one.window.opens_at.in_words(order.zone), other.window.opens_at.in_words(order.zone));
    if spare_ms < 0 {
        let why = format!(
            "The duties that begin on {one_opens} and on {other_opens} cannot both be kept."
        );
        return Some(LintCode::DutiesClash.warn(&labels, why));
    }
    let apart_m = one.apart_m(other);
    let way_m = way_m(spare_ms);
    (apart_m > way_m).then(|| {
        let why = format!(
            "From the duty that begins on {one_opens} to the one on {other_opens} it is {:.0} km \
             in a straight line, and {} min at most to get there.",
            apart_m / 1_000.0,
            spare_ms / MINUTE_MS
        );
        LintCode::TravelUnattainable.warn(&labels, why)
    })
}

/// How far one comes in a time.
fn way_m(spare_ms: i64) -> f64 {
    let spare = std::time::Duration::from_millis(spare_ms.unsigned_abs());
    TRAVEL_KMH / 3.6 * spare.as_secs_f64()
}
