//! `back_test`: what another policy would have meant for the windows of the past.

use std::sync::Arc;

use actix_web::{HttpResponse, post};
use compliance::attendance::Policy;
use compliance::back_test::Load;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::explain_finding::WireRules;
use super::problem::Problem;
use super::wire::{AlertKindWord, Body, DutyStandingWord, RoleWord, RungWord, Spelled, Timestamp};
use crate::operations::back_test::{
    ASSUMPTIONS, Asked, BackTest, Differing, Side, back_test as run, begin_back_test,
    check_back_test,
};
use crate::operations::explain_finding::rules_in_force;
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::store::id::{AccountId, ObligationId, OrderId, StationId};

/// What to replay, and what is proposed. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackTestProposal {
    /// Windows that close from here on.
    pub from: Timestamp,
    /// Not included; not in the future, and at most 366 days later.
    pub until: Timestamp,
    /// Windows at this station only.
    #[serde(default)]
    pub station_id: Option<StationId>,
    /// How long after the close an attendance still complies; a miss is raised so much later.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 14_400_000)]
    pub grace_ms: i64,
    /// How long before the opening an attendance complies already.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 14_400_000)]
    pub early_ms: i64,
    /// How far around the zones of orders a position counts as near them, instead of each zone's own.
    /// Positions and sightings are replayed, and alerts about zones counted, only when it is given;
    /// without `station_id`, because zones have none.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10_000)]
    pub zone_buffer_m: Option<f64>,
    #[serde(default)]
    pub escalation: Option<ProposedEscalation>,
}

/// How alerts would climb.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedEscalation {
    /// How long an alert waits on each step of its ladder, the first step first: a minute to a day each.
    /// Steps that are not named wait as they do.
    #[schema(max_items = 8)]
    pub waits_ms: Vec<i64>,
}

/// What the policy in force and the proposed one come to over the same windows.
#[derive(Serialize, ToSchema)]
pub struct BackTestReport {
    pub from: Timestamp,
    pub until: Timestamp,
    pub station_id: Option<StationId>,
    pub windows: u64,
    /// Positions of tags and sightings that were replayed; none without `zone_buffer_m`.
    pub positions: u64,
    pub current: PolicyOutcome,
    pub proposed: PolicyOutcome,
    /// Duties of which the two make something else, at most 200.
    pub differing: Vec<DifferingDuty>,
    /// How many more there are.
    pub left_off: u64,
    /// What the figures rest on.
    pub assumptions: Vec<&'static str>,
    pub rules: WireRules,
}

/// What one policy comes to.
#[derive(Serialize, ToSchema)]
pub struct PolicyOutcome {
    pub grace_ms: i64,
    pub early_ms: i64,
    pub standings: Vec<StandingCount>,
    /// Of every kind that is raised at all.
    pub alerts: Vec<AlertCount>,
    pub alerts_raised: u64,
    /// Everybody who is told of any.
    pub told: Vec<ToldPerson>,
    pub told_by_rung: Vec<ToldRung>,
    /// Of how many alerts there was, at some time, nobody on any step who could be told.
    pub nobody_reachable: u64,
    /// Whom an alert wakes first; null when it wakes nobody.
    pub first_woken: Option<FirstWoken>,
}

#[derive(Serialize, ToSchema)]
pub struct StandingCount {
    pub standing: DutyStandingWord,
    pub duties: u64,
}

#[derive(Serialize, ToSchema)]
pub struct AlertCount {
    pub kind: AlertKindWord,
    pub raised: u64,
    /// Of them: on a finding that a record still to come could change.
    pub provisional: u64,
    /// Of them: closed by a record that came later, or because a record was a mistake.
    pub superseded: u64,
}

