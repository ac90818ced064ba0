//! Signs an account in and out. Wrong names and wrong passwords look the same, and take the same
//! time; failures slow the next try down and never lock for ever.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use compliance::Instant;
use compliance::access::lock_ms;
use compliance::instant::{HOUR_MS, MINUTE_MS};

use super::held_records::note_gone;
use crate::identity::{Identity, Token, sha256};
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account, SignInFailures};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::sessions::{self, NewSession};
use crate::store::{StoreError, Tx};

/// An officer's shift; after that they sign in again.
pub const SESSION_MS: i64 = 12 * HOUR_MS;
/// A desk left alone signs itself out; a phone is kept in a pocket and has its own lock.
pub const COOKIE_IDLE_MS: i64 = 60 * MINUTE_MS;

/// How a token travels, which decides how it may be shown later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Cookie,
    Bearer,
}

impl Carrier {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

/// What has to be known before the password is checked outside any transaction.
#[derive(Debug, Clone)]
pub struct Claim {
    pub account: Option<Account>,
    pub password_hash: String,
}

/// Stands in for the hash of an account that does not exist, so that checking takes as long. Nobody
/// knows what it is the hash of.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    Ijs2lFhXVRUh4sTUKZA/CQ$dRWzASzpK7/r85A/86m5BNn8s0utxAc89tS0Nu5breI";

pub fn username_digest(username: &str) -> [u8; 32] {
    sha256(username.to_lowercase().as_bytes())
}

/// Looks a name up, unless tries under it have to wait.
pub fn claim(tx: &mut Tx<'_>, username: &str, now: Instant) -> Result<Claim, Refusal> {
    let failures = accounts::sign_in_failures(tx, &username_digest(username))?;
    if let Some(failures) = failures
        && now < failures.locked_until
    {
        return Err(Refusal::SignInLocked { wait_ms: failures.locked_until - now });
    }
    let account =
        accounts::find_by_username(tx, username)?.filter(|account| account.disabled_at.is_none());
    let password_hash = match &account {
        Some(account) => accounts::password_hash(tx, account.id)?,
        None => None,
    };
    Ok(Claim { account, password_hash: password_hash.unwrap_or_else(|| NOBODYS_HASH.to_owned()) })
}

/// Slow on purpose: some tens of milliseconds. Runs outside any transaction.
pub fn is_password_right(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Argon2id with the crate's parameters (19 MiB, 2 passes: OWASP's first choice).
pub fn password_hash(identity: &Identity, password: &str) -> Result<String, StoreError> {
    let mut salt = [0; 16];
    identity.fill(&mut salt);
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| StoreError::Connect(error.to_string()))
}

/// Counts a failure; says how long the next try has to wait.
pub fn sign_in_failed(tx: &mut Tx<'_>, username: &str, now: Instant) -> Result<(), StoreError> {
    let digest = username_digest(username);
    let failures = accounts::sign_in_failures(tx, &digest)?.map_or(0, |found| found.failures) + 1;
    let locked_until = now + lock_ms(failures);
    accounts::set_sign_in_failures(tx, &digest, SignInFailures { failures, locked_until })?;
    let entry = NewEntry {
        chain: Chain::Service,
        actor: None,
        act: "sign_in_failed",
        object: "session".to_owned(),
        detail: format!("failure:{failures}"),
        body_digest: digest,
    };
    ledger::append(tx, now, vec![entry])
}

/// Starts a session; the token is only ever shown here.
pub fn signed_in(
    tx: &mut Tx<'_>,
    account: &Account,
    token: &Token,
    carrier: Carrier,
    now: Instant,
) -> Result<Instant, StoreError> {
    accounts::forget_sign_in_failures(tx, &username_digest(&account.username))?;
    let expires_at = now + SESSION_MS;
    let session = NewSession {
        token_digest: token.digest(),
        account: account.id,
        carrier: carrier.as_str(),
        created_at: now,
        expires_at,
    };
    sessions::insert(tx, &session)?;
    let entry = session_entry(account, "sign_in", carrier.as_str());
    ledger::append(tx, now, vec![entry])?;
    Ok(expires_at)
}

pub fn sign_out(
    tx: &mut Tx<'_>,
    account: &Account,
    token_digest: &[u8],
    (now, identity): (Instant, &Identity),
) -> Result<(), StoreError> {
    sessions::end(tx, token_digest, now)?;
    note_gone(tx, identity, (token_digest, "signed_out"), now)?;
    ledger::append(tx, now, vec![session_entry(account, "sign_out", "")])
}

fn session_entry(account: &Account, act: &'static str, detail: &str) -> NewEntry {
    NewEntry {
        chain: Chain::Account(account.id),
        actor: Some(account.id),
        act,
        object: "session".to_owned(),
        detail: detail.to_owned(),
        body_digest: sha256(account.id.uuid().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_is_checked_at_the_cost_of_a_real_one() {
        let real = password_hash(&Identity::seeded(1), "correct horse battery").unwrap();
        let (real, nobodys) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(NOBODYS_HASH).expect("a hash that can be read"),
        );
        assert_eq!(nobodys.algorithm, real.algorithm);
        assert_eq!(nobodys.version, real.version);
        assert_eq!(nobodys.params, real.params);
        assert_eq!(nobodys.salt.unwrap().len(), real.salt.unwrap().len());
        assert_eq!(nobodys.hash.unwrap().len(), real.hash.unwrap().len());

        let checked = Argon2::default().verify_password(b"", &nobodys);

        assert!(
            matches!(checked, Err(argon2::password_hash::Error::PasswordInvalid)),
            "{checked:?}"
        );
        assert!(!is_password_right("correct horse battery", NOBODYS_HASH));
    }
}
