ALTER TABLE alerts DROP COLUMN certainty;
DROP TABLE unconfirmed_misses;
DROP TABLE station_phones;
