//! Terms of a later order that cannot be kept together with those of an earlier one of the same
//! subject. A later stalking protection order may not contain a term that is incompatible with an
//! earlier one's (SPA 2019 s.2(6)-(7)); between other orders it is a fact that a court should know.
//!
//! A flag goes to a person before the order is sought or taken in. It changes no term: the court's
//! words govern.

#[cfg(test)]
mod tests;

use std::num::NonZeroU16;

use geo::Point;
use geo::line_measures::{Distance, Geodesic};

use crate::instant::UK;
use crate::place::Position;
use crate::window::Window;
use crate::word::words;

/// By bus and on foot, measured along the straight line.
pub const TRAVEL_KMH: NonZeroU16 = NonZeroU16::MIN.saturating_add(19);

/// One term of an order, as far as it can meet another.
#[derive(Clone, Copy)]
pub struct Term<'a, Id> {
    pub id: Id,
    pub asks: Asks<'a>,
}

#[derive(Clone, Copy)]
pub enum Asks<'a> {
    /// To be at one of these places in each window: a sign-on, a session of treatment.
    Attend { places: &'a [Venue<'a>], windows: &'a [Window] },
    /// To stay out of an area; the test says whether a place is in it.
    StayOut { is_inside: &'a dyn Fn(Position) -> bool },
    /// No contact with these people, by the keys that both orders know them by.
    NoContact { people: &'a [&'a str] },
    /// Contact that an order permits, as with a child.
    MayContact { people: &'a [&'a str] },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Venue<'a> {
    pub id: &'a str,
    pub name: &'a str,
    /// `None`: where it is has not been recorded, so nothing is said of the way to it.
    pub position: Option<Position>,
}

