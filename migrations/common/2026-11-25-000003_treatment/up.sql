-- Who gives treatment. They have no account: a link lets them say who came.
CREATE TABLE providers (
    id BYTEA PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    contact TEXT NOT NULL
);

-- Of a link's token only the digest is kept.
CREATE TABLE provider_links (
    token_digest BYTEA PRIMARY KEY NOT NULL,
    provider_id BYTEA NOT NULL REFERENCES providers (id),
    created_at BIGINT NOT NULL,
    created_by BYTEA NOT NULL REFERENCES accounts (id),
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX provider_links_by_provider ON provider_links (provider_id);
