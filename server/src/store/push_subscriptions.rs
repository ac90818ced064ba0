//! Phones that asked to be told by web push, and who could be told through them.

use compliance::Instant;
use compliance::access::Role;
use compliance::alert::Candidate;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use super::id::{AccountId, PushSubscriptionId, StationId};
use super::schema::{account_stations, accounts, push_subscriptions};
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};
use compliance::Word;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = push_subscriptions)]
pub struct PushSubscription {
    pub id: PushSubscriptionId,
    pub account_id: AccountId,
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    #[diesel(deserialize_as = Ms)]
    pub created_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    pub end_reason: Option<String>,
}

pub fn find(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
) -> Result<Option<PushSubscription>, StoreError> {
    let query = push_subscriptions::table.find(id).select(PushSubscription::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn find_live(tx: &mut Tx<'_>, endpoint: &str) -> Result<Option<PushSubscription>, StoreError> {
    let query = push_subscriptions::table
        .filter(push_subscriptions::endpoint.eq(endpoint))
        .filter(push_subscriptions::ended_at.is_null())
        .select(PushSubscription::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, subscription: &PushSubscription) -> Result<(), StoreError> {
    diesel::insert_into(push_subscriptions::table)
        .values((
            push_subscriptions::id.eq(subscription.id),
            push_subscriptions::account_id.eq(subscription.account_id),
            push_subscriptions::endpoint.eq(&subscription.endpoint),
            push_subscriptions::p256dh.eq(&subscription.p256dh),
            push_subscriptions::auth.eq(&subscription.auth),
            push_subscriptions::created_at.eq(subscription.created_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Nothing is sent there any more. The row stays, because deliveries were made through it.
pub fn end(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(
        push_subscriptions::table.find(id).filter(push_subscriptions::ended_at.is_null()),
    )
    .set((push_subscriptions::ended_at.eq(now.ms()), push_subscriptions::end_reason.eq(reason)))
    .execute(tx.conn)?;
    Ok(())
}

/// Who could be told of an alert, by the place and the owner that it concerns.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    phones: BTreeMap<AccountId, Vec<PushSubscriptionId>>,
    supervisors: BTreeMap<StationId, BTreeSet<AccountId>>,
    all_supervisors: BTreeSet<AccountId>,
    control_room: BTreeSet<AccountId>,
    enabled: BTreeSet<AccountId>,
}

impl Roster {
    /// Everybody who may be on a rung: a force has tens of them, so they are read at once.
    pub fn load(tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        let mut roster = Self::default();
        let alertable = [Role::Officer, Role::Owner, Role::Supervisor, Role::ControlRoom];
        let people: Vec<(AccountId, String)> = accounts::table
            .filter(accounts::disabled_at.is_null())
            .filter(accounts::role.eq_any(alertable.map(Role::as_str)))
            .select((accounts::id, accounts::role))
            .load(tx.conn)?;
        for (account, role) in people {
            roster.enabled.insert(account);
            if role == Role::Supervisor.as_str() {
                roster.all_supervisors.insert(account);
            } else if role == Role::ControlRoom.as_str() {
                roster.control_room.insert(account);
            }
        }
        let supervised: Vec<(StationId, AccountId)> = account_stations::table
            .inner_join(accounts::table.on(accounts::id.eq(account_stations::account_id)))
            .filter(accounts::role.eq(Role::Supervisor.as_str()))
            .filter(accounts::disabled_at.is_null())
            .select((account_stations::station_id, account_stations::account_id))
            .load(tx.conn)?;
        for (station, account) in supervised {
            roster.supervisors.entry(station).or_default().insert(account);
        }
        let phones: Vec<(AccountId, PushSubscriptionId)> = push_subscriptions::table
            .filter(push_subscriptions::ended_at.is_null())
            .select((push_subscriptions::account_id, push_subscriptions::id))
            .order(push_subscriptions::id)
            .load(tx.conn)?;
        for (account, phone) in phones {
            roster.phones.entry(account).or_default().push(phone);
        }
        Ok(roster)
    }

    pub fn owner(&self, owner: Option<AccountId>) -> Vec<Candidate<AccountId>> {
        self.candidates(owner.iter())
    }

    /// The supervisors of a station; of an alert about no station, every supervisor.
    pub fn supervisors(&self, station: Option<StationId>) -> Vec<Candidate<AccountId>> {
        match station {
            Some(station) => self.candidates(self.supervisors.get(&station).into_iter().flatten()),
            None => self.candidates(self.all_supervisors.iter()),
        }
    }

    pub fn control_room(&self) -> Vec<Candidate<AccountId>> {
        self.candidates(self.control_room.iter())
    }

    pub fn phones_of(&self, account: AccountId) -> &[PushSubscriptionId] {
        self.phones.get(&account).map(Vec::as_slice).unwrap_or_default()
    }

    fn candidates<'a>(
        &self,
        accounts: impl Iterator<Item = &'a AccountId>,
    ) -> Vec<Candidate<AccountId>> {
        let candidate = |account: &AccountId| Candidate {
            account: *account,
            reachable: self.enabled.contains(account) && self.phones.contains_key(account),
        };
        accounts.map(candidate).collect()
    }
}
