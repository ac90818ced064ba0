-- What is sent is no longer only a push about an alert, so what names the alert and the phone may be
-- empty. The tables are made anew, because SQLite cannot take a NOT NULL away.
CREATE TABLE jobs_kept AS SELECT * FROM jobs;
DROP TABLE jobs;
CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    -- Empty when it only asks a phone whether it is there.
    alert_id BYTEA REFERENCES alerts (id),
    -- All of a group are told by it.
    group_id BYTEA,
    -- Whom it tells; nobody by name when it goes to another system of the force.
    account_id BYTEA REFERENCES accounts (id),
    -- Of a push.
    subscription_id BYTEA REFERENCES push_subscriptions (id),
    -- Sent in the hope that it arrives after all: to a phone that has fallen silent, to another system.
    is_counted_upon BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease BYTEA,
    attempts BIGINT NOT NULL,
    settled_at BIGINT,
    outcome TEXT
);
INSERT INTO jobs (id, kind, alert_id, account_id, subscription_id, is_counted_upon, created_at, run_at,
    leased_until, lease, attempts, settled_at, outcome)
SELECT k.id, k.kind, k.alert_id, p.account_id, k.subscription_id, TRUE, k.created_at, k.run_at,
    k.leased_until, k.lease, k.attempts, k.settled_at, k.outcome
FROM jobs_kept k JOIN push_subscriptions p ON p.id = k.subscription_id;
DROP TABLE jobs_kept;
CREATE INDEX jobs_due ON jobs (run_at) WHERE settled_at IS NULL;
CREATE INDEX jobs_by_alert ON jobs (alert_id);
CREATE INDEX jobs_asking ON jobs (subscription_id) WHERE alert_id IS NULL AND settled_at IS NULL;

CREATE TABLE deliveries_kept AS SELECT * FROM deliveries;
DROP TABLE deliveries;
-- One row for each attempt to reach one person through one channel.
CREATE TABLE deliveries (
    id BYTEA PRIMARY KEY NOT NULL,
    alert_id BYTEA NOT NULL REFERENCES alerts (id),
    -- All of the group were told by it.
    group_id BYTEA,
    -- The step of the ladder on which the alert stood, from 0; empty where it was not noted.
    step BIGINT,
    channel TEXT NOT NULL CHECK (channel IN ('push', 'email', 'webhook', 'stream')),
    -- Nobody by name when it went to another system of the force.
    account_id BYTEA REFERENCES accounts (id),
    subscription_id BYTEA REFERENCES push_subscriptions (id),
    is_counted_upon BOOLEAN NOT NULL,
    attempt BIGINT NOT NULL,
    status TEXT NOT NULL,
    http_status BIGINT,
    detail TEXT NOT NULL,
    attempted_at BIGINT NOT NULL
);
INSERT INTO deliveries (id, alert_id, channel, account_id, subscription_id, is_counted_upon, attempt,
    status, http_status, detail, attempted_at)
SELECT id, alert_id, 'push', account_id, subscription_id, TRUE, attempt, status, http_status, detail,
    attempted_at
FROM deliveries_kept;
DROP TABLE deliveries_kept;
CREATE INDEX deliveries_by_alert ON deliveries (alert_id);
CREATE INDEX deliveries_by_group ON deliveries (group_id) WHERE group_id IS NOT NULL;

-- What a phone says of a message that it was sent. Apart from deliveries, because it may say so before
-- the delivery is noted, and a question whether it is there is no delivery.
CREATE TABLE receipts (
    delivery_id BYTEA PRIMARY KEY NOT NULL,
    subscription_id BYTEA NOT NULL REFERENCES push_subscriptions (id),
    displayed_at BIGINT,
    opened_at BIGINT
);

-- When the phone is asked next whether it is there.
ALTER TABLE push_subscriptions ADD COLUMN ask_at BIGINT NOT NULL DEFAULT 0;
-- When it said last that it showed something.
ALTER TABLE push_subscriptions ADD COLUMN receipt_at BIGINT;
-- The first time that it was asked since then, and how often it was asked in vain.
ALTER TABLE push_subscriptions ADD COLUMN asked_at BIGINT;
ALTER TABLE push_subscriptions ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
CREATE INDEX push_subscriptions_to_ask ON push_subscriptions (ask_at) WHERE ended_at IS NULL;

ALTER TABLE alerts ADD COLUMN nobody_reachable_since BIGINT;
UPDATE alerts SET nobody_reachable_since = triggered_at WHERE nobody_reachable;

ALTER TABLE accounts ADD COLUMN email TEXT;

-- The channels besides web push that the settings name; written at each start.
CREATE TABLE channels (
    name TEXT PRIMARY KEY NOT NULL CHECK (name IN ('email', 'webhook'))
);

-- Who has the live stream open. A row that was not seen for a minute is of an instance that has ended.
CREATE TABLE streams (
    id BYTEA PRIMARY KEY NOT NULL,
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX streams_by_account ON streams (account_id);
