//! `get_subject_calendar`: what a subject has to attend or tell, as a calendar.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, web};
use chrono::Days;
use compliance::Instant;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::subject_calendar::{Entry, When, subject_calendar};
use crate::store::id::SubjectId;

/// Shows what a subject has to attend or tell, as an iCalendar file (RFC 5545).
///
/// Of the orders that the caller may know of: sign-ons, treatment sessions, devices to be shown, and
/// last days to notify; those of the last seven days and what is known ahead. What was moved keeps
/// its `UID` and has a higher `SEQUENCE`; what was called off, or is done, is `CANCELLED`. It says
/// where and when, not why.
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
    let entries = caller.write(move |tx| subject_calendar(tx, &actor, id)).await?;
    let mut calendar = Calendar::new();
    calendar.name("Appointments");
    for entry in entries {
        calendar.push(event(caller.now, entry));
    }
    let kind = (CONTENT_TYPE, "text/calendar; charset=utf-8");
    Ok(HttpResponse::Ok().insert_header(kind).body(calendar.to_string()))
}

fn event(now: Instant, entry: Entry) -> Event {
    let status = if entry.is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed };
    let mut event = Event::new();
    event
        .uid(&format!("{}@holdfast", entry.id))
        .timestamp(now.utc())
        .summary(&entry.summary)
        .description(&entry.description)
        .sequence(entry.sequence)
        .status(status);
    if let Some(place) = &entry.place {
        event.location(place);
    }
    match entry.when {
        When::Window(window) => {
            event.starts(window.opens_at.utc()).ends(window.closes_at.utc());
        }
        // Without an end, an event is the instant itself (RFC 5545, 3.6.1).
        When::By(at) => {
            event.starts(at.utc());
        }
        When::LastDay(day) => {
            event.starts(day).ends(day.checked_add_days(Days::new(1)).unwrap_or(day));
        }
    }
    event.done()
}
