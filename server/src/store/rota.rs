//! Who is on duty and who is away, and who can be told of an alert because of it.

use std::collections::{BTreeMap, BTreeSet};

use compliance::access::Role;
use compliance::alert::Candidate;
use compliance::delivery::Channel;
use compliance::escalation::{Entry, Presence, Rota, RotaKind, Rung};
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::id::{AccountId, RotaEntryId, StationId};
use super::jobs::Recipient;
use super::push_subscriptions::{self, LivePhone};
use super::schema::{account_stations, accounts, rota_entries};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx, channels};

/// A line of the rota as somebody recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rota_entries)]
pub struct RotaEntry {
    pub id: RotaEntryId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: RotaKind,
    pub account_id: AccountId,
    pub rung: Option<String>,
    pub station_id: Option<StationId>,
    pub covered_by: Option<AccountId>,
    #[diesel(deserialize_as = Ms)]
    pub from_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub until_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    pub recorded_by: AccountId,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
}

impl RotaEntry {
    pub fn entry(&self) -> Result<Entry<AccountId, StationId>, StoreError> {
        let read = |text: &String| {
            Rung::parse(text)
                .ok_or(StoreError::Corrupt { vocabulary: Rung::NAME, value: text.clone() })
        };
        Ok(Entry {
            kind: self.kind,
            account: self.account_id,
            rung: self.rung.as_ref().map(read).transpose()?,
            place: self.station_id,
            covered_by: self.covered_by,
            from: self.from_at,
            until: self.until_at,
        })
    }
}

pub fn find(tx: &mut Tx<'_>, id: RotaEntryId) -> Result<Option<RotaEntry>, StoreError> {
    Ok(rota_entries::table.find(id).select(RotaEntry::as_select()).first(tx.conn).optional()?)
}

