-- With what the digest of a fact is sealed before the chain covers it, so that a short text cannot be
-- tried against an entry. NULL: recorded before there were seals; the chain covers the digest as it is.
ALTER TABLE ledger_entries ADD COLUMN salt BYTEA;
