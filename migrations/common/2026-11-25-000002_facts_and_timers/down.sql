DROP TABLE station_closures;
DROP TABLE timers;
DROP TABLE facts;
