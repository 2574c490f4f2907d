CREATE TABLE leaves (
  id @identity@,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  leaf TEXT NOT NULL,
  seq BIGINT UNIQUE,
  UNIQUE (stream, version)
);
CREATE INDEX leaves_waiting ON leaves(id) WHERE seq IS NULL;
CREATE TABLE tree (
  idx BIGINT PRIMARY KEY,
  hash TEXT NOT NULL
);
CREATE TABLE checkpoints (
  size BIGINT PRIMARY KEY,
  note TEXT NOT NULL
);
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until BIGINT NOT NULL
);
