//! What an order asks for in the weeks ahead, as the rules about terms take it, and terms of two orders
//! on one subject that cannot be kept together.

use compliance::alert::AlertKind;
use compliance::conflicts::{Asks, TRAVEL_KMH, Term as ConflictTerm, Venue, incompatible};
use compliance::instant::DAY_MS;
use compliance::order::ConditionKind;
use compliance::place::Position;
use compliance::{Instant, Window};

use super::enumerate::{next_windows, rule};
use super::raise_alerts::Raise;
use super::ring_timers::about;
use crate::ZONE;
use crate::store::id::StationId;
use crate::store::orders::{self, Condition, Order};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, schedules};

/// As far ahead as terms are compared: every weekly and monthly pattern shows in it.
pub const AHEAD_MS: i64 = 35 * DAY_MS;
/// Two a day.
const WINDOWS_MAX: usize = 70;

/// A sign-on condition of the version that is, or will be, in force.
pub struct SignOn {
    pub label: String,
    pub stations: Vec<Station>,
    pub windows: Vec<Window>,
}

/// The conditions of the latest version.
pub fn latest(
    tx: &mut Tx<'_>,
    order: &Order,
) -> Result<Vec<(Condition, Vec<StationId>)>, StoreError> {
    match orders::versions(tx, order.id)?.last() {
        Some(version) => orders::conditions(tx, version.id),
        None => Ok(Vec::new()),
    }
}

pub fn sign_on(
    tx: &mut Tx<'_>,
    (condition, alternates): &(Condition, Vec<StationId>),
    now: Instant,
) -> Result<SignOn, StoreError> {
    let mut found = Vec::new();
    for id in condition.station_id.iter().chain(alternates) {
        found.extend(stations::find(tx, *id)?);
    }
    let mut windows = Vec::new();
    for schedule in schedules::of_condition(tx, condition.id)? {
        let rule = rule(&schedule)?;
        let next = next_windows(&rule, schedule.span(), now, WINDOWS_MAX);
        windows.extend(next.into_iter().filter(|window| window.opens_at < now + AHEAD_MS));
    }
    Ok(SignOn { label: condition.label.clone(), stations: found, windows })
}

pub fn position(station: &Station) -> Position {
    Position { latitude: station.latitude, longitude: station.longitude }
}

/// Alerts about terms of this order that cannot be kept together with another live one's (s.2(6)).
pub fn conflicts(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Vec<Raise>, StoreError> {
    let mut raises = Vec::new();
    for other in orders::of_subject_for_service(tx, order.subject_id)? {
        let is_live = other.ended_at.is_none()
            && other.ends_on.is_none_or(|last| last >= now.local_date(ZONE));
        if other.id == order.id || !is_live {
            continue;
        }
        let (earlier, later) =
            if other.made_on <= order.made_on { (&other, order) } else { (order, &other) };
        let (of_earlier, of_later) = (sign_ons(tx, earlier, now)?, sign_ons(tx, later, now)?);
        for flag in between(&of_earlier, &of_later) {
            let key = format!("terms_conflict:{}:{}:{}", earlier.id, later.id, flag.0);
            let detail = format!("{} and {}: {}", earlier.reference, later.reference, flag.1);
            raises.push(about(order, AlertKind::TermsConflict, (key, now), detail));
        }
    }
    Ok(raises)
}

fn sign_ons(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Vec<SignOn>, StoreError> {
    let mut found = Vec::new();
    for condition in latest(tx, order)? {
        if condition.0.kind == ConditionKind::SignOn {
            found.push(sign_on(tx, &condition, now)?);
        }
    }
    Ok(found)
}

/// Which labels conflict, and why.
fn between(earlier: &[SignOn], later: &[SignOn]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for one in earlier {
        for other in later {
            let (venues, other_venues) = (venues(one), venues(other));
            let term =
                |id, places, windows| ConflictTerm { id, asks: Asks::Attend { places, windows } };
            let of_one = [term(one.label.as_str(), &venues, &one.windows)];
            let of_other = [term(other.label.as_str(), &other_venues, &other.windows)];
            let flags = incompatible(&of_one, &of_other, TRAVEL_KMH);
            found.extend(
                flags.into_iter().map(|flag| {
                    (format!("{}:{}:{}", flag.earlier, flag.later, flag.kind), flag.says)
                }),
            );
        }
    }
    found
}

fn venues(of: &SignOn) -> Vec<Venue<'_>> {
    of.stations
        .iter()
        .map(|station| Venue {
            id: station.code.as_str(),
            name: station.name.as_str(),
            position: Some(position(station)),
        })
        .collect()
}
