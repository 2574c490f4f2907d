ALTER TABLE events ADD COLUMN assurance INTEGER NOT NULL DEFAULT 0;
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT UNIQUE,
  staff TEXT UNIQUE,
  created BIGINT NOT NULL
);
CREATE TABLE visits (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  method TEXT NOT NULL,
  assurance INTEGER NOT NULL,
  proved BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX visits_account ON visits(account);
CREATE INDEX visits_expires ON visits(expires);
CREATE TABLE login_links (
  hash TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  account TEXT NOT NULL,
  browser TEXT NOT NULL,
  code TEXT NOT NULL,
  tries INTEGER NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX login_links_expires ON login_links(expires);
CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  assurance INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT NOT NULL
);
CREATE INDEX passkeys_account ON passkeys(account);
CREATE TABLE login_ceremonies (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  data TEXT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX login_ceremonies_expires ON login_ceremonies(expires);
CREATE TABLE login_counts (
  who TEXT NOT NULL,
  began BIGINT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (who, began)
);
CREATE INDEX login_counts_began ON login_counts(began);
CREATE TABLE marks (
  name TEXT PRIMARY KEY
);
