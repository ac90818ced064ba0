DROP TABLE subject_homes;
