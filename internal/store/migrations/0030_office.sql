CREATE TABLE desk (
  id TEXT PRIMARY KEY,
  roles TEXT NOT NULL,
  tasks TEXT NOT NULL
);
CREATE TABLE digests (
  id TEXT PRIMARY KEY,
  fact TEXT NOT NULL,
  decided TEXT NOT NULL,
  past TEXT NOT NULL,
  marks TEXT NOT NULL,
  conflicts TEXT NOT NULL
);
CREATE TABLE case_conflicts (
  stream TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (stream, person)
);
CREATE TABLE case_marks (
  mark TEXT NOT NULL,
  stream TEXT NOT NULL,
  PRIMARY KEY (mark, stream)
);
CREATE INDEX case_marks_stream ON case_marks(stream);
CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  roles TEXT NOT NULL,
  teams TEXT NOT NULL,
  cleared INTEGER NOT NULL
);
CREATE TABLE absences (
  id @identity@,
  person TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  substitute TEXT NOT NULL
);
CREATE INDEX absences_last ON absences(last_day);
CREATE TABLE incoming (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  arrived TEXT NOT NULL,
  channel TEXT NOT NULL,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  blob TEXT NOT NULL,
  sealed INTEGER NOT NULL,
  state TEXT NOT NULL,
  stream TEXT NOT NULL,
  reason TEXT NOT NULL,
  settled_by TEXT NOT NULL,
  settled_at BIGINT NOT NULL
);
CREATE INDEX incoming_state ON incoming(state, at);
