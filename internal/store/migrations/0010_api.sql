CREATE TABLE tokens (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  email TEXT NOT NULL,
  organisation TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE TABLE answers (
  asker TEXT NOT NULL,
  request_key TEXT NOT NULL,
  request TEXT NOT NULL,
  at BIGINT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (asker, request_key)
);
CREATE INDEX answers_at ON answers(at);
CREATE TABLE case_people (
  who TEXT NOT NULL,
  stream TEXT NOT NULL,
  PRIMARY KEY (who, stream)
);
