-- What happened to an alert after it was raised; its ledger entries say the same and prove it.
CREATE TABLE alert_events (
    id BYTEA PRIMARY KEY NOT NULL,
    alert_id BYTEA NOT NULL REFERENCES alerts (id),
    kind TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    -- Empty when it happened by itself.
    actor BYTEA REFERENCES accounts (id),
    -- Whom it was handed to.
    to_account BYTEA REFERENCES accounts (id),
    says TEXT NOT NULL
);
CREATE INDEX alert_events_by_alert ON alert_events (alert_id, happened_at);

-- Whom alerts climb to where a force has said so; elsewhere the usual ladder holds.
CREATE TABLE ladders (
    id BYTEA PRIMARY KEY NOT NULL,
    -- Of alerts at one station; else of all others.
    station_id BYTEA REFERENCES stations (id),
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'high', 'critical')),
    -- JSON: the rungs and how long each waits.
    steps TEXT NOT NULL,
    decide_within_ms BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by BYTEA NOT NULL REFERENCES accounts (id),
    -- Another took its place, or somebody ended it.
    ended_at BIGINT
);

-- Who is on duty and who is away.
CREATE TABLE rota_entries (
    id BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('on_duty', 'absent')),
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    rung TEXT,
    station_id BYTEA REFERENCES stations (id),
    covered_by BYTEA REFERENCES accounts (id),
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by BYTEA NOT NULL REFERENCES accounts (id),
    ended_at BIGINT,
    CHECK (from_at < until_at)
);
CREATE INDEX rota_entries_by_end ON rota_entries (until_at) WHERE ended_at IS NULL;
