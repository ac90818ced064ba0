DROP TABLE rota_entries;
DROP TABLE ladders;
DROP TABLE alert_events;
