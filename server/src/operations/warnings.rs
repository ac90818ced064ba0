//! Warnings about a person, for the safety of officers and of the person: recorded, and ended when
//! they no longer hold.

use compliance::Word;
use compliance::fact::FactKind;
use compliance::person::WarningKind;
use serde::{Deserialize, Serialize};

use super::Actor;
use super::persons::show_anew;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use crate::refusal::Refusal;
use crate::store::facts;
use crate::store::id::{FactId, OrderId};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WarningBody {
    pub kind: String,
    pub says: String,
}

impl WarningBody {
    pub fn kind(&self) -> Result<WarningKind, StoreError> {
        let corrupt =
            || StoreError::Corrupt { vocabulary: WarningKind::NAME, value: self.kind.clone() };
        WarningKind::parse(&self.kind).ok_or_else(corrupt)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WarningEndBody {
    pub reason: String,
}

pub fn record_warning(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    (kind, says): (WarningKind, &str),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let new = NewFact {
        id,
        kind: FactKind::WarningRecorded,
        order: order.id,
        object: id.uuid(),
        party: None,
        happened_at: actor.now,
        says: format!("{}: {says}", kind.in_words()),
        body: WarningBody { kind: kind.to_string(), says: says.to_owned() },
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        show_anew(tx, order.subject_id, actor.now)?;
    }
    Ok(recorded)
}

/// By whoever may know of any order of the subject: the warning is shown to them.
pub fn end_warning(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (warning, id): (FactId, FactId),
    reason: &str,
) -> Result<Recorded, Refusal> {
    let found = facts::find_of_person(tx, actor.scope, warning)?;
    let found = found.filter(|(_, fact)| fact.kind == FactKind::WarningRecorded);
    let (subject, warning) = found.ok_or(Refusal::NotFound("warning"))?;
    let known = facts::of_object(tx, warning.id.uuid())?;
    if known.iter().any(|fact| fact.kind == FactKind::WarningEnded && fact.id != id) {
        return Err(Refusal::CaseNotReady("the warning was ended before".to_owned()));
    }
    let new = NewFact {
        id,
        kind: FactKind::WarningEnded,
        order: warning.order_id,
        object: warning.id.uuid(),
        party: None,
        happened_at: actor.now,
        says: format!("No longer so: {} {reason}", warning.says),
        body: WarningEndBody { reason: reason.to_owned() },
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        show_anew(tx, subject, actor.now)?;
    }
    Ok(recorded)
}
