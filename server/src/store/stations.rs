//! Stations: where sign-ons are made.

use chrono::{Duration, NaiveTime};
use compliance::access::Reach;
use compliance::opening::{OnBankHolidays, OpenSpan, OpeningHours};
use compliance::place::{Circle, Position};
use diesel::prelude::*;

use super::id::StationId;
use super::schema::{account_stations, stations};
use super::scope::Scope;
use super::station_closures::StationClosure;
use super::{StoreError, Tx, station_closures};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = stations)]
pub struct Station {
    pub id: StationId,
    pub code: String,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
    pub radius_m: f64,
    /// JSON, as imported: when the public may come in.
    pub opening_hours: String,
    /// `as_usual`, `closed`, or the hours as JSON.
    pub on_bank_holidays: String,
    pub police_area: String,
}

impl Station {
    pub fn ground(&self) -> Circle {
        let centre = Position { latitude: self.latitude, longitude: self.longitude };
        Circle { centre, radius_m: self.radius_m }
    }
}

pub fn find(tx: &mut Tx<'_>, id: StationId) -> Result<Option<Station>, StoreError> {
    let query = stations::table.filter(stations::id.eq(id)).select(Station::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Station>, StoreError> {
    let query = stations::table.filter(stations::code.eq(code)).select(Station::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Every station, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Station>, StoreError> {
    Ok(stations::table.order(stations::name).select(Station::as_select()).load(tx.conn)?)
}

/// The stations a caller works at: their own, or all for whoever sees everything.
pub fn of_scope(tx: &mut Tx<'_>, scope: Scope) -> Result<Vec<Station>, StoreError> {
    let mut query = stations::table.select(Station::as_select()).into_boxed();
    if scope.role.reach() != Reach::Everything {
        let own = account_stations::table
            .filter(account_stations::account_id.eq(scope.account))
            .select(account_stations::station_id);
        query = query.filter(stations::id.eq_any(own));
    }
    Ok(query.order(stations::name).load(tx.conn)?)
}

pub fn is_in_scope(tx: &mut Tx<'_>, scope: Scope, id: StationId) -> Result<bool, StoreError> {
    if scope.role.reach() == Reach::Everything {
        return Ok(find(tx, id)?.is_some());
    }
    let own = account_stations::table
        .find((scope.account, id))
        .select(account_stations::station_id)
        .first::<StationId>(tx.conn)
        .optional()?;
    Ok(own.is_some())
}

pub fn insert(tx: &mut Tx<'_>, station: &Station) -> Result<(), StoreError> {
    diesel::insert_into(stations::table)
        .values((
            stations::id.eq(station.id),
            stations::code.eq(&station.code),
            stations::name.eq(&station.name),
            stations::latitude.eq(station.latitude),
            stations::longitude.eq(station.longitude),
            stations::radius_m.eq(station.radius_m),
            stations::opening_hours.eq(&station.opening_hours),
            stations::on_bank_holidays.eq(&station.on_bank_holidays),
            stations::police_area.eq(&station.police_area),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes what is on file under the station's id; its code stays.
pub fn update(tx: &mut Tx<'_>, station: &Station) -> Result<(), StoreError> {
    diesel::update(stations::table.find(station.id))
        .set((
            stations::name.eq(&station.name),
            stations::latitude.eq(station.latitude),
            stations::longitude.eq(station.longitude),
            stations::radius_m.eq(station.radius_m),
            stations::opening_hours.eq(&station.opening_hours),
            stations::on_bank_holidays.eq(&station.on_bank_holidays),
            stations::police_area.eq(&station.police_area),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// When a station's counter is open; nothing where no hours are on file.
pub fn hours(tx: &mut Tx<'_>, id: StationId) -> Result<Option<OpeningHours>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Hours {
        days: Vec<String>,
        opens: String,
        closes: String,
    }
    let Some(station) = find(tx, id)? else { return Ok(None) };
    let corrupt = || StoreError::Corrupt { vocabulary: "hours", value: station.code.clone() };
    let on_file: Vec<Hours> =
        serde_json::from_str(&station.opening_hours).map_err(|_unreadable| corrupt())?;
    let mut week = Vec::new();
    for hours in &on_file {
        let span = span(&hours.opens, &hours.closes).ok_or_else(corrupt)?;
        for day in &hours.days {
            week.push((day.parse().map_err(|_unknown| corrupt())?, span));
        }
    }
    if week.is_empty() {
        return Ok(None);
    }
    let on_bank_holidays = match station.on_bank_holidays.as_str() {
        "closed" => OnBankHolidays::Closed,
        _ => OnBankHolidays::AsUsual,
    };
    let closures = station_closures::of_station(tx, id)?;
    let closures = closures.iter().filter_map(StationClosure::closure).collect();
    Ok(Some(OpeningHours { week, on_bank_holidays, closures }))
}

/// The last minute that is stated is included, and the last of the day is the day's end.
fn span(opens: &str, closes: &str) -> Option<OpenSpan> {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    let (ends, wrapped_s) = time(closes)?.overflowing_add_signed(Duration::minutes(1));
    OpenSpan::new(time(opens)?, (wrapped_s == 0).then_some(ends))
}
