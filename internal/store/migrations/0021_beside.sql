CREATE TABLE drafts (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  email TEXT NOT NULL,
  version INTEGER NOT NULL,
  form INTEGER NOT NULL,
  answers TEXT NOT NULL,
  updated BIGINT NOT NULL
);
CREATE INDEX drafts_updated ON drafts(updated);
CREATE TABLE draft_people (
  draft TEXT NOT NULL,
  who TEXT NOT NULL,
  email TEXT NOT NULL,
  added BIGINT NOT NULL,
  PRIMARY KEY (draft, who)
);
CREATE INDEX draft_people_who ON draft_people(who);
CREATE TABLE drafts_submitted (
  draft TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  stream TEXT NOT NULL
);
CREATE TABLE attachments (
  id TEXT PRIMARY KEY,
  place TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  sealed INTEGER NOT NULL,
  filed INTEGER NOT NULL,
  blob TEXT NOT NULL
);
CREATE INDEX attachments_place ON attachments(place, at);
CREATE TABLE loose_blobs (
  blob TEXT PRIMARY KEY
);
CREATE TABLE reads (
  id @identity@,
  batch INTEGER NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  stream TEXT NOT NULL,
  part TEXT NOT NULL
);
CREATE INDEX reads_stream ON reads(stream, id);
CREATE INDEX reads_actor ON reads(actor, id);
CREATE INDEX reads_batch ON reads(batch);
CREATE TABLE subscriptions (
  id TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  url TEXT NOT NULL,
  types TEXT NOT NULL,
  created BIGINT NOT NULL
);
CREATE TABLE outbox (
  id @identity@,
  stream TEXT NOT NULL
);
CREATE TABLE hook_places (
  subscription TEXT NOT NULL,
  stream TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (subscription, stream)
);
CREATE TABLE deliveries (
  id @identity@,
  subscription TEXT NOT NULL,
  stream TEXT NOT NULL,
  number INTEGER NOT NULL,
  type TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  worker TEXT NOT NULL,
  fault TEXT NOT NULL,
  UNIQUE (subscription, stream, number)
);
CREATE INDEX deliveries_due ON deliveries(state, run_at);
