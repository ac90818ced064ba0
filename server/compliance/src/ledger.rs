//! The hash chains that make a later change of the record visible.
//!
//! An entry's digest covers its content and the digest before it, so that an entry that was edited,
//! removed from the middle, moved or put in no longer fits. Only digests of facts are in the chain:
//! a fact can be erased without breaking it.
//!
//! What a person typed can be short enough to be guessed, and a guess could be tried against its
//! digest. So an entry covers the digest under a seal, that is, together with a salt: whoever is not
//! given the salt has nothing to try a guess against, and can follow the chain all the same.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::instant::Instant;

pub const DIGEST_BYTES: usize = 32;
pub type LedgerDigest = [u8; DIGEST_BYTES];

/// What the first entry of a chain is chained to.
pub const GENESIS: LedgerDigest = [0; DIGEST_BYTES];

pub const SALT_BYTES: usize = 16;
pub type Salt = [u8; SALT_BYTES];

/// What an entry covers of the fact that it records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered<'a> {
    /// Its digest as it is: entries that were recorded before there were seals.
    Digest(&'a [u8]),
    /// Its digest under a [`seal`].
    Seal(&'a [u8]),
}

/// SHA-256 over a salt and the digest of a fact.
pub fn seal(salt: &[u8], body_digest: &[u8]) -> LedgerDigest {
    let mut hash = Sha256::new();
    hash.update(b"holdfast-seal/1");
    fields(&mut hash, &[salt, body_digest]);
    hash.finalize().into()
}

/// Each with its length before it, so that no two different lists have the same bytes.
fn fields(hash: &mut Sha256, fields: &[&[u8]]) {
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        hash.update(length.to_be_bytes());
        hash.update(field);
    }
}

/// Makes the salts of the entries of one database.
#[derive(Clone)]
pub struct SaltKey(Hmac<Sha256>);

impl SaltKey {
    /// # Errors
    /// None in fact: HMAC takes a secret of any length (RFC 2104).
    pub fn new(secret: &[u8]) -> Result<Self, hmac::digest::InvalidLength> {
        Hmac::new_from_slice(secret).map(Self)
    }

    /// The salt of an entry, from the digest that it would have if it covered the fact as it is. That
    /// covers all of the entry and every one before it: no two entries have the same salt, and one that
    /// is appended again because its transaction was run again has the same one.
    pub fn salt(&self, unsealed: &LedgerDigest) -> Salt {
        let mut mac = self.0.clone();
        mac.update(unsealed);
        let code = mac.finalize().into_bytes();
        std::array::from_fn(|at| code.get(at).copied().unwrap_or_default())
    }
}

/// What is recorded: who did what to which thing, and what of it the chain covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    pub chain: &'a str,
    pub seq: i64,
    pub recorded_at: Instant,
    /// The account's id; empty for the service itself.
    pub actor: &'a [u8],
    pub act: &'a str,
    pub object: &'a str,
    pub detail: &'a str,
    pub covered: Covered<'a>,
}

impl Entry<'_> {
    /// SHA-256 over the previous digest and every field. A sealed entry begins differently, so that a
    /// seal cannot be passed off as the digest of a fact.
    pub fn digest(&self, previous: &LedgerDigest) -> LedgerDigest {
        let (edition, covered): (&[u8], &[u8]) = match self.covered {
            Covered::Digest(digest) => (b"holdfast-ledger/1", digest),
            Covered::Seal(seal) => (b"holdfast-ledger/2", seal),
        };
        let mut hash = Sha256::new();
        hash.update(edition);
        hash.update(previous);
        hash.update(self.seq.to_be_bytes());
        hash.update(self.recorded_at.ms().to_be_bytes());
        let texts = [self.chain.as_bytes(), self.actor, self.act.as_bytes()];
        fields(&mut hash, &texts);
        fields(&mut hash, &[self.object.as_bytes(), self.detail.as_bytes(), covered]);
        hash.finalize().into()
    }
}

/// Checks one chain, entry by entry, from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    next_seq: i64,
    previous: LedgerDigest,
}

/// Why an entry does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("entry {expected} is missing; entry {found} stands in its place")]
    Gap { expected: i64, found: i64 },
    #[error("entry {seq} does not have the digest that its content and its predecessor give")]
    Digest { seq: i64 },
}

impl Verifier {
    #[expect(clippy::new_without_default, reason = "a verifier begins a chain; say so")]
    pub fn new() -> Self {
        Self { next_seq: 1, previous: GENESIS }
    }

    pub fn check(&mut self, entry: &Entry<'_>, recorded: &[u8]) -> Result<(), Misfit> {
        if entry.seq != self.next_seq {
            return Err(Misfit::Gap { expected: self.next_seq, found: entry.seq });
        }
        let digest = entry.digest(&self.previous);
        if digest != recorded {
            return Err(Misfit::Digest { seq: entry.seq });
        }
        self.previous = digest;
        self.next_seq += 1;
        Ok(())
    }

