//! What whoever reported without an account may do: report, and see with the secret what has become of
//! it. Bounded for each address and in all; wrong secrets are slowed like wrong passwords.

use compliance::Instant;
use compliance::access::lock_ms;
use compliance::concern_report::ReportStatus;
use compliance::instant::HOUR_MS;

use super::concerns::{NewConcern, folded, submit_concern};
use crate::identity::{Identity, Secret, sha256};
use crate::refusal::Refusal;
use crate::store::accounts::{self, SignInFailures};
use crate::store::concerns::{self, Concern};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{StoreError, Tx, throttles};

/// A family behind one address has enough; a machine has not.
const OF_ONE_ADDRESS_MAX: i64 = 5;
/// More than any day has brought, and few enough that people still look at each.
const IN_ALL_MAX: i64 = 120;
const WINDOW_MS: i64 = HOUR_MS;
/// Looking is cheap, but not a way to try secrets of many reports.
const LOOKS_MAX: i64 = 60;

/// Counts what is done without a session, by the hour.
pub fn check_often(
    tx: &mut Tx<'_>,
    key: &str,
    times_max: i64,
    now: Instant,
) -> Result<(), Refusal> {
    let counted = throttles::count(tx, &sha256(key.as_bytes()), (times_max, WINDOW_MS), now)?;
    counted.map_err(|wait_ms| Refusal::TooOften { wait_ms })
}

/// Puts a report on file for whoever is at an address.
pub fn submit_from(
    tx: &mut Tx<'_>,
    identity: &Identity,
    address: &str,
    new: &NewConcern,
    secret: &Secret,
) -> Result<Concern, Refusal> {
    check_often(tx, &format!("report:{address}"), OF_ONE_ADDRESS_MAX, new.reported_at)?;
    check_often(tx, "report", IN_ALL_MAX, new.reported_at)?;
    submit_concern(tx, identity, new, secret.digest())
}

/// What has become of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following {
    pub reported_at: Instant,
    pub status: ReportStatus,
    pub is_told: bool,
}

/// Nothing when there is no such report or the secret is another one: which of the two is not said, and
/// both count as a failure.
pub fn follow_concern(
    tx: &mut Tx<'_>,
    address: &str,
    (reference, secret): (&str, &Secret),
    now: Instant,
) -> Result<Option<Following>, Refusal> {
    check_often(tx, &format!("follow:{address}"), LOOKS_MAX, now)?;
    // What is no reference is no report's; nothing is kept of it.
    if !is_reference(reference) {
        return Ok(None);
    }
    let key = sha256(format!("concern:{reference}").as_bytes());
    let failures = accounts::sign_in_failures(tx, &key)?;
    if let Some(failures) = failures
        && now < failures.locked_until
    {
        return Err(Refusal::SignInLocked { wait_ms: failures.locked_until - now });
    }
    let found = concerns::find_by_reference(tx, reference)?;
    let found = found.filter(|it| it.secret_digest.as_deref() == Some(secret.digest().as_slice()));
    let Some(concern) = found else {
        failed(tx, &key, failures, now)?;
        return Ok(None);
    };
    accounts::forget_sign_in_failures(tx, &key)?;
    let report = folded(&concern, &concerns::acts(tx, concern.id)?)?;
    ledger::append(tx, now, vec![entry("follow_concern", concern.id.to_string(), key)])?;
    let (reported_at, status) = (concern.reported_at, concern.status);
    Ok(Some(Following { reported_at, status, is_told: report.is_updated }))
}

/// "C/26/000123".
fn is_reference(text: &str) -> bool {
    let digits = |part: Option<&str>, length: usize| {
        part.is_some_and(|it| it.len() == length && it.bytes().all(|it| it.is_ascii_digit()))
    };
    let mut parts = text.split('/');
    parts.next() == Some("C")
        && digits(parts.next(), 2)
        && digits(parts.next(), 6)
        && parts.next().is_none()
}

fn failed(
    tx: &mut Tx<'_>,
    key: &[u8; 32],
    before: Option<SignInFailures>,
    now: Instant,
) -> Result<(), StoreError> {
    let failures = before.map_or(0, |before| before.failures) + 1;
    let locked_until = now + lock_ms(failures);
    accounts::set_sign_in_failures(tx, key, SignInFailures { failures, locked_until })?;
    ledger::append(tx, now, vec![entry("follow_concern_failed", "unknown".to_owned(), *key)])
}

fn entry(act: &'static str, concern: String, body_digest: [u8; 32]) -> NewEntry {
    NewEntry {
        chain: Chain::Service,
        actor: None,
        act,
        object: format!("concern:{concern}"),
        detail: String::new(),
        body_digest,
    }
}
