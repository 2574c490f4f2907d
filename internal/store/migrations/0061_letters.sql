CREATE TABLE letters (
  stream TEXT NOT NULL,
  no INTEGER NOT NULL,
  lang TEXT NOT NULL,
  format TEXT NOT NULL,
  number TEXT NOT NULL,
  blob TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  issued BIGINT NOT NULL,
  PRIMARY KEY (stream, no, lang, format)
);
