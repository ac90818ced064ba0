//! `set_ladder`: says whom alerts climb to.

use actix_web::{HttpResponse, put, web};
use compliance::escalation::{Ladder, Step};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::LadderStep;
use super::problem::Problem;
use super::wire::{Body, RungWord, SeverityWord, Spelled, Timestamp};
use crate::operations::ladders::set_ladder as set;
use crate::store::StoreError;
use crate::store::id::{LadderId, StationId};
use crate::store::ladders::{RecordedLadder, steps_text};

/// Whom alerts climb to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLadder {
    /// Of alerts at one station; else of all others.
    #[serde(default)]
    pub station_id: Option<StationId>,
    pub severity: SeverityWord,
    #[schema(min_items = 1, max_items = 8)]
    pub steps: Vec<NewStep>,
    /// From the acknowledgement to the decision: a minute to 7 days.
    #[schema(minimum = 60_000, maximum = 604_800_000)]
    pub decide_within_ms: i64,
}

/// A step.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    pub rung: RungWord,
    /// A minute to a day.
    #[schema(minimum = 60_000, maximum = 86_400_000)]
    pub wait_ms: i64,
}

/// A ladder on file.
#[derive(Serialize, ToSchema)]
#[schema(as = Ladder)]
pub struct WireLadder {
    pub ladder_id: LadderId,
    pub station_id: Option<StationId>,
    pub severity: SeverityWord,
    pub steps: Vec<LadderStep>,
    pub decide_within_ms: i64,
    pub recorded_at: Timestamp,
}

impl TryFrom<RecordedLadder> for WireLadder {
    type Error = StoreError;

    fn try_from(recorded: RecordedLadder) -> Result<Self, StoreError> {
        let ladder = recorded.ladder()?;
        Ok(Self {
            ladder_id: recorded.id,
            station_id: recorded.station_id,
            severity: Spelled(recorded.severity),
            steps: ladder.steps.into_iter().map(LadderStep::from).collect(),
            decide_within_ms: ladder.decide_within_ms,
            recorded_at: recorded.recorded_at.into(),
        })
    }
}

/// Says whom alerts of a severity climb to, at one station or elsewhere.
///
/// It takes the place of what was set before, and holds from an alert's next step on. A ladder with a step
/// on which nobody can be told within the coming week is refused, and one that was set is looked at again
/// each day.
#[utoipa::path(
    tag = "Escalation",
    params(("ladder_id" = LadderId, Path, description = "A UUIDv7 made by the caller")),
    request_body = NewLadder,
    responses((status = 201, description = "It holds, now or before", body = WireLadder)),
)]
#[put("/ladders/{ladder_id}")]
pub async fn set_ladder(
    caller: Caller<act::KeepRota>,
    id: web::Path<LadderId>,
    asked: Body<NewLadder>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    let step = |step: &NewStep| Step { rung: step.rung.0, wait_ms: step.wait_ms };
    let ladder = Ladder {
        steps: asked.steps.iter().map(step).collect(),
        decide_within_ms: asked.decide_within_ms,
    };
    let new = RecordedLadder {
        id: *id,
        station_id: asked.station_id,
        severity: asked.severity.0,
        steps: steps_text(&ladder),
        decide_within_ms: asked.decide_within_ms,
        recorded_at: caller.now,
        recorded_by: caller.account.id,
        ended_at: None,
    };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| set(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(WireLadder::try_from(recorded)?))
}
