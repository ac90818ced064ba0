//! `get_invariants`: whether the records hold together, as the last look found.

use actix_web::{HttpResponse, get};
use compliance::Word;
use compliance::invariant::Invariant;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{SeverityWord, Spelled, Timestamp};
use crate::store::invariants::{self, Looked};
use crate::store::{StoreError, Tx};

/// What must be true of the records, and whether it was.
#[derive(Serialize, ToSchema)]
pub struct InvariantReport {
    pub invariants: Vec<WireInvariant>,
}

/// One thing that must be true.
#[derive(Serialize, ToSchema)]
#[schema(as = Invariant)]
pub struct WireInvariant {
    #[schema(example = "alert_climbs")]
    pub name: &'static str,
    pub says: &'static str,
    /// How grave it is when it does not hold.
    pub severity: SeverityWord,
    /// When it was looked at last; null when it never was.
    pub looked_at: Option<Timestamp>,
    /// How many things contradicted it then.
    pub violations: Option<i64>,
}

/// Shows whether what must be true of the records was true at the daily look.
///
/// Counts over the whole service, about no case; `holdfast check` looks anew and names what it finds.
#[utoipa::path(
    tag = "Supervision",
    responses((status = 200, description = "Each invariant", body = InvariantReport)),
)]
#[get("/supervision/invariants")]
pub async fn get_invariants(caller: Caller<act::Supervise>) -> Result<HttpResponse, Problem> {
    let invariants = caller.read(read).await?;
    Ok(HttpResponse::Ok().json(InvariantReport { invariants }))
}

fn read(tx: &mut Tx<'_>) -> Result<Vec<WireInvariant>, StoreError> {
    let each = Invariant::ALL.iter();
    each.map(|invariant| Ok(wire(*invariant, invariants::last(tx, *invariant)?))).collect()
}

fn wire(invariant: Invariant, looked: Option<Looked>) -> WireInvariant {
    WireInvariant {
        name: invariant.as_str(),
        says: invariant.says(),
        severity: Spelled(invariant.severity()),
        looked_at: looked.as_ref().map(|looked| looked.looked_at.into()),
        violations: looked.map(|looked| looked.violations),
    }
}
