CREATE TABLE unsent (
  name TEXT PRIMARY KEY,
  writer TEXT NOT NULL,
  at BIGINT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX unsent_writer ON unsent(writer, at);
CREATE INDEX unsent_at ON unsent(at);
