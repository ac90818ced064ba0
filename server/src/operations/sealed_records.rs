//! Takes in what phones have signed: whether the seal holds, what the phone's numbers show, and the record
//! itself, kept as it came. What is turned away for another reason has come all the same.

use std::ops::RangeInclusive;

use compliance::alert::{AlertKind, Risk};
use compliance::attendance::TrueTime;
use compliance::sealed_record::{
    Beacon, Fork, KeyOnFile, Link, SealFault, Shown, fork_at, judge_seal, missing, numbers_in_words,
};

use super::Actor;
use super::confirm_sign_on::{Confirmation, Confirmed, confirm_sign_on};
use super::held_records::{ThisPhone, note_use};
use super::raise_alerts::{Raise, raise_alerts};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::id::{CheckInId, PhoneKeyId, StationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::phone_keys::{self, PhoneKey};
use crate::store::sealed_records::{self, NewSealedRecord};
use crate::store::{StoreError, Tx, accounts, alerts, phones};

/// A record as a phone handed it over, and what could be told of it without the database.
#[derive(Debug, Clone)]
pub struct SealedRecord {
    /// As it is sent.
    pub check_in: CheckInId,
    pub phone_key: PhoneKeyId,
    /// The very bytes that were signed.
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
    pub does_signature_fit: bool,
    /// Nothing when it cannot be read.
    pub said: Option<Said>,
}

/// What is signed besides the sign-on itself.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub check_in: CheckInId,
    pub link: Link,
    /// When it was made, by the clocks alone.
    pub made: TrueTime,
}

/// The seal of a confirmation that came under one.
#[derive(Debug, Clone, Copy)]
pub struct Seal {
    pub phone_key: PhoneKeyId,
    pub digest: [u8; 32],
    pub beacon: Beacon,
}

/// Confirms what came under a seal that holds. Without a confirmation, because what was signed is no
/// sign-on, the record has come, and nothing comes of it.
pub fn confirm_sealed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    phone: ThisPhone,
    record: &SealedRecord,
    confirmation: Option<&Confirmation>,
) -> Result<Option<Confirmed>, Refusal> {
    let (key, said) = under_seal(tx, actor, record)?;
    take_in(tx, actor, (&key, &said), record)?;
    let Some(confirmation) = confirmation else { return Ok(None) };
    let confirmed = confirm_sign_on(tx, actor, confirmation)?;
    note_use(tx, actor, phone, confirmation.station)?;
    Ok(Some(confirmed))
}

/// What was turned away is noted: under a seal that holds it has come, and where none holds people are
/// told, once for each record. A key that was revoked has signed it all the same: it is kept.
pub fn note_turned_away(
    tx: &mut Tx<'_>,
    actor: &Actor,
    record: &SealedRecord,
) -> Result<(), Refusal> {
    let fault = match under_seal(tx, actor, record) {
        Ok((key, said)) => return Ok(take_in(tx, actor, (&key, &said), record)?),
        Err(Refusal::Seal(fault)) => fault,
        Err(refusal) => return Err(refusal),
    };
    if !fault.asks_for_a_look() {
        return Ok(());
    }
    if fault == SealFault::KeyRevoked
        && record.does_signature_fit
        && let Some(key) = phone_keys::find(tx, record.phone_key)?
        && let Some(said) = record.said
    {
        take_in(tx, actor, (&key, &said), record)?;
    }
    Ok(raise_broken(tx, actor, record, fault)?)
}

/// The key and what it signed, when the seal holds.
fn under_seal(
    tx: &mut Tx<'_>,
    actor: &Actor,
    record: &SealedRecord,
) -> Result<(PhoneKey, Said), Refusal> {
    let key = phone_keys::find(tx, record.phone_key)?;
    let on_file = key.as_ref().map(|key| KeyOnFile {
        is_callers: key.account_id == actor.scope.account,
        is_revoked: key.revoked_at.is_some(),
        expires_at: key.expires_at,
    });
    let shown = Shown {
        key: on_file,
        does_signature_fit: record.does_signature_fit,
        said: record.said.map(|said| (said.check_in == record.check_in, said.made)),
    };
    judge_seal(shown).map_err(Refusal::Seal)?;
    let key = key.ok_or(Refusal::Seal(SealFault::KeyUnknown))?;
    let said = record.said.ok_or(Refusal::Seal(SealFault::Unreadable))?;
    Ok((key, said))
}

/// Keeps a record that has come, and looks at its place in the chain. The same again changes nothing.
fn take_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (key, said): (&PhoneKey, &Said),
    record: &SealedRecord,
) -> Result<(), StoreError> {
    if sealed_records::has_come(tx, key.id, &said.link.digest)? {
        return Ok(());
    }
    let around = sealed_records::around(tx, key.id, said.link.sequence)?;
    let new = NewSealedRecord {
        phone_key: key.id,
        link: said.link,
        check_in: said.check_in,
        payload: &record.payload,
        signature: &record.signature,
        received_at: actor.now,
    };
    sealed_records::insert(tx, &new)?;
    if let Some(fork) = fork_at(&said.link, &around) {
        raise_fork(tx, actor, key, fork)?;
    }
    if said.link.sequence <= key.checked_to {
        close_gap(tx, actor, key, said.link.sequence)?;
    }
    Ok(())
}

