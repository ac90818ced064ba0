//! The keys with which phones sign: enrolled by the officer who uses the phone, good for thirty days, revoked
//! by that officer, by a supervisor, with the phone or with the account.

use compliance::Instant;
use compliance::access::Act;
use compliance::sealed_record::{KEY_GOOD_FOR_MS, SealFault};

use super::Actor;
use super::held_records::ThisPhone;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::id::{AccountId, PhoneKeyId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::phone_keys::{self, PhoneKey, PhoneKeyInContext};
use crate::store::{StoreError, Tx, sessions};

/// What a phone calls its key, and itself.
#[derive(Debug, Clone)]
pub struct NewPhoneKey {
    pub id: PhoneKeyId,
    pub public_key: Vec<u8>,
    pub name: String,
}

/// Enrols a key. The same again, by the same account, is good for thirty days more and changes nothing
/// else, so that a phone that was away for long can hand over what it holds.
pub fn enrol(
    tx: &mut Tx<'_>,
    actor: &Actor,
    phone: ThisPhone,
    new: &NewPhoneKey,
) -> Result<PhoneKey, Refusal> {
    let expires_at = actor.now + KEY_GOOD_FOR_MS;
    if let Some(found) = phone_keys::find(tx, new.id)? {
        let is_same = found.account_id == actor.scope.account && found.public_key == new.public_key;
        if !is_same {
            return Err(Refusal::PhoneKeyConflict);
        }
        if found.revoked_at.is_some() {
            return Err(Refusal::Seal(SealFault::KeyRevoked));
        }
        phone_keys::renew(tx, found.id, &phone.token_digest, expires_at)?;
        record(tx, actor.now, (Some(actor.scope.account), "renew_phone_key"), &found, "")?;
        return Ok(PhoneKey { expires_at, ..found });
    }
    // One key is one phone's, in one officer's hand.
    if phone_keys::is_taken(tx, &new.public_key)? {
        return Err(Refusal::PhoneKeyConflict);
    }
    let key = PhoneKey {
        id: new.id,
        account_id: actor.scope.account,
        public_key: new.public_key.clone(),
        name: new.name.clone(),
        token_digest: phone.token_digest.to_vec(),
        enrolled_at: actor.now,
        expires_at,
        revoked_at: None,
        revoked_by: None,
        revoked_because: None,
        checked_to: 0,
    };
    phone_keys::insert(tx, &key)?;
    record(tx, actor.now, (Some(actor.scope.account), "enrol_phone_key"), &key, "")?;
    Ok(key)
}

/// The caller's own and, for a supervisor, those of everybody who works where they do.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<PhoneKeyInContext>, StoreError> {
    phone_keys::list(tx, actor.scope.account, actor.scope.role.may(Act::KeepPhones))
}

/// Nothing that the key signs is taken in any more. The session that enrolled it ends, so that the phone
/// takes off what it knows of people. What it has not handed over may still come with the officer's next
/// session, so misses go on waiting for it; a phone that will not come back is reported lost.
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: PhoneKeyId, reason: &str) -> Result<(), Refusal> {
    let key = phone_keys::find(tx, id)?.ok_or(Refusal::NotFound("phone key"))?;
    let me = actor.scope.account;
    let keeps_it =
        actor.scope.role.may(Act::KeepPhones) && phone_keys::work_together(tx, me, key.account_id)?;
    if key.account_id != me && !keeps_it {
        return Err(Refusal::NotFound("phone key"));
    }
    if key.revoked_at.is_some() {
        return Ok(());
    }
    sessions::end(tx, &key.token_digest, actor.now)?;
    Ok(revoke_all(tx, actor.now, (Some(me), reason), vec![key])?)
}

/// Keys go with the phone or the account that they belong to.
pub fn revoke_all(
    tx: &mut Tx<'_>,
    now: Instant,
    (by, because): (Option<AccountId>, &str),
    keys: Vec<PhoneKey>,
) -> Result<(), StoreError> {
    for key in keys {
        phone_keys::revoke(tx, key.id, (by, because), now)?;
        record(tx, now, (by, "revoke_phone_key"), &key, because)?;
    }
    Ok(())
}

fn record(
    tx: &mut Tx<'_>,
    now: Instant,
    (actor, act): (Option<AccountId>, &'static str),
    key: &PhoneKey,
    because: &str,
) -> Result<(), StoreError> {
    let fact = [key.public_key.as_slice(), because.as_bytes()].concat();
    let entry = NewEntry {
        chain: Chain::Account(key.account_id),
        actor,
        act,
        object: format!("phone_key:{}", key.id),
        detail: String::new(),
        body_digest: sha256(&fact),
    };
    ledger::append(tx, now, vec![entry])
}
