//! `get_subject_calendar`: what a subject has to attend, as a calendar.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::subject_calendar::{Attendance, subject_calendar};
use crate::store::id::SubjectId;

/// Shows what a subject has to attend, as an iCalendar file (RFC 5545).
///
/// The sign-ons of the orders that the caller may know of: those of the last seven days and those
/// written out ahead, 35 days or more. It says where and when, not why.
#[utoipa::path(
    tag = "Cases",
    params(("subject_id" = SubjectId, Path, description = "Whom the orders bind")),
    responses((status = 200, description = "The calendar", body = String,
        content_type = "text/calendar")),
)]
#[get("/subjects/{subject_id}/calendar")]
pub async fn get_subject_calendar(
    caller: Caller<act::ReadCase>,
    subject: web::Path<SubjectId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *subject);
    let (_, attendances) = caller.write(move |tx| subject_calendar(tx, &actor, id)).await?;
    let mut calendar = Calendar::new();
    calendar.name("Appointments");
    for attendance in attendances {
        calendar.push(event(caller.now, attendance));
    }
    let kind = (CONTENT_TYPE, "text/calendar; charset=utf-8");
    Ok(HttpResponse::Ok().insert_header(kind).body(calendar.to_string()))
}

fn event(now: Instant, attendance: Attendance) -> Event {
    let Attendance { obligation, station_name, plain_words, is_cancelled } = attendance;
    let status = if is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed };
    Event::new()
        .uid(&format!("{}@holdfast", obligation.id))
        .timestamp(now.utc())
        .summary(&format!("Sign on at {station_name}"))
        .description(&plain_words)
        .location(&station_name)
        .starts(obligation.opens_at.utc())
        .ends(obligation.closes_at.utc())
        .status(status)
        .done()
}