words! {
    FlagKind {
        /// Two places are to be attended at times that overlap; both can be, with care.
        WindowsOverlap = "windows_overlap",
        /// There is no time at which both can be attended.
        CannotReach = "cannot_reach",
        /// A place to be attended lies in an area to stay out of.
        AttendanceInZone = "attendance_in_zone",
        /// One order permits the contact that the other forbids.
        ContactContradiction = "contact_contradiction",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag<Id> {
    pub kind: FlagKind,
    pub earlier: Id,
    pub later: Id,
    /// Whoever keeps one term must break the other.
    pub is_impossible: bool,
    /// How many pairs of windows it was found in; 1 where windows play no part.
    pub times: usize,
    pub says: String,
}

/// What was found between two terms.
struct Found {
    kind: FlagKind,
    is_impossible: bool,
    times: usize,
    says: String,
}

/// Every incompatibility between the terms of an earlier order and those of a later one. Symmetric
/// but for the names: swapping the orders swaps `earlier` and `later`.
pub fn incompatible<Id: Copy>(
    earlier: &[Term<'_, Id>],
    later: &[Term<'_, Id>],
    travel_kmh: NonZeroU16,
) -> Vec<Flag<Id>> {
    let pairs = earlier.iter().flat_map(|one| later.iter().map(move |other| (one, other)));
    pairs
        .flat_map(|(one, other)| {
            between(one.asks, other.asks, travel_kmh).into_iter().map(|found| Flag {
                kind: found.kind,
                earlier: one.id,
                later: other.id,
                is_impossible: found.is_impossible,
                times: found.times,
                says: found.says,
            })
        })
        .collect()
}

fn between(one: Asks<'_>, other: Asks<'_>, travel_kmh: NonZeroU16) -> Vec<Found> {
    match (one, other) {
        (
            Asks::Attend { places, windows },
            Asks::Attend { places: other_places, windows: other_windows },
        ) => match way(places, other_places) {
            Some(way) => attendances(&way, windows, other_windows, travel_kmh),
            None => Vec::new(),
        },
        (Asks::Attend { places, .. }, Asks::StayOut { is_inside })
        | (Asks::StayOut { is_inside }, Asks::Attend { places, .. }) => {
            in_zone(places, is_inside).into_iter().collect()
        }
        (Asks::NoContact { people }, Asks::MayContact { people: permitted })
        | (Asks::MayContact { people: permitted }, Asks::NoContact { people }) => {
            contradiction(people, permitted).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The shortest way between a place of one term and a place of the other.
struct Way<'a> {
    from: Venue<'a>,
    to: Venue<'a>,
    /// `None` where it is not known.
    distance_m: Option<f64>,
}

/// `None` if one attendance can serve both terms (`domain.md`, J21), or if there is no place.
fn way<'a>(places: &[Venue<'a>], others: &[Venue<'a>]) -> Option<Way<'a>> {
    let mut ways = Vec::new();
    for from in places.iter().copied() {
        for to in others.iter().copied() {
            if from.id == to.id {
                return None;
            }
            ways.push(Way { from, to, distance_m: distance_m(from, to) });
        }
    }
    // A way that is not known may be the shortest, so it excuses from saying that there is none.
    ways.into_iter().min_by(|one, other| {
        one.distance_m.unwrap_or(0.0).total_cmp(&other.distance_m.unwrap_or(0.0))
    })
}

fn distance_m(from: Venue<'_>, to: Venue<'_>) -> Option<f64> {
    let point = |position: Position| Point::new(position.longitude, position.latitude);
    Some(Geodesic.distance(point(from.position?), point(to.position?)))
}

fn attendances(
    way: &Way<'_>,
    windows: &[Window],
    others: &[Window],
    travel_kmh: NonZeroU16,
) -> Vec<Found> {
    let travel_s = way.distance_m.map_or(0.0, |m| m * 3.6 / f64::from(travel_kmh.get()));
    let pairs = windows.iter().flat_map(|one| others.iter().map(move |other| (*one, *other)));
    let mut apart: Vec<(Window, Window)> = Vec::new();
    let mut overlapping = Vec::new();
    for (one, other) in pairs {
        if between_s(one, other) < travel_s {
            apart.push((one, other));
        } else if one.opens_at < other.closes_at && other.opens_at < one.closes_at {
            overlapping.push((one, other));
        }
    }
    let minutes = (travel_s / 60.0).ceil();
    let cannot = format!("the way between them takes about {minutes:.0} min");
    let tight = "both can be attended only one after the other".to_owned();
    [(FlagKind::CannotReach, apart, cannot), (FlagKind::WindowsOverlap, overlapping, tight)]
        .into_iter()
        .filter_map(|(kind, pairs, because)| {
            let (one, other) = pairs.first()?;
            Some(Found {
                kind,
                is_impossible: kind == FlagKind::CannotReach,
                times: pairs.len(),
                says: format!(
                    "{} is to be attended from {}, {} from {}: {because}.",
                    way.from.name,
                    in_words(*one),
                    way.to.name,
                    in_words(*other),
                ),
            })
        })
        .collect()
}

/// The longest time that can lie between two attendances, one in each window: from the opening of
/// one to the last moment of the other.
fn between_s(one: Window, other: Window) -> f64 {
    let ms = (other.closes_at - one.opens_at).max(one.closes_at - other.opens_at) - 1;
    f64::from(i32::try_from(ms.max(0) / 1_000).unwrap_or(i32::MAX))
}

fn in_words(window: Window) -> String {
    // The stated closing minute is the last one inside.
    let last_minute = window.closes_at + -1;
    format!("{} to {}", window.opens_at.in_words(UK), last_minute.in_words(UK))
}

/// Impossible if every place that a term allows is inside; else a choice that must not be made.
fn in_zone(places: &[Venue<'_>], is_inside: &dyn Fn(Position) -> bool) -> Option<Found> {
    let inside: Vec<_> =
        places.iter().filter(|place| place.position.is_some_and(is_inside)).collect();
    let names = inside.iter().map(|place| place.name).collect::<Vec<_>>().join(", ");
    let is_impossible = inside.len() == places.len();
    let choice = if is_impossible { "" } else { "; another place that the term allows is not" };
    (!inside.is_empty()).then(|| Found {
        kind: FlagKind::AttendanceInZone,
        is_impossible,
        times: 1,
        says: format!("{names} lies in the area that the other order says to stay out of{choice}."),
    })
}

/// The people are not named: the flag may be read by more than may know them.
fn contradiction(forbidden: &[&str], permitted: &[&str]) -> Option<Found> {
    let both = forbidden.iter().filter(|person| permitted.contains(person)).count();
    (both > 0).then(|| Found {
        kind: FlagKind::ContactContradiction,
        is_impossible: false,
        times: 1,
        says: format!(
            "One order forbids contact that the other permits, with {both} of its people: the \
             narrower term holds until a court has said which."
        ),
    })
}
