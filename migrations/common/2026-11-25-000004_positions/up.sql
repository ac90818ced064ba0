-- A time in which the subject was in a zone, or may have been: what one alert is about. It goes from
-- the first such record to the last, and ends with one that is outside or when none comes any more.
CREATE TABLE zone_stays (
    id BYTEA PRIMARY KEY NOT NULL,
    condition_id BYTEA NOT NULL REFERENCES conditions (id),
    began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- The sighting or position with which it began, and the first that was surely inside.
    begun_by BYTEA NOT NULL,
    entered_by BYTEA
);
CREATE INDEX zone_stays_by_condition ON zone_stays (condition_id, last_at);

-- What a tag reports: one for each time that a tag is fitted.
CREATE TABLE feeds (
    id BYTEA PRIMARY KEY NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    device_reference TEXT NOT NULL,
    -- How often the tag is to report.
    interval_ms BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT,
    -- The latest position, by when the tag found it.
    last_fix_at BIGINT,
    -- Since when nothing came, while somebody has been told of that.
    silent_since BIGINT
);
CREATE INDEX feeds_by_order ON feeds (order_id);

CREATE TABLE positions (
    id BYTEA PRIMARY KEY NOT NULL,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    feed_id BYTEA NOT NULL REFERENCES feeds (id),
    fixed_at BIGINT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    -- Radius that holds the true position with 95 % confidence.
    accuracy_m DOUBLE PRECISION NOT NULL,
    received_at BIGINT NOT NULL,
    -- The gravest that it shows about a zone of the order; nothing when the order has none.
    verdict TEXT,
    margin_m DOUBLE PRECISION
);
CREATE UNIQUE INDEX positions_by_feed ON positions (feed_id, fixed_at);
CREATE INDEX positions_by_order ON positions (order_id, fixed_at);
