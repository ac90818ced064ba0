//! `get_concern`: a report, what was done with it, what has to be done, and what else is on file.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use compliance::concern_report::pattern::Pattern;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{
    OutcomeWord, PatternKindWord, ReportActKindWord, ReportClockWord, Spelled, Timestamp,
};
use crate::operations::concern_context::{Context, WholeConcern, get_concern as read};
use crate::operations::concerns::Clock;
use crate::store::concerns::{ConcernAct, ReporterDetails};
use crate::store::facts::Fact;
use crate::store::findings::OfObligation;
use crate::store::id::{
    AccountId, ConcernActId, ConcernId, FactId, ObligationId, OrderId, StationId, StayId,
};
use crate::store::zone_stays::Stay;

/// A report with everything that belongs to it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConcernFile)]
pub struct ConcernFile {
    pub concern: ConcernEntry,
    /// Whom it is about, as told.
    pub about: String,
    /// What happened, as told.
    pub words: String,
    /// Without one, it is not known.
    pub happened_at: Option<Timestamp>,
    pub place: String,
    pub station_id: Option<StationId>,
    /// Nobody, when it came through the public form.
    pub recorded_by_name: Option<String>,
    /// Who reported, and how to reach them. Only for those who investigate.
    pub reporter_details: Option<WireReporter>,
    /// What was done, in the order in which it was done.
    pub acts: Vec<WireAct>,
    /// What has to be done, the soonest first; nothing once it is closed.
    pub clocks: Vec<WireClock>,
    pub context: WireContext,
}

/// Who reported, and how to reach them.
#[derive(Serialize, ToSchema)]
#[schema(as = ConcernReporter)]
pub struct WireReporter {
    pub name: String,
    pub contact: String,
    /// When and how it is safe to make contact.
    pub contact_safely: String,
}

impl From<ReporterDetails> for WireReporter {
    fn from(details: ReporterDetails) -> Self {
        let ReporterDetails { name, contact, contact_safely } = details;
        Self { name, contact, contact_safely }
    }
}

/// Something that was done with a report.
#[derive(Serialize, ToSchema)]
#[schema(as = ConcernAct)]
pub struct WireAct {
    pub act_id: ConcernActId,
    pub kind: ReportActKindWord,
    pub happened_at: Timestamp,
    pub by_name: String,
    /// A sentence for people.
    pub says: String,
    /// What was found, the reasons, what the reporter was told.
    pub note: String,
    /// The risk, the investigative action or the outcome.
    pub word: Option<String>,
    pub to_account_id: Option<AccountId>,
    pub to_concern_id: Option<ConcernId>,
    pub to_order_id: Option<OrderId>,
}

impl From<(ConcernAct, String, Option<String>)> for WireAct {
    fn from((act, by_name, to_name): (ConcernAct, String, Option<String>)) -> Self {
        Self {
            says: act.says(to_name.as_deref()),
            act_id: act.id,
            kind: Spelled(act.kind),
            happened_at: act.happened_at.into(),
            by_name,
            note: act.note,
            word: act.word,
            to_account_id: act.to_account,
            to_concern_id: act.to_report,
            to_order_id: act.to_order,
        }
    }
}

/// Something that has to be done with a report.
#[derive(Serialize, ToSchema)]
#[schema(as = ConcernClock)]
pub struct WireClock {
    pub clock: ReportClockWord,
    /// At this instant it is over.
    pub closes_at: Timestamp,
    pub is_over: bool,
    #[schema(example = "1 hour after Tue 24 Nov 2026 10:30: Tue 24 Nov 2026 11:30")]
    pub arithmetic: String,
    pub basis: &'static str,
}

impl WireClock {
    fn at(now: Instant, (clock, deadline): Clock) -> Self {
        Self {
            clock: Spelled(clock),
            closes_at: deadline.closes_at.into(),
            is_over: deadline.is_over(now),
            arithmetic: deadline.arithmetic,
            basis: deadline.basis,
        }
    }
}

