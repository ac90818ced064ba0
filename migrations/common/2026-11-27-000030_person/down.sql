CREATE INDEX facts_by_order ON facts (order_id, happened_at);
DROP INDEX facts_by_order_and_kind;
DROP TABLE photos;
