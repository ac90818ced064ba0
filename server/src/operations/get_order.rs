//! One order whole: what has become of it, who answers for it, how it was served, every version.

use compliance::deadline::{Warning, clocks};
use compliance::order_status::LifeFacts;

use super::Actor;
use super::order_life::{ServiceBody, life_of, service_attempts};
use super::record_fact::{order_in_scope, record_reading};
use crate::refusal::Refusal;
use crate::store::facts::Fact;
use crate::store::id::{AccountId, OrderId};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::subjects::{self, Subject};
use crate::store::{StoreError, Tx, accounts};

#[derive(Debug, Clone)]
pub struct WholeOrder {
    pub order: Order,
    pub subject: Subject,
    pub life: LifeFacts,
    pub owner_name: Option<String>,
    pub deputy_name: Option<String>,
    pub supervisor_name: Option<String>,
    pub service_attempts: Vec<(Fact, ServiceBody)>,
    /// Before the last day, the first first.
    pub expiry_warnings: Vec<Warning>,
    pub versions: Vec<(OrderVersion, Vec<Condition>)>,
}

pub fn get_order(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<WholeOrder, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    let subject =
        subjects::find(tx, actor.scope, order.subject_id)?.ok_or(Refusal::NotFound("subject"))?;
    let mut versions = Vec::new();
    for version in orders::versions(tx, id)? {
        let conditions = orders::conditions(tx, version.id)?;
        versions.push((version, conditions.into_iter().map(|(condition, _)| condition).collect()));
    }
    let warnings = |last_day| clocks::expiry_warnings(order.kind, last_day);
    let found = WholeOrder {
        subject,
        life: life_of(tx, &order)?,
        owner_name: name(tx, order.owner_id)?,
        deputy_name: name(tx, order.deputy_id)?,
        supervisor_name: name(tx, order.supervisor_id)?,
        service_attempts: service_attempts(tx, &order)?,
        expiry_warnings: order.ends_on.map(warnings).unwrap_or_default(),
        versions,
        order,
    };
    record_reading(tx, actor, "get_order", id)?;
    Ok(found)
}

fn name(tx: &mut Tx<'_>, id: Option<AccountId>) -> Result<Option<String>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    Ok(accounts::find(tx, id)?.map(|account| account.display_name))
}
