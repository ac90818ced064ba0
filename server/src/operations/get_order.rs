//! One order whole: what has become of it, who answers for it, how it was served, every version.

use compliance::deadline::{Warning, clocks};
use compliance::lint::LintWarning;
use compliance::order_status::LifeFacts;

use super::Actor;
use super::lint_order::warnings;
use super::order_life::{ServiceBody, life_of, service_attempts};
use super::persons::Person;
use super::plans::{PlanOnFile, Plans};
use super::record_fact::{order_in_scope, record_reading};
use crate::refusal::Refusal;
use crate::store::facts::Fact;
use crate::store::id::{AccountId, OrderId};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::subjects::{self, Subject};
use crate::store::{StoreError, Tx, accounts};

/// A condition and what is planned for it.
pub type Planned = (Condition, Option<PlanOnFile>);

#[derive(Debug, Clone)]
pub struct WholeOrder {
    pub order: Order,
    pub subject: Subject,
    pub person: Person,
    pub life: LifeFacts,
    pub owner_name: Option<String>,
    pub deputy_name: Option<String>,
    pub supervisor_name: Option<String>,
    pub service_attempts: Vec<(Fact, ServiceBody)>,
    /// Before the last day, the first first.
    pub expiry_warnings: Vec<Warning>,
    pub versions: Vec<(OrderVersion, Vec<Planned>)>,
    /// What to ask about the latest version.
    pub warnings: Vec<LintWarning>,
}

pub fn get_order(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<WholeOrder, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    let subject =
        subjects::find(tx, actor.scope, order.subject_id)?.ok_or(Refusal::NotFound("subject"))?;
    let plans = Plans::load(tx, id)?;
    let mut versions = Vec::new();
    for version in orders::versions(tx, id)? {
        let mut conditions = Vec::new();
        for (condition, _) in orders::conditions(tx, version.id)? {
            let plan = plans.of(tx, &version, &condition)?;
            conditions.push((condition, plan));
        }
        versions.push((version, conditions));
    }
    let expiry = |last_day| clocks::expiry_warnings(order.kind, last_day);
    let found = WholeOrder {
        person: Person::load(tx, order.subject_id)?,
        subject,
        life: life_of(tx, &order)?,
        owner_name: name(tx, order.owner_id)?,
        deputy_name: name(tx, order.deputy_id)?,
        supervisor_name: name(tx, order.supervisor_id)?,
        service_attempts: service_attempts(tx, &order)?,
        expiry_warnings: order.ends_on.map(expiry).unwrap_or_default(),
        versions,
        warnings: warnings(tx, &order, actor.now)?,
        order,
    };
    record_reading(tx, actor, "get_order", id)?;
    Ok(found)
}

fn name(tx: &mut Tx<'_>, id: Option<AccountId>) -> Result<Option<String>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    Ok(accounts::find(tx, id)?.map(|account| account.display_name))
}
