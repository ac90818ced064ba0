//! Takes in providers and the sessions of treatment conditions. A session is the same as one on file
//! when order, provider and start are: it is arranged once, however often it is imported.

use compliance::fact::FactKind;
use compliance::order::ConditionKind;
use compliance::treatment::Appointment;
use compliance::{Instant, Window, Word};

use super::import_orders::{Import, instant, stored};
use super::raise_alerts::Settling;
use super::record_fact::{NewFact, record_fact_for_service};
use super::record_treatment::NewSession;
use super::treatment::{Cancelled, ORDER_VARIED, SESSION_FACTS, sessions_of, settle_session};
use crate::identity::{derived, sha256};
use crate::import_file::treatment::{ProviderEntry, SessionEntry, TreatmentEntry};
use crate::import_file::{ConditionEntry, VersionEntry};
use crate::store::id::{FactId, OrderId, ProviderId};
use crate::store::ledger::Chain;
use crate::store::orders::{Order, OrderVersion};
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

    /// What a version does not ask for any more is not held: sessions of treatment that begin once it
    /// is in force and of which nobody has said anything yet.
    pub(super) fn drop_sessions(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        version: &OrderVersion,
        entry: &VersionEntry,
    ) -> Result<(), StoreError> {
        let is_kept = |label: &str| {
            let treatment = ConditionKind::Treatment.as_str();
            entry.conditions.iter().any(|it| it.kind == treatment && it.label == label)
        };
        let known = facts::of_order(tx, order.id, &SESSION_FACTS)?;
        for session in sessions_of(known)? {
            let is_ahead = version.in_force_from <= session.session.window.opens_at
                && session.session.appointment == Appointment::Stands
                && session.outcome.is_none();
            if !is_ahead || is_kept(&session.label) {
                continue;
            }
            let reason = format!(
                "Version {} of the order does not ask for {} any more.",
                version.number, session.label
            );
            let when = session.in_words();
            let new = NewFact {
                id: self.identity.id(self.now),
                kind: FactKind::SessionCancelled,
                order: order.id,
                object: session.id.uuid(),
                party: Some(session.provider.uuid()),
                happened_at: version.in_force_from,
                says: format!("The treatment session {when} is not held: {reason}"),
                body: Cancelled { cause: ORDER_VARIED.to_owned(), reason },
            };
            record_fact_for_service(tx, self.now, new).map_err(stored)?;
            settle_session(tx, order, session.id, Settling::resolved(self.now, self.by))?;
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
    settle_session(tx, order, session.id, Settling::resolved(now, None))
}
