//! A record as a phone has signed it: how it is read, before anybody decides whether its seal holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::attendance::TrueTime;
use compliance::sealed_record::{Link, SEQUENCE_MAX};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::SignOn;
use super::problem::{Kind, Problem};
use super::wire::Timestamp;
use crate::identity::sha256;
use crate::operations::confirm_sign_on::{Confirmation, Confirmed};
use crate::operations::sealed_records::{
    Said, Seal, SealedRecord, confirm_sealed, note_turned_away,
};
use crate::phone_seal;
use crate::store::id::{CheckInId, PhoneKeyId};
use crate::store::phone_keys;

/// What a phone signs: these fields as JSON, whose very bytes are the `payload` of a record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedSignOn {
    /// The same as outside.
    pub check_in_id: CheckInId,
    /// As `confirm_sign_on` takes it.
    #[schema(value_type = SignOn)]
    pub sign_on: serde_json::Value,
    /// The first that the key signs is 1, and each one more than the one before.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub sequence: i64,
    /// SHA-256 of the payload of the one before, base64url; empty in the first.
    pub previous_digest: String,
    /// As the last answer of `sync` gave it.
    pub beacon: Option<String>,
    /// By the phone's clock, as it was signed.
    pub made_at: Timestamp,
    #[schema(max_length = 50)]
    pub app_version: String,
}

/// A record on its way in.
pub struct SealedItem {
    pub check_in_id: CheckInId,
    pub phone_key_id: PhoneKeyId,
    pub payload: String,
    pub signature: String,
}

/// The public keys that the records of one call name.
pub type PublicKeys = BTreeMap<PhoneKeyId, Vec<u8>>;

pub async fn public_keys(
    caller: &Caller<act::ConfirmSignOn>,
    mut ids: Vec<PhoneKeyId>,
) -> Result<PublicKeys, Problem> {
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(PublicKeys::new());
    }
    let found = caller.read(move |tx| phone_keys::public_keys(tx, &ids)).await?;
    Ok(found.into_iter().collect())
}

/// What was signed, as far as it can be read.
struct Opened {
    record: SealedRecord,
    sign_on: serde_json::Value,
    beacon: Option<String>,
}

/// Checks the signature too: that takes some tenths of a millisecond, which no write is to wait for.
fn open(
    item: SealedItem,
    keys: &PublicKeys,
    clock: Option<Timestamp>,
    caller: &Caller<act::ConfirmSignOn>,
) -> Opened {
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let (payload, signature) = (decoded(&item.payload), decoded(&item.signature));
    let digest = sha256(&payload);
    let key = keys.get(&item.phone_key_id);
    let does_signature_fit = key.is_some_and(|key| phone_seal::does_fit(key, &digest, &signature));
    let signed = serde_json::from_slice::<SealedSignOn>(&payload).ok().filter(|signed| {
        (1..=SEQUENCE_MAX).contains(&signed.sequence) && signed.app_version.chars().count() <= 50
    });
    let previous = signed.as_ref().map(|signed| previous(&signed.previous_digest));
    let mut record = SealedRecord {
        check_in: item.check_in_id,
        phone_key: item.phone_key_id,
        payload,
        signature,
        does_signature_fit,
        said: None,
    };
    let Some((signed, Some(previous))) = signed.zip(previous) else {
        return Opened { record, sign_on: serde_json::Value::Null, beacon: None };
    };
    record.said = Some(Said {
        check_in: signed.check_in_id,
        link: Link { sequence: signed.sequence, digest, previous },
        made: TrueTime::bound(signed.made_at.0, clock.map(|clock| clock.0), caller.now),
    });
    Opened { record, sign_on: signed.sign_on, beacon: signed.beacon }
}

/// Nothing when it is no digest; the digest of the first is none.
fn previous(text: &str) -> Option<Option<[u8; 32]>> {
    if text.is_empty() {
        return Some(None);
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Some)
}

/// Confirms a record that came under a seal. What is turned away is noted.
pub async fn confirm(
    caller: &Caller<act::ConfirmSignOn>,
    item: SealedItem,
    keys: &PublicKeys,
    clock: Option<Timestamp>,
    at: &str,
) -> Result<Confirmed, Problem> {
    let Opened { record, sign_on, beacon } = open(item, keys, clock, caller);
    let confirmation = SignOn::read(sign_on, &format!("{at}/payload"))
        .and_then(|it| it.confirmation(record.check_in, clock, &format!("{at}/payload")));
    let seal = record.said.map(|said| Seal {
        phone_key: record.phone_key,
        digest: said.link.digest,
        beacon: caller.app.push.beacons.read(beacon.as_deref()),
    });
    let (confirmation, fault) = match confirmation {
        Ok(confirmation) => (Some(Confirmation { seal, ..confirmation }), None),
        Err(problem) => (None, Some(problem)),
    };
    let (record, confirmation) = (Arc::new(record), Arc::new(confirmation));
    let (actor, phone, held) = (caller.actor(), caller.phone(), record.clone());
    let confirmed = caller
        .write(move |tx| confirm_sealed(tx, &actor, phone, &held, confirmation.as_ref().as_ref()));
    let problem = match confirmed.await {
        Ok(Some(confirmed)) => return Ok(confirmed),
        Ok(None) => return Err(fault.unwrap_or_else(|| Problem::new(Kind::SealBroken))),
        Err(refusal) => Problem::from(refusal),
    };
    if !problem.is_passing() {
        let actor = caller.actor();
        caller.write(move |tx| note_turned_away(tx, &actor, &record)).await?;
    }
    Err(problem)
}
