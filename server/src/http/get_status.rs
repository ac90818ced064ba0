//! `get_status`: whether the service is at work.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::wire::Timestamp;
use crate::app::vitals;
use crate::service::App;
use crate::store::StoreError;

/// Whether the service is at work, and on how much.
#[derive(Serialize, ToSchema)]
pub struct Status {
    pub force_name: String,
    /// The training environment: nobody in it is real.
    pub is_training: bool,
    pub version: &'static str,
    pub now: Timestamp,
    pub orders: i64,
    pub obligations: i64,
    pub open_alerts: i64,
    /// Of those, the ones that nobody has taken yet.
    pub unacknowledged_alerts: i64,
    /// When silence was last looked for; long ago means that nobody is watching.
    pub last_sweep_at: Option<Timestamp>,
    pub sweep_took_ms: Option<i64>,
}

/// Says whether the service is at work.
///
/// For monitors and front pages; whoever asks need not be signed in.
#[utoipa::path(
    tag = "Service",
    security(()),
    responses((status = 200, description = "How the service is", body = Status)),
)]
#[get("/status")]
pub async fn get_status(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let vitals = app.store.read(vitals).await.map_err(|error: StoreError| Problem::from(error))?;
    Ok(HttpResponse::Ok().json(Status {
        force_name: app.force_name.clone(),
        is_training: app.is_training,
        version: env!("CARGO_PKG_VERSION"),
        now: app.clock.now().into(),
        orders: vitals.orders,
        obligations: vitals.obligations,
        open_alerts: vitals.open_alerts,
        unacknowledged_alerts: vitals.unacknowledged_alerts,
        last_sweep_at: vitals.sweep.map(|beat| beat.beat_at.into()),
        sweep_took_ms: vitals.sweep.map(|beat| beat.took_ms),
    }))
}
