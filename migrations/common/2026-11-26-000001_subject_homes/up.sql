-- Where the subject lives, as intake heard it: the latest counts. Never the protected person's.
CREATE TABLE subject_homes (
    id BYTEA PRIMARY KEY NOT NULL,
    subject_id BYTEA NOT NULL REFERENCES subjects (id),
    recorded_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    latitude DOUBLE PRECISION CHECK (latitude BETWEEN -90 AND 90),
    longitude DOUBLE PRECISION CHECK (longitude BETWEEN -180 AND 180),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX subject_homes_by_subject ON subject_homes (subject_id, recorded_at);
