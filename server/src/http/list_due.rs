//! `list_due`: who is due at a station on a day.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{Days, NaiveDate};
use compliance::Instant;
use compliance::order::start_of_day;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{ObligationStateWord, RiskWord, Spelled, Timestamp, WarningKindWord, day};
use crate::ZONE;
use crate::identity::sha256;
use crate::operations::persons::{DueInContext, Person, WarningOnFile, in_context};
use crate::refusal::Refusal;
use crate::store::id::{CheckInId, FactId, ObligationId, OrderId, StationId, SubjectId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::obligations::{self, Due};
use crate::store::stations;
use crate::store::subjects::Subject;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueQuery {
    /// A local day; today when left out.
    #[serde(default, deserialize_with = "day")]
    #[param(example = "2026-11-24")]
    date: Option<NaiveDate>,
}

/// What is due at a station in windows that touch a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueList {
    pub station_id: StationId,
    pub date: NaiveDate,
    /// When the list was true.
    pub as_of: Timestamp,
    /// In the order in which the windows close.
    pub due: Vec<DueSignOn>,
}

/// One sign-on that is due, or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueSignOn {
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    pub order_reference: String,
    pub condition_label: String,
    pub station_id: StationId,
    pub subject: DueSubject,
    pub opens_at: Timestamp,
    /// The first instant at which it is too late; the closing minute that the order states is before.
    pub closes_at: Timestamp,
    pub state: ObligationStateWord,
    pub state_reason: Option<String>,
    pub fulfilled_by: Option<CheckInId>,
    pub risk: RiskWord,
    /// An order binds from service; what closes before it cannot be enforced. One that is not
    /// served can be served now.
    pub is_served: bool,
    /// To present a device: what is still to be made known or answered.
    pub open_requests: usize,
}

/// The person whom the order binds.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueSubject {
    pub subject_id: SubjectId,
    pub reference: String,
    pub given_names: String,
    pub family_name: String,
    pub born_on: NaiveDate,
    /// For `get_photo`: the photo taken last.
    pub photo_id: Option<FactId>,
    pub photo_taken_on: Option<NaiveDate>,
    /// That nobody has ended: what endangers officers first.
    pub warnings: Vec<PersonWarning>,
}

/// Why to take care with a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonWarning {
    pub warning_id: FactId,
    pub kind: WarningKindWord,
    /// The kind in words.
    #[schema(example = "Carries weapons")]
    pub title: &'static str,
    pub says: String,
    pub recorded_at: Timestamp,
}

impl From<WarningOnFile> for PersonWarning {
    fn from(warning: WarningOnFile) -> Self {
        Self {
            warning_id: warning.id,
            kind: Spelled(warning.kind),
            title: warning.kind.in_words(),
            says: warning.says,
            recorded_at: warning.recorded_at.into(),
        }
    }
}

impl DueSubject {
    pub fn new(subject: Subject, person: Person) -> Self {
        Self {
            subject_id: subject.id,
            reference: subject.reference,
            given_names: subject.given_names,
            family_name: subject.family_name,
            born_on: subject.born_on,
            photo_id: person.photo.map(|photo| photo.id),
            photo_taken_on: person.photo.map(|photo| photo.taken_on),
            warnings: person.warnings.into_iter().map(PersonWarning::from).collect(),
        }
    }
}

impl From<DueInContext> for DueSignOn {
    fn from(found: DueInContext) -> Self {
        let DueInContext { due, person, open_requests } = found;
        let Due { obligation, subject, .. } = due;
        Self {
            obligation_id: obligation.id,
            order_id: obligation.order_id,
            order_reference: due.order_reference,
            condition_label: due.condition_label,
            station_id: obligation.station_id,
            subject: DueSubject::new(subject, person),
            opens_at: obligation.opens_at.into(),
            closes_at: obligation.closes_at.into(),
            state: Spelled(obligation.state),
            state_reason: obligation.state_reason,
            fulfilled_by: obligation.fulfilled_by,
            risk: Spelled(due.risk),
            is_served: due.is_served,
            open_requests,
        }
    }
}

enum Answer {
    Unchanged,
    List { etag: Option<String>, due: Vec<DueInContext> },
}

/// Lists who is due at a station on a day.
///
/// Phones poll this with `If-None-Match`; when nothing has changed the answer is 304, and costs one
/// look at an index. A warning or a photo of one of them is a change. Every list that is handed out
/// is in the ledger.
#[utoipa::path(
    tag = "Sign-ons",
    params(
        ("station_id" = StationId, Path, description = "Where"),
        DueQuery,
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the list at hand"),
    ),
    responses(
        (status = 200, description = "The list", body = DueList,
            headers(("ETag" = String, description = "Marks this very list"))),
        (status = 304, description = "Nothing has changed"),
    ),
)]
#[get("/stations/{station_id}/due")]
pub async fn list_due(
    request: HttpRequest,
    caller: Caller<act::ReadCase>,
    station: web::Path<StationId>,
    query: web::Query<DueQuery>,
) -> Result<HttpResponse, Problem> {
    let (station, scope, now) = (*station, caller.scope(), caller.now);
    let date = query.date.unwrap_or_else(|| now.local_date(ZONE));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let known = known.map(str::to_owned);
    let etag = caller
        .read(move |tx| {
            if !stations::is_in_scope(tx, scope, station)? {
                return Err(Refusal::NotFound("station"));
            }
            let mark = obligations::change_mark(tx, station)?;
            Ok(mark.map(|mark| format!("\"{}.{date}.{mark}\"", scope.account.uuid().simple())))
        })
        .await?;
    let answer = if known.is_some() && known == etag {
        Answer::Unchanged
    } else {
        let actor = caller.actor();
        let due = caller
            .write(move |tx| {
                let (from, until) = span_of(date);
                let due = obligations::due_at(tx, actor.scope, station, from, until)?;
                ledger::append(tx, actor.now, vec![entry(&actor, station, date, &due)])?;
                Ok::<_, Refusal>(in_context(tx, due, actor.now)?)
            })
            .await?;
        Answer::List { etag, due }
    };
    Ok(respond(answer, station, date, now))
}

fn respond(answer: Answer, station_id: StationId, date: NaiveDate, now: Instant) -> HttpResponse {
    match answer {
        Answer::Unchanged => HttpResponse::NotModified().finish(),
        Answer::List { etag, due } => {
            let due = due.into_iter().map(DueSignOn::from).collect();
            let mut response = HttpResponse::Ok();
            response.insert_header((CACHE_CONTROL, "private, no-cache"));
            if let Some(etag) = etag {
                response.insert_header((ETAG, etag));
            }
            response.json(DueList { station_id, date, as_of: now.into(), due })
        }
    }
}

/// The local day, from its first instant to the next one's.
fn span_of(date: NaiveDate) -> (Instant, Instant) {
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    (start_of_day(date, ZONE), start_of_day(next, ZONE))
}

fn entry(
    actor: &crate::operations::Actor,
    station: StationId,
    date: NaiveDate,
    due: &[Due],
) -> NewEntry {
    let orders: Vec<String> = due.iter().map(|due| due.obligation.order_id.to_string()).collect();
    NewEntry {
        chain: Chain::Station(station),
        actor: Some(actor.scope.account),
        act: "list_due",
        object: format!("station:{station}"),
        detail: format!("{date} orders:{}", orders.join(",")),
        body_digest: sha256(orders.join(",").as_bytes()),
    }
}
