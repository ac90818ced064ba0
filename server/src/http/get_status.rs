//! `get_status`: whether the service is at work.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::wire::Timestamp;
use crate::app::{vitals, watching};
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
    /// Of those, the ones of which nobody can be told. Show it in red while it is not 0.
    pub nobody_reachable_alerts: i64,
    /// When silence was last looked for; long ago means that nobody is watching.
    pub last_sweep_at: Option<Timestamp>,
    pub sweep_took_ms: Option<i64>,
    /// Whether a silence would be noticed now.
    pub is_watching: bool,
    /// The same for people. Show it in red while `is_watching` is false.
    #[schema(example = "Running and watching")]
    pub says: &'static str,
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
    let watching = watching(&app, vitals.sweep);
    Ok(HttpResponse::Ok().json(Status {
        is_watching: watching.is_watching,
        says: watching.says,
        force_name: app.force_name.clone(),
        is_training: app.is_training,
        version: env!("CARGO_PKG_VERSION"),
        now: app.clock.now().into(),
        orders: vitals.orders,
        obligations: vitals.obligations,
        open_alerts: vitals.open_alerts,
        unacknowledged_alerts: vitals.unacknowledged_alerts,
        nobody_reachable_alerts: vitals.nobody_reachable_alerts,
        last_sweep_at: vitals.sweep.map(|beat| beat.beat_at.into()),
        sweep_took_ms: vitals.sweep.map(|beat| beat.took_ms),
    }))
}
