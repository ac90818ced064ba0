-- Who gives treatment. They have no account: a link lets them say who came.
CREATE TABLE providers (
    id BYTEA PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    -- Where sessions are held, if that is known.
    latitude DOUBLE PRECISION CHECK (latitude BETWEEN -90 AND 90),
    longitude DOUBLE PRECISION CHECK (longitude BETWEEN -180 AND 180)
);

-- Of a link's token only the digest is kept.
CREATE TABLE provider_links (
    token_digest BYTEA PRIMARY KEY NOT NULL,
    -- What people call it by; it proves nothing.
    id BYTEA NOT NULL UNIQUE,
    provider_id BYTEA NOT NULL REFERENCES providers (id),
    created_at BIGINT NOT NULL,
    created_by BYTEA NOT NULL REFERENCES accounts (id),
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by BYTEA REFERENCES accounts (id)
);
CREATE INDEX provider_links_by_provider ON provider_links (provider_id);