/// A number that was missing has come; when none of its gap is missing any more, nothing is left to look
/// at.
fn close_gap(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: &PhoneKey,
    sequence: i64,
) -> Result<(), StoreError> {
    let Some(gap) = sealed_records::gap_of(tx, key.id, sequence)? else { return Ok(()) };
    let come = sealed_records::numbers(tx, key.id, (*gap.start(), *gap.end()))?;
    // The one after the gap stands for its end.
    let come = come.into_iter().chain([gap.end() + 1]);
    if missing(gap.start() - 1, come).is_empty() {
        actor.settling().close(tx, &gap_key(key, &gap))?;
    }
    Ok(())
}

/// A phone has handed over everything: numbers that it gave and that have not come are reported, once.
pub fn note_handed_over(
    tx: &mut Tx<'_>,
    actor: &Actor,
    phone: ThisPhone,
    handed_over: &[PhoneKeyId],
) -> Result<(), StoreError> {
    let mut keys = phone_keys::of_session(tx, &phone.token_digest)?;
    for id in handed_over {
        if !keys.iter().any(|key| key.id == *id) {
            let key = phone_keys::find(tx, *id)?;
            keys.extend(
                key.filter(|key| key.account_id == actor.scope.account && key.revoked_at.is_none()),
            );
        }
    }
    for key in keys {
        let come = sealed_records::numbers(tx, key.id, (key.checked_to + 1, i64::MAX))?;
        let Some(last) = come.last().copied() else { continue };
        for gap in missing(key.checked_to, come) {
            raise_gap(tx, actor, &key, gap)?;
        }
        phone_keys::set_checked_to(tx, key.id, last)?;
    }
    Ok(())
}

fn gap_key(key: &PhoneKey, gap: &RangeInclusive<i64>) -> String {
    format!("records_missing:{}:{}", key.id, gap.start())
}

fn raise_gap(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: &PhoneKey,
    gap: RangeInclusive<i64>,
) -> Result<(), StoreError> {
    sealed_records::insert_gap(tx, key.id, &gap, actor.now)?;
    note(tx, actor, key, ("note_missing_records", format!("{}-{}", gap.start(), gap.end())))?;
    let says = format!(
        "{} never came, although later records of {} did, and the phone holds nothing more. Ask what \
         became of what was recorded on it.",
        capital(&numbers_in_words(&gap)),
        phone_in_words(tx, key)?,
    );
    raise(tx, actor, (gap_key(key, &gap), AlertKind::RecordsMissing), says)
}

fn raise_fork(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: &PhoneKey,
    fork: Fork,
) -> Result<(), StoreError> {
    let alert = format!("records_forked:{}:{}", key.id, fork.sequence());
    if alerts::under_key(tx, &alert)?.is_some() {
        return Ok(());
    }
    note(tx, actor, key, ("note_forked_records", fork.sequence().to_string()))?;
    let phone = phone_in_words(tx, key)?;
    let found = match fork {
        Fork::SameNumber(sequence) => {
            format!("Two different records came under number {sequence} of {phone}.")
        }
        Fork::DoesNotFollow(sequence) => {
            format!("Number {sequence} of {phone} does not follow the record before it.")
        }
    };
    let says = format!(
        "{found} All are kept, and each is judged by itself. The app may have been copied, or restored \
         from a copy. Ask; if two phones sign with one key, revoke the key."
    );
    raise(tx, actor, (alert, AlertKind::RecordsForked), says)
}

fn raise_broken(
    tx: &mut Tx<'_>,
    actor: &Actor,
    record: &SealedRecord,
    fault: SealFault,
) -> Result<(), StoreError> {
    let alert = format!("seal_broken:{}", record.check_in);
    if alerts::under_key(tx, &alert)?.is_some() {
        return Ok(());
    }
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "refuse_seal",
        object: format!("check_in:{}", record.check_in),
        detail: format!("phone_key:{} {fault:?}", record.phone_key),
        body_digest: sha256(&record.payload),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    let name = accounts::find(tx, actor.scope.account)?.map(|it| it.display_name);
    let says = format!(
        "A sign-on that {} handed over {fault}. It was not taken in, and stays on the phone. Ask the \
         officer, and have it confirmed anew.",
        name.unwrap_or_default()
    );
    raise(tx, actor, (alert, AlertKind::SealBroken), says)
}

/// Supervisors look: the officer is not told first of what may be their own doing.
fn raise(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (dedupe_key, kind): (String, AlertKind),
    detail: String,
) -> Result<(), StoreError> {
    let workplaces: Vec<StationId> = phones::workplaces(tx, actor.scope.account)?;
    let raise = Raise {
        dedupe_key,
        kind,
        severity: kind.severity(Risk::Standard),
        order: None,
        obligation: None,
        station: workplaces.first().copied(),
        account: None,
        detail,
        concerns_at: actor.now,
    };
    raise_alerts(tx, &actor.identity, actor.now, vec![raise]).map(drop)
}

fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: &PhoneKey,
    (act, numbers): (&'static str, String),
) -> Result<(), StoreError> {
    let entry = NewEntry {
        chain: Chain::Account(key.account_id),
        actor: Some(actor.scope.account),
        act,
        object: format!("phone_key:{}", key.id),
        body_digest: sha256(numbers.as_bytes()),
        detail: format!("numbers:{numbers}"),
    };
    ledger::append(tx, actor.now, vec![entry])
}

/// "PC Lena Frost's phone (Android)"
fn phone_in_words(tx: &mut Tx<'_>, key: &PhoneKey) -> Result<String, StoreError> {
    let name = accounts::find(tx, key.account_id)?.map(|it| it.display_name).unwrap_or_default();
    Ok(format!("{name}'s phone ({})", key.name))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
