CREATE TABLE mail_since (
  at BIGINT NOT NULL
);
CREATE TABLE mail_cases (
  id @identity@,
  stream TEXT NOT NULL
);
CREATE TABLE mail_places (
  stream TEXT PRIMARY KEY,
  last INTEGER NOT NULL
);
CREATE TABLE mails (
  id @identity@,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  event TEXT NOT NULL,
  audience TEXT NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  page TEXT NOT NULL,
  letters TEXT NOT NULL,
  digest INTEGER NOT NULL,
  made BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  fault TEXT NOT NULL,
  settled BIGINT NOT NULL,
  UNIQUE (stream, version, audience)
);
CREATE INDEX mails_due ON mails(state, run_at);
