-- Photos of subjects, as they were put on file; the fact holds their digest. Apart from the facts, which
-- are read by the page.
CREATE TABLE photos (
    fact_id BYTEA PRIMARY KEY NOT NULL REFERENCES facts (id),
    image BYTEA NOT NULL
);

-- Facts are asked for by kind: what is known of a person must not cost a walk over their whole case.
CREATE INDEX facts_by_order_and_kind ON facts (order_id, kind, happened_at);
DROP INDEX facts_by_order;
