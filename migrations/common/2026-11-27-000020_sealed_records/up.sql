-- The key with which a phone signs what its officer records: bound to the account, good until it expires
-- or somebody revokes it.
CREATE TABLE phone_keys (
    id BYTEA PRIMARY KEY NOT NULL,
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    -- A point of P-256, uncompressed.
    public_key BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The session that enrolled it last, and so which phone it is.
    token_digest BYTEA NOT NULL REFERENCES sessions (token_digest),
    enrolled_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- Nobody: it went with the account or the phone.
    revoked_by BYTEA REFERENCES accounts (id),
    revoked_because TEXT,
    -- Every number up to this one has come, or was reported missing.
    checked_to BIGINT NOT NULL,
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX phone_keys_by_account ON phone_keys (account_id);
CREATE INDEX phone_keys_by_session ON phone_keys (token_digest);

-- Every record that a phone has signed, as it came: the very bytes. None is changed or taken away. One
-- that was turned away for another reason than its seal is here too.
CREATE TABLE sealed_records (
    phone_key_id BYTEA NOT NULL REFERENCES phone_keys (id),
    -- SHA-256 of the payload.
    digest BYTEA NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    -- Of the record before; the first has none.
    previous_digest BYTEA,
    -- As the payload names it: there is no such check-in when the record was turned away.
    check_in_id BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (phone_key_id, digest)
);
CREATE INDEX sealed_records_by_sequence ON sealed_records (phone_key_id, sequence);

-- The seal under which a check-in came in.
CREATE TABLE check_in_seals (
    check_in_id BYTEA PRIMARY KEY NOT NULL REFERENCES check_ins (id),
    phone_key_id BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    -- What the service's own time in the record said of when it was made.
    beacon TEXT NOT NULL CHECK (beacon IN ('absent', 'agrees', 'overrides', 'not_ours')),
    FOREIGN KEY (phone_key_id, digest) REFERENCES sealed_records (phone_key_id, digest)
);

-- Numbers that a phone has given and that had not come when it said that it held nothing more.
CREATE TABLE record_gaps (
    phone_key_id BYTEA NOT NULL REFERENCES phone_keys (id),
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (phone_key_id, first_sequence),
    CHECK (first_sequence <= last_sequence)
);
