-- Ids are UUIDs as 16 bytes, made by the application. Instants are milliseconds UTC. `changed_in` is
-- the number of the transaction that last changed the row; phones ask for what changed since.

CREATE TABLE change_counter (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO change_counter (id, value) VALUES (1, 1);

CREATE TABLE instance_keys (
    name TEXT PRIMARY KEY NOT NULL,
    value BYTEA NOT NULL
);

CREATE TABLE heartbeats (
    name TEXT PRIMARY KEY NOT NULL,
    beat_at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL
);

-- How many violations of each invariant the last look found.
CREATE TABLE invariants (
    name TEXT PRIMARY KEY NOT NULL,
    looked_at BIGINT NOT NULL,
    violations BIGINT NOT NULL
);

CREATE TABLE stations (
    id BYTEA PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude DOUBLE PRECISION NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    radius_m DOUBLE PRECISION NOT NULL CHECK (radius_m > 0),
    opening_hours TEXT NOT NULL,
    -- 'as_usual', 'closed', or the hours as JSON.
    on_bank_holidays TEXT NOT NULL,
    police_area TEXT NOT NULL
);

CREATE TABLE accounts (
    id BYTEA PRIMARY KEY NOT NULL,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN
        ('officer', 'owner', 'supervisor', 'control_room', 'auditor', 'administrator')),
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE account_stations (
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    PRIMARY KEY (account_id, station_id)
);
CREATE INDEX account_stations_by_station ON account_stations (station_id);

CREATE TABLE sessions (
    token_digest BYTEA PRIMARY KEY NOT NULL,
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    carrier TEXT NOT NULL CHECK (carrier IN ('cookie', 'bearer')),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- Keyed by a digest of the name that was typed, known or not, so that a lock tells nothing.
CREATE TABLE sign_in_failures (
    username_digest BYTEA PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE TABLE subjects (
    id BYTEA PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    given_names TEXT NOT NULL,
    family_name TEXT NOT NULL,
    born_on DATE NOT NULL
);

CREATE TABLE orders (
    id BYTEA PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    subject_id BYTEA NOT NULL REFERENCES subjects (id),
    kind TEXT NOT NULL,
    court TEXT NOT NULL,
    -- Empty while it is drafted: no court has made it.
    made_on DATE,
    served_at BIGINT,
    -- As stated when the order was put on file; later services are facts.
    intake_served_at BIGINT,
    ends_on DATE,
    risk TEXT NOT NULL CHECK (risk IN ('standard', 'high')),
    owner_id BYTEA REFERENCES accounts (id),
    made_by TEXT NOT NULL CHECK (made_by IN ('application', 'conviction', 'acquittal')),
    -- Two-digit codes; the second differs once another force has accepted the order.
    making_force TEXT NOT NULL,
    managing_force TEXT NOT NULL,
    takes_effect_on DATE,
    -- The interim order whose place this one takes.
    replaces_id BYTEA REFERENCES orders (id),
    deputy_id BYTEA REFERENCES accounts (id),
    supervisor_id BYTEA REFERENCES accounts (id),
    -- Set with the fact that ended it: discharged, determined, replaced, quashed; withdrawn, of a draft.
    ended_at BIGINT,
    end_reason TEXT,
    -- When to look next whether the order still has an obligation ahead; null when it needs none.
    watch_at BIGINT,
    changed_in BIGINT NOT NULL
);
CREATE INDEX orders_by_subject ON orders (subject_id);
CREATE INDEX orders_by_owner ON orders (owner_id);
CREATE INDEX orders_to_watch ON orders (watch_at) WHERE watch_at IS NOT NULL;

-- Every station that any version of the order names: who works there may know of the order.
CREATE TABLE order_stations (
    order_id BYTEA NOT NULL REFERENCES orders (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    PRIMARY KEY (order_id, station_id)
);
CREATE INDEX order_stations_by_station ON order_stations (station_id);

-- Cases opened to an account by name, beyond its stations.
CREATE TABLE account_orders (
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    order_id BYTEA NOT NULL REFERENCES orders (id),
    PRIMARY KEY (account_id, order_id)
);

CREATE TABLE order_versions (
    id BYTEA PRIMARY KEY NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    reason TEXT NOT NULL CHECK (reason IN
        ('original', 'variation', 'renewal', 'appeal', 'correction')),
    note TEXT NOT NULL,
    in_force_from BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- Empty when it came in a file.
    recorded_by BYTEA REFERENCES accounts (id),
    content_digest BYTEA NOT NULL,
    UNIQUE (order_id, number)
);

CREATE TABLE conditions (
    id BYTEA PRIMARY KEY NOT NULL,
    order_version_id BYTEA NOT NULL REFERENCES order_versions (id),
    label TEXT NOT NULL,
    polarity TEXT NOT NULL CHECK (polarity IN ('requirement', 'prohibition')),
    kind TEXT NOT NULL,
    wording TEXT NOT NULL,
    plain_words TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    -- Of a sign-on only: where, and whether attending before the opening complies ("by 18:00").
    station_id BYTEA REFERENCES stations (id),
    early_counts BOOLEAN NOT NULL,
    -- Without one, the term has effect in all parts of the United Kingdom (s.2(4)).
    locality TEXT,
    supervised_by TEXT NOT NULL,
    necessity TEXT NOT NULL,
    -- Of a condition that only a person can check: who looks, and when next.
    plan_person TEXT,
    plan_review_on DATE,
    -- JSON, as imported: what only conditions of its kind have.
    details TEXT NOT NULL,
    UNIQUE (order_version_id, label)
);

CREATE TABLE condition_alternates (
    condition_id BYTEA NOT NULL REFERENCES conditions (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    PRIMARY KEY (condition_id, station_id)
);

CREATE TABLE schedules (
    id BYTEA PRIMARY KEY NOT NULL,
    condition_id BYTEA NOT NULL REFERENCES conditions (id),
    zone TEXT NOT NULL,
    starts_on DATE NOT NULL,
    rrule TEXT,
    exdates TEXT NOT NULL,
    rdates TEXT NOT NULL,
    opens TEXT NOT NULL,
    closes TEXT NOT NULL,
    -- The span in which a window's closing instant makes it a duty under this version.
    applies_from BIGINT NOT NULL,
    applies_until BIGINT,
    -- Every window that closes before this is on file as an obligation.
    enumerated_until BIGINT NOT NULL,
    -- When to enumerate on; null when the rule or the version has ended.
    enumerate_at BIGINT
);
CREATE INDEX schedules_by_condition ON schedules (condition_id);
CREATE INDEX schedules_to_enumerate ON schedules (enumerate_at) WHERE enumerate_at IS NOT NULL;

CREATE TABLE obligations (
    id BYTEA PRIMARY KEY NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    condition_id BYTEA NOT NULL REFERENCES conditions (id),
    schedule_id BYTEA NOT NULL REFERENCES schedules (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    opens_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'open', 'fulfilled', 'missed', 'cancelled')),
    state_reason TEXT,
    fulfilled_by BYTEA,
    -- When the state changes by itself; null in a state that only a person or a fact can change.
    next_transition_at BIGINT,
    changed_in BIGINT NOT NULL,
    CHECK (opens_at < closes_at),
    CHECK ((next_transition_at IS NOT NULL) = (state IN ('scheduled', 'open'))),
    CHECK ((fulfilled_by IS NOT NULL) = (state = 'fulfilled')),
    UNIQUE (schedule_id, opens_at)
);
CREATE INDEX obligations_due ON obligations (next_transition_at)
    WHERE next_transition_at IS NOT NULL;
CREATE INDEX obligations_by_station ON obligations (station_id, closes_at);
CREATE INDEX obligations_changed ON obligations (station_id, changed_in);
CREATE INDEX obligations_by_order ON obligations (order_id, closes_at);

CREATE TABLE check_ins (
    id BYTEA PRIMARY KEY NOT NULL,
    obligation_id BYTEA NOT NULL REFERENCES obligations (id),
    order_id BYTEA NOT NULL REFERENCES orders (id),
    station_id BYTEA NOT NULL REFERENCES stations (id),
    confirmed_by BYTEA NOT NULL REFERENCES accounts (id),
    identity_method TEXT NOT NULL,
    identity_result TEXT NOT NULL,
    -- What the phone's clock said, when the server heard of it, and the true time they bound.
    attended_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    earliest_at BIGINT NOT NULL,
    latest_at BIGINT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    note TEXT NOT NULL,
    body_digest BYTEA NOT NULL,
    -- Whether this record fulfilled the obligation when it came in.
    settled BOOLEAN NOT NULL,
    supersedes BYTEA REFERENCES check_ins (id),
    -- Set once, when somebody says that this record was a mistake.
    superseded_at BIGINT,
    superseded_by BYTEA,
    superseded_reason TEXT,
    CHECK (earliest_at <= latest_at)
);
CREATE INDEX check_ins_by_obligation ON check_ins (obligation_id);

-- Another body under an id that was taken: kept, because one of the two may be the true one.
CREATE TABLE check_in_conflicts (
    id BYTEA PRIMARY KEY NOT NULL,
    check_in_id BYTEA NOT NULL REFERENCES check_ins (id),
    received_from BYTEA NOT NULL REFERENCES accounts (id),
    received_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    body_digest BYTEA NOT NULL,
    UNIQUE (check_in_id, body_digest)
);

CREATE TABLE findings (
    id BYTEA PRIMARY KEY NOT NULL,
    obligation_id BYTEA NOT NULL REFERENCES obligations (id),
    check_in_id BYTEA REFERENCES check_ins (id),
    outcome TEXT NOT NULL,
    compliance TEXT NOT NULL CHECK (compliance IN
        ('compliant', 'non_compliant', 'awaiting_evidence', 'no_data')),
    certainty TEXT NOT NULL CHECK (certainty IN ('confirmed', 'provisional')),
    reasons TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    superseded_at BIGINT
);
CREATE INDEX findings_by_obligation ON findings (obligation_id);

CREATE TABLE alerts (
    id BYTEA PRIMARY KEY NOT NULL,
    -- What the alert is about, in one word and one id: exactly one alert for each.
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'high', 'critical')),
    order_id BYTEA REFERENCES orders (id),
    obligation_id BYTEA REFERENCES obligations (id),
    station_id BYTEA REFERENCES stations (id),
    -- The person an alert about their own phone is for.
    account_id BYTEA REFERENCES accounts (id),
    detail TEXT NOT NULL,
    concerns_at BIGINT NOT NULL,
    triggered_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('triggered', 'acknowledged', 'closed')),
    nobody_reachable BOOLEAN NOT NULL,
    -- The step of its ladder on which it stands, from 0, and when it goes on; null once it is closed.
    step BIGINT NOT NULL,
    climbs_at BIGINT,
    -- What was raised together and told as one.
    group_id BYTEA,
    acknowledged_at BIGINT,
    acknowledged_by BYTEA REFERENCES accounts (id),
    closed_at BIGINT,
    closed_by BYTEA REFERENCES accounts (id),
    close_reason TEXT,
    changed_in BIGINT NOT NULL,
    CHECK ((close_reason IS NOT NULL) = (state = 'closed')),
    CHECK ((climbs_at IS NULL) = (state = 'closed'))
);
CREATE INDEX alerts_to_climb ON alerts (climbs_at) WHERE climbs_at IS NOT NULL;
CREATE INDEX alerts_by_group ON alerts (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX alerts_open ON alerts (state, triggered_at) WHERE close_reason IS NULL;
CREATE INDEX alerts_by_order ON alerts (order_id);
CREATE INDEX alerts_by_obligation ON alerts (obligation_id);
CREATE INDEX alerts_changed ON alerts (changed_in);

CREATE TABLE push_subscriptions (
    id BYTEA PRIMARY KEY NOT NULL,
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE UNIQUE INDEX push_subscriptions_live ON push_subscriptions (endpoint) WHERE ended_at IS NULL;
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id);

-- The outbox. The id is the job's kind and subject, so that a job exists once.
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
CREATE INDEX jobs_due ON jobs (run_at) WHERE settled_at IS NULL;
CREATE INDEX jobs_by_alert ON jobs (alert_id);

-- One row for each attempt to reach one person's phone.
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
CREATE INDEX deliveries_by_alert ON deliveries (alert_id);

CREATE TABLE ledger_entries (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor BYTEA,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    body_digest BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