/// How often somebody is told.
#[derive(Serialize, ToSchema)]
pub struct ToldPerson {
    pub account_id: AccountId,
    pub display_name: String,
    pub role: Option<RoleWord>,
    pub times: u64,
    /// Of them: from 22:00 to 06:00, local.
    pub woken: u64,
    /// By the local hour, from 0 to 23.
    #[schema(min_items = 24, max_items = 24)]
    pub by_hour: Vec<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ToldRung {
    pub rung: RungWord,
    pub times: u64,
    pub woken: u64,
}

/// Whom an alert wakes first.
#[derive(Serialize, ToSchema)]
pub struct FirstWoken {
    pub at: Timestamp,
    pub account_id: AccountId,
    pub rung: Option<RungWord>,
    pub order_id: OrderId,
    /// Nothing of an alert about a zone.
    pub obligation_id: Option<ObligationId>,
    pub kind: AlertKindWord,
}

/// A duty of which the two policies make something else.
#[derive(Serialize, ToSchema)]
pub struct DifferingDuty {
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    pub closes_at: Timestamp,
    pub current: DutyStandingWord,
    pub proposed: DutyStandingWord,
}

impl From<Differing> for DifferingDuty {
    fn from(it: Differing) -> Self {
        Self {
            obligation_id: it.obligation,
            order_id: it.order,
            closes_at: it.closes_at.into(),
            current: Spelled(it.current),
            proposed: Spelled(it.proposed),
        }
    }
}

fn told(found: &BackTest, (id, load): (&AccountId, &Load)) -> ToldPerson {
    let person = found.people.get(id);
    ToldPerson {
        account_id: *id,
        display_name: person.map(|person| person.display_name.clone()).unwrap_or_default(),
        role: person.map(|person| Spelled(person.role)),
        times: load.told(),
        woken: load.woken(),
        by_hour: load.by_hour.to_vec(),
    }
}

fn outcome(found: &BackTest, side: &Side, policy: Policy) -> PolicyOutcome {
    let standings = side.tally.standings.iter();
    let alerts = side.tally.alerts.iter();
    let rungs = side.by_rung.iter();
    PolicyOutcome {
        grace_ms: policy.grace_ms,
        early_ms: policy.early_ms,
        standings: standings
            .map(|(standing, duties)| StandingCount {
                standing: Spelled(*standing),
                duties: *duties,
            })
            .collect(),
        alerts: alerts
            .map(|(kind, count)| AlertCount {
                kind: Spelled(*kind),
                raised: count.raised,
                provisional: count.provisional,
                superseded: count.superseded,
            })
            .collect(),
        alerts_raised: side.tally.raised(),
        told: side.told.iter().map(|of| told(found, of)).collect(),
        told_by_rung: rungs
            .map(|(rung, load)| ToldRung {
                rung: Spelled(*rung),
                times: load.told(),
                woken: load.woken(),
            })
            .collect(),
        nobody_reachable: side.nobody,
        first_woken: side.first_woken.map(|first| FirstWoken {
            at: first.at.into(),
            account_id: first.account,
            rung: first.rung.map(Spelled),
            order_id: first.order,
            obligation_id: first.obligation,
            kind: Spelled(first.kind),
        }),
    }
}

/// Replays the past under another policy, beside the one in force.
///
/// How many alerts there would have been, how many of them provisional or withdrawn later, who would have
/// been told and whom it would have woken, and which duties come out otherwise. It changes nothing. One
/// runs at a time; while it does, another is refused as `busy`. That it was asked is in the ledger.
#[utoipa::path(
    tag = "Supervision",
    request_body = BackTestProposal,
    responses((status = 200, description = "What the two come to", body = BackTestReport)),
)]
#[post("/back-tests")]
pub async fn back_test(
    caller: Caller<act::Supervise>,
    body: Body<BackTestProposal>,
) -> Result<HttpResponse, Problem> {
    let proposal = body.read().await?;
    let under_way = caller.app.back_tests.clone().try_acquire_owned();
    let permit = under_way.map_err(|_taken| Problem::from(Refusal::BackTestUnderWay))?;
    let asked = Arc::new(Asked {
        from: proposal.from.0,
        until: proposal.until.0,
        station: proposal.station_id,
        proposed: Policy { grace_ms: proposal.grace_ms, early_ms: proposal.early_ms },
        waits_ms: proposal.escalation.map(|it| it.waits_ms).unwrap_or_default(),
        zone_buffer_m: proposal.zone_buffer_m,
    });
    let (actor, of) = (caller.actor(), asked.clone());
    caller.read(move |tx| check_back_test(tx, &actor, &of)).await?;
    let (actor, of) = (caller.actor(), asked.clone());
    let begun = caller.write(move |tx| begin_back_test(tx, &actor, &of)).await;
    begun.map_err(|error: StoreError| Problem::from(error))?;
    let (actor, of) = (caller.actor(), asked.clone());
    let found = caller.read(move |tx| {
        // Given back when it has run, also if nobody waits for the answer any more.
        let _permit = permit;
        run(tx, &actor, &of)
    });
    let found = found.await.map_err(|error: StoreError| Problem::from(error))?;
    Ok(HttpResponse::Ok().json(BackTestReport {
        from: asked.from.into(),
        until: asked.until.into(),
        station_id: asked.station,
        windows: found.current.tally.windows,
        positions: found.positions,
        current: outcome(&found, &found.current, Policy::IN_FORCE),
        proposed: outcome(&found, &found.proposed, asked.proposed),
        differing: found.differing.iter().copied().map(DifferingDuty::from).collect(),
        left_off: found.left_off,
        assumptions: ASSUMPTIONS.to_vec(),
        rules: rules_in_force().into(),
    }))
}
