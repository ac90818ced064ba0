//! An order as a card for the subject: what, where, when, in plain words and in the court's.

use super::Actor;
use super::record_fact::{order_in_scope, record_reading};
use super::subject_conditions::{OrderText, order_text};
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::id::OrderId;
use crate::store::subjects::{self, Subject};

pub fn order_card(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrderId,
) -> Result<(Subject, OrderText), Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    if order.is_drafted() {
        return Err(Refusal::OrderIsDraft);
    }
    let subject =
        subjects::find(tx, actor.scope, order.subject_id)?.ok_or(Refusal::NotFound("subject"))?;
    let text = order_text(tx, order, actor.now)?;
    record_reading(tx, actor, "get_order_card", id)?;
    Ok((subject, text))
}
