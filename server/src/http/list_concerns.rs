//! `list_concerns`: the reports of concern that the caller may know of.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{
    Limit, ReportStatusWord, ReporterWord, RiskWord, Spelled, Timestamp, next_page, page_mark,
};
use crate::operations::Actor;
use crate::refusal::Refusal;
use crate::store::concerns::{self, ConcernInContext, Page};
use crate::store::id::{AccountId, ConcernId, OrderId, SubjectId};
use crate::store::{Tx, ledger};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConcernQuery {
    /// Only those in this state; those that are not closed when left out.
    status: Option<ReportStatusWord>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 80)]
    after: String,
    /// How many at most; 100 when left out.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of reports, the oldest first.
#[derive(Serialize, ToSchema)]
pub struct ConcernList {
    /// When the list was true.
    pub as_of: Timestamp,
    pub concerns: Vec<ConcernEntry>,
    /// For `after`, when there may be more.
    pub next: Option<String>,
}

/// A report of concern as lists show it. Who reported is not in it, only what they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Concern)]
pub struct ConcernEntry {
    pub concern_id: ConcernId,
    #[schema(example = "C/26/000123")]
    pub reference: String,
    pub status: ReportStatusWord,
    /// Until somebody has looked at it, high if the order's is or somebody said so.
    pub risk: RiskWord,
    pub reporter: ReporterWord,
    /// Without one, nobody has said yet which order it is about.
    pub order_id: Option<OrderId>,
    pub order_reference: Option<String>,
    pub subject_id: Option<SubjectId>,
    pub subject_name: Option<String>,
    pub reported_at: Timestamp,
    pub investigator_id: Option<AccountId>,
    pub investigator_name: Option<String>,
    /// When somebody is told that something was not done in time.
    pub next_due_at: Option<Timestamp>,
    /// The report that it is about the same as. Both are investigated.
    pub linked_to_id: Option<ConcernId>,
}

impl From<ConcernInContext> for ConcernEntry {
    fn from(found: ConcernInContext) -> Self {
        let concern = found.concern;
        Self {
            concern_id: concern.id,
            reference: concern.reference,
            status: Spelled(concern.status),
            risk: Spelled(concern.risk),
            reporter: Spelled(concern.reporter),
            order_id: concern.order_id,
            order_reference: found.order_reference,
            subject_id: concern.subject_id,
            subject_name: found.subject_name,
            reported_at: concern.reported_at.into(),
            investigator_id: concern.investigator_id,
            investigator_name: found.investigator_name,
            next_due_at: concern.next_due_at.map(Timestamp),
            linked_to_id: concern.linked_to,
        }
    }
}

/// Lists the reports of concern that the caller may know of.
///
/// Those about orders in their scope; supervisors and the control room also see those that are about no
/// order yet, and so do whoever investigates one and whoever recorded it. The oldest first. The reading
/// is in the ledger.
#[utoipa::path(
    tag = "Concerns",
    params(ConcernQuery),
    responses((status = 200, description = "A page of reports", body = ConcernList)),
)]
#[get("/concerns")]
pub async fn list_concerns(
    caller: Caller<act::ReadCase>,
    query: web::Query<ConcernQuery>,
) -> Result<HttpResponse, Problem> {
    let ConcernQuery { status, after, limit: Limit(at_most) } = query.into_inner();
    let status = status.map(|Spelled(status)| status);
    let page = Page { status, after: page_mark(&after)?, at_most };
    let actor = caller.actor();
    let found = caller.write(move |tx| listed(tx, &actor, page)).await?;
    let next = next_page(&found, at_most, |it| (it.concern.reported_at, it.concern.id));
    let concerns = found.into_iter().map(ConcernEntry::from).collect();
    Ok(HttpResponse::Ok().json(ConcernList { as_of: caller.now.into(), concerns, next }))
}

fn listed(tx: &mut Tx<'_>, actor: &Actor, page: Page) -> Result<Vec<ConcernInContext>, Refusal> {
    let found = concerns::list(tx, actor.scope, page)?;
    let orders = found.iter().filter_map(|found| found.concern.order_id);
    let object = format!("account:{}", actor.scope.account);
    let entry = actor.reading("list_concerns", object, orders);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
