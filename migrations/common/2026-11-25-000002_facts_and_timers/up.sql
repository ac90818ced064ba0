-- What happened to an order, an appointment, a device or a person, as somebody recorded it. Added to,
-- and called a mistake, but never edited. What is asked for next is reckoned from these.
CREATE TABLE facts (
    id BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    -- The session, request, device, duty or order that the fact is about.
    object_id BYTEA NOT NULL,
    -- Whoever else it belongs to: a treatment provider.
    party_id BYTEA,
    happened_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- Empty when a provider recorded it, or the service itself.
    recorded_by BYTEA REFERENCES accounts (id),
    -- JSON, of the kind's own shape.
    body TEXT NOT NULL,
    body_digest BYTEA NOT NULL,
    -- The fact as a sentence, for people.
    says TEXT NOT NULL,
    superseded_at BIGINT,
    superseded_by BYTEA,
    superseded_reason TEXT
);
CREATE INDEX facts_by_order ON facts (order_id, happened_at);
CREATE INDEX facts_by_object ON facts (object_id, happened_at);
CREATE INDEX facts_by_party ON facts (party_id, happened_at) WHERE party_id IS NOT NULL;

-- When something is to be looked at again: one timer for each kind and object.
CREATE TABLE timers (
    kind TEXT NOT NULL,
    object_id BYTEA NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    due_at BIGINT NOT NULL,
    PRIMARY KEY (kind, object_id)
);
CREATE INDEX timers_due ON timers (due_at);
CREATE INDEX timers_by_order ON timers (order_id);

-- Days on which a station is shut although its hours say that it is open.
CREATE TABLE station_closures (
    id BYTEA PRIMARY KEY NOT NULL,
    station_id BYTEA NOT NULL REFERENCES stations (id),
    from_on DATE NOT NULL,
    until_on DATE,
    reason TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by BYTEA REFERENCES accounts (id)
);
CREATE INDEX station_closures_by_station ON station_closures (station_id, from_on);
