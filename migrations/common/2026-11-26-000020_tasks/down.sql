DELETE FROM timers WHERE kind = 'tasks';
DROP TABLE task_beginnings;
DROP TABLE tasks;
