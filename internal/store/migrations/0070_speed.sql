CREATE INDEX cases_serial ON cases(serial, id);
CREATE INDEX cases_open_phase ON cases(is_open, phase, next_due, serial, id);
