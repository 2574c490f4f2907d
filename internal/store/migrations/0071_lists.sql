CREATE TABLE stands (
  list TEXT NOT NULL,
  on_day TEXT NOT NULL,
  id TEXT NOT NULL,
  row_json TEXT NOT NULL,
  PRIMARY KEY (list, on_day, id)
);
CREATE INDEX stands_id ON stands(id);
ALTER TABLE digests ADD COLUMN stands TEXT NOT NULL DEFAULT '';
DELETE FROM digests;
