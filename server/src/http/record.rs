//! What a recorded fact looks like, whichever operation recorded it.

use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{FactKindWord, Spelled, Timestamp};
use crate::operations::clashes::Clash;
use crate::operations::record_fact::Recorded;
use crate::store::facts::Fact;
use crate::store::id::{FactId, OrderId};

/// A fact on file. It is never edited; a later one may call it a mistake.
#[derive(Debug, Serialize, ToSchema)]
pub struct Record {
    pub record_id: FactId,
    pub kind: FactKindWord,
    pub order_id: OrderId,
    /// The session, request, device, duty or order that it is about; the record itself when it
    /// began something.
    pub about_id: FactId,
    pub happened_at: Timestamp,
    pub recorded_at: Timestamp,
    pub says: String,
    /// What was noticed about it and still asks for an answer. It is recorded all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Record {
    pub fn with_clashes(recorded: Recorded, clashes: Vec<Clash>) -> Self {
        let warnings = clashes.into_iter().map(|clash| clash.says).collect();
        Self { warnings, ..recorded.into() }
    }
}

impl From<Fact> for Record {
    fn from(fact: Fact) -> Self {
        Self {
            record_id: fact.id,
            kind: Spelled(fact.kind),
            order_id: fact.order_id,
            about_id: fact.object_id,
            happened_at: fact.happened_at.into(),
            recorded_at: fact.recorded_at.into(),
            says: fact.says,
            warnings: Vec::new(),
        }
    }
}

impl From<Recorded> for Record {
    fn from(recorded: Recorded) -> Self {
        match recorded {
            Recorded::New(fact) | Recorded::Before(fact) => fact.into(),
        }
    }
}
