-- A phone at a station: a session that has confirmed or synced there, and whether it may still hold
-- records that it has not handed over.
CREATE TABLE station_phones (
    id BYTEA PRIMARY KEY NOT NULL,
    token_digest BYTEA NOT NULL REFERENCES sessions (token_digest),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    signed_in_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    -- When it last handed over everything that it held.
    synced_at BIGINT,
    gone_at BIGINT,
    gone_because TEXT CHECK (gone_because IN ('signed_out', 'signed_in_anew', 'lost')),
    UNIQUE (token_digest, station_id)
);
CREATE INDEX station_phones_by_station ON station_phones (station_id, used_at);
CREATE INDEX station_phones_by_account ON station_phones (account_id, expires_at)
    WHERE gone_at IS NULL;

-- Misses of which a phone may still hold a record, by each station at which it could have been made.
CREATE TABLE unconfirmed_misses (
    obligation_id BYTEA NOT NULL REFERENCES obligations (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    closes_at BIGINT NOT NULL,
    -- When to look again whatever phones do.
    look_at BIGINT,
    PRIMARY KEY (obligation_id, station_id)
);
CREATE INDEX unconfirmed_misses_by_station ON unconfirmed_misses (station_id, closes_at);
CREATE INDEX unconfirmed_misses_due ON unconfirmed_misses (look_at) WHERE look_at IS NOT NULL;
INSERT INTO unconfirmed_misses (obligation_id, station_id, closes_at, look_at)
SELECT b.id, b.station_id, b.closes_at, b.closes_at + 43200000 FROM obligations b
WHERE b.state = 'missed' AND EXISTS (
    SELECT 1 FROM findings f WHERE f.obligation_id = b.id AND f.check_in_id IS NULL
      AND f.certainty = 'provisional' AND f.superseded_at IS NULL);

-- Of a miss: whether a phone may still hold a record.
ALTER TABLE alerts ADD COLUMN certainty TEXT;
UPDATE alerts SET certainty = 'provisional'
WHERE kind IN ('missed_sign_on', 'missed_sign_on_to_verify');
