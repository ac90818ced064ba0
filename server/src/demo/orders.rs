//! Orders that are not like the others: of other kinds, about to end, drafted, in the place of an
//! interim order, and one that cannot be kept together with another.

use chrono::{Days, Months, NaiveDate};
use compliance::Instant;
use compliance::instant::HOUR_MS;
use compliance::order_kind::OrderKind;

use super::calendar::Calendar;
use super::force::{Intake, conditions, further_reference, sign_on};
use crate::import_file::{FORMAT, ImportFile, OrderEntry, StationEntry, VersionEntry};

/// An interim order, whose place a full one takes after five weeks.
pub const REPLACED: usize = 29;
/// Its subject has bail conditions as well, which ask him to be elsewhere at the same time.
pub const OTHER_PLACE_OF: usize = 49;
pub const OTHER_PLACE_FROM_DAYS: u64 = 6;
/// An interim order, for whose subject a full one is drafted.
const DRAFTED_FOR: usize = 17;
const ENDS_SOON: usize = 36;

/// The kinds of an English force, each with its order. Those of Northern Ireland are not among them.
const OTHERS: [(usize, OrderKind); 8] = [
    (16, OrderKind::SHPO),
    (18, OrderKind::KCPO),
    (21, OrderKind::RESTRAINING),
    (22, OrderKind::NON_MOLESTATION),
    (26, OrderKind::CBO),
    (32, OrderKind::BAIL),
    (37, OrderKind::DAPO),
    (56, OrderKind::COMMUNITY),
];

pub fn kind(number: usize) -> OrderKind {
    match OTHERS.iter().find(|(of, _)| *of == number) {
        Some((_, kind)) => *kind,
        None if number % 12 == 5 => OrderKind::INTERIM,
        None => OrderKind::FULL,
    }
}

/// The last day of an order, if it has one.
pub fn ends_on(number: usize, begins_on: NaiveDate) -> Option<NaiveDate> {
    let kind = kind(number);
    if number == ENDS_SOON {
        Some(begins_on + Days::new(104))
    } else if kind == OrderKind::BAIL {
        Some(begins_on + Days::new(94))
    } else {
        kind.is_interim().then(|| begins_on + Days::new(130))
    }
}

/// The day on which a court made an order: some weeks before the history, or, of one that is about to
/// end, as long ago as such an order lasts at least.
pub fn made_on(number: usize, begins_on: NaiveDate, days_before: u64) -> NaiveDate {
    match ends_on(number, begins_on).filter(|_| number == ENDS_SOON) {
        Some(last) => last - Months::new(24) - Days::new(days_before),
        None => begins_on - Days::new(days_before),
    }
}

/// When the full order takes the place of the interim one.
pub fn replaced_at(calendar: Calendar) -> Instant {
    calendar.ago(49, 15 * HOUR_MS)
}

/// `orders` are those of the beginning.
pub fn further(
    calendar: Calendar,
    stations: &[StationEntry],
    orders: &[OrderEntry],
) -> Vec<Intake> {
    let takes = |at, entry: Option<OrderEntry>| {
        entry.map(|entry| Intake {
            at,
            file: ImportFile {
                format: FORMAT.to_owned(),
                orders: vec![entry],
                ..ImportFile::default()
            },
        })
    };
    let of = |number: usize| orders.get(number);
    let full = of(REPLACED).map(|interim| in_place(calendar, stations, interim));
    let bail = of(OTHER_PLACE_OF).map(|order| elsewhere(calendar, stations, order));
    let draft = of(DRAFTED_FOR).map(|interim| draft(calendar, interim));
    let intakes = [
        takes(replaced_at(calendar), full),
        takes(calendar.ago(OTHER_PLACE_FROM_DAYS, 12 * HOUR_MS), bail),
        takes(calendar.ago(3, 16 * HOUR_MS), draft),
    ];
    intakes.into_iter().flatten().collect()
}

/// A court made it today, an hour ago, in the subject's presence.
fn made_today(
    order: &OrderEntry,
    (kind, reference): (OrderKind, String),
    at: Instant,
    conditions: Vec<crate::import_file::ConditionEntry>,
) -> OrderEntry {
    let served_at = (at + -HOUR_MS).to_rfc3339();
    OrderEntry {
        reference,
        kind: kind.to_string(),
        made_on: Some(at.local_date(crate::ZONE)),
        served_at: Some(served_at.clone()),
        ends_on: None,
        versions: vec![VersionEntry {
            number: 1,
            reason: "original".to_owned(),
            note: String::new(),
            in_force_from: served_at,
            conditions,
        }],
        ..order.clone()
    }
}

fn in_place(calendar: Calendar, stations: &[StationEntry], interim: &OrderEntry) -> OrderEntry {
    let at = replaced_at(calendar);
    let terms = conditions(stations, REPLACED, at.local_date(crate::ZONE));
    let reference = further_reference(calendar.begins_on, 0);
    let full = made_today(interim, (OrderKind::FULL, reference), at, terms);
    OrderEntry { replaces: Some(interim.reference.clone()), ..full }
}

fn elsewhere(calendar: Calendar, stations: &[StationEntry], order: &OrderEntry) -> OrderEntry {
    let at = calendar.ago(OTHER_PLACE_FROM_DAYS, 12 * HOUR_MS);
    let starts_on = at.local_date(crate::ZONE) + Days::new(1);
    // The same minutes of every day, at the last of the stations.
    let station = stations.len().saturating_sub(1);
    let terms = vec![sign_on(stations, station, "R1", OTHER_PLACE_OF, starts_on)];
    let reference = further_reference(calendar.begins_on, 1);
    let bail = made_today(order, (OrderKind::BAIL, reference), at, terms);
    OrderEntry { ends_on: Some(calendar.today + Days::new(24)), ..bail }
}

fn draft(calendar: Calendar, interim: &OrderEntry) -> OrderEntry {
    OrderEntry {
        reference: further_reference(calendar.begins_on, 2),
        kind: OrderKind::FULL.to_string(),
        drafted: true,
        court: String::new(),
        made_on: None,
        served_at: None,
        ends_on: None,
        versions: Vec::new(),
        ..interim.clone()
    }
}
