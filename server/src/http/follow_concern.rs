//! `follow_concern`: what has become of a report, told to whoever has its secret.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, post, web};
use compliance::concern_report::ReportStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{Kind, Problem};
use super::submit_concern::address;
use super::wire::{Body, Timestamp, checked_text};
use crate::identity::Secret;
use crate::operations::follow_concern::{Following, follow_concern as follow};
use crate::service::App;

const CHARS_MAX: usize = 40;

/// What was written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConcernKey {
    #[schema(max_length = 40, example = "C/26/000123")]
    pub reference: String,
    #[schema(max_length = 40, example = "7KQM-2XPD-9RTV-4HJN")]
    pub secret: String,
}

/// What has become of a report. Nothing of the case is in it.
#[derive(Serialize, ToSchema)]
pub struct ConcernProgress {
    pub received_at: Timestamp,
    /// Whether an officer has it.
    pub is_with_somebody: bool,
    pub is_closed: bool,
    /// Whether the outcome was told, or the reason why not is on file.
    pub is_outcome_told: bool,
    /// The same in plain words.
    pub says: String,
}

fn says(status: ReportStatus) -> &'static str {
    match status {
        ReportStatus::New => "We have your report. Somebody will look at it soon.",
        ReportStatus::Triaged => {
            "Somebody has looked at your report. It will be given to an officer."
        }
        ReportStatus::Allocated => "An officer is looking into your report.",
        ReportStatus::AwaitingSignOff => {
            "An officer has looked into your report. Another person is checking the outcome."
        }
        ReportStatus::AwaitingUpdate => {
            "Your report has an outcome. We will tell you about it if we can reach you."
        }
        ReportStatus::Closed => "Your report has been looked into and is closed.",
    }
}

impl From<Following> for ConcernProgress {
    fn from(following: Following) -> Self {
        let Following { reported_at, status, is_told } = following;
        Self {
            received_at: reported_at.into(),
            is_with_somebody: !matches!(status, ReportStatus::New | ReportStatus::Triaged),
            is_closed: status == ReportStatus::Closed,
            is_outcome_told: is_told,
            says: says(status).to_owned(),
        }
    }
}

/// Says what has become of a report.
///
/// Asks for no session, but for the reference and the secret. A wrong secret and an unknown reference
/// look the same, and slow the next try down.
#[utoipa::path(
    tag = "Public",
    security(()),
    request_body = ConcernKey,
    responses((status = 200, description = "What has become of it", body = ConcernProgress)),
)]
#[post("/public/concerns/progress")]
pub async fn follow_concern(
    request: HttpRequest,
    app: web::Data<App>,
    key: Body<ConcernKey>,
) -> Result<HttpResponse, Problem> {
    let ConcernKey { reference, secret } = key.read().await?;
    checked_text("/reference", &reference, CHARS_MAX)?;
    checked_text("/secret", &secret, CHARS_MAX)?;
    let reference = reference.trim().to_uppercase();
    let (now, address) = (app.clock.now(), address(&request, &app));
    let secret = Arc::new(Secret::typed(&secret));
    let found = app
        .store
        .write(move |tx| follow(tx, &address, (&reference, &secret), now))
        .await
        .map_err(Problem::from)?;
    let following = found.ok_or_else(|| {
        Problem::because(Kind::NotFound, "There is no report with this reference and this secret.")
    })?;
    Ok(HttpResponse::Ok().json(ConcernProgress::from(following)))
}
