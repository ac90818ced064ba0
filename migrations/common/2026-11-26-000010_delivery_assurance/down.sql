DROP TABLE streams;
DROP TABLE channels;
ALTER TABLE accounts DROP COLUMN email;
ALTER TABLE alerts DROP COLUMN nobody_reachable_since;
DROP INDEX push_subscriptions_to_ask;
ALTER TABLE push_subscriptions DROP COLUMN asked;
ALTER TABLE push_subscriptions DROP COLUMN asked_at;
ALTER TABLE push_subscriptions DROP COLUMN receipt_at;
ALTER TABLE push_subscriptions DROP COLUMN ask_at;
DROP TABLE receipts;

CREATE TABLE deliveries_kept AS SELECT * FROM deliveries WHERE channel = 'push';
DROP TABLE deliveries;
CREATE TABLE deliveries (
    id BYTEA PRIMARY KEY NOT NULL,
    alert_id BYTEA NOT NULL REFERENCES alerts (id),
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    subscription_id BYTEA NOT NULL REFERENCES push_subscriptions (id),
    attempt BIGINT NOT NULL,
    status TEXT NOT NULL,
    http_status BIGINT,
    detail TEXT NOT NULL,
    attempted_at BIGINT NOT NULL
);
INSERT INTO deliveries
SELECT id, alert_id, account_id, subscription_id, attempt, status, http_status, detail, attempted_at
FROM deliveries_kept;
DROP TABLE deliveries_kept;
CREATE INDEX deliveries_by_alert ON deliveries (alert_id);

CREATE TABLE jobs_kept AS SELECT * FROM jobs WHERE kind = 'send_alert_push';
DROP TABLE jobs;
CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    alert_id BYTEA NOT NULL REFERENCES alerts (id),
    subscription_id BYTEA NOT NULL REFERENCES push_subscriptions (id),
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease BYTEA,
    attempts BIGINT NOT NULL,
    settled_at BIGINT,
    outcome TEXT
);
INSERT INTO jobs
SELECT id, kind, alert_id, subscription_id, created_at, run_at, leased_until, lease, attempts,
    settled_at, outcome
FROM jobs_kept;
DROP TABLE jobs_kept;
CREATE INDEX jobs_due ON jobs (run_at) WHERE settled_at IS NULL;
CREATE INDEX jobs_by_alert ON jobs (alert_id);
