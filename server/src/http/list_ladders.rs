//! `list_ladders`: whom alerts climb to.

use actix_web::{HttpResponse, get};
use compliance::Word;
use compliance::alert::{Risk, Severity};
use compliance::escalation::Ladder;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::LadderStep;
use super::problem::Problem;
use super::set_ladder::WireLadder;
use super::wire::{SeverityWord, Spelled};
use crate::store::{StoreError, ladders};

/// Whom alerts climb to.
#[derive(Serialize, ToSchema)]
pub struct LadderList {
    /// Those that the force has set.
    pub ladders: Vec<WireLadder>,
    /// What holds where it has set none.
    pub usual: Vec<UsualLadder>,
}

/// What holds for a severity where nothing was set.
#[derive(Serialize, ToSchema)]
pub struct UsualLadder {
    pub severity: SeverityWord,
    pub steps: Vec<LadderStep>,
    /// Of an order at high risk it is 4 hours.
    pub decide_within_ms: i64,
}

/// Lists whom alerts climb to, and how long each step waits.
#[utoipa::path(
    tag = "Escalation",
    responses((status = 200, description = "The ladders", body = LadderList)),
)]
#[get("/ladders")]
pub async fn list_ladders(caller: Caller<act::KeepRota>) -> Result<HttpResponse, Problem> {
    let found = caller.read(ladders::standing).await?;
    let ladders = found.into_iter().map(WireLadder::try_from).collect::<Result<_, StoreError>>()?;
    let usual = Severity::ALL.iter().map(|severity| {
        let ladder = Ladder::usual(*severity, Risk::Standard);
        UsualLadder {
            severity: Spelled(*severity),
            steps: ladder.steps.into_iter().map(LadderStep::from).collect(),
            decide_within_ms: ladder.decide_within_ms,
        }
    });
    Ok(HttpResponse::Ok().json(LadderList { ladders, usual: usual.collect() }))
}
