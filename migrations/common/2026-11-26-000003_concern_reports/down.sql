DROP TABLE throttles;
DROP TABLE concern_numbers;
DROP TABLE concern_acts;
DROP TABLE concern_reporters;
DROP TABLE concern_reports;
