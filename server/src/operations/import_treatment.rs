//! Takes in providers and the sessions of treatment conditions. A session is the same as one on file
//! when order, provider and start are: it is arranged once, however often it is imported.

use compliance::fact::FactKind;
use compliance::{Instant, Window};

use super::import_orders::{Import, instant, stored};
use super::record_fact::record_fact_for_service;
use super::record_treatment::NewSession;
use super::treatment::settle_session;
use crate::identity::{derived, sha256};
use crate::import_file::ConditionEntry;
use crate::import_file::treatment::{ProviderEntry, SessionEntry, TreatmentEntry};
use crate::store::id::{FactId, OrderId, ProviderId};
use crate::store::ledger::Chain;
use crate::store::orders::Order;
use crate::store::providers::{self, Provider};
use crate::store::{StoreError, Tx, facts};

impl Import<'_> {
    pub(super) fn provider(
        &mut self,
        tx: &mut Tx<'_>,
        entry: &ProviderEntry,
    ) -> Result<(), StoreError> {
        let on_file = providers::find_by_code(tx, &entry.code)?;
        let provider = Provider {
            id: on_file.as_ref().map_or_else(|| self.identity.id(self.now), |found| found.id),
            code: entry.code.clone(),
            name: entry.name.clone(),
            contact: entry.contact.clone(),
            latitude: entry.position.map(|position| position.latitude),
            longitude: entry.position.map(|position| position.longitude),
        };
        match &on_file {
            Some(found) if *found == provider => {
                self.done.unchanged += 1;
                return Ok(());
            }
            Some(_) => {
                providers::update(tx, &provider)?;
                self.done.changed += 1;
            }
            None => {
                providers::insert(tx, &provider)?;
                self.done.providers += 1;
            }
        }
        let digest = sha256(format!("{provider:?}").as_bytes());
        let object = format!("provider:{}", provider.id);
        self.record(tx, Chain::Service, ("import_provider", object), digest)
    }

    /// The sessions that a condition lists; a provider who is nowhere on file is a fault.
    pub(super) fn sessions(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        order: &Order,
        condition: &ConditionEntry,
    ) -> Result<(), StoreError> {
        let Some(treatment) = &condition.treatment else { return Ok(()) };
        let Some(provider) = providers::find_by_code(tx, &treatment.provider)? else {
            let says =
                format!("there is no provider {:?} on file or in this file", treatment.provider);
            self.fault(format!("{at}/treatment/provider"), says);
            return Ok(());
        };
        for entry in &treatment.sessions {
            let session = session(order.id, provider.id, (condition, treatment), entry)?;
            if facts::find_taken(tx, session.id)?.is_none() {
                arrange(tx, self.now, order, &session)?;
            }
        }
        Ok(())
    }
}

fn session(
    order: OrderId,
    provider: ProviderId,
    (condition, treatment): (&ConditionEntry, &TreatmentEntry),
    entry: &SessionEntry,
) -> Result<NewSession, StoreError> {
    let opens_at = instant(&entry.starts_at)?;
    let closes_at = instant(&entry.ends_at)?;
    Ok(NewSession {
        id: id_of(order, provider, opens_at),
        order,
        provider,
        label: condition.label.clone(),
        programme: treatment.programme.clone(),
        window: Window { opens_at, closes_at },
        place: entry.place.clone(),
        clash_reason: None,
    })
}

/// The same session has the same id, whichever file or version brings it.
fn id_of(order: OrderId, provider: ProviderId, starts_at: Instant) -> FactId {
    let key = format!("{} {order} {provider} {}", FactKind::SessionScheduled, starts_at.ms());
    derived(&key)
}

fn arrange(
    tx: &mut Tx<'_>,
    now: Instant,
    order: &Order,
    session: &NewSession,
) -> Result<(), StoreError> {
    record_fact_for_service(tx, now, session.fact(now)).map_err(stored)?;
    settle_session(tx, order, session.id, (now, None)).map_err(stored)
}
