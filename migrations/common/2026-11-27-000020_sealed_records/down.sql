DROP TABLE record_gaps;
DROP TABLE check_in_seals;
DROP TABLE sealed_records;
DROP TABLE phone_keys;