/// What else is on file about the subject since `from`, of the orders that the caller may know of.
#[derive(Serialize, ToSchema)]
#[schema(as = ConcernContext)]
pub struct WireContext {
    pub from: Timestamp,
    /// Sign-ons that were missed, late, or not as they should be in another way.
    pub sign_ons: Vec<ContextSignOn>,
    /// Other reports, and those that are linked with this one, whenever they were made.
    pub concerns: Vec<ConcernEntry>,
    pub sightings: Vec<ContextSighting>,
    pub zone_stays: Vec<ContextStay>,
    /// What stands out, each with its count. Not a score, and not a finding.
    pub patterns: Vec<WirePattern>,
}

#[derive(Serialize, ToSchema)]
pub struct ContextSignOn {
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    pub closes_at: Timestamp,
    pub outcome: OutcomeWord,
}

#[derive(Serialize, ToSchema)]
pub struct ContextSighting {
    pub record_id: FactId,
    pub order_id: OrderId,
    pub seen_at: Timestamp,
    pub says: String,
}

/// A time in or near a zone. Where the zone is, is not said.
#[derive(Serialize, ToSchema)]
pub struct ContextStay {
    pub stay_id: StayId,
    pub order_id: OrderId,
    pub began_at: Timestamp,
    pub last_at: Timestamp,
    /// Whether any position was surely inside.
    pub is_inside: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConcernPattern)]
pub struct WirePattern {
    pub pattern: PatternKindWord,
    pub count: usize,
    #[schema(example = "3 late sign-ons in 90 days")]
    pub says: String,
}

fn sign_on(of: OfObligation) -> ContextSignOn {
    ContextSignOn {
        obligation_id: of.finding.obligation_id,
        order_id: of.order_id,
        closes_at: of.closes_at.into(),
        outcome: Spelled(of.finding.outcome),
    }
}

fn sighting(fact: Fact) -> ContextSighting {
    ContextSighting {
        record_id: fact.id,
        order_id: fact.order_id,
        seen_at: fact.happened_at.into(),
        says: fact.says,
    }
}

fn stay((order_id, stay): (OrderId, Stay)) -> ContextStay {
    ContextStay {
        stay_id: stay.id,
        order_id,
        began_at: stay.began_at.into(),
        last_at: stay.last_at.into(),
        is_inside: stay.entered_by.is_some(),
    }
}

fn pattern(pattern: Pattern) -> WirePattern {
    let Pattern { kind, count, says } = pattern;
    WirePattern { pattern: Spelled(kind), count, says }
}

impl From<Context> for WireContext {
    fn from(context: Context) -> Self {
        Self {
            from: context.from.into(),
            sign_ons: context.attendances.into_iter().map(sign_on).collect(),
            concerns: context.reports.into_iter().map(ConcernEntry::from).collect(),
            sightings: context.sightings.into_iter().map(sighting).collect(),
            zone_stays: context.stays.into_iter().map(stay).collect(),
            patterns: context.patterns.into_iter().map(pattern).collect(),
        }
    }
}

impl ConcernFile {
    fn at(now: Instant, whole: WholeConcern) -> Self {
        let concern = &whole.found.concern;
        Self {
            about: concern.about.clone(),
            words: concern.words.clone(),
            happened_at: concern.happened_at.map(Timestamp),
            place: concern.place.clone(),
            station_id: concern.station_id,
            recorded_by_name: whole.found.recorded_by_name.clone(),
            reporter_details: whole.reporter.map(WireReporter::from),
            acts: whole.acts.into_iter().map(WireAct::from).collect(),
            clocks: whole.report.due().into_iter().map(|due| WireClock::at(now, due)).collect(),
            context: whole.context.into(),
            concern: whole.found.into(),
        }
    }
}

/// Gets a report of concern.
///
/// With what was done with it, what has to be done until when, and every miss, sighting and other
/// report about the subject of the last 90 days that the caller may know of. Who reported, and how to
/// reach them, is told to those who investigate only. The reading is in the ledger.
#[utoipa::path(
    tag = "Concerns",
    params(("concern_id" = ConcernId, Path, description = "The report")),
    responses((status = 200, description = "The report", body = ConcernFile)),
)]
#[get("/concerns/{concern_id}")]
pub async fn get_concern(
    caller: Caller<act::ReadCase>,
    id: web::Path<ConcernId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let whole = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(ConcernFile::at(caller.now, whole)))
}
