//! `list_rota`: who is on duty and who is away.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record_rota_entry::WireRotaEntry;
use crate::store::{StoreError, rota};

/// What stands and is not over, the soonest first.
#[derive(Serialize, ToSchema)]
pub struct RotaList {
    pub entries: Vec<WireRotaEntry>,
}

/// Lists who is on duty and who is away, now and to come.
#[utoipa::path(
    tag = "Escalation",
    responses((status = 200, description = "The rota", body = RotaList)),
)]
#[get("/rota")]
pub async fn list_rota(caller: Caller<act::KeepRota>) -> Result<HttpResponse, Problem> {
    let now = caller.now;
    let found = caller.read(move |tx| rota::standing(tx, now)).await?;
    let entries =
        found.into_iter().map(WireRotaEntry::try_from).collect::<Result<_, StoreError>>()?;
    Ok(HttpResponse::Ok().json(RotaList { entries }))
}
