//! `get_figures`: what supervisors and inspectors ask for, in numbers.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::day;
use crate::operations::compliance_report::Period;
use crate::operations::figures::{Asked, Figure, Unit, figures};
use crate::store::id::StationId;
use crate::store::stations::Station;

/// A year, and the day that a leap year has more.
const DAYS_MAX: i64 = 366;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiguresQuery {
    /// A local day; the Monday eleven weeks before this week's when left out.
    #[serde(default, deserialize_with = "day")]
    #[param(example = "2026-09-07")]
    from: Option<NaiveDate>,
    /// A local day, included; today when left out. At most 366 days in all.
    #[serde(default, deserialize_with = "day")]
    #[param(example = "2026-11-24")]
    until: Option<NaiveDate>,
    /// Of this station only: sign-ons and alerts there, and the orders that name it.
    station_id: Option<StationId>,
}

/// Figures about what the caller may know of.
#[derive(Serialize, ToSchema)]
pub struct FigureReport {
    pub from: NaiveDate,
    /// Included.
    pub until: NaiveDate,
    pub station_id: Option<StationId>,
    pub figures: Vec<WireFigure>,
}

/// One number.
#[derive(Serialize, ToSchema)]
#[schema(as = Figure)]
pub struct WireFigure {
    #[schema(example = "alerts")]
    pub group: &'static str,
    #[schema(example = "decided_after_median")]
    pub name: &'static str,
    pub unit: FigureUnit,
    /// Null when there was nothing to reckon it from.
    pub value: Option<f64>,
}

/// What a figure counts in.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FigureUnit {
    Count,
    Ms,
    /// A share of one, or so many for each.
    Ratio,
}

impl FigureUnit {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ms => "ms",
            Self::Ratio => "ratio",
        }
    }
}

impl From<Figure> for WireFigure {
    fn from(figure: Figure) -> Self {
        let unit = match figure.unit {
            Unit::Count => FigureUnit::Count,
            Unit::Milliseconds => FigureUnit::Ms,
            Unit::Ratio => FigureUnit::Ratio,
        };
        Self { group: figure.group, name: figure.name, unit, value: figure.value }
    }
}

/// The figures that a query asks for, and the station.
pub async fn found(
    caller: &Caller<act::Supervise>,
    query: &FiguresQuery,
) -> Result<(Period, Option<Station>, Vec<WireFigure>), Problem> {
    let usual = Period::last_12_weeks(caller.now);
    let until = query.until.unwrap_or(usual.until);
    let period = Period { from: query.from.unwrap_or(usual.from), until };
    if !(1..=DAYS_MAX).contains(&period.days()) {
        let says = "from is not after until, and at most 366 days lie between";
        return Err(Problem::because(Kind::InvalidParameter, says));
    }
    let (actor, asked) = (caller.actor(), Asked { period, station: query.station_id });
    let (station, found) = caller.write(move |tx| figures(tx, &actor, asked)).await?;
    Ok((period, station, found.into_iter().map(WireFigure::from).collect()))
}

/// Counts orders, sign-ons, alerts, excuses and suspected breaches, and how long people took.
///
/// Sign-ons count by when their window closes, alerts by when they were raised, excuses and breaches by
/// when they were recorded; orders as they are now. Percentiles are by nearest rank. The reading is in
/// the ledger.
#[utoipa::path(
    tag = "Supervision",
    params(FiguresQuery),
    responses((status = 200, description = "The figures", body = FigureReport)),
)]
#[get("/supervision/figures")]
pub async fn get_figures(
    caller: Caller<act::Supervise>,
    query: web::Query<FiguresQuery>,
) -> Result<HttpResponse, Problem> {
    let (period, station, figures) = found(&caller, &query).await?;
    Ok(HttpResponse::Ok().json(FigureReport {
        from: period.from,
        until: period.until,
        station_id: station.map(|station| station.id),
        figures,
    }))
}
