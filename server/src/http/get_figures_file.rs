//! `get_figures_file`: the same figures as a file for a spreadsheet.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};

use super::caller::{Caller, act};
use super::get_figures::{FiguresQuery, found};
use super::problem::Problem;
use crate::csv::line;

/// Gives the same figures as comma-separated values (RFC 4180), a line for each.
#[utoipa::path(
    tag = "Supervision",
    params(FiguresQuery),
    responses((
        status = 200,
        description = "The figures",
        content_type = "text/csv",
        body = String,
    )),
)]
#[get("/supervision/figures.csv")]
pub async fn get_figures_file(
    caller: Caller<act::Supervise>,
    query: web::Query<FiguresQuery>,
) -> Result<HttpResponse, Problem> {
    let (period, station, figures) = found(&caller, &query).await?;
    let (from, until) = (period.from.to_string(), period.until.to_string());
    let place = station.map_or_else(|| "everywhere".to_owned(), |station| station.name);
    let mut text = line(&["from", "until", "station", "group", "name", "unit", "value"]);
    for figure in figures {
        let value = figure.value.map(|value| value.to_string()).unwrap_or_default();
        let unit = figure.unit.as_str();
        text += &line(&[&from, &until, &place, figure.group, figure.name, unit, &value]);
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"figures.csv\""))
        .body(text))
}
