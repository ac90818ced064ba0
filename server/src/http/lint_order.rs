//! `lint_order`: what to ask the court or the owner about an order.

use actix_web::{HttpResponse, get, web};
use compliance::lint::LintWarning;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{LintCodeWord, ProtectedKindWord, SeverityWord, Spelled, Timestamp};
use crate::operations::clashes::Clash;
use crate::operations::lint_order::{Linted, lint_order as lint};
use crate::store::id::{FactId, OrderId};

/// What to ask about an order. Nothing is refused because of it: the court's wording governs.
#[derive(Serialize, ToSchema)]
pub struct OrderLint {
    /// The worst first.
    pub warnings: Vec<Warning>,
    /// Duties in times of work, education or religion, each with the reason why it stands.
    pub clashes: Vec<ProtectedTimeClash>,
}

/// Something to ask about.
#[derive(Serialize, ToSchema)]
#[schema(as = LintWarning)]
pub struct Warning {
    pub code: LintCodeWord,
    pub severity: SeverityWord,
    /// The labels of the conditions that it is about.
    pub conditions: Vec<String>,
    pub why: String,
    pub what_to_do: &'static str,
}

/// A duty that falls in a protected time (s.2(3)).
#[derive(Serialize, ToSchema)]
pub struct ProtectedTimeClash {
    /// For `record_clash_reason`.
    pub clash_id: FactId,
    #[schema(example = "R1")]
    pub label: String,
    /// The treatment session, unless it is a sign-on.
    pub session_id: Option<FactId>,
    pub kind: ProtectedKindWord,
    /// The first such duty.
    pub opens_at: Timestamp,
    pub says: String,
    /// Without one, it stays on the list of what supervisors look at.
    pub reason: Option<ClashReason>,
}

/// Why a duty stands although it falls in a protected time.
#[derive(Serialize, ToSchema)]
pub struct ClashReason {
    pub reason: String,
    pub given_at: Timestamp,
    /// Nobody, when it came with an import.
    pub given_by_name: Option<String>,
}

impl From<LintWarning> for Warning {
    fn from(warning: LintWarning) -> Self {
        let LintWarning { code, severity, conditions, why, what_to_do } = warning;
        Self { code: Spelled(code), severity: Spelled(severity), conditions, why, what_to_do }
    }
}

impl From<Clash> for ProtectedTimeClash {
    fn from(clash: Clash) -> Self {
        Self {
            clash_id: clash.id,
            label: clash.label,
            session_id: clash.session,
            kind: Spelled(clash.kind),
            opens_at: clash.first.opens_at.into(),
            says: clash.says,
            reason: clash.reason.map(|reason| ClashReason {
                reason: reason.reason,
                given_at: reason.given_at.into(),
                given_by_name: reason.given_by_name,
            }),
        }
    }
}

/// Says what to ask the court or the owner about an order.
///
/// Reckoned as of now from the latest version, the sessions, the zones, the subject's own home, the
/// hours, closures and bank holidays of stations, and protected times. The reading is in the ledger.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "What to ask about", body = OrderLint)),
)]
#[get("/orders/{order_id}/lint")]
pub async fn lint_order(
    caller: Caller<act::ReadCase>,
    id: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let Linted { warnings, clashes } = caller.write(move |tx| lint(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(OrderLint {
        warnings: warnings.into_iter().map(Warning::from).collect(),
        clashes: clashes.into_iter().map(ProtectedTimeClash::from).collect(),
    }))
}
