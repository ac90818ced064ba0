//! `submit_concern`: anybody reports a concern, without an account.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, post, web};
use compliance::concern_report::Reporter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Problem;
use super::record_concern::{checked, first_risk};
use super::wire::{Body, ReporterWord, Spelled, Timestamp};
use crate::operations::concerns::NewConcern;
use crate::operations::follow_concern::submit_from;
use crate::service::App;
use crate::store::concerns::ReporterDetails;

/// What somebody is worried about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicConcern {
    /// A victim, a family member, an organisation, or somebody who stays anonymous.
    pub reporter: ReporterWord,
    /// What happened.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: String,
    /// Whom it is about.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub about: String,
    /// Left out when it is not known.
    #[serde(default)]
    pub happened_at: Option<Timestamp>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub place: String,
    /// Whether somebody may be in danger. Whoever is in danger now rings 999.
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

/// With what a report can be followed. The secret is not shown again.
#[derive(Serialize, ToSchema)]
pub struct ConcernReceipt {
    #[schema(example = "C/26/000123")]
    pub reference: String,
    #[schema(example = "7KQM-2XPD-9RTV-4HJN")]
    pub secret: String,
    pub received_at: Timestamp,
}

/// Whose address it is: the proxy's word for it when there is one of ours, and then its last one,
/// because whoever calls can write the others. Of IPv6 the network, because a household has one.
pub fn address(request: &HttpRequest, app: &App) -> String {
    let forwarded = request.headers().get("x-forwarded-for").filter(|_| app.is_behind_proxy);
    let last = forwarded
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.rsplit(',').next())
        .and_then(|last| last.trim().parse::<IpAddr>().ok());
    match last.or_else(|| request.peer_addr().map(|peer| peer.ip())) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => String::new(),
    }
}

/// Reports a concern.
///
/// Asks for no session. Every report is investigated. The answer holds a reference and a secret, with
/// which `follow_concern` says what has become of it; the secret is shown this once. So many from one
/// address, and so many in all, are taken in an hour.
#[utoipa::path(
    tag = "Public",
    security(()),
    request_body = PublicConcern,
    responses((status = 201, description = "On file", body = ConcernReceipt)),
)]
#[post("/public/concerns")]
pub async fn submit_concern(
    request: HttpRequest,
    app: web::Data<App>,
    told: Body<PublicConcern>,
) -> Result<HttpResponse, Problem> {
    let told = told.read().await?;
    let now = app.clock.now();
    let new = told.read(&app, now)?;
    let secret = Arc::new(app.identity.secret());
    let (address, kept, identity) = (address(&request, &app), secret.clone(), app.identity.clone());
    let filed = app.store.write(move |tx| submit_from(tx, &identity, &address, &new, &kept)).await;
    let concern = filed.map_err(Problem::from)?;
    Ok(HttpResponse::Created().json(ConcernReceipt {
        reference: concern.reference,
        secret: secret.in_groups(),
        received_at: concern.reported_at.into(),
    }))
}

impl PublicConcern {
    fn read(self, app: &App, now: compliance::Instant) -> Result<NewConcern, Problem> {
        let Spelled(reporter) = self.reporter;
        if matches!(reporter, Reporter::Officer | Reporter::ControlRoom) {
            let says = "reports while signed in, with record_concern";
            return Err(Problem::field("/reporter", says));
        }
        checked(NewConcern {
            id: app.identity.id(now),
            reporter,
            about: self.about,
            words: self.words,
            happened_at: self.happened_at.map(|at| at.0),
            place: self.place,
            reported_at: now,
            order: None,
            station: None,
            risk: first_risk(self.is_in_danger),
            details: ReporterDetails {
                name: self.name.trim().to_owned(),
                contact: self.contact.trim().to_owned(),
                contact_safely: self.contact_safely.trim().to_owned(),
            },
        })
    }
}
