//! Makes and disables accounts.

use std::collections::BTreeSet;

use compliance::Instant;
use compliance::access::Role;
use compliance::alert::{AlertKind, Risk};

use super::phone_keys::revoke_all;
use super::raise_alerts::{Raise, raise_alerts};
use super::tasks::give_on;
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};
use crate::store::id::{AccountId, StationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{StoreError, Tx, phone_keys, push_subscriptions, stations};

/// Long enough that guessing at the pace of the lock is hopeless (NCSC: length over complexity).
pub const PASSWORD_CHARS_MIN: usize = 12;
pub const PASSWORD_CHARS_MAX: usize = 200;
pub const USERNAME_CHARS_MAX: usize = 64;

#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub password_hash: String,
    pub stations: BTreeSet<StationId>,
}

/// What of a name and a password can be refused without looking anything up.
pub fn check_words(username: &str, display_name: &str, password: &str) -> Result<(), Refusal> {
    let is_name = !username.is_empty()
        && username.len() <= USERNAME_CHARS_MAX
        && username.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c));
    if !is_name {
        let says = "is 1 to 64 letters, digits, dots, dashes, underlines or @";
        return Err(Refusal::field("/username", says));
    }
    if display_name.trim().is_empty() || display_name.chars().count() > 100 {
        return Err(Refusal::field("/display_name", "is 1 to 100 characters"));
    }
    let length = password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) {
        return Err(Refusal::field("/password", "is 12 to 200 characters"));
    }
    Ok(())
}

/// Making the same account twice changes nothing; its password is not compared.
pub fn create_account(
    tx: &mut Tx<'_>,
    actor: Option<AccountId>,
    now: Instant,
    new: &NewAccount,
) -> Result<Account, Refusal> {
    if let Some(found) = accounts::find(tx, new.id)? {
        let is_same = found.username == new.username.to_lowercase()
            && found.display_name == new.display_name
            && found.role == new.role
            && accounts::stations_of(tx, new.id)?.into_iter().collect::<BTreeSet<_>>()
                == new.stations;
        return if is_same { Ok(found) } else { Err(Refusal::AccountConflict) };
    }
    if accounts::find_by_username(tx, &new.username)?.is_some() {
        return Err(Refusal::UsernameTaken);
    }
    for station in &new.stations {
        if stations::find(tx, *station)?.is_none() {
            return Err(Refusal::field("/stations", format!("{station} is no station")));
        }
    }
    let account = Account {
        id: new.id,
        username: new.username.to_lowercase(),
        display_name: new.display_name.clone(),
        role: new.role,
        created_at: now,
        disabled_at: None,
        email: None,
    };
    accounts::insert(tx, &account, &new.password_hash, &new.stations)?;
    record(tx, actor, now, "create_account", &account)?;
    Ok(account)
}

/// Takes effect with the account's next request.
pub fn disable_account(
    tx: &mut Tx<'_>,
    actor: Option<AccountId>,
    (now, identity): (Instant, &Identity),
    id: AccountId,
) -> Result<(), Refusal> {
    let account = accounts::find(tx, id)?.ok_or(Refusal::NotFound("account"))?;
    if actor == Some(id) {
        return Err(Refusal::field("/account_id", "is your own: ask another administrator"));
    }
    if account.disabled_at.is_none() {
        accounts::disable(tx, id, now)?;
        let keys = phone_keys::of_account(tx, id)?;
        revoke_all(tx, now, (actor, "The account was disabled."), keys)?;
        record(tx, actor, now, "disable_account", &account)?;
        push_subscriptions::end_all(tx, id, "account_disabled", now)?;
        give_on(tx, identity, now, id)?;
    }
    Ok(())
}

/// Where somebody is told of alerts besides their phones. The ledger has a digest of it.
pub fn set_email(
    tx: &mut Tx<'_>,
    (actor, now): (AccountId, Instant),
    id: AccountId,
    email: Option<&str>,
) -> Result<(Account, Vec<StationId>), Refusal> {
    let before = accounts::find(tx, id)?.ok_or(Refusal::NotFound("account"))?;
    let stations = accounts::stations_of(tx, id)?;
    if before.email.as_deref() == email {
        return Ok((before, stations));
    }
    accounts::set_email(tx, id, email)?;
    let entry = NewEntry {
        chain: Chain::Account(id),
        actor: Some(actor),
        act: "set_email",
        object: format!("account:{id}"),
        detail: String::new(),
        body_digest: sha256(email.unwrap_or_default().as_bytes()),
    };
    ledger::append(tx, now, vec![entry])?;
    Ok((Account { email: email.map(str::to_owned), ..before }, stations))
}

/// The mail server says that there is no such mailbox: nothing is sent there any more, and its owner is
/// told, because alerts no longer reach it. One that was set meanwhile stays.
pub fn mailbox_lost(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    (id, email): (AccountId, &str),
) -> Result<(), StoreError> {
    let known = accounts::find(tx, id)?.and_then(|account| account.email);
    if known.as_deref() != Some(email) {
        return Ok(());
    }
    accounts::set_email(tx, id, None)?;
    let digest = sha256(email.as_bytes());
    let entry = NewEntry {
        chain: Chain::Account(id),
        actor: None,
        act: "lose_mailbox",
        object: format!("account:{id}"),
        detail: String::new(),
        body_digest: digest,
    };
    ledger::append(tx, now, vec![entry])?;
    let raise = Raise {
        dedupe_key: format!("mailbox_lost:{id}:{}", now.ms()),
        kind: AlertKind::MailboxLost,
        severity: AlertKind::MailboxLost.severity(Risk::Standard),
        order: None,
        obligation: None,
        station: None,
        account: Some(id),
        detail: "Alerts can no longer be sent by e-mail. Have an administrator set the address."
            .to_owned(),
        concerns_at: now,
    };
    raise_alerts(tx, identity, now, vec![raise]).map(drop)
}

fn record(
    tx: &mut Tx<'_>,
    actor: Option<AccountId>,
    now: Instant,
    act: &'static str,
    account: &Account,
) -> Result<(), StoreError> {
    let entry = NewEntry {
        chain: Chain::Account(account.id),
        actor,
        act,
        object: format!("account:{}", account.id),
        detail: account.role.to_string(),
        body_digest: sha256(account.username.as_bytes()),
    };
    ledger::append(tx, now, vec![entry])
}