/// What stands and is not over, the soonest first.
pub fn standing(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<RotaEntry>, StoreError> {
    let query = rota_entries::table
        .filter(rota_entries::ended_at.is_null())
        .filter(rota_entries::until_at.gt(now.ms()))
        .order((rota_entries::from_at, rota_entries::id))
        .select(RotaEntry::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn insert(tx: &mut Tx<'_>, entry: &RotaEntry) -> Result<(), StoreError> {
    diesel::insert_into(rota_entries::table)
        .values((
            rota_entries::id.eq(entry.id),
            rota_entries::kind.eq(entry.kind.as_str()),
            rota_entries::account_id.eq(entry.account_id),
            rota_entries::rung.eq(entry.rung.as_deref()),
            rota_entries::station_id.eq(entry.station_id),
            rota_entries::covered_by.eq(entry.covered_by),
            rota_entries::from_at.eq(entry.from_at.ms()),
            rota_entries::until_at.eq(entry.until_at.ms()),
            rota_entries::recorded_at.eq(entry.recorded_at.ms()),
            rota_entries::recorded_by.eq(entry.recorded_by),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, id: RotaEntryId, now: Instant) -> Result<(), StoreError> {
    diesel::update(rota_entries::table.find(id).filter(rota_entries::ended_at.is_null()))
        .set(rota_entries::ended_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(())
}

/// What an alert concerns, as far as it says who is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Concerned {
    pub owner: Option<AccountId>,
    pub deputy: Option<AccountId>,
    pub station: Option<StationId>,
}

/// Who could be told of an alert, by the place and the owner that it concerns.
#[derive(Debug, Clone)]
pub struct Roster {
    now: Instant,
    phones: BTreeMap<AccountId, Vec<LivePhone>>,
    /// Who can be told by e-mail, when there is any.
    mailboxes: BTreeSet<AccountId>,
    /// Whether another system of the force is told of everything.
    tells_system: bool,
    supervisors: BTreeMap<StationId, BTreeSet<AccountId>>,
    all_supervisors: BTreeSet<AccountId>,
    control_room: BTreeSet<AccountId>,
    enabled: BTreeSet<AccountId>,
    rota: Rota<AccountId, StationId>,
}

impl Roster {
    /// Everybody who may be on a rung now or later: a force has tens of them, so they are read at once.
    pub fn load(tx: &mut Tx<'_>, now: Instant) -> Result<Self, StoreError> {
        let open = channels::open(tx)?;
        let mut roster = Self::empty(now);
        roster.tells_system = open.contains(&Channel::Webhook);
        let alertable = [Role::Officer, Role::Owner, Role::Supervisor, Role::ControlRoom];
        let people: Vec<(AccountId, String, Option<String>)> = accounts::table
            .filter(accounts::disabled_at.is_null())
            .filter(accounts::role.eq_any(alertable.map(Role::as_str)))
            .select((accounts::id, accounts::role, accounts::email))
            .load(tx.conn)?;
        for (account, role, email) in people {
            roster.enabled.insert(account);
            if email.is_some() && open.contains(&Channel::Email) {
                roster.mailboxes.insert(account);
            }
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
        for phone in push_subscriptions::live(tx)? {
            roster.phones.entry(phone.account).or_default().push(phone);
        }
        for entry in standing(tx, now)? {
            roster.rota.entries.push(entry.entry()?);
        }
        Ok(roster)
    }

    /// Whoever stands on a rung at an instant. Where nobody is on duty, everybody whose post it is; a
    /// coordinator stands there by the rota only.
    pub fn candidates(
        &self,
        rung: Rung,
        concerned: Concerned,
        at: Instant,
    ) -> Vec<Candidate<AccountId>> {
        if rung == Rung::Owner {
            return self.owners(concerned, at);
        }
        let on_duty = self.rota.on_duty(rung, concerned.station, at);
        if !on_duty.is_empty() {
            return on_duty.into_iter().map(|account| self.candidate(account)).collect();
        }
        let posted: Vec<AccountId> = match (rung, concerned.station) {
            (Rung::Supervisor, Some(station)) => {
                self.supervisors.get(&station).into_iter().flatten().copied().collect()
            }
            (Rung::Supervisor, None) => self.all_supervisors.iter().copied().collect(),
            (Rung::ControlRoom, _) => self.control_room.iter().copied().collect(),
            (Rung::Owner | Rung::Coordinator, _) => Vec::new(),
        };
        let stand_in = posted.into_iter().filter_map(|account| self.rota.stands_in(account, at));
        stand_in.map(|account| self.candidate(account)).collect()
    }

    /// The owner, or whoever covers for them; the deputy when neither can be reached.
    fn owners(&self, concerned: Concerned, at: Instant) -> Vec<Candidate<AccountId>> {
        let named = [concerned.owner, concerned.deputy].into_iter().flatten();
        let stand_in = named.filter_map(|account| self.rota.stands_in(account, at));
        let candidates: Vec<_> = stand_in.map(|account| self.candidate(account)).collect();
        match candidates.iter().find(|candidate| candidate.reachable) {
            Some(first) => vec![*first],
            None => candidates,
        }
    }

    pub fn presence(&self, account: AccountId) -> Presence {
        self.rota.presence(account, self.now)
    }

    /// Whether somebody is on duty above the officers of these stations.
    pub fn is_above(&self, account: AccountId, stations: &BTreeSet<StationId>) -> bool {
        let rungs = [Rung::Supervisor, Rung::Coordinator, Rung::ControlRoom];
        let mut posts =
            rungs.into_iter().flat_map(|rung| stations.iter().map(move |it| (rung, it)));
        posts.any(|(rung, station)| {
            self.rota.on_duty(rung, Some(*station), self.now).contains(&account)
        })
    }

    /// When who is on duty may change.
    pub fn changes(&self) -> Vec<Instant> {
        self.rota.changes()
    }

    /// Where messages for somebody go, and whether they count as told by each.
    pub fn recipients(&self, account: AccountId) -> Vec<(Recipient, bool)> {
        if !self.enabled.contains(&account) {
            return Vec::new();
        }
        let phones = self.phones.get(&account).into_iter().flatten().map(|phone| {
            let to = Recipient::Phone { account, subscription: phone.id };
            (to, phone.signs.is_counted_upon(self.now))
        });
        let mailbox =
            self.mailboxes.get(&account).map(|account| (Recipient::Mailbox(*account), true));
        phones.chain(mailbox).collect()
    }

    /// The system of the force that is told besides people.
    pub fn system(&self) -> Option<Recipient> {
        self.tells_system.then_some(Recipient::System)
    }

    /// By phones alone: e-mail wakes nobody, so nothing is planned upon it.
    #[must_use]
    pub fn by_phone(self) -> Self {
        Self { mailboxes: BTreeSet::new(), ..self }
    }

    pub fn is_reachable(&self, account: AccountId) -> bool {
        self.recipients(account).iter().any(|(_, is_counted_upon)| *is_counted_upon)
    }

    /// Who has phones, and none of them can be counted upon.
    pub fn silent(&self) -> Vec<(AccountId, &[LivePhone])> {
        let is_silent = |phone: &LivePhone| !phone.signs.is_counted_upon(self.now);
        let people = self.phones.iter().filter(|(account, _)| self.enabled.contains(account));
        let silent = people.filter(|(_, phones)| phones.iter().all(is_silent));
        silent.map(|(account, phones)| (*account, phones.as_slice())).collect()
    }

    fn candidate(&self, account: AccountId) -> Candidate<AccountId> {
        Candidate { account, reachable: self.is_reachable(account) }
    }

    fn empty(now: Instant) -> Self {
        Self {
            now,
            phones: BTreeMap::new(),
            mailboxes: BTreeSet::new(),
            tells_system: false,
            supervisors: BTreeMap::new(),
            all_supervisors: BTreeSet::new(),
            control_room: BTreeSet::new(),
            enabled: BTreeSet::new(),
            rota: Rota::default(),
        }
    }
}
