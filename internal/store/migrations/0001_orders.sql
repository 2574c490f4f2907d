CREATE TABLE events (
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (stream, version)
);
CREATE TABLE cases (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  principal TEXT NOT NULL,
  purpose TEXT NOT NULL,
  phase TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed BIGINT NOT NULL,
  purge_on TEXT NOT NULL
);
CREATE INDEX cases_changed ON cases(changed);
CREATE TABLE numbers (
  year INTEGER PRIMARY KEY,
  last INTEGER NOT NULL
);
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  stream TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  worker TEXT NOT NULL,
  fault TEXT NOT NULL
);
CREATE INDEX jobs_due ON jobs(state, run_at);
