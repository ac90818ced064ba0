//! Records as phones have signed them, and the seals under which check-ins came in. None is changed.

use std::ops::RangeInclusive;

use compliance::sealed_record::{BeaconSays, Link};
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::id::{CheckInId, PhoneKeyId};
use super::schema::{check_in_seals, phone_keys, record_gaps, sealed_records};
use super::types::Spelled;
use super::{StoreError, Tx};

/// A record that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSealedRecord<'a> {
    pub phone_key: PhoneKeyId,
    pub link: Link,
    pub check_in: CheckInId,
    pub payload: &'a [u8],
    pub signature: &'a [u8],
    pub received_at: Instant,
}

pub fn has_come(
    tx: &mut Tx<'_>,
    phone_key: PhoneKeyId,
    digest: &[u8; 32],
) -> Result<bool, StoreError> {
    let query = sealed_records::table
        .find((phone_key, digest.as_slice()))
        .select(sealed_records::sequence)
        .first::<i64>(tx.conn);
    Ok(query.optional()?.is_some())
}

pub fn insert(tx: &mut Tx<'_>, new: &NewSealedRecord<'_>) -> Result<(), StoreError> {
    diesel::insert_into(sealed_records::table)
        .values((
            sealed_records::phone_key_id.eq(new.phone_key),
            sealed_records::digest.eq(new.link.digest.as_slice()),
            sealed_records::sequence.eq(new.link.sequence),
            sealed_records::previous_digest.eq(new.link.previous.as_ref().map(|it| it.as_slice())),
            sealed_records::check_in_id.eq(new.check_in),
            sealed_records::payload.eq(new.payload),
            sealed_records::signature.eq(new.signature),
            sealed_records::received_at.eq(new.received_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn digest(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    let corrupt = |bytes: Vec<u8>| StoreError::Corrupt {
        vocabulary: "digests",
        value: crate::identity::hex(&bytes),
    };
    bytes.try_into().map_err(corrupt)
}

/// The records of a number, the one before and the one after.
pub fn around(
    tx: &mut Tx<'_>,
    phone_key: PhoneKeyId,
    sequence: i64,
) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<(i64, Vec<u8>, Option<Vec<u8>>)> = sealed_records::table
        .filter(sealed_records::phone_key_id.eq(phone_key))
        .filter(sealed_records::sequence.between(sequence - 1, sequence + 1))
        .order((sealed_records::sequence, sealed_records::digest))
        .select((sealed_records::sequence, sealed_records::digest, sealed_records::previous_digest))
        .load(tx.conn)?;
    let link = |(sequence, own, previous): (i64, Vec<u8>, Option<Vec<u8>>)| {
        Ok(Link { sequence, digest: digest(own)?, previous: previous.map(digest).transpose()? })
    };
    rows.into_iter().map(link).collect()
}

/// The numbers that have come, in order, from one to another.
pub fn numbers(
    tx: &mut Tx<'_>,
    phone_key: PhoneKeyId,
    (first, last): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let query = sealed_records::table
        .filter(sealed_records::phone_key_id.eq(phone_key))
        .filter(sealed_records::sequence.between(first, last))
        .order(sealed_records::sequence)
        .select(sealed_records::sequence)
        .distinct();
    Ok(query.load(tx.conn)?)
}

pub fn insert_gap(
    tx: &mut Tx<'_>,
    phone_key: PhoneKeyId,
    gap: &RangeInclusive<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::insert_into(record_gaps::table)
        .values((
            record_gaps::phone_key_id.eq(phone_key),
            record_gaps::first_sequence.eq(*gap.start()),
            record_gaps::last_sequence.eq(*gap.end()),
            record_gaps::reported_at.eq(now.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The gap that a number was reported in.
pub fn gap_of(
    tx: &mut Tx<'_>,
    phone_key: PhoneKeyId,
    sequence: i64,
) -> Result<Option<RangeInclusive<i64>>, StoreError> {
    let query = record_gaps::table
        .filter(record_gaps::phone_key_id.eq(phone_key))
        .filter(record_gaps::first_sequence.le(sequence))
        .filter(record_gaps::last_sequence.ge(sequence))
        .select((record_gaps::first_sequence, record_gaps::last_sequence))
        .first::<(i64, i64)>(tx.conn);
    Ok(query.optional()?.map(|(first, last)| first..=last))
}

/// Notes under which seal a check-in came in.
pub fn seal_check_in(
    tx: &mut Tx<'_>,
    check_in: CheckInId,
    (phone_key, digest): (PhoneKeyId, &[u8; 32]),
    beacon: BeaconSays,
) -> Result<(), StoreError> {
    diesel::insert_into(check_in_seals::table)
        .values((
            check_in_seals::check_in_id.eq(check_in),
            check_in_seals::phone_key_id.eq(phone_key),
            check_in_seals::digest.eq(digest.as_slice()),
            check_in_seals::beacon.eq(beacon.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The seal under which a check-in came in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CheckInSeal {
    pub check_in_id: CheckInId,
    pub phone_key_id: PhoneKeyId,
    pub phone_name: String,
    pub sequence: i64,
    pub digest: Vec<u8>,
    #[diesel(deserialize_as = Spelled)]
    pub beacon: BeaconSays,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn seals() -> _ {
    check_in_seals::table
        .inner_join(
            sealed_records::table.on(sealed_records::phone_key_id
                .eq(check_in_seals::phone_key_id)
                .and(sealed_records::digest.eq(check_in_seals::digest))),
        )
        .inner_join(phone_keys::table.on(phone_keys::id.eq(check_in_seals::phone_key_id)))
        .select((
            check_in_seals::check_in_id,
            check_in_seals::phone_key_id,
            phone_keys::name,
            sealed_records::sequence,
            check_in_seals::digest,
            check_in_seals::beacon,
        ))
}

/// Of one check-in. The caller has shown that it is in scope by having it.
pub fn of_check_in(tx: &mut Tx<'_>, id: CheckInId) -> Result<Option<CheckInSeal>, StoreError> {
    let query = seals().filter(check_in_seals::check_in_id.eq(id));
    Ok(query.first(tx.conn).optional()?)
}

/// Of many, by check-in. The caller has shown that they are in scope by having them.
pub fn of_check_ins(tx: &mut Tx<'_>, ids: &[CheckInId]) -> Result<Vec<CheckInSeal>, StoreError> {
    let query =
        seals().filter(check_in_seals::check_in_id.eq_any(ids)).order(check_in_seals::check_in_id);
    Ok(query.load(tx.conn)?)
}
