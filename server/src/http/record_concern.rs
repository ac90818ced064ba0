//! `record_concern`: puts a report of concern on file for whoever makes it.

use actix_web::{HttpResponse, put, web};
use compliance::alert::Risk;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, ReporterWord, Spelled, Timestamp, checked_text, required_text};
use crate::operations::concerns::{NewConcern, record_concern as record};
use crate::refusal::Refusal;
use crate::store::concerns::{self, ReporterDetails};
use crate::store::id::{ConcernId, OrderId, StationId};

const WORDS_CHARS_MAX: usize = 4_000;
const LINE_CHARS_MAX: usize = 200;

/// What somebody is told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldConcern {
    /// Who is concerned. An officer may be it themselves.
    pub reporter: ReporterWord,
    /// When they said so.
    pub reported_at: Timestamp,
    /// What happened, in the words of whoever reports.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: String,
    /// Whom it is about, as told.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub about: String,
    /// Left out when it is not known.
    #[serde(default)]
    pub happened_at: Option<Timestamp>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub place: String,
    /// The order, when it is known.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// Whose unit is to look at it, when no order says so.
    #[serde(default)]
    pub station_id: Option<StationId>,
    /// Whether somebody may be in danger: then it is looked at within an hour.
    pub is_in_danger: bool,
    /// Nothing of whoever stays anonymous.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub name: String,
    /// A telephone number or an address.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contact: String,
    /// When and how it is safe to make contact.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contact_safely: String,
}

/// What is told of a report, whoever takes it.
pub fn checked(new: NewConcern) -> Result<NewConcern, Problem> {
    required_text("/words", &new.words, WORDS_CHARS_MAX)?;
    checked_text("/about", &new.about, LINE_CHARS_MAX)?;
    checked_text("/place", &new.place, LINE_CHARS_MAX)?;
    checked_text("/name", &new.details.name, LINE_CHARS_MAX)?;
    checked_text("/contact", &new.details.contact, LINE_CHARS_MAX)?;
    checked_text("/contact_safely", &new.details.contact_safely, LINE_CHARS_MAX)?;
    Ok(new)
}

pub fn first_risk(is_in_danger: bool) -> Risk {
    if is_in_danger { Risk::High } else { Risk::Standard }
}

impl ToldConcern {
    fn read(self, id: ConcernId) -> Result<NewConcern, Problem> {
        let Spelled(reporter) = self.reporter;
        checked(NewConcern {
            id,
            reporter,
            about: self.about,
            words: self.words,
            happened_at: self.happened_at.map(|at| at.0),
            place: self.place,
            reported_at: self.reported_at.0,
            order: self.order_id,
            station: self.station_id,
            risk: first_risk(self.is_in_danger),
            details: ReporterDetails {
                name: self.name.trim().to_owned(),
                contact: self.contact.trim().to_owned(),
                contact_safely: self.contact_safely.trim().to_owned(),
            },
        })
    }
}

/// Records a report of concern for whoever makes it.
///
/// Every report is investigated. The alert about it is raised in the same moment.
#[utoipa::path(
    tag = "Concerns",
    params(("concern_id" = ConcernId, Path, description = "A UUIDv7 made by the caller")),
    request_body = ToldConcern,
    responses((status = 201, description = "On file, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}")]
pub async fn record_concern(
    caller: Caller<act::RecordFact>,
    id: web::Path<ConcernId>,
    told: Body<ToldConcern>,
) -> Result<HttpResponse, Problem> {
    let new = told.read().await?.read(*id)?;
    let actor = caller.actor();
    let found = caller
        .write(move |tx| {
            let concern = record(tx, &actor, &new)?;
            let found = concerns::find_in_context(tx, actor.scope, concern.id)?;
            found.ok_or(Refusal::NotFound("report"))
        })
        .await?;
    Ok(HttpResponse::Created().json(ConcernEntry::from(found)))
}
