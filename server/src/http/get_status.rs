//! `get_status`: whether the service is at work.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::wire::Timestamp;
use crate::service::App;
use crate::store::heartbeats::Heartbeat;
use crate::store::{StoreError, Tx, alerts, heartbeats, obligations, orders};

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
    /// When silence was last looked for; long ago means that nobody is watching.
    pub last_sweep_at: Option<Timestamp>,
    pub sweep_took_ms: Option<i64>,
}

struct Counts {
    orders: i64,
    obligations: i64,
    open_alerts: i64,
    last_sweep: Option<Heartbeat>,
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
    let counts = app.store.read(count).await?;
    Ok(HttpResponse::Ok().json(Status {
        force_name: app.force_name.clone(),
        is_training: app.is_training,
        version: env!("CARGO_PKG_VERSION"),
        now: app.clock.now().into(),
        orders: counts.orders,
        obligations: counts.obligations,
        open_alerts: counts.open_alerts,
        last_sweep_at: counts.last_sweep.map(|beat| beat.beat_at.into()),
        sweep_took_ms: counts.last_sweep.map(|beat| beat.took_ms),
    }))
}

fn count(tx: &mut Tx<'_>) -> Result<Counts, StoreError> {
    Ok(Counts {
        orders: orders::count(tx)?,
        obligations: obligations::count(tx)?,
        open_alerts: alerts::count_open(tx)?,
        last_sweep: heartbeats::last(tx, heartbeats::SWEEP)?,
    })
}
