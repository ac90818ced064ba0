DROP TABLE positions;
DROP TABLE feeds;
DROP TABLE zone_stays;
