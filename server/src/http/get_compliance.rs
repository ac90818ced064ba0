//! `get_compliance`: how sign-ons turned out, counted.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::day;
use crate::operations::compliance_report::{By, Period, compliance_report};
use crate::store::compliance_figures::{Figures, Line};

/// A year, and the day that a leap year has more.
const DAYS_MAX: i64 = 366;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComplianceQuery {
    /// What there is a line for.
    by: ComplianceBy,
    /// A local day; the Monday eleven weeks before this week's when left out.
    #[serde(default, deserialize_with = "day")]
    #[param(example = "2026-09-07")]
    from: Option<NaiveDate>,
    /// A local day, included; today when left out. At most 366 days in all.
    #[serde(default, deserialize_with = "day")]
    #[param(example = "2026-11-24")]
    until: Option<NaiveDate>,
}

/// What there is a line for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ComplianceBy {
    Subject,
    Station,
    Week,
}

impl From<ComplianceBy> for By {
    fn from(by: ComplianceBy) -> Self {
        match by {
            ComplianceBy::Subject => Self::Subject,
            ComplianceBy::Station => Self::Station,
            ComplianceBy::Week => Self::Week,
        }
    }
}

/// How the sign-ons turned out whose windows close in a number of days.
#[derive(Serialize, ToSchema)]
pub struct ComplianceReport {
    pub by: ComplianceBy,
    pub from: NaiveDate,
    /// Included.
    pub until: NaiveDate,
    pub lines: Vec<ComplianceLine>,
    pub total: ComplianceFigures,
}

/// One subject, station or week.
#[derive(Serialize, ToSchema)]
pub struct ComplianceLine {
    /// The subject's reference, the station's code, or the ISO week.
    #[schema(example = "2026-W48")]
    pub key: String,
    /// For people; of a week, its Monday.
    #[schema(example = "Mon 23 Nov")]
    pub name: String,
    pub figures: ComplianceFigures,
}

/// Sign-ons, by how they turned out.
#[derive(Serialize, ToSchema)]
pub struct ComplianceFigures {
    pub fulfilled: i64,
    pub missed: i64,
    pub cancelled: i64,
    /// Not judged yet.
    pub pending: i64,
    /// Of the fulfilled and the missed, the part that was fulfilled; null when there were none.
    #[schema(minimum = 0, maximum = 1)]
    pub on_time_share: Option<f64>,
}

impl From<Figures> for ComplianceFigures {
    fn from(figures: Figures) -> Self {
        Self {
            fulfilled: figures.fulfilled,
            missed: figures.missed,
            cancelled: figures.cancelled,
            pending: figures.pending,
            on_time_share: figures.on_time_share(),
        }
    }
}

impl From<Line> for ComplianceLine {
    fn from(line: Line) -> Self {
        Self { key: line.key, name: line.name, figures: line.figures.into() }
    }
}

/// Counts how sign-ons turned out.
///
/// Over the windows that close in a number of local days, by subject, station or week; weeks begin on
/// Monday. The reading is in the ledger.
#[utoipa::path(
    tag = "Supervision",
    params(ComplianceQuery),
    responses((status = 200, description = "The figures", body = ComplianceReport)),
)]
#[get("/supervision/compliance")]
pub async fn get_compliance(
    caller: Caller<act::Supervise>,
    query: web::Query<ComplianceQuery>,
) -> Result<HttpResponse, Problem> {
    let usual = Period::last_12_weeks(caller.now);
    let until = query.until.unwrap_or(usual.until);
    let from = query.from.unwrap_or(usual.from);
    let period = Period { from, until };
    if !(1..=DAYS_MAX).contains(&period.days()) {
        let says = "from is not after until, and at most 366 days lie between";
        return Err(Problem::because(Kind::InvalidParameter, says));
    }
    let (actor, by) = (caller.actor(), query.by);
    let (lines, total) =
        caller.write(move |tx| compliance_report(tx, &actor, by.into(), period)).await?;
    Ok(HttpResponse::Ok().json(ComplianceReport {
        by,
        from,
        until,
        lines: lines.into_iter().map(ComplianceLine::from).collect(),
        total: total.into(),
    }))
}