    /// Passes over an entry whose content is not there: its digest is taken as it stands, so that what
    /// follows can be checked. That the digest is right is proven by the next entry that is there.
    pub fn pass_withheld(&mut self, seq: i64, recorded: &[u8]) -> Result<(), Misfit> {
        if seq != self.next_seq {
            return Err(Misfit::Gap { expected: self.next_seq, found: seq });
        }
        let digest = LedgerDigest::try_from(recorded);
        self.previous = digest.map_err(|_length| Misfit::Digest { seq })?;
        self.next_seq += 1;
        Ok(())
    }

    /// How many entries fitted, and the digest of the last.
    pub fn head(&self) -> (i64, &LedgerDigest) {
        (self.next_seq - 1, &self.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    struct Row {
        seq: i64,
        act: String,
        detail: String,
        digest: LedgerDigest,
    }

    impl Row {
        fn entry(&self) -> Entry<'_> {
            Entry {
                chain: "order:1",
                seq: self.seq,
                recorded_at: Instant::from_ms(self.seq),
                actor: b"a",
                act: &self.act,
                object: "check_in:1",
                detail: &self.detail,
                covered: Covered::Seal(b""),
            }
        }
    }

    fn chain(length: i64) -> Vec<Row> {
        let mut previous = GENESIS;
        let mut rows = Vec::new();
        for seq in 1..=length {
            let mut row =
                Row { seq, act: format!("act{seq}"), detail: "d".to_owned(), digest: GENESIS };
            row.digest = row.entry().digest(&previous);
            previous = row.digest;
            rows.push(row);
        }
        rows
    }

    fn verify(rows: &[Row]) -> Result<(), Misfit> {
        let mut verifier = Verifier::new();
        rows.iter().try_for_each(|row| verifier.check(&row.entry(), &row.digest))
    }

    #[test]
    fn an_untouched_chain_fits() {
        assert_eq!(verify(&chain(20)), Ok(()));
    }

    #[test]
    fn a_withheld_entry_is_passed_over_and_a_change_of_its_digest_shows_in_the_next() {
        let rows = chain(3);
        let verify = |withheld: &LedgerDigest| {
            let mut verifier = Verifier::new();
            verifier.check(&rows[0].entry(), &rows[0].digest)?;
            verifier.pass_withheld(2, withheld)?;
            verifier.check(&rows[2].entry(), &rows[2].digest)?;
            assert_eq!(verifier.head(), (3, &rows[2].digest));
            Ok(())
        };
        assert_eq!(verify(&rows[1].digest), Ok(()));
        assert_eq!(verify(&rows[0].digest), Err(Misfit::Digest { seq: 3 }));
        let gap = Misfit::Gap { expected: 1, found: 2 };
        assert_eq!(Verifier::new().pass_withheld(2, &GENESIS), Err(gap));
        assert_eq!(Verifier::new().pass_withheld(1, &[0; 3]), Err(Misfit::Digest { seq: 1 }));
    }

    #[test]
    fn text_moved_from_one_field_to_the_next_does_not_fit() {
        let mut rows = chain(3);
        rows[1].act = "act".to_owned();
        rows[1].detail = "2d".to_owned();
        assert_eq!(verify(&rows), Err(Misfit::Digest { seq: 2 }));
    }

    #[test]
    fn entries_of_before_there_were_seals_keep_their_digests() {
        let row = &chain(1)[0];
        let entry = Entry { covered: Covered::Digest(b"fact"), ..row.entry() };
        let digest = entry.digest(&GENESIS);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "f6d89ebf386d9e8f916f1e8c471a87f78076ae8a24fcd6a88e838c0191632885");
        assert_ne!(Entry { covered: Covered::Seal(b"fact"), ..entry }.digest(&GENESIS), digest);
    }

    #[test]
    fn a_seal_covers_where_the_salt_ends() {
        assert_ne!(seal(b"salt", b"fact"), seal(b"sal", b"tfact"));
        assert_ne!(seal(b"salt", b"fact"), seal(b"salt", b"face"));
    }

    proptest! {
        #[test]
        fn a_salt_is_the_same_for_the_same_entry_and_for_no_other(
            one: LedgerDigest, other: LedgerDigest, secret: [u8; 32], another: [u8; 32],
        ) {
            let key = SaltKey::new(&secret).unwrap();
            prop_assert_eq!(key.salt(&one), key.clone().salt(&one));
            prop_assert_eq!(key.salt(&one) == key.salt(&other), one == other);
            let foreign = SaltKey::new(&another).unwrap();
            prop_assert_eq!(key.salt(&one) == foreign.salt(&one), secret == another);
        }

        #[test]
        fn the_first_row_that_was_removed_moved_or_edited_is_named(
            at in 0_usize..19,
            change in 0_u8..4,
            bit in 0_usize..256,
        ) {
            let mut rows = chain(20);
            let named = i64::try_from(at).unwrap() + 1;
            let expected = match change {
                0 => { rows.remove(at); Misfit::Gap { expected: named, found: named + 1 } }
                1 => { rows.swap(at, at + 1); Misfit::Gap { expected: named, found: named + 1 } }
                2 => { rows[at].act.push('!'); Misfit::Digest { seq: named } }
                _ => { rows[at].digest[bit / 8] ^= 1 << (bit % 8); Misfit::Digest { seq: named } }
            };
            prop_assert_eq!(verify(&rows), Err(expected));
        }
    }
}
