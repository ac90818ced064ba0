-- Entries that are sealed do not fit without their salts.
ALTER TABLE ledger_entries DROP COLUMN salt;
