CREATE INDEX cases_protected ON cases(id) WHERE protected = 1;
